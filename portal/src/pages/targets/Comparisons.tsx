import { Progress, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../api/types.ts';
import { moment } from '../../i18n/dates.ts';
import { Section } from '../../page/Section.tsx';
import { Fold } from '../../parts/Fold.tsx';

type Run = Output<'difference.list'>['comparisons'][number];

export const isUnderWay = (run: Run | null | undefined): boolean =>
  run !== null && run !== undefined && run.state !== 'done' && run.state !== 'failed';

/** The comparison that is under way, how far it is, and those before. */
export function Comparisons({
  runs,
  comparesAt,
}: {
  runs: readonly Run[];
  comparesAt: string | null;
}): ReactNode {
  const { t } = useTranslation();
  const [last, ...before] = runs;
  return (
    <Section title={t('differences.comparisons')}>
      <div role="status">{last ? <Shown run={last} /> : <Text size="sm">{t('differences.never')}</Text>}</div>
      {comparesAt ? <Text size="sm">{t('differences.comparesAt', { when: moment(comparesAt) })}</Text> : null}
      {before.length > 0 ? (
        <Fold label={t('differences.before', { count: before.length })}>
          <Stack component="ul" gap="xs" m={0} p={0} style={{ listStyle: 'none' }}>
            {before.map((run) => (
              <li key={run.id}>
                <Shown run={run} />
              </li>
            ))}
          </Stack>
        </Fold>
      ) : null}
    </Section>
  );
}

const problems = [
  'cut',
  'unreachable',
  'no-permission',
  'no-trust',
  'bad-settings',
  'no-list',
  'retired',
] as const;

function Shown({ run }: { run: Run }): ReactNode {
  const { t } = useTranslation();
  const when = moment(run.finishedAt ?? run.createdAt);
  if (isUnderWay(run))
    return (
      <Stack gap={4}>
        <Text size="sm">
          {run.total
            ? t('differences.readOf', { count: run.read, total: run.total })
            : t('differences.read', { count: run.read })}
        </Text>
        <Progress
          aria-label={t('differences.progress')}
          value={run.total ? Math.min(100, (100 * run.read) / run.total) : 100}
          animated
        />
      </Stack>
    );
  if (run.state === 'failed') {
    const problem = problems.find((one) => one === run.problem) ?? 'other';
    return (
      <Text size="sm">
        {t('differences.failed', { when })} {t(`differences.problem.${problem}`)}
      </Text>
    );
  }
  const found = Object.entries(run.counts).reduce(
    (sum, [kind, n]) => (kind === 'accounts' ? sum : sum + n),
    0,
  );
  return (
    <Text size="sm">
      {t('differences.done', { when, read: run.read })} {t('differences.doneFound', { count: found })}
    </Text>
  );
}
