import { Group, SegmentedControl, Text } from '@mantine/core';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import { CardList } from '../../page/CardList.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton, TakeButton } from '../../parts/ActButton.tsx';
import { ConsequenceDialog } from '../../parts/ConsequenceDialog.tsx';
import { TextLink } from '../../parts/links.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { type DifferenceKind, differenceKinds } from '../../routes/difference-kinds.ts';
import { Comparisons, isUnderWay } from './Comparisons.tsx';
import { DifferenceCard } from './DifferenceCard.tsx';
import type { Difference, Differences } from './difference.ts';
import type { TargetDetail } from './target.ts';

/** What is there at a system against what should be: compared, filtered, and settled one by one or many at once. */
export function DifferencesPage(): ReactNode {
  const { t } = useTranslation();
  const { provisioningTargetId } = useParams({ from: '/shell/targets/$provisioningTargetId/differences' });
  const target = useRead('target.read', { provisioningTargetId });
  if (target.data) return <Shown target={target.data} />;
  return (
    <Page title={t('differences.title')}>
      <Loaded query={target} notAllowed={t('targets.notAllowed')} empty="never">
        {() => null}
      </Loaded>
    </Page>
  );
}

const often = 2000;

/** Switched off or deleted in a moment, if the brake lets it. */
const isBeingTaken = ({ planned, problem, settledAt }: Difference): boolean =>
  planned !== null && problem === null && settledAt === null;

function Shown({ target }: { target: TargetDetail }): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { kind, settled, after } = useSearch({ from: '/shell/targets/$provisioningTargetId/differences' });
  const { id, name } = target;
  const query = useRead(
    'difference.list',
    { provisioningTargetId: id, kind, settled: settled ? 'true' : 'false', cursor: after, limit: 20 },
    {
      keepPrevious: true,
      refetchEveryMs: (data) =>
        isUnderWay(data?.comparison) || data?.items.some(isBeingTaken) ? often : false,
    },
  );
  const compare = useChange('target.reconcile', () => sayDone(t('differences.begun')));
  const blocked = target.may.includes('target.operate') ? false : t('targets.mayNot');
  const go = (search: { kind?: DifferenceKind; settled?: boolean; after?: string }): void =>
    void navigate({
      to: '/targets/$provisioningTargetId/differences',
      params: { provisioningTargetId: id },
      search,
    });
  const cannot =
    target.can.list === 'none'
      ? t('differences.cannotList')
      : target.state === 'draft'
        ? t('differences.notOn')
        : isUnderWay(query.data?.comparison)
          ? t('differences.underWay')
          : false;
  const shown = settled ? 'settled' : (kind ?? 'all');
  return (
    <Page
      title={t('differences.of', { name })}
      above={
        <TextLink to="/targets/$provisioningTargetId" params={{ provisioningTargetId: id }} size="sm">
          {name}
        </TextLink>
      }
      lead={t('differences.lead')}
      actions={
        <ActButton
          blocked={blocked || cannot}
          loading={compare.isPending}
          onClick={() => compare.mutate({ provisioningTargetId: id })}
        >
          {t('differences.compare')}
        </ActButton>
      }
    >
      <ActProblem problem={compare.error} />
      <Comparisons runs={query.data?.comparisons ?? []} comparesAt={target.comparesAt} />
      <Section title={t('differences.found')}>
        <SegmentedControl
          aria-label={t('differences.which')}
          orientation="horizontal"
          value={shown}
          style={{ flexWrap: 'wrap' }}
          onChange={(one) =>
            go(
              one === 'settled'
                ? { settled: true }
                : one === 'all'
                  ? {}
                  : { kind: differenceKinds.find((other) => other === one)! },
            )
          }
          data={[
            { value: 'all', label: t('differences.all') },
            ...differenceKinds.map((one) => ({
              value: one,
              label: t(`differences.filter.${one}`, { count: query.data?.counts[one] ?? 0 }),
            })),
            { value: 'settled', label: t('differences.settledOnes') },
          ]}
        />
        {kind ? <Text size="sm">{t(`differences.means.${kind}`)}</Text> : null}
        <Loaded
          query={query}
          notAllowed={t('targets.notAllowed')}
          empty={{
            when: (page) => page.items.length === 0,
            title: t(settled ? 'differences.noneSettled' : 'differences.none'),
            text: t(query.data?.comparison ? 'differences.noneText' : 'differences.neverText'),
            action: null,
          }}
        >
          {(page) => (
            <Many
              key={`${shown} ${after ?? ''}`}
              page={page}
              target={target}
              kind={kind}
              blocked={blocked}
              settled={settled ?? false}
              onNext={
                page.next ? () => go({ ...(kind ? { kind } : {}), settled, after: page.next! }) : undefined
              }
            />
          )}
        </Loaded>
      </Section>
    </Page>
  );
}

