import { Badge, Group, Paper, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { day } from '../../i18n/dates.ts';
import { DelegationActs } from './DelegationActs.tsx';
import type { Delegation } from './delegation.ts';

/** One person's delegation: who, the sentence, whether it is in force and why not, and what to do about it. */
export function DelegationCard({ delegation }: { delegation: Delegation }): ReactNode {
  const { t } = useTranslation();
  return (
    <Paper component="li" withBorder p="md" aria-label={delegation.delegate.name}>
      <Stack gap="xs">
        <Group justify="space-between" gap="xs">
          <Text fw={600}>{delegation.delegate.name}</Text>
          <DelegationBadges delegation={delegation} />
        </Group>
        <Text size="sm">{delegation.sentence}</Text>
        <Text size="sm" c="dimmed">
          {[
            t('managers.givenBy', { name: delegation.giver.name }),
            delegation.firstDay ? t('managers.from', { day: day(delegation.firstDay) }) : '',
            delegation.lastDay ? t('managers.until', { day: day(delegation.lastDay) }) : '',
          ]
            .filter(Boolean)
            .join(' · ')}
        </Text>
        {delegation.stop ? <Text size="sm">{delegation.stop.sentence}</Text> : null}
        <DelegationActs delegation={delegation} name={delegation.delegate.name} />
      </Stack>
    </Paper>
  );
}

export function DelegationBadges({ delegation }: { delegation: Delegation }): ReactNode {
  const { t } = useTranslation();
  return (
    <Group gap={4}>
      {delegation.adminRole && delegation.delegate.kind === 'user' ? (
        <Badge variant="outline" color="gray" c="inherit">
          {delegation.adminRole.name}
        </Badge>
      ) : null}
      {delegation.state === 'paused' ? (
        <Badge color="yellow.9">{t('managers.paused')}</Badge>
      ) : delegation.effective ? (
        <Badge color="teal.9">{t('managers.inForce')}</Badge>
      ) : (
        <Badge color="gray.7">{t('managers.notInForce')}</Badge>
      )}
    </Group>
  );
}
