import { Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Item } from '../../api/types.ts';
import { moment } from '../../i18n/dates.ts';
import { Card, CardList } from '../../page/CardList.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { RunPeople } from './RunPeople.tsx';

type Run = Item<'source-run.list'>;

export const isUnderWay = ({ state }: Run): boolean =>
  state === 'waiting' || state === 'reading' || state === 'writing';

/** The last readings, and what came of each. */
export function Readings({ runs }: { runs: readonly Run[] }): ReactNode {
  const { t } = useTranslation();
  return (
    <Section title={t('sources.readings')}>
      {runs.length === 0 ? (
        <Text size="sm">{t('sources.noReadings')}</Text>
      ) : (
        <CardList label={t('sources.readings')} gap="xs">
          {runs.map((run) => (
            <Reading key={run.sourceRunId} run={run} />
          ))}
        </CardList>
      )}
    </Section>
  );
}

function Reading({ run }: { run: Run }): ReactNode {
  const { t } = useTranslation();
  const [looked, setLooked] = useState(false);
  const { counts, state } = run;
  const when = moment(run.createdAt);
  const said = {
    waiting: t('sources.run.waiting'),
    reading: t('sources.run.reading', { count: run.read }),
    held: t('sources.run.held'),
    writing: t('sources.run.writing'),
    done: t('sources.run.done', { count: run.read }),
    failed: t('sources.run.failed'),
    over: t('sources.run.over'),
  }[state];
  const shown = state === 'done' || state === 'held' || state === 'writing' ? counts : null;
  const facts = shown
    ? [
        shown.new > 0 ? t('sources.count.new', { count: shown.new }) : null,
        shown.changed > 0 ? t('sources.count.changed', { count: shown.changed }) : null,
        shown.problem > 0 ? t('sources.count.problem', { count: shown.problem }) : null,
        shown.proposed > 0 ? t('sources.count.proposed', { count: shown.proposed }) : null,
        shown.given > 0 ? t('sources.count.given', { count: shown.given }) : null,
        shown.taken > 0 ? t('sources.count.taken', { count: shown.taken }) : null,
        run.off > 0 ? t('sources.count.off', { count: run.off }) : null,
      ]
    : [];
  const people = shown ? shown.new + shown.changed + shown.problem : 0;
  return (
    <Card
      name={when}
      title={<Text size="sm">{when}</Text>}
      beside={<Text size="sm">{run.incremental ? t('sources.onlyChanges') : t('sources.everything')}</Text>}
      facts={facts}
      acts={
        people > 0 ? (
          <ActButton
            size="xs"
            variant="default"
            blocked={false}
            aria-expanded={looked}
            aria-label={t('sources.whoOf', { when })}
            onClick={() => setLooked(!looked)}
          >
            {t('sources.who')}
          </ActButton>
        ) : null
      }
      below={looked ? <RunPeople sourceRunId={run.sourceRunId} /> : null}
    >
      <Stack gap={0}>
        <Text size="sm" {...(isUnderWay(run) ? { role: 'status' } : {})}>
          {said}
        </Text>
        {run.problem ? <Text size="sm">{run.problem}</Text> : null}
      </Stack>
    </Card>
  );
}
