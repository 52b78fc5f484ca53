import { Alert, Badge, Group, List, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../api/types.ts';
import { day, moment } from '../../i18n/dates.ts';
import type { Request } from './RequestFacts.tsx';

type Known = NonNullable<Request['beside']>;
type HeldAlready = NonNullable<Output<'request.read'>['held']>;

/** What a decision goes by, beside what is asked: who has it, too, and when the person was last here. */
export function Beside({ request, beside }: { request: Request; beside: Known }): ReactNode {
  const { t } = useTranslation();
  const { alsoHave, lastSignIn, lastUse } = beside;
  const organization = request.subject.organizationName;
  const isMember = request.subject.membershipId !== null;
  const isAccess = request.what.kind === 'entitlement' || request.what.kind === 'access-role';
  const rest = alsoHave ? alsoHave.count - alsoHave.names.length : 0;
  const others = alsoHave?.names.join(', ');
  const lines = [
    isAccess && alsoHave === null && t('beside.tooMany', { organization }),
    isAccess && alsoHave?.count === 0 && t('beside.nobodyElse', { organization }),
    isAccess &&
      alsoHave &&
      alsoHave.count > 0 &&
      (rest > 0
        ? t('beside.alsoHaveMore', { organization, names: others, count: rest })
        : t('beside.alsoHave', { organization, names: others })),
    // Nothing where it is not known, or not for the reader.
    isMember && lastSignIn && t('beside.lastSignIn', { when: moment(lastSignIn) }),
    isMember && lastUse && t('beside.lastUse', { when: moment(lastUse) }),
    request.kind === 'ending' && request.until === null && t('beside.endsAtOnce'),
    request.kind === 'last-day' && request.lastDay && t('beside.lastDay', { day: day(request.lastDay) }),
  ].filter((line): line is string => typeof line === 'string');
  if (lines.length === 0) return null;
  return (
    <Stack component="ul" gap={2} m={0} p={0} style={{ listStyle: 'none' }} aria-label={t('beside.label')}>
      {lines.map((line) => (
        <Text component="li" size="sm" c="dimmed" key={line}>
          {line}
        </Text>
      ))}
    </Stack>
  );
}

/** Separations of duties that it touches: what may not be held together, and whether it would be refused. */
export function Separations({ beside }: { beside: Known }): ReactNode {
  const { t } = useTranslation();
  return beside.separations.map(({ name, roles, breaks, breaksWithAsked, exceptedLastDay }) => {
    const named = name ?? t('beside.separation');
    const what = { name: named, roles: roles.join(', ') };
    return (
      <Alert
        key={named + what.roles}
        icon={<IconAlertTriangle aria-hidden />}
        color={breaks ? 'red' : breaksWithAsked ? 'orange' : 'gray'}
        variant="outline"
        c="inherit"
        py="xs"
      >
        <Text size="sm">
          {breaks
            ? t('beside.breaks', what)
            : breaksWithAsked
              ? t('beside.breaksWithAsked', what)
              : exceptedLastDay
                ? t('beside.excepted', { ...what, day: day(exceptedLastDay) })
                : roles.length > 1
                  ? t('beside.touches', what)
                  : t('beside.touchesAlone', what)}
        </Text>
      </Alert>
    );
  });
}

/** Risk, time, and for whom one would decide. */
export function BesideBadges({ beside }: { beside: Known }): ReactNode {
  const { t } = useTranslation();
  const { risk, due, asDeputyFor } = beside;
  return (
    <Group gap="xs">
      {risk === 'high' ? <Badge color="red.9">{t('beside.risk.high')}</Badge> : null}
      {risk === 'low' ? (
        <Badge variant="outline" color="gray" c="inherit">
          {t('beside.risk.low')}
        </Badge>
      ) : null}
      {asDeputyFor ? (
        <Badge variant="outline" color="indigo.8" c="inherit">
          {t('beside.asDeputy', { name: asDeputyFor })}
        </Badge>
      ) : null}
      {due ? (
        <Text size="sm" component="span">
          {t(`beside.due.${due.next}`, { when: moment(due.at) })}
        </Text>
      ) : null}
    </Group>
  );
}

/** What the person has already, each with its end, and what of it would end. */
export function Held({ request, held }: { request: Request; held: HeldAlready }): ReactNode {
  const { t } = useTranslation();
  const name = request.subject.displayName;
  const isWhole = request.kind === 'last-day';
  if (held.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {isWhole ? t('beside.hasNothing', { name }) : t('beside.hasNothingThere', { name })}
      </Text>
    );
  return (
    <div>
      <Text size="sm" fw={600}>
        {isWhole ? t('beside.has', { name }) : t('beside.hasThere', { name })}
      </Text>
      <List size="sm">
        {held.map((one) => {
          const what = t('access.roleOf', { role: one.name, application: one.applicationName });
          const parts = [
            one.lastDay ? t('beside.heldUntil', { what, day: day(one.lastDay) }) : what,
            one.ends ? t('beside.wouldEnd') : '',
          ];
          return <List.Item key={what + one.until + one.ends}>{parts.filter(Boolean).join(' · ')}</List.Item>;
        })}
      </List>
    </div>
  );
}
