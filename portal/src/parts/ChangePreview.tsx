import { Alert, Group, List, Stack, Text, ThemeIcon } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconArrowRight, IconClock, IconMinus, IconPlus } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem, type Problem } from '../api/problem.ts';
import { useChange, useRead } from '../api/queries.ts';
import type { Input, OperationName, Output } from '../api/types.ts';
import { catalogue } from '../i18n/catalogue.ts';
import { ActProblem, type Tried } from '../page/ProblemState.tsx';

type Answer = Output<'change.preview'>;
export type PreviewQuery = UseQueryResult<Answer, Problem>;

const settleMs = 300;

/** Who would gain and lose what by this change, a moment after the last key; undefined: it is not complete yet. */
export function useChangePreview<Name extends OperationName>(
  operation: Name,
  input: Input<Name> | undefined,
): PreviewQuery {
  // by what it says: the object is another one with each drawing, and would never settle
  const said = input && JSON.stringify(input);
  const [steady] = useDebouncedValue(said, settleMs);
  return useRead(
    'change.preview',
    { operation, input: JSON.parse(steady ?? '{}') as Record<string, unknown> },
    { enabled: steady !== undefined && said === steady },
  );
}

/** A change that has no preview, or concerns more people than one compares (and says so), may go on without. */
const goesWithout = ({ error }: PreviewQuery): boolean =>
  error?.code === 'preview.none' || error?.code === 'preview.too-large';

/** Why the change cannot be made yet; false once its preview was seen and is not about to change. */
export const waitsFor = (query: PreviewQuery): string | false => {
  if (goesWithout(query)) return false;
  if (query.error) return query.error.text;
  return query.data !== undefined && !query.isFetching ? false : catalogue.t('changePreview.wait');
};

/** Whom and where an input is about, as far as it says so by its usual names. */
const triedBy = (input: unknown): Tried => {
  const { organizationId, membershipId } = (input ?? {}) as Tried;
  return { organizationId, membershipId };
};

/** A change that is looked at first. `save` does exactly what was shown, or gets the new preview shown. */
export function usePreviewedChange<Name extends OperationName>(
  operation: Name,
  /** undefined: nothing to look at yet */
  input: Input<Name> | undefined,
  onDone: (output: Output<Name>, input: Input<Name>) => void,
) {
  const preview = useChangePreview(operation, input);
  const change = useChange(operation, onDone);
  const stale = isProblem(change.error, 'preview.stale');
  const { refetch } = preview;
  useEffect(() => {
    if (stale) void refetch();
  }, [stale, refetch]);
  return {
    preview,
    refusal: change.error,
    tried: triedBy(input),
    /** what to show beside the button; a preview that moved on is said where the preview stands */
    problem: stale ? null : change.error,
    blocked: waitsFor(preview),
    busy: change.isPending,
    reset: change.reset,
    save: (ifVersion?: number) => {
      if (input) change.mutate({ ...input, ifVersion, ifPreview: preview.data?.token } as never);
    },
  };
}

/** The preview of a change. Then exactly this is done, or refused because the world moved. */
export function ChangePreview({
  query,
  refusal,
  tried,
}: {
  query: PreviewQuery;
  tried?: Tried | undefined;
  /** what the change itself was answered: a stale preview says that the new one has to be looked at */
  refusal?: Problem | null;
}): ReactNode {
  const { t } = useTranslation();
  const { data } = query;
  if (query.error?.code === 'preview.none') return null;
  if (query.error?.code === 'preview.too-large')
    return (
      <Alert color="yellow" variant="outline" c="inherit" role="status" title={t('changePreview.title')}>
        <Text size="sm">{query.error.text}</Text>
      </Alert>
    );
  if (query.error) return <ActProblem problem={query.error} tried={tried} />;
  const stale = isProblem(refusal, 'preview.stale');
  return (
    <Alert
      color={stale ? 'yellow' : 'indigo'}
      variant="outline"
      c="inherit"
      role="status"
      title={stale ? t('changePreview.moved') : t('changePreview.title')}
      aria-busy={query.isFetching}
    >
      {stale ? (
        <Text size="sm" mb="xs">
          {t('changePreview.lookAgain')}
        </Text>
      ) : null}
      {data ? <Effects answer={data} /> : <Text size="sm">{t('state.loading')}</Text>}
    </Alert>
  );
}

