import { describe, expect, it } from 'vitest';
import { type Eligible, hangs } from './hang.ts';
import type { Approver, Step } from './policy.ts';

const people = (...ids: string[]): Approver => ({ kind: 'people', membershipIds: ids });
const finance: Approver = { kind: 'members', organizationId: 'finance' };
const hour = { hours: 1 };
const step = (approvers: Approver[], more: Partial<Step> = {}): Step => ({
  name: 'Step',
  approvers,
  quorum: 'one',
  due: hour,
  remind: [],
  escalation: [],
  atEnd: 'refuse',
  ...more,
});

type There = { gone?: string[]; finance?: string[]; managers?: string[]; lines?: string[] };

const who =
  ({ gone = [], finance = ['fay', 'fred'], managers = ['mara', 'max'], lines = ['lou', 'lea'] }: There) =>
  (one: Approver): Eligible => {
    switch (one.kind) {
      case 'people':
        return {
          userIds: one.membershipIds.filter((id) => !gone.includes(id)),
          nobody: 'none of them is here',
        };
      case 'members':
        return { userIds: finance, nobody: 'nobody is in Finance' };
      case 'line-manager':
        return { userIds: lines, atMost: 1, nobody: 'nobody has a line manager' };
      default:
        return { userIds: managers, nobody: 'nobody manages it' };
    }
  };

const all = (steps: Step[], there: There = {}): string[] =>
  hangs(steps, who(there)).map(({ step, level, why }) => `${step + 1}.${level} ${why}`);
const twoOf = { quorum: { atLeast: 2 } } as const;
const then = (...approvers: Approver[]): Partial<Step> => ({ escalation: [{ approvers, due: hour }] });

describe('a step of a policy', () => {
  const cases: [string, Step[], There, string[]][] = [
    ['goes on where somebody named is there', [step([people('ann')])], {}, []],
    ['goes on where one of two named has gone', [step([people('ann', 'bob')])], { gone: ['ann'] }, []],
    ['hangs where everybody named has gone', [step([people('ann')])], { gone: ['ann'] }, ['1.0 nobody']],
    [
      'hangs where the group is empty',
      [step([people('ann')]), step([finance])],
      { finance: [] },
      ['2.0 nobody'],
    ],
    [
      'hangs where nobody has a line manager',
      [step([{ kind: 'line-manager' }])],
      { lines: [] },
      ['1.0 nobody'],
    ],
    [
      'hangs where nobody manages the place',
      [step([{ kind: 'managers' }])],
      { managers: [] },
      ['1.0 nobody'],
    ],
    ['goes on by whoever is there of several', [step([finance, people('ann')])], { finance: [] }, []],
    ['asks two of two', [step([people('ann', 'bob')], twoOf)], {}, []],
    ['asks two of one', [step([people('ann')], twoOf)], {}, ['1.0 too-few']],
    [
      'asks two, and one of them has gone',
      [step([people('ann', 'bob')], twoOf)],
      { gone: ['bob'] },
      ['1.0 too-few'],
    ],
    ['counts nobody twice', [step([people('fay'), finance], twoOf)], { finance: ['fay'] }, ['1.0 too-few']],
    ['has one line manager a request', [step([{ kind: 'line-manager' }], twoOf)], {}, ['1.0 too-few']],
    [
      'asks a line manager and somebody else',
      [step([{ kind: 'line-manager' }, people('ann')], twoOf)],
      {},
      [],
    ],
    ['counts those asked later, too', [step([people('ann')], { ...twoOf, ...then(finance) })], {}, []],
    ['counts managers', [step([{ kind: 'managers' }], twoOf)], { managers: ['mara'] }, ['1.0 too-few']],
    ['asks all of however many', [step([finance], { quorum: 'all' })], {}, []],
  ];
  it.each(cases)('%s', (_, steps, there, expected) => {
    expect(all(steps, there)).toEqual(expected);
  });
});

describe('an escalation', () => {
  const cases: [string, Step[], There, string[]][] = [
    ['asks somebody else', [step([people('ann')], then(people('bob')))], {}, []],
    ['asks the same again', [step([people('ann')], then(people('ann')))], {}, ['1.1 circle']],
    ['asks them by another name', [step([finance], then(people('fay')))], {}, ['1.1 circle']],
    ['asks them and somebody else', [step([finance], then(people('fay', 'ann')))], {}, []],
    [
      'goes to somebody who has gone',
      [step([finance], then(people('ann')))],
      { gone: ['ann'] },
      ['1.1 nobody'],
    ],
    [
      'goes in a circle',
      [
        step([people('ann')], {
          escalation: [
            { approvers: [finance], due: hour },
            { approvers: [people('ann')], due: hour },
          ],
        }),
      ],
      {},
      ['1.2 circle'],
    ],
    [
      'may go to a level above with the same people there today',
      [step([{ kind: 'managers' }], then({ kind: 'level-above' }))],
      {},
      [],
    ],
  ];
  it.each(cases)('%s', (_, steps, there, expected) => {
    expect(all(steps, there)).toEqual(expected);
  });
});

it('says in words what would hang, and how many are asked for', () => {
  const [first] = hangs([step([people('ann')], twoOf)], who({}));
  expect(first).toMatchObject({
    needed: 2,
    problem: 'it asks for 2 different people, and only 1 of those named can decide',
  });
  const [group] = hangs([step([finance, people('ann')])], who({ finance: [], gone: ['ann'] }));
  expect(group).toMatchObject({ problem: 'nobody is in Finance, and none of them is here' });
});
