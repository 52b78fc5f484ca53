import './policies.css';
import { Box } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { DraftStep } from './draft.ts';
import { approversWords, durationWords, quorumWords, type Words } from './policy-words.ts';

/** Everything is drawn on one grid: boxes at the left, how a step ends at the right. */
const wide = 250;
const endX = 272;
const endWide = 86;
const head = 44;
const row = 44;
const gap = 30;

type Level = { who: string; due: string };
type Drawn = { step: DraftStep; y: number; levels: Level[]; height: number };

/** The steps from top to bottom, in each who is asked and who later, and how it ends; the sentences say the same. */
export function PolicyPicture({ steps, words }: { steps: readonly DraftStep[]; words: Words }): ReactNode {
  const { t } = useTranslation();
  const drawn: Drawn[] = [];
  let y = 36 + gap;
  for (const step of steps) {
    const levels = levelsOf(step, words);
    const height = head + levels.length * row + (levels.length - 1) * gap + 10;
    drawn.push({ step, y, levels, height });
    y += height + gap + 6;
  }
  const end = y;
  return (
    <Box className="policy-picture" tabIndex={0} role="group" aria-label={t('policy.picture')}>
      <svg
        viewBox={`0 0 ${endX + endWide + 4} ${end + 40}`}
        role="img"
        aria-label={`${t('policy.picture')}. ${t('policy.pictureHow')}`}
      >
        <title>{t('policy.picture')}</title>
        <defs>
          <Arrow id="policy-yes" />
          <Arrow id="policy-late" />
        </defs>
        <Shape x={2} y={2} w={wide} h={34} kind="start">
          {t('policy.draw.start')}
        </Shape>
        <Line from={36} to={(drawn[0]?.y ?? end) - 2} kind="yes" />
        {drawn.map(({ step, y, levels, height }, index) => {
          const last = y + head + (levels.length - 1) * (row + gap) + row / 2;
          return (
            <g key={step.row}>
              <rect className="policy-step" x={2} y={y} width={wide} height={height} rx={8} />
              <Label x={10} y={y + 4} w={wide - 16} h={head - 4} strong>
                {`${index + 1}. ${step.name}`}
                <small>{quorumWords(t, step.quorum)}</small>
              </Label>
              {levels.map((level, at) => {
                const top = y + head + at * (row + gap);
                return (
                  // biome-ignore lint/suspicious/noArrayIndexKey: where it is drawn is what it is
                  <g key={at}>
                    <Shape x={10} y={top} w={wide - 16} h={row} kind={at === 0 ? 'first' : 'later'}>
                      {level.who}
                      <small>{level.due}</small>
                    </Shape>
                    {at < levels.length - 1 ? (
                      <>
                        <Line from={top + row} to={top + row + gap - 2} kind="late" />
                        <Label x={136} y={top + row + 5} w={116} h={gap - 8}>
                          <small>{t('policy.draw.after', { time: level.due })}</small>
                        </Label>
                      </>
                    ) : null}
                  </g>
                );
              })}
              <path
                className="policy-line-late"
                d={`M ${wide - 6} ${last} H ${endX - 3}`}
                markerEnd="url(#policy-late)"
              />
              <Shape
                x={endX}
                y={last - 24}
                w={endWide}
                h={48}
                kind={step.atEnd === 'refuse' ? 'refused' : 'given'}
              >
                {step.atEnd === 'refuse' ? t('policy.draw.refused') : t('policy.draw.goesOn')}
              </Shape>
              <Line from={y + height} to={(drawn[index + 1]?.y ?? end) - 2} kind="yes" />
              <Label x={136} y={y + height + 6} w={80} h={20}>
                <small>{t('policy.draw.yes')}</small>
              </Label>
            </g>
          );
        })}
        <Shape x={2} y={end} w={wide} h={36} kind="given">
          {steps.length === 0 ? t('policy.atOnce') : t('policy.draw.given')}
        </Shape>
      </svg>
    </Box>
  );
}

/** Those asked at first, then, and the owners at the last. */
function levelsOf(step: DraftStep, words: Words): Level[] {
  const { t } = words;
  const levels = [step, ...step.escalation].map(({ approvers, due }) => ({
    who: approversWords(words, approvers),
    due: durationWords(t, due),
    owners: approvers.some(({ kind }) => kind === 'owners'),
  }));
  if (levels.at(-1)!.owners) return levels;
  return [...levels, { who: t('policy.draw.owners'), due: durationWords(t, { workingDays: 5 }) }];
}

function Arrow({ id }: { id: string }): ReactNode {
  return (
    <marker
      id={id}
      className={id}
      viewBox="0 0 8 8"
      refX={7}
      refY={4}
      markerWidth={8}
      markerHeight={8}
      orient="auto"
    >
      <path d="M 0 0 L 8 4 L 0 8 z" />
    </marker>
  );
}

function Line({ from, to, kind }: { from: number; to: number; kind: 'yes' | 'late' }): ReactNode {
  return (
    <path className={`policy-line-${kind}`} d={`M 127 ${from} V ${to}`} markerEnd={`url(#policy-${kind})`} />
  );
}

type Place = { x: number; y: number; w: number; h: number };

function Shape({ x, y, w, h, kind, children }: Place & { kind: string; children: ReactNode }): ReactNode {
  return (
    <>
      <rect className={`policy-box policy-box-${kind}`} x={x} y={y} width={w} height={h} rx={6} />
      <Label x={x + 6} y={y + 2} w={w - 12} h={h - 4}>
        {children}
      </Label>
    </>
  );
}

/** Text that stays inside its box, in whatever language. */
function Label({
  x,
  y,
  w,
  h,
  strong,
  children,
}: Place & { strong?: boolean; children: ReactNode }): ReactNode {
  return (
    <foreignObject x={x} y={y} width={w} height={h}>
      <div className="policy-words" data-strong={strong || undefined}>
        {children}
      </div>
    </foreignObject>
  );
}
