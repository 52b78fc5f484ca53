import { Badge, Group, Paper, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../api/types.ts';
import { day } from '../../i18n/dates.ts';

type Delegation = Output<'delegation.mine'>['received'][number];

/** Deeper than any tree: the number itself says nothing. */
const farLevels = 20;

/** One power that somebody has: in a sentence, from whom, until when, and what stops it. */
export function DelegationCard({
  delegation,
  children,
}: {
  delegation: Delegation;
  children?: ReactNode;
}): ReactNode {
  const { t } = useTranslation();
  const facts = [
    t('delegations.from', { giver: delegation.giver.name }),
    delegation.firstDay ? t('delegations.since', { day: day(delegation.firstDay) }) : '',
    delegation.lastDay ? t('delegations.until', { day: day(delegation.lastDay) }) : t('delegations.noEnd'),
    delegation.mayPassOn === 0
      ? t('delegations.mayNotPassOn')
      : delegation.mayPassOn < farLevels
        ? t('delegations.mayPassOn', { count: delegation.mayPassOn })
        : t('delegations.mayPassOnFar'),
  ];
  return (
    <Paper withBorder p="sm">
      <Stack gap={6}>
        <Group gap="xs" justify="space-between" align="flex-start" wrap="nowrap">
          <Text size="sm" fw={600}>
            {delegation.sentence}
          </Text>
          {delegation.effective && !delegation.vacant ? null : (
            <Badge
              color="orange"
              variant="outline"
              tt="none"
              style={{ flex: 'none' }}
              styles={{ label: { color: 'var(--mantine-color-text)' } }}
            >
              {delegation.vacant ? t('delegations.vacant') : t('delegations.notNow')}
            </Badge>
          )}
        </Group>
        {delegation.stop ? <Text size="sm">{delegation.stop.sentence}</Text> : null}
        <Text size="xs" c="dimmed">
          {facts.filter(Boolean).join(' · ')}
        </Text>
        {children}
      </Stack>
    </Paper>
  );
}
