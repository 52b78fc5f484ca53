import { Checkbox, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { day, isoDay } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { TakeButton } from '../../parts/ActButton.tsx';
import { PersonPicker } from '../../parts/PersonPicker.tsx';
import { PreviewedDialog } from '../../parts/PreviewedDialog.tsx';
import { type PreviewLine, PreviewList } from '../../parts/PreviewList.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { LeftBehind } from './LeftBehind.tsx';
import type { Person } from './person.ts';

type Preview = Output<'membership.end-preview'>;

/** Somebody leaves: the day, all that ends and all that stands, the keys they made, confirm. */
export function LeaveButton({ person }: { person: Person }): ReactNode {
  const { t } = useTranslation();
  const name = person.user.displayName;
  const [opened, setOpened] = useState(false);
  const [lastDay, setLastDay] = useState('');
  const [endKeys, setEndKeys] = useState(false);
  const [successor, setSuccessor] = useState(person.successor);
  const follows = successor ? { successorId: successor.membershipId } : {};
  const preview = useRead(
    'membership.end-preview',
    { membershipId: person.membershipId, ...follows },
    { enabled: opened, keepPrevious: true },
  );
  if (!person.may.includes('membership.end') || person.isSelf || person.state === 'left') return null;
  const endable = (preview.data?.keys ?? []).filter((key) => key.mayEnd).length;
  const keysToo = endKeys && endable > 0 && lastDay === '';
  return (
    <>
      <TakeButton blocked={false} onClick={() => setOpened(true)}>
        {t('leave.open')}
      </TakeButton>
      <PreviewedDialog
        opened={opened}
        onClose={() => setOpened(false)}
        operation="membership.end"
        input={{
          membershipId: person.membershipId,
          ...(lastDay ? { lastDay } : {}),
          ...(keysToo ? { endKeys: true } : {}),
          ...follows,
        }}
        ifVersion={person.version}
        title={t('leave.title', { name, organization: person.organization.name })}
        confirm={lastDay ? t('leave.confirmOn', { day: day(lastDay) }) : t('leave.confirm')}
        onDone={() =>
          sayDone(lastDay ? t('leave.doneOn', { name, day: day(lastDay) }) : t('leave.done', { name }))
        }
        blocked={
          preview.data?.lastManagerOf
            ? t('leave.lastManager', { organization: preview.data.lastManagerOf })
            : preview.data
              ? false
              : t('leave.wait')
        }
        text={
          <Stack>
            <TextInput
              type="date"
              label={t('leave.lastDay')}
              description={t('leave.lastDayHint')}
              min={isoDay()}
              value={lastDay}
              onChange={(event) => setLastDay(event.currentTarget.value)}
            />
            <PersonPicker
              label={t('leave.successor')}
              description={lastDay ? t('leave.successorLater') : t('leave.successorHint')}
              value={successor?.membershipId ?? null}
              known={successor ?? undefined}
              onChange={(membershipId, found) =>
                setSuccessor(membershipId && found ? { membershipId, displayName: found.displayName } : null)
              }
              exclude={[person.membershipId]}
            />
            {endable > 0 ? (
              lastDay === '' ? (
                <Checkbox
                  label={t('leave.endKeys', { count: endable })}
                  description={t('leave.endKeysHint')}
                  checked={endKeys}
                  onChange={(event) => setEndKeys(event.currentTarget.checked)}
                />
              ) : (
                <Text size="sm">{t('leave.keysLater')}</Text>
              )
            ) : null}
            <Loaded query={preview} notAllowed={t('leave.notAllowed')} empty="never">
              {(loaded) => (
                <>
                  <EndPreview preview={loaded} name={name} keysToo={keysToo} follows={successor !== null} />
                  <LeftBehind behind={loaded.behind} successor={successor} />
                  {lastDay ? <Text size="sm">{t('leave.endsLater', { day: day(lastDay) })}</Text> : null}
                </>
              )}
            </Loaded>
          </Stack>
        }
      />
    </>
  );
}

/** What hangs on this person's place here; who gains or loses what in power and access stands below it. */
function EndPreview({
  preview,
  name,
  keysToo,
  follows,
}: {
  preview: Preview;
  name: string;
  keysToo: boolean;
  /** somebody was chosen to take over: what goes to them is said apart */
  follows: boolean;
}): ReactNode {
  const { t } = useTranslation();
  const { ends, vacant, stands } = preview;
  const line = (kind: PreviewLine['kind'], text: string, when: boolean): PreviewLine[] =>
    when ? [{ kind, text }] : [];
  const hidden = ends.accessCount - ends.access.length;
  const lines: PreviewLine[] = [
    { kind: 'loses', text: t('leave.membership', { organization: preview.organization.name }) },
    ...ends.access.map(
      (one): PreviewLine => ({
        kind: 'loses',
        text: one.applicationName
          ? t('access.roleOf', { role: one.name, application: one.applicationName })
          : one.name,
      }),
    ),
    ...line('loses', t('leave.moreAccess', { count: hidden }), hidden > 0),
    ...line('loses', t('leave.requests', { count: ends.requestCount }), ends.requestCount > 0),
    ...(follows ? [] : vacant.delegations).map(
      (one): PreviewLine => ({
        kind: 'loses',
        text: t('leave.manages', {
          role: one.adminRoleName ?? t('leave.manager'),
          organization: one.organization.name,
        }),
      }),
    ),
    ...line('loses', t('leave.elsewhere'), vacant.elsewhere && !follows),
    ...preview.keys.map(
      ({ name: key, organizationName: organization, mayEnd }): PreviewLine =>
        keysToo && mayEnd
          ? { kind: 'loses', text: t('leave.key', { name: key, organization }) }
          : { kind: 'stays', text: t('leave.keyStays', { name: key, organization }) },
    ),
    ...line('stays', t('leave.appointments', { count: stands.delegationCount }), stands.delegationCount > 0),
    ...line('stays', t('leave.accessGiven', { count: stands.accessCount }), stands.accessCount > 0),
    ...line('stays', t('leave.reports', { count: stands.reportCount }), stands.reportCount > 0 && !follows),
  ];
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600}>
        {t('leave.what', { name })}
      </Text>
      <PreviewList lines={lines} nothing={t('leave.nothing')} />
      {!follows && vacant.delegations.length > 0 && preview.successors.length > 0 ? (
        <Text size="sm">
          {t('leave.successors', { names: preview.successors.map((one) => one.displayName).join(', ') })}
        </Text>
      ) : null}
    </Stack>
  );
}