const hows = ['mend', 'leave', 'disable', 'delete'] as const;
type How = (typeof hows)[number];

/** What can be done about all of these at once. */
const fits = (how: How, kinds: readonly DifferenceKind[], can: TargetDetail['can']): boolean =>
  how === 'leave' ||
  (how === 'mend'
    ? kinds.every((kind) => kind === 'missing' || kind === 'drift')
    : kinds.every((kind) => kind === 'orphan') && can[how]);

function Many({
  page,
  target,
  kind,
  blocked,
  settled,
  onNext,
}: {
  page: Differences;
  target: TargetDetail;
  kind: DifferenceKind | undefined;
  blocked: false | string;
  settled: boolean;
  onNext: (() => void) | undefined;
}): ReactNode {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [all, setAll] = useState(false);
  const [asked, setAsked] = useState<How>();
  const settle = useChange('difference.settle-all', ({ count, more }) => {
    sayDone(t(more ? 'differences.settledMore' : 'differences.settledNow', { count }));
    setAsked(undefined);
    setChosen(new Set());
    setAll(false);
  });
  const taking = asked === 'delete' ? 'delete' : 'disable';
  const open = page.items.filter(({ settledAt }) => settledAt === null);
  const picked = open.filter(({ id }) => chosen.has(id));
  const count = all && kind ? page.counts[kind] : picked.length;
  const kinds = all && kind ? [kind] : picked.map((one) => one.kind);
  const run = (how: How): void =>
    settle.mutate({
      provisioningTargetId: target.id,
      how,
      ...(all && kind ? { kind } : { differenceIds: picked.map(({ id }) => id) }),
    });
  return (
    <>
      {settled ? null : (
        <Group gap="xs" role="group" aria-label={t('differences.atOnce')}>
          <ActButton
            size="xs"
            variant="default"
            blocked={blocked}
            onClick={() =>
              setChosen(picked.length === open.length ? new Set() : new Set(open.map(({ id }) => id)))
            }
          >
            {t(picked.length === open.length ? 'differences.chooseNone' : 'differences.choosePage')}
          </ActButton>
          {kind && page.counts[kind] > open.length ? (
            <ActButton
              size="xs"
              variant={all ? 'filled' : 'default'}
              blocked={blocked}
              aria-pressed={all}
              onClick={() => setAll(!all)}
            >
              {t('differences.chooseAll', { count: page.counts[kind] })}
            </ActButton>
          ) : null}
          {count > 0 ? (
            <>
              <Text size="sm">{t('differences.chosen', { count })}</Text>
              {hows
                .filter((how) => fits(how, kinds, target.can))
                .map((how) => {
                  const Button = how === 'disable' || how === 'delete' ? TakeButton : ActButton;
                  return (
                    <Button
                      key={how}
                      size="xs"
                      blocked={blocked}
                      loading={settle.isPending}
                      onClick={() => (how === 'disable' || how === 'delete' ? setAsked(how) : run(how))}
                    >
                      {t(`differences.how.${how}`)}
                    </Button>
                  );
                })}
            </>
          ) : null}
        </Group>
      )}
      <ActProblem problem={asked ? null : settle.error} />
      <CardList
        label={t('differences.found')}
        next={
          onNext ? (
            <ActButton size="xs" variant="default" blocked={false} onClick={onNext}>
              {t('table.next')}
            </ActButton>
          ) : null
        }
      >
        {page.items.map((one) => (
          <DifferenceCard
            key={one.id}
            difference={one}
            target={target}
            blocked={blocked}
            chosen={chosen.has(one.id)}
            onChoose={(yes) => {
              const next = new Set(chosen);
              if (yes) next.add(one.id);
              else next.delete(one.id);
              setChosen(next);
            }}
          />
        ))}
      </CardList>
      <ConsequenceDialog
        opened={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={t(`differences.takeMany.${taking}`, { count })}
        consequence={<Text size="sm">{t('differences.takeText', { name: target.name })}</Text>}
        confirm={t(`differences.how.${taking}`)}
        onConfirm={() => asked && run(asked)}
        busy={settle.isPending}
        problem={settle.error}
      />
    </>
  );
}
