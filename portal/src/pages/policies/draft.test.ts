import { describe, expect, it } from 'vitest';
import { daysIn, fieldsOf, missingIn, moved, newLevel, newStep } from './draft.ts';

const asks = { approvers: [{ kind: 'managers' as const }] };

describe('a policy as it is edited', () => {
  it('says what is still missing, the nearest first', () => {
    const step = newStep('Step');
    expect(missingIn({ name: 'P', applies: {}, steps: [{ ...step, name: ' ' }] })).toBe('step-name');
    expect(missingIn({ name: 'P', applies: {}, steps: [step] })).toBe('approvers');
    const late = { ...step, ...asks, escalation: [newLevel()] };
    expect(missingIn({ name: 'P', applies: {}, steps: [late] })).toBe('approvers');
    expect(missingIn({ name: '', applies: {}, steps: [{ ...step, ...asks }] })).toBe('name');
    expect(missingIn({ name: 'P', applies: {}, steps: [] })).toBeUndefined();
  });

  it('is sent without what only the page needs, and without conditions that say nothing', () => {
    const step = { ...newStep(' Money '), ...asks, escalation: [{ ...newLevel(), ...asks }] };
    const fields = fieldsOf({ name: ' P ', applies: { risk: [], kinds: ['access'] }, steps: [step] });
    expect(fields).toEqual({
      name: 'P',
      applies: { kinds: ['access'] },
      steps: [
        {
          name: 'Money',
          ...asks,
          quorum: 'one',
          due: { workingDays: 3 },
          remind: [{ workingDays: 1 }],
          escalation: [{ ...asks, due: { workingDays: 2 } }],
          atEnd: 'refuse',
        },
      ],
    });
  });

  it('moves cards, and none beyond the ends', () => {
    expect(moved(['a', 'b', 'c'], 1, -1)).toEqual(['b', 'a', 'c']);
    expect(moved(['a', 'b'], 1, 1)).toEqual(['a', 'b']);
    expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b']);
  });
});

it('reads days off as people write them', () => {
  expect(daysIn('2026-12-25, 1.1.2027\n26/12/2026; 31.02.2027 Christmas')).toEqual({
    days: ['2026-12-25', '2027-01-01', '2026-12-26'],
    unknown: ['31.02.2027', 'Christmas'],
  });
});
