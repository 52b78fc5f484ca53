import { Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { NotNow, sentencesOf } from '../../access/standing.tsx';
import { useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { AskAboutButtons } from '../ask/AskAboutButtons.tsx';

type Access = Output<'report.read'>['access'][number];

/** What one of the reader's people has; each can be asked for longer, or to end. */
export function ReportAccess({ membershipId, name }: { membershipId: string; name: string }): ReactNode {
  const { t } = useTranslation();
  const query = useRead('report.read', { membershipId });
  return (
    <Loaded
      query={query}
      notAllowed={t('state.notAllowedPage')}
      empty={{
        when: ({ access }) => access.length === 0,
        title: t('person.noAccess'),
        text: t('team.noAccessText'),
        action: null,
      }}
    >
      {({ access }) => (
        <Stack
          component="ul"
          gap="xs"
          mt="xs"
          m={0}
          p={0}
          style={{ listStyle: 'none' }}
          aria-label={t('team.accessLabel', { name })}
        >
          {access.map((one) => (
            <AccessRow key={`${one.assignmentId} ${one.entitlementId}`} access={one} who={name} />
          ))}
        </Stack>
      )}
    </Loaded>
  );
}

function AccessRow({ access, who }: { access: Access; who: string }): ReactNode {
  const { t } = useTranslation();
  return (
    <Group component="li" justify="space-between" gap="xs">
      <div style={{ flex: '1 1 200px', minWidth: 0 }}>
        <Group gap="xs">
          <Text size="sm" fw={600}>
            {t('access.roleOf', { role: access.entitlementName, application: access.applicationName })}
          </Text>
          {access.held ? null : <NotNow access={[access]} />}
        </Group>
        <Text size="xs" c="dimmed">
          {sentencesOf([access]).join(' ')}
        </Text>
      </div>
      {access.mayExtend || access.mayEnd ? <AskAboutButtons source={access} who={who} /> : null}
    </Group>
  );
}
