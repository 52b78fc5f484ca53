import { Button, Group, Radio, Select, Stack, Switch, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { hourOfDay } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';

/** How one hears of what waits: a mail for each thing or one a day, and the hours without any. */
export function NoticePreferences(): ReactNode {
  const { t } = useTranslation();
  const query = useRead('notice-preferences.read', {});
  return (
    <Section title={t('mails.title')}>
      <Loaded query={query} notAllowed={t('state.notAllowedPage')} empty="never">
        {(chosen) => <Choice key={chosen.version} chosen={chosen} />}
      </Loaded>
    </Section>
  );
}

const hours = Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, '0')}:00`);
/** What a night is to most people: only where somebody turns quiet hours on. */
const night = { from: '22:00', until: '07:00' };

function Choice({ chosen }: { chosen: Output<'notice-preferences.read'> }): ReactNode {
  const { t } = useTranslation();
  const [daily, setDaily] = useState(chosen.daily);
  const [dailyHour, setDailyHour] = useState(chosen.dailyHour);
  const [quiet, setQuiet] = useState(chosen.quiet);
  const [zone, setZone] = useState(chosen.ownTimeZone);
  const update = useChange('notice-preferences.update', () => sayDone(t('me.saved')));
  const times = (also: string[]) =>
    [...new Set([...hours, ...also])].sort().map((value) => ({ value, label: hourOfDay(value) }));
  const zones = [...new Set([...Intl.supportedValuesOf('timeZone'), ...(zone ? [zone] : [])])];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        update.mutate({ daily, dailyHour, quiet, timeZone: zone, ifVersion: chosen.version });
      }}
    >
      <Stack gap="sm">
        <Radio.Group
          label={t('mails.how')}
          value={daily ? 'daily' : 'at-once'}
          onChange={(value) => setDaily(value === 'daily')}
        >
          <Stack gap="xs" mt="xs">
            <Radio value="at-once" label={t('mails.atOnce')} />
            <Radio value="daily" label={t('mails.daily')} description={t('mails.dailyHint')} />
          </Stack>
        </Radio.Group>
        {daily ? (
          <Select
            label={t('mails.hour')}
            data={times([])}
            value={hours[dailyHour] ?? null}
            onChange={(value) => value && setDailyHour(Number(value.slice(0, 2)))}
            allowDeselect={false}
            maw={200}
          />
        ) : null}
        <Switch
          label={t('mails.quiet')}
          description={t('mails.quietHint')}
          checked={quiet !== null}
          onChange={(event) => setQuiet(event.currentTarget.checked ? night : null)}
        />
        {/* They end at another time than they begin. */}
        {quiet ? (
          <Group gap="sm" grow maw={340} wrap="nowrap" preventGrowOverflow={false}>
            <Select
              label={t('mails.from')}
              data={times([quiet.from]).filter(({ value }) => value !== quiet.until)}
              value={quiet.from}
              onChange={(from) => from && setQuiet({ ...quiet, from })}
              allowDeselect={false}
            />
            <Select
              label={t('mails.until')}
              data={times([quiet.until]).filter(({ value }) => value !== quiet.from)}
              value={quiet.until}
              onChange={(until) => until && setQuiet({ ...quiet, until })}
              allowDeselect={false}
            />
          </Group>
        ) : null}
        {daily || quiet ? (
          <Select
            label={t('mails.zone')}
            placeholder={chosen.ownTimeZone ? undefined : chosen.timeZone}
            data={zones}
            value={zone}
            onChange={setZone}
            searchable
            nothingFoundMessage={t('ask.noneFound')}
            clearable
            maw={320}
          />
        ) : null}
        <Text size="sm" c="dimmed">
          {t('mails.always')}
        </Text>
        <ActProblem problem={update.error} />
        <Group>
          <Button type="submit" loading={update.isPending}>
            {t('action.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
