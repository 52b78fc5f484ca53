import { Group, Stack, Text, VisuallyHidden } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { PathLink } from '../../parts/links.tsx';
import { PersonPicker } from '../../parts/PersonPicker.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { LeftBehind, type Thing, whatIs } from './LeftBehind.tsx';
import type { Person } from './person.ts';

/** Where each is given to somebody by itself; that of a deputy is for whoever is away to choose. */
function whereFilled({ kind, id, organizationId }: Thing): string | null {
  switch (kind) {
    case 'delegation':
    case 'guardian':
      return organizationId ? `/organizations/${organizationId}?section=managers` : null;
    case 'report':
      return `/people/${id}`;
    case 'policy':
      return '/policies';
    case 'request':
      return `/requests/${id}`;
    case 'decides-for':
    case 'deputy':
      return null;
  }
}

/** What somebody who has left looked after and nobody does now: handed over by one click, or each where it belongs. */
export function LeftByPerson({ person }: { person: Person }): ReactNode {
  const { t } = useTranslation();
  const { membershipId } = person;
  const name = person.user.displayName;
  const may = person.may.includes('membership.end') && !person.isSelf;
  const [chosen, setChosen] = useState<{ membershipId: string; displayName: string } | null>(null);
  const query = useRead(
    'membership.left-behind',
    { membershipId, ...(chosen ? { successorId: chosen.membershipId } : {}) },
    { enabled: may, keepPrevious: true },
  );
  const handOver = useChange('membership.name-successor', ({ behind }) => {
    const count = behind?.items.filter(({ handed }) => handed).length ?? 0;
    sayDone(t('successor.handedOver', { count, successor: chosen?.displayName ?? '' }));
    setChosen(null);
  });
  // Whoever decided for them decides no more: nobody has to do anything.
  const items = (query.data?.items ?? []).filter(({ kind }) => kind !== 'deputy');
  if (!may || !query.data || (items.length === 0 && !query.data.elsewhere)) return null;
  const behind = { ...query.data, items };
  const goes = items.some(({ handed }) => handed);
  return (
    <Section title={t('successor.leftTitle', { name })}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t('successor.leftLead')}
        </Text>
        {chosen ? (
          <LeftBehind behind={behind} successor={chosen} all />
        ) : (
          <Stack component="ul" gap={6} m={0} p={0} style={{ listStyle: 'none' }}>
            {items.map((thing) => (
              <Waiting key={`${thing.kind} ${thing.id}`} thing={thing} />
            ))}
            {behind.elsewhere ? (
              <Text component="li" size="sm">
                {t('leave.behindElsewhere')}
              </Text>
            ) : null}
          </Stack>
        )}
        {items.length > 0 ? (
          <>
            <PersonPicker
              label={t('leave.successor')}
              value={chosen?.membershipId ?? null}
              known={chosen ?? undefined}
              onChange={(id, found) =>
                setChosen(id && found ? { membershipId: id, displayName: found.displayName } : null)
              }
              exclude={[membershipId]}
            />
            <ActProblem problem={handOver.error} />
            <Group justify="flex-end">
              <GiveButton
                loading={handOver.isPending}
                blocked={
                  !chosen
                    ? t('successor.choose')
                    : query.isFetching
                      ? t('leave.wait')
                      : goes
                        ? false
                        : t('successor.nothingGoes')
                }
                onClick={() => chosen && handOver.mutate({ membershipId, successorId: chosen.membershipId })}
              >
                {t('successor.handOver')}
              </GiveButton>
            </Group>
          </>
        ) : null}
      </Stack>
    </Section>
  );
}

function Waiting({ thing }: { thing: Thing }): ReactNode {
  const { t } = useTranslation();
  const what = whatIs(thing);
  const where = whereFilled(thing);
  return (
    <Group component="li" justify="space-between" gap="xs" wrap="nowrap">
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {what}
      </Text>
      {where ? (
        <PathLink path={where} size="sm" style={{ flex: 'none' }}>
          <span aria-hidden>{t('successor.fill')}</span>
          <VisuallyHidden>{t('successor.goTo', { what })}</VisuallyHidden>
        </PathLink>
      ) : null}
    </Group>
  );
}
