import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import { day, isoDay } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { ButtonLink, TextLink } from '../../parts/links.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { laterBy } from './later.ts';
import type { Person } from './person.ts';
import { SuccessorButton } from './SuccessorButton.tsx';

/** Months that somebody stays longer by one click. */
const months = [1, 3, 12] as const;

/** Where the letter about a last day leads: one click, and nothing is interrupted. */
export function LastDayPage(): ReactNode {
  const { t } = useTranslation();
  const { membershipId } = useParams({ from: '/shell/people/$membershipId/last-day' });
  const query = useRead('membership.read', { membershipId });
  return (
    <Page
      title={query.data ? t('lastDay.titleOf', { name: query.data.user.displayName }) : t('lastDay.title')}
      above={
        <TextLink to="/people/$membershipId" params={{ membershipId }} size="sm">
          {t('lastDay.back')}
        </TextLink>
      }
    >
      <Loaded query={query} notAllowed={t('person.notAllowed')} empty="never">
        {(person) => <LastDay person={person} />}
      </Loaded>
    </Page>
  );
}

function LastDay({ person }: { person: Person }): ReactNode {
  const { t } = useTranslation();
  const { membershipId, lastDay } = person;
  const name = person.user.displayName;
  const where = { name, organization: person.organization.name };
  if (person.state === 'left') return <Text>{t('lastDay.left', where)}</Text>;
  if (!lastDay) return <Text>{t('lastDay.none', where)}</Text>;
  return (
    <Stack maw="36rem">
      <Text>{t('lastDay.ends', { ...where, day: day(lastDay) })}</Text>
      {person.may.includes('membership.update') ? (
        <Extend membershipId={membershipId} lastDay={lastDay} name={name} />
      ) : (
        <Group>
          <ButtonLink
            to="/ask"
            search={{ kind: 'last-day', ...(person.isSelf ? {} : { for: membershipId }) }}
            variant="default"
          >
            {t('lastDay.ask')}
          </ButtonLink>
        </Group>
      )}
      {person.may.includes('membership.end') && !person.isSelf ? (
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {person.successor
              ? t('successor.takesOver', { successor: person.successor.displayName })
              : t('successor.question')}
          </Text>
          <SuccessorButton
            membershipId={membershipId}
            name={name}
            lastDay={lastDay}
            successor={person.successor}
          />
        </Group>
      ) : null}
    </Stack>
  );
}

function Extend({
  membershipId,
  lastDay,
  name,
}: {
  membershipId: string;
  lastDay: string;
  name: string;
}): ReactNode {
  const { t } = useTranslation();
  const [other, setOther] = useState('');
  const extend = useChange('membership.extend', (made) => {
    sayDone(
      made.lastDay ? t('lastDay.done', { name, day: day(made.lastDay) }) : t('lastDay.doneNone', { name }),
    );
  });
  const until = (to: string | null): void => extend.mutate({ membershipId, lastDay: to });
  return (
    <>
      <Text size="sm" c="dimmed">
        {t('lastDay.stays')}
      </Text>
      <Group gap="xs">
        {months.map((count) => {
          const to = laterBy(lastDay, count);
          return (
            <GiveButton key={count} blocked={false} loading={extend.isPending} onClick={() => until(to)}>
              {t('lastDay.until', { day: day(to) })}
            </GiveButton>
          );
        })}
        <Button variant="default" loading={extend.isPending} onClick={() => until(null)}>
          {t('lastDay.noEnd')}
        </Button>
      </Group>
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          if (other) until(other);
        }}
      >
        <Group align="flex-end" gap="xs">
          <TextInput
            type="date"
            label={t('lastDay.other')}
            min={lastDay > isoDay() ? lastDay : isoDay()}
            value={other}
            onChange={(event) => setOther(event.currentTarget.value)}
            required
          />
          <Button type="submit" variant="default" loading={extend.isPending}>
            {t('lastDay.save')}
          </Button>
        </Group>
      </form>
      <ActProblem problem={extend.error} />
    </>
  );
}
