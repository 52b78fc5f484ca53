import { Alert, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem, type Problem } from '../../api/problem.ts';
import { useRead } from '../../api/queries.ts';
import type { Input, Output } from '../../api/types.ts';
import { day } from '../../i18n/dates.ts';
import type { Say } from '../../i18n/say.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { type PreviewLine, PreviewList } from '../../parts/PreviewList.tsx';

type Wanted = Input<'access-rule.try'>;
export type Tried = {
  query: UseQueryResult<Output<'access-rule.try'>, Problem>;
  /** why it cannot be saved yet; false once who gains and loses was seen */
  blocked: string | false;
};

const settleMs = 300;

/**
 * Who would gain and lose by a rule, a moment after the last key; one that begins later is looked at as if it had begun.
 * @param refusal what saving was answered: where the world moved on, it is looked at again
 */
export function useTriedRule(wanted: Wanted | undefined, refusal: Problem | null): Tried {
  const { t } = useTranslation();
  // by what it says: the object is another one with each drawing, and would never settle
  const said = wanted && JSON.stringify(wanted);
  const [steady] = useDebouncedValue(said, settleMs);
  const settled = steady !== undefined && said === steady;
  const query = useRead('access-rule.try', JSON.parse(steady ?? '{}') as Wanted, { enabled: settled });
  const stale = isProblem(refusal, 'preview.stale');
  const { refetch } = query;
  useEffect(() => {
    if (stale) void refetch();
  }, [stale, refetch]);
  // More people than one compares: it says so, and the rule may be saved without.
  const free = isProblem(query.error, 'preview.too-large');
  const seen = settled && query.data !== undefined && !query.isFetching;
  return {
    query,
    blocked: query.error && !free ? query.error.text : seen || free ? false : t('changePreview.wait'),
  };
}

export function RulePreview({
  tried: { query },
  firstDay,
  stale,
}: {
  tried: Tried;
  firstDay: string | null;
  stale: boolean;
}): ReactNode {
  const { t } = useTranslation();
  const { data, error } = query;
  if (error && !isProblem(error, 'preview.too-large')) return <ActProblem problem={error} />;
  return (
    <Alert
      color={stale || error ? 'yellow' : 'indigo'}
      variant="outline"
      c="inherit"
      role="status"
      title={stale ? t('changePreview.moved') : t('changePreview.title')}
      aria-busy={query.isFetching}
    >
      <Stack gap="xs">
        {stale ? <Text size="sm">{t('changePreview.lookAgain')}</Text> : null}
        {error ? (
          <Text size="sm">{error.text}</Text>
        ) : data ? (
          <PreviewList lines={linesOf(t, data, firstDay)} nothing={t('rules.tryNothing')} />
        ) : (
          <Text size="sm">{t('state.loading')}</Text>
        )}
      </Stack>
    </Alert>
  );
}

function linesOf(
  t: Say,
  { gains, loses }: Output<'access-rule.try'>,
  firstDay: string | null,
): PreviewLine[] {
  const names = ({ count, people }: typeof gains): string =>
    [
      people.map(({ displayName }) => displayName).join(', '),
      count > people.length ? t('rules.andMore', { count: count - people.length }) : '',
    ]
      .filter(Boolean)
      .join(' ');
  const lines: PreviewLine[] = [];
  if (loses.count > 0)
    lines.push({ kind: 'loses', text: t('rules.lose', { count: loses.count, names: names(loses) }) });
  if (gains.count > 0) {
    const said = { count: gains.count, names: names(gains) };
    const text = firstDay ? t('rules.gainFrom', { ...said, day: day(firstDay) }) : t('rules.gain', said);
    lines.push({ kind: 'gains', text });
  }
  if (gains.elsewhere || loses.elsewhere) lines.push({ kind: 'stays', text: t('changePreview.outside') });
  return lines;
}
