import { Badge, Group, List, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconMinus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../api/types.ts';

type Person = Output<'invitation.check'>['people'][number];

const looks: Record<Person['verdict'], { color: string; icon: typeof IconCheck }> = {
  'will-invite': { color: 'teal.9', icon: IconCheck },
  'already-here': { color: 'gray.7', icon: IconMinus },
  'open-already': { color: 'gray.7', icon: IconMinus },
  twice: { color: 'gray.7', icon: IconMinus },
  'outside-domains': { color: 'orange.9', icon: IconAlertTriangle },
  'not-an-address': { color: 'red.9', icon: IconAlertTriangle },
};

/** What will happen to each pasted line. The troubled ones come first, so that fifty good ones do not hide them. */
export function Verdicts({ people }: { people: readonly Person[] }): ReactNode {
  const { t } = useTranslation();
  const good = people.filter(({ verdict }) => verdict === 'will-invite');
  const bad = people.filter(({ verdict }) => verdict !== 'will-invite');
  return (
    <div>
      <Text size="sm" fw={600} role="status">
        {t('invite.counts', { count: good.length })}
        {bad.length > 0 ? ` · ${t('invite.countsBad', { count: bad.length })}` : ''}
      </Text>
      <List
        size="sm"
        spacing={4}
        listStyleType="none"
        mt="xs"
        mah={280}
        style={{ overflowY: 'auto' }}
        aria-label={t('invite.verdicts')}
        tabIndex={0}
      >
        {[...bad, ...good].map((person) => {
          const { color, icon: Icon } = looks[person.verdict];
          return (
            <List.Item key={`${person.line} ${person.text}`}>
              <Group gap="xs" wrap="wrap">
                <Badge color={color} leftSection={<Icon size={12} aria-hidden />}>
                  {t(`invite.verdict.${person.verdict}`)}
                </Badge>
                <span style={{ overflowWrap: 'anywhere' }}>
                  {person.email ? [person.name, person.email].filter(Boolean).join(' · ') : person.text}
                </span>
                <Text span size="sm" c="dimmed">
                  {t('invite.line', { line: person.line })}
                </Text>
              </Group>
            </List.Item>
          );
        })}
      </List>
    </div>
  );
}