function Effects({ answer }: { answer: Answer }): ReactNode {
  const { t } = useTranslation();
  const { gains, loses, stays, counts, later, outside } = answer;
  const anybody = counts.gains.people + counts.loses.people > 0;
  return (
    <Stack gap="sm">
      {anybody ? null : <Text size="sm">{answer.sentence}</Text>}
      <Side kind="gains" side={gains} count={counts.gains} />
      <Side kind="loses" side={loses} count={counts.loses} />
      <Side kind="stays" side={{ powers: [], access: stays.access }} count={counts.stays} />
      {later.length > 0 ? (
        <List size="sm" spacing={4} listStyleType="none" aria-label={t('changePreview.later')}>
          {later.map((one) => (
            <List.Item key={one.sentence} icon={<Icon kind="later" />}>
              {one.sentence}
            </List.Item>
          ))}
        </List>
      ) : null}
      {outside && anybody ? <Text size="sm">{t('changePreview.outside')}</Text> : null}
    </Stack>
  );
}

type SideOf = Answer['gains'];
type CountOf = Answer['counts']['gains'];
/** Everything that one person, or several who are alike, gains or loses. */
type Holder = { who: string; at: string; what: string[] };

function holdersOf({ powers, access }: SideOf): Holder[] {
  const holders = new Map<string, Holder>();
  const add = (who: string, at: string, what: string): void => {
    const known = holders.get(`${who} ${at}`) ?? { who, at, what: [] };
    known.what.push(what);
    holders.set(`${who} ${at}`, known);
  };
  for (const { who, people, sentence } of powers) {
    const [first] = who;
    if (!first) continue;
    const [name, what] = [
      people > 1 ? catalogue.t('changePreview.others', { name: first.name, count: people - 1 }) : first.name,
      sentence.slice(sentence.indexOf(': ', first.name.length) + 2),
    ];
    add(name, people > 1 ? '' : first.organizationName, what);
  }
  for (const { name, organizationName, entitlementName: role, applicationName: application } of access)
    add(name, organizationName, catalogue.t('access.roleOf', { role, application }));
  return [...holders.values()];
}

const holdersShown = 6;

function Side({
  kind,
  side,
  count,
}: {
  kind: 'gains' | 'loses' | 'stays';
  side: SideOf;
  count: CountOf;
}): ReactNode {
  const { t } = useTranslation();
  const holders = holdersOf(side);
  if (holders.length === 0) return null;
  const left = count.access - side.access.length;
  const more = holders.slice(holdersShown);
  return (
    <div>
      <Group gap={6} mb={4}>
        <Icon kind={kind} />
        <Text size="sm" fw={600}>
          {kind === 'gains'
            ? t('changePreview.gains', { count: count.people })
            : kind === 'loses'
              ? t('changePreview.loses', { count: count.people })
              : t('changePreview.stays', { count: count.people })}
        </Text>
      </Group>
      <Holders label={t(`preview.${kind}`)} holders={holders.slice(0, holdersShown)} />
      {more.length > 0 ? (
        <details>
          <Text component="summary" size="sm" py={4} ps={26} style={{ cursor: 'pointer' }}>
            {t('changePreview.moreAccess', { count: more.length })}
          </Text>
          <Holders label={t('changePreview.moreAccess', { count: more.length })} holders={more} />
        </details>
      ) : null}
      {left > 0 ? (
        <Text size="sm" ps={26}>
          {t('changePreview.moreAccess', { count: left })}
        </Text>
      ) : null}
    </div>
  );
}

function Holders({ label, holders }: { label: string; holders: readonly Holder[] }): ReactNode {
  return (
    <Stack component="ul" gap={6} m={0} p={0} ps={26} style={{ listStyle: 'none' }} aria-label={label}>
      {holders.map(({ who, at, what }) => (
        <li key={`${who} ${at}`}>
          <Text size="sm" fw={600} component="span">
            {who}
          </Text>
          {at ? (
            <Text size="xs" c="dimmed" component="span">
              {' '}
              {at}
            </Text>
          ) : null}
          {what.map((line) => (
            <Text size="sm" key={line}>
              {line}
            </Text>
          ))}
        </li>
      ))}
    </Stack>
  );
}

const looks = {
  gains: { color: 'teal.9', icon: IconPlus },
  loses: { color: 'red.8', icon: IconMinus },
  stays: { color: 'gray.7', icon: IconArrowRight },
  later: { color: 'gray.7', icon: IconClock },
} as const;

function Icon({ kind }: { kind: keyof typeof looks }): ReactNode {
  const { color, icon: Shape } = looks[kind];
  return (
    <ThemeIcon size={20} radius="xl" color={color} aria-hidden>
      <Shape size={14} />
    </ThemeIcon>
  );
}
