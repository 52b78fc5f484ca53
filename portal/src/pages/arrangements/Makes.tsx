import { List, Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Arrangement } from './arrangement.ts';

/** What an arrangement makes, sentence by sentence. */
export function Makes({ arrangement }: { arrangement: Arrangement }): ReactNode {
  const { t } = useTranslation();
  return (
    <Stack gap={4}>
      <Title order={3} size="sm">
        {t('arrangements.makes')}
      </Title>
      <List size="sm" spacing={2}>
        {arrangement.makes.map((sentence) => (
          <List.Item key={sentence}>{sentence}</List.Item>
        ))}
      </List>
    </Stack>
  );
}
