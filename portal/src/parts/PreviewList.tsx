import { List, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconArrowRight, IconMinus, IconPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

export type PreviewLine = { kind: 'gains' | 'loses' | 'stays'; text: string };

const looks = {
  gains: { color: 'teal.9', icon: IconPlus },
  loses: { color: 'red.8', icon: IconMinus },
  stays: { color: 'gray.7', icon: IconArrowRight },
} as const;

/** Who gains, loses or keeps what, before it is saved. */
export function PreviewList({ lines, nothing }: { lines: PreviewLine[]; nothing: string }): ReactNode {
  const { t } = useTranslation();
  if (lines.length === 0) return <Text size="sm">{nothing}</Text>;
  return (
    <Stack gap="xs">
      <List spacing={6} size="sm" listStyleType="none" styles={{ itemLabel: { lineHeight: 1.45 } }}>
        {lines.map((line, index) => {
          const { color, icon: Icon } = looks[line.kind];
          return (
            <List.Item
              // biome-ignore lint/suspicious/noArrayIndexKey: two keys may have one name, and the list never reorders
              key={`${index} ${line.text}`}
              icon={
                <ThemeIcon
                  size={20}
                  radius="xl"
                  color={color}
                  aria-label={t(`preview.${line.kind}`)}
                  role="img"
                >
                  <Icon size={14} aria-hidden />
                </ThemeIcon>
              }
            >
              {line.text}
            </List.Item>
          );
        })}
      </List>
    </Stack>
  );
}
