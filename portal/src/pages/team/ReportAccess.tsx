import { Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { NotNow, sentencesOf } from '../../access/standing.tsx';
import { useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { AskAbout, type Asked } from './AskAbout.tsx';

type Access = Output<'report.read'>['access'][number];

/** What one of the reader's people has; each can be asked for longer, or to end. */
export function ReportAccess({ membershipId, name }: { membershipId: string; name: string }): ReactNode {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<Asked>();
  const query = useRead('report.read', { membershipId });
  return (
    <>
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
              <AccessRow
                key={`${one.assignmentId} ${one.entitlementId}`}
                access={one}
                onAsk={(kind, what) => setAsked({ kind, what, assignmentId: one.assignmentId, who: name })}
              />
            ))}
          </Stack>
        )}
      </Loaded>
      <AskAbout asked={asked} onClose={() => setAsked(undefined)} />
    </>
  );
}

function AccessRow({
  access,
  onAsk,
}: {
  access: Access;
  onAsk: (kind: Asked['kind'], what: string) => void;
}): ReactNode {
  const { t } = useTranslation();
  const role = t('access.roleOf', { role: access.entitlementName, application: access.applicationName });
  // an access role is asked about as a whole
  const what = access.source.accessRoleName ?? role;
  return (
    <Group component="li" justify="space-between" gap="xs">
      <div style={{ flex: '1 1 200px', minWidth: 0 }}>
        <Group gap="xs">
          <Text size="sm" fw={600}>
            {role}
          </Text>
          {access.held ? null : <NotNow access={[access]} />}
        </Group>
        <Text size="xs" c="dimmed">
          {sentencesOf([access]).join(' ')}
        </Text>
      </div>
      <Group gap="xs">
        {access.mayExtend ? (
          <GiveButton
            size="compact-sm"
            variant="light"
            color="teal"
            c="light-dark(var(--mantine-color-teal-9), var(--mantine-color-teal-2))"
            blocked={false}
            aria-label={t('askAbout.longerLabel', { what })}
            onClick={() => onAsk('extension', what)}
          >
            {t('askAbout.longer')}
          </GiveButton>
        ) : null}
        {access.mayEnd ? (
          <TakeButton
            size="compact-sm"
            blocked={false}
            aria-label={t('askAbout.endLabel', { what })}
            onClick={() => onAsk('ending', what)}
          >
            {t('askAbout.end')}
          </TakeButton>
        ) : null}
      </Group>
    </Group>
  );
}
