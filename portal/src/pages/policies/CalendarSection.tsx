import './policies.css';
import { Button, Chip, Group, Input, Modal, Pill, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { catalogue } from '../../i18n/catalogue.ts';
import { day, hourOfDay } from '../../i18n/dates.ts';
import type { Say } from '../../i18n/say.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { daysIn } from './draft.ts';
import { listed } from './policy-words.ts';
import { runsOf } from './week.ts';

type Calendar = Output<'calendar.read'>;

/** 2024-01-01 was a Monday: day 1. */
const nameOfDay = (number: number, length: 'long' | 'short'): string =>
  new Intl.DateTimeFormat(catalogue.language, { weekday: length, timeZone: 'UTC' }).format(
    new Date(Date.UTC(2024, 0, number)),
  );

/** "Monday to Friday", "lundi, mercredi et vendredi": it begins a sentence. */
function daysWords(t: Say, days: readonly number[]): string {
  const words = listed(
    runsOf(days).map(({ first, last }) =>
      first === last
        ? nameOfDay(first, 'long')
        : t('calendar.range', { first: nameOfDay(first, 'long'), last: nameOfDay(last, 'long') }),
    ),
  );
  return words.charAt(0).toLocaleUpperCase(catalogue.language) + words.slice(1);
}

/** When an organization works: approvals are due by it. */
export function CalendarSection({
  organizationId,
  name,
}: {
  organizationId: string;
  name: string;
}): ReactNode {
  const { t } = useTranslation();
  const query = useRead('calendar.read', { organizationId });
  const [editing, setEditing] = useState(false);
  const close = (): void => setEditing(false);
  return (
    <Section
      title={t('calendar.title', { organization: name })}
      actions={
        <Button variant="default" size="xs" onClick={() => setEditing(true)}>
          {t('calendar.edit')}
        </Button>
      }
    >
      <Text size="sm" c="dimmed">
        {t('calendar.lead')}
      </Text>
      <Loaded query={query} notAllowed={t('policy.notAllowed')} empty="never">
        {(calendar) => (
          <>
            <Text>
              {t('calendar.sentence', {
                days: daysWords(t, calendar.days),
                from: hourOfDay(calendar.from),
                until: hourOfDay(calendar.until),
                timeZone: calendar.timeZone,
              })}
            </Text>
            <Text size="sm" c="dimmed">
              {[
                calendar.own ? t('calendar.own') : t('calendar.inherited'),
                calendar.holidays.length > 0
                  ? t('calendar.daysOff', { count: calendar.holidays.length })
                  : t('calendar.noDaysOff'),
              ].join(' · ')}
            </Text>
            <Modal
              opened={editing}
              onClose={close}
              size="lg"
              title={t('calendar.title', { organization: name })}
              closeButtonProps={{ 'aria-label': t('action.close') }}
            >
              <CalendarForm calendar={calendar} onClose={close} />
            </Modal>
          </>
        )}
      </Loaded>
    </Section>
  );
}

function CalendarForm({ calendar, onClose }: { calendar: Calendar; onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const [days, setDays] = useState(calendar.days.map(String));
  const [from, setFrom] = useState(calendar.from);
  const [until, setUntil] = useState(calendar.until);
  const [holidays, setHolidays] = useState(calendar.holidays);
  const [pasted, setPasted] = useState('');
  const [unknown, setUnknown] = useState<string[]>([]);
  const save = useChange('calendar.update', () => {
    sayDone(t('calendar.saved'));
    onClose();
  });
  const blocked = days.length === 0 ? t('calendar.noDay') : from >= until ? t('calendar.order') : false;
  const add = (): string[] => {
    const read = daysIn(pasted);
    const all = [...new Set([...holidays, ...read.days])].sort();
    setHolidays(all);
    setUnknown(read.unknown);
    setPasted(read.unknown.join(' '));
    return all;
  };
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (blocked !== false) return;
    const all = add();
    if (daysIn(pasted).unknown.length > 0) return;
    save.mutate({
      organizationId: calendar.organizationId,
      hours: { days: days.map(Number), from, until, holidays: all },
      ifVersion: calendar.version,
    });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Input.Wrapper label={t('calendar.days')} labelElement="div">
          <Chip.Group multiple value={days} onChange={setDays}>
            <Group gap={6} mt={4} role="group" aria-label={t('calendar.days')}>
              {[1, 2, 3, 4, 5, 6, 7].map((number) => (
                <Chip key={number} value={String(number)} size="sm">
                  {nameOfDay(number, 'short')}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
        </Input.Wrapper>
        <Group>
          <TextInput
            type="time"
            label={t('calendar.from')}
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            type="time"
            label={t('calendar.until')}
            value={until}
            onChange={(event) => setUntil(event.currentTarget.value)}
          />
        </Group>
        <Stack gap="xs" role="group" aria-label={t('calendar.holidays')}>
          <Text size="sm" fw={600}>
            {t('calendar.holidays')}
          </Text>
          {holidays.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t('calendar.noDaysOff')}
            </Text>
          ) : null}
          <Group gap={6}>
            {holidays.map((one) => (
              <Pill
                key={one}
                size="md"
                className="policy-chip"
                withRemoveButton
                onRemove={() => setHolidays(holidays.filter((other) => other !== one))}
                removeButtonProps={{
                  'aria-label': t('calendar.dropDay', { day: day(one) }),
                  'aria-hidden': false,
                  tabIndex: 0,
                }}
              >
                {day(one)}
              </Pill>
            ))}
          </Group>
          <Textarea
            label={t('calendar.paste')}
            description={t('calendar.pasteHint')}
            value={pasted}
            autosize
            minRows={1}
            maxRows={6}
            onChange={(event) => {
              setPasted(event.currentTarget.value);
              setUnknown([]);
            }}
            error={unknown.length > 0 ? t('calendar.unknown', { words: unknown.join(', ') }) : undefined}
          />
          <Button variant="default" size="xs" style={{ alignSelf: 'flex-start' }} onClick={add}>
            {t('calendar.add')}
          </Button>
        </Stack>
        <Text size="sm" c="dimmed">
          {t('calendar.effect')}
        </Text>
        <ActProblem problem={save.error} />
        <Group justify="flex-end">
          {calendar.own ? (
            <Button
              variant="default"
              loading={save.isPending}
              onClick={() =>
                save.mutate({
                  organizationId: calendar.organizationId,
                  hours: null,
                  ifVersion: calendar.version,
                })
              }
            >
              {t('calendar.follow')}
            </Button>
          ) : null}
          <ActButton type="submit" blocked={blocked} loading={save.isPending}>
            {t('calendar.save')}
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}
