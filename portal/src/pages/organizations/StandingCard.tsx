import { Checkbox, Group, List, Paper, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TakeButton } from '../../parts/ActButton.tsx';
import { useGrantable } from '../../parts/grantable.ts';
import { PreviewedDialog } from '../../parts/PreviewedDialog.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { DelegationActs } from './DelegationActs.tsx';
import { DelegationBadges } from './DelegationCard.tsx';
import type { Delegation } from './delegation.ts';
import type { Organization } from './organization.ts';

type Thing = { id: string; name: string; kind: 'application' | 'role' };

/** A standing delegation in force: its sentence, and its applications to uncheck. */
export function StandingCard({
  standing,
  organization,
}: {
  standing: Delegation;
  organization: Organization;
}): ReactNode {
  const { t } = useTranslation();
  const { all, applications, entitlements } = standing.entitlements;
  const grantable = useGrantable(all ? organization.id : undefined);
  const things: Thing[] = all
    ? (grantable.data?.applications ?? []).map(({ id, name }) => ({
        id,
        name,
        kind: 'application',
      }))
    : [
        ...applications.map((one) => ({ ...one, kind: 'application' as const })),
        ...entitlements.map((one) => ({
          id: one.id,
          name: t('handOut.roleIn', { role: one.name, application: one.applicationName }),
          kind: 'role' as const,
        })),
      ];
  const [unchecked, setUnchecked] = useState<readonly string[]>([]);
  const [asked, setAsked] = useState(false);
  const taken = things.filter(({ id }) => unchecked.includes(id));
  const left = things.filter(({ id }) => !unchecked.includes(id));
  return (
    <Paper
      withBorder
      p="md"
      role="region"
      aria-label={t('handOut.region', { organization: organization.name })}
    >
      <Stack>
        <Group justify="space-between" align="flex-start">
          <Text style={{ flex: 1 }}>{standing.sentence}</Text>
          <DelegationBadges delegation={standing} />
        </Group>
        {standing.stop ? <Text size="sm">{standing.stop.sentence}</Text> : null}
        <Stack gap="xs" role="group" aria-label={t('handOut.applications')}>
          <Text size="sm" fw={600} aria-hidden>
            {t('handOut.applications')}
          </Text>
          {things.length === 0 ? <Text size="sm">{t('handOut.nothing')}</Text> : null}
          {things.map(({ id, name }) =>
            standing.mayChange ? (
              <Checkbox
                key={id}
                label={name}
                checked={!unchecked.includes(id)}
                onChange={(event) =>
                  setUnchecked(
                    event.currentTarget.checked ? unchecked.filter((one) => one !== id) : [...unchecked, id],
                  )
                }
              />
            ) : (
              <Text key={id} size="sm">
                {name}
              </Text>
            ),
          )}
        </Stack>
        {standing.mayChange ? (
          <TakeButton
            style={{ alignSelf: 'flex-start' }}
            blocked={taken.length > 0 ? false : t('handOut.uncheckFirst')}
            onClick={() => setAsked(true)}
          >
            {t('handOut.narrow')}
          </TakeButton>
        ) : null}
        <DelegationActs delegation={standing} name={organization.name} />
      </Stack>
      <PreviewedDialog
        opened={asked}
        onClose={() => setAsked(false)}
        operation="delegation.narrow"
        input={{
          delegationId: standing.id,
          entitlements: { applicationIds: idsOf(left, 'application'), entitlementIds: idsOf(left, 'role') },
        }}
        ifVersion={standing.version}
        title={t('handOut.narrowTitle', { organization: organization.name })}
        text={
          <>
            <Text size="sm">{t('handOut.narrowText', { organization: organization.name })}</Text>
            <List size="sm">
              {taken.map(({ id, name }) => (
                <List.Item key={id}>{name}</List.Item>
              ))}
            </List>
          </>
        }
        confirm={t('handOut.narrow')}
        onDone={() => {
          setUnchecked([]);
          sayDone(t('handOut.narrowed', { count: taken.length, what: names(taken) }));
        }}
      />
    </Paper>
  );
}

const idsOf = (things: readonly Thing[], kind: Thing['kind']): string[] =>
  things.filter((thing) => thing.kind === kind).map(({ id }) => id);
const names = (things: readonly Thing[]): string => things.map(({ name }) => name).join(', ');
