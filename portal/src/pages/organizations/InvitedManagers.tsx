import { Badge, Group, Paper, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { day } from '../../i18n/dates.ts';
import { InvitationActs } from '../invitations/InvitationActs.tsx';
import type { Organization } from './organization.ts';

/** Managers who have not taken up their invitation yet. */
export function useInvitedManagers(organization: Organization) {
  const query = useRead(
    'invitation.list',
    { organizationId: organization.id, below: false, state: 'open', limit: 200 },
    { enabled: organization.openInvitations !== null && organization.openInvitations > 0 },
  );
  return (query.data?.items ?? []).filter((invitation) => invitation.isManager);
}

export function InvitedManagers({ organization }: { organization: Organization }): ReactNode {
  const { t } = useTranslation();
  const invited = useInvitedManagers(organization);
  if (invited.length === 0) return null;
  return (
    <Stack component="ul" p={0} m={0} style={{ listStyle: 'none' }} aria-label={t('managers.invitedList')}>
      {invited.map((invitation) => (
        <Paper component="li" withBorder p="md" key={invitation.id} aria-label={invitation.email}>
          <Group justify="space-between">
            <div>
              <Text fw={600}>{invitation.displayName || invitation.email}</Text>
              <Text size="sm" c="dimmed">
                {t('managers.invitedUntil', { email: invitation.email, day: day(invitation.expiresAt) })}
              </Text>
            </div>
            <Badge color="indigo.8">{t('managers.invited')}</Badge>
          </Group>
          <Group mt="xs">
            <InvitationActs invitation={invitation} />
          </Group>
        </Paper>
      ))}
    </Stack>
  );
}
