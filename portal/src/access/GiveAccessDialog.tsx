import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api/client.ts';
import type { Problem } from '../api/problem.ts';
import { useChange } from '../api/queries.ts';
import { isoDay } from '../i18n/dates.ts';
import { Loaded } from '../page/Loaded.tsx';
import { ActProblem } from '../page/ProblemState.tsx';
import { GiveButton } from '../parts/ActButton.tsx';
import { contentsOf, useGrantable } from '../parts/grantable.ts';
import { offerUndo, sayDone } from '../parts/undo-toast.tsx';
import { sayWouldBreak } from '../parts/would-break.ts';
import { BulkResult, type RowResult } from '../table/BulkResult.tsx';

type Props = {
  opened: boolean;
  onClose: () => void;
  people: readonly { membershipId: string; displayName: string }[];
  /** whose ceiling decides what is offered */
  organizationId: string;
  onDone?: () => void;
};

/** Gives access to one or many: tick, give. Only what may be given there is offered. */
export function GiveAccessDialog({ opened, onClose, people, organizationId, onDone }: Props): ReactNode {
  const { t } = useTranslation();
  const [results, setResults] = useState<RowResult[] | null>(null);
  const [last, setLast] = useState<What>();
  const grant = useChange('assignment.grant', (output) => {
    const names = new Map(people.map((person) => [person.membershipId, person.displayName]));
    setResults(
      output.results.map(({ membershipId: id = '', ok, refusal }): RowResult => {
        const name = names.get(id) ?? '';
        return ok ? { id, name, ok } : { id, name, ok, reason: refusal?.text ?? '' };
      }),
    );
    const done = output.results.filter((row) => row.ok);
    const given = done.flatMap((row) => (row.changed ? (row.assignmentIds ?? []) : []));
    const one = done.length === 1 ? names.get(done[0]?.membershipId ?? '') : undefined;
    if (given.length > 0) {
      offerUndo(one ? t('access.given', { who: one }) : t('access.givenMany', { count: done.length }), () =>
        call('assignment.undo', { assignmentIds: given }),
      );
    } else if (done.length > 0) sayDone(t('access.hadAlready'));
    onClose();
    if (done.length === output.results.length) onDone?.();
  });
  const give = (what: What, membershipIds: string[]): void => {
    setLast(what);
    grant.mutate({ ...what, membershipIds });
  };
  const who =
    people.length === 1 ? people[0]?.displayName : t('access.peopleCount', { count: people.length });
  return (
    <>
      <Modal
        opened={opened}
        onClose={onClose}
        title={t('access.giveTo', { who })}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {opened ? (
          <Choice
            organizationId={organizationId}
            membershipId={people.length === 1 ? people[0]!.membershipId : undefined}
            onClose={onClose}
            onGive={(what) =>
              give(
                what,
                people.map((person) => person.membershipId),
              )
            }
            busy={grant.isPending}
            problem={grant.error}
          />
        ) : null}
      </Modal>
      <BulkResult
        results={results}
        title={t('access.someFailed')}
        onClose={() => setResults(null)}
        onRetryFailed={(ids) => last && give(last, ids)}
        busy={grant.isPending}
      />
    </>
  );
}

type What = { entitlementIds: string[]; accessRoleIds: string[]; lastDay?: string };

type ChoiceProps = {
  organizationId: string;
  /** where it is for one person: what they may not have together with it is said */
  membershipId: string | undefined;
  onClose: () => void;
  onGive: (what: What) => void;
  busy: boolean;
  problem: Problem | null;
};

function Choice({ organizationId, membershipId, onClose, onGive, busy, problem }: ChoiceProps): ReactNode {
  const { t } = useTranslation();
  const offered = useGrantable(organizationId, { membershipId });
  const [filter, setFilter] = useState('');
  const [roles, setRoles] = useState<string[]>([]);
  const [bundles, setBundles] = useState<string[]>([]);
  const [until, setUntil] = useState('');
  const matches = (text: string): boolean => text.toLowerCase().includes(filter.trim().toLowerCase());
  const chosen = roles.length + bundles.length;
  return (
    <Loaded
      query={offered}
      notAllowed={t('access.giveNotAllowed')}
      empty={{
        when: (all) => all.applications.length === 0 && all.accessRoles.length === 0,
        title: t('access.nothingToGive'),
        text: t('access.nothingToGiveText'),
        action: null,
      }}
    >
      {(all) => (
        <Stack>
          {all.applications.length + all.accessRoles.length > 6 ? (
            <TextInput
              type="search"
              label={t('access.filter')}
              value={filter}
              onChange={(event) => setFilter(event.currentTarget.value)}
            />
          ) : null}
          <Stack gap="md" mah={360} style={{ overflowY: 'auto' }}>
            {all.accessRoles.length > 0 ? (
              <Checkbox.Group label={t('access.bundles')} value={bundles} onChange={setBundles}>
                <Stack gap="xs" mt={4}>
                  {all.accessRoles
                    .filter((bundle) => matches(bundle.name))
                    .map((bundle) => (
                      <Checkbox
                        key={bundle.accessRoleId}
                        value={bundle.accessRoleId}
                        label={bundle.name}
                        description={
                          sayWouldBreak(bundle.wouldBreak) ?? (bundle.description || contentsOf(bundle))
                        }
                      />
                    ))}
                </Stack>
              </Checkbox.Group>
            ) : null}
            {all.applications.map((application) => {
              const shown = application.roles.filter((role) => matches(`${application.name} ${role.name}`));
              if (shown.length === 0) return null;
              return (
                <Checkbox.Group
                  key={application.id}
                  label={application.name}
                  value={roles}
                  onChange={setRoles}
                >
                  <Stack gap="xs" mt={4}>
                    {shown.map((role) => (
                      <Checkbox
                        key={role.entitlementId}
                        value={role.entitlementId}
                        label={role.name}
                        description={sayWouldBreak(role.wouldBreak) ?? (role.description || undefined)}
                      />
                    ))}
                  </Stack>
                </Checkbox.Group>
              );
            })}
          </Stack>
          <TextInput
            type="date"
            label={t('access.until')}
            description={t('access.untilHint')}
            min={isoDay()}
            value={until}
            onChange={(event) => setUntil(event.currentTarget.value)}
          />
          <ActProblem problem={problem} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <GiveButton
              blocked={chosen === 0 ? t('access.tickFirst') : false}
              loading={busy}
              onClick={() =>
                onGive({
                  entitlementIds: roles,
                  accessRoleIds: bundles,
                  ...(until ? { lastDay: until } : {}),
                })
              }
            >
              {t('access.give')}
            </GiveButton>
          </Group>
        </Stack>
      )}
    </Loaded>
  );
}
