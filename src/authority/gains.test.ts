import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  always,
  applicationOf,
  chainFrom,
  day,
  exceptionIn,
  factsOf,
  type Given,
  given,
  now,
  some,
  targets,
} from '../../test/harness/small-world.ts';
import { chainIn } from './chain.ts';
import { decide } from './decide.ts';
import type { Chain } from './delegation.ts';
import type { Exception } from './exception.ts';
import { gainedByLine, mayPassOn } from './gains.ts';

if (process.env.REMIT_TEST_LONG !== '1') fc.configureGlobal({ seed: 3 });

const settled = (chain: Chain): Chain => chainIn(factsOf([chain]), chain[0]!);
const links = fc.array(given, { minLength: 1, maxLength: 3 });
const everything: Given = {
  permissions: some,
  scope: [{ places: [{ id: '', path: 'r.1', below: true }] }],
  entitlements: { applications: ['parts'], entitlements: [] },
  mayPassOn: 2,
  state: 'active',
  startsAt: always.startsAt,
  endsAt: day(30),
};
const mine = (change: Partial<Given> = {}) => chainFrom([{ ...everything, ...change }], [], 'a');
const theirs = (change: Partial<Given> = {}) =>
  settled(chainFrom([{ ...everything, mayPassOn: 1, ...change }], [], 'b'));

describe('what somebody gains by a fact that was written (ruling 2)', () => {
  it('is nothing that whoever wrote it could not do, as long as it lasts (I01)', () => {
    const exceptions = fc.array(exceptionIn(['a0', 'a1', 'b0', 'b1']), { maxLength: 2 });
    let passed = 0;
    fc.assert(
      fc.property(links, links, exceptions, (own, others, set) => {
        const [doer, gained] = [chainFrom(own, [], 'a'), chainFrom(others, [], 'b')];
        if (!mayPassOn(factsOf([doer], now, set), settled(gained), undefined, applicationOf)) return;
        passed += 1;
        for (const at of [now, day(16), day(20), day(29), day(31)])
          for (const act of some)
            for (const target of targets([]).filter(({ userId }) => userId !== 'actor'))
              if (decide(factsOf([gained], at, set), act, target).effect === 'permit')
                expect(decide(factsOf([doer], at, set), act, target).effect).toBe('permit');
      }),
      { numRuns: process.env.REMIT_TEST_LONG === '1' ? 50_000 : 1_500 },
    );
    expect(passed).toBeGreaterThan(10);
  });

  it.each<[string, boolean, Partial<Given>, Partial<Given>]>([
    ['the same, one level less deep', true, {}, {}],
    ['as deep as the doer has it', false, {}, { mayPassOn: 2 }],
    ['not passed on, by whoever may not pass on', false, { mayPassOn: 0 }, { mayPassOn: 0 }],
    ['a permission that the doer has not', false, {}, { permissions: [...some, 'organization.move'] }],
    ['by a doer who may not appoint', false, { permissions: ['user.read'] }, { permissions: ['user.read'] }],
    ['not passed on, by whoever may pass on once', true, { mayPassOn: 1 }, { mayPassOn: 0 }],
    ['other access', false, {}, { entitlements: { all: true } }],
    [
      'one role of the application',
      true,
      {},
      { entitlements: { applications: [], entitlements: ['viewer'] } },
    ],
    ['ends with the doer', true, {}, { endsAt: day(30) }],
    ['outlasts the doer', false, {}, { endsAt: day(31) }],
    ['elsewhere', false, {}, { scope: [{ places: [{ id: '', path: 'r.10', below: true }] }] }],
    ['the doer is paused', false, { state: 'paused' }, {}],
    ['what is gained is paused, and would be theirs', true, {}, { state: 'paused' }],
    ['what is gained is paused, and more', false, {}, { state: 'paused', endsAt: day(31) }],
  ])('%s: %s', (_, expected, own, other) => {
    expect(mayPassOn(factsOf([mine(own)]), theirs(other), undefined, applicationOf)).toBe(expected);
  });

  it('lasts no longer than they stay', () => {
    const gained = theirs({ endsAt: day(40) });
    const may = (until?: Date) => mayPassOn(factsOf([mine()]), gained, undefined, applicationOf, until);
    expect([may(), may(day(31)), may(day(30)), may(day(20))]).toEqual([false, false, true, true]);
    expect(mayPassOn(factsOf([mine()]), theirs({ endsAt: day(20) }), undefined, applicationOf, day(40))).toBe(
      true,
    );
  });

  it('counts places that are off now: they come back', () => {
    const off = ['r.10'];
    const scope = [{ places: [{ id: '', path: 'r.10', below: true }] }];
    const gained = settled(chainFrom([{ ...everything, mayPassOn: 1, scope }], off, 'b'));
    expect(mayPassOn(factsOf([mine()]), gained, undefined, applicationOf)).toBe(false);
    const own = chainFrom([{ ...everything, scope }], off, 'a');
    expect(mayPassOn(factsOf([own]), gained, undefined, applicationOf)).toBe(true);
  });

  it('comes from one chain that administers, not from two', () => {
    const half = (permissions: string[], prefix: string) =>
      chainFrom([{ ...everything, permissions }], [], prefix);
    const gained = theirs({ permissions: ['user.read', 'user.invite'] });
    const two = factsOf([
      half(['user.read', 'delegation.create'], 'a'),
      half(['user.invite', 'delegation.create'], 'c'),
    ]);
    expect(mayPassOn(two, gained, undefined, applicationOf)).toBe(false);
    const deputy = mine().map((link) => ({ ...link, kind: 'approve' as const }));
    expect(mayPassOn(factsOf([deputy]), gained, undefined, applicationOf)).toBe(false);
  });

  it('is what the whole chain gives, and may come from any one of the doer’s', () => {
    const [wide, narrow] = [
      [...some, 'organization.move'],
      ['user.read', 'user.invite'],
    ];
    const gained = settled(
      chainFrom(
        [
          { ...everything, permissions: narrow, mayPassOn: 9 },
          { ...everything, permissions: wide, mayPassOn: 0 },
        ],
        [],
        'b',
      ),
    );
    expect(mayPassOn(factsOf([mine()]), gained, undefined, applicationOf)).toBe(true);
    const elsewhere = chainFrom([{ ...everything, permissions: ['user.read'] }], [], 'c');
    for (const chains of [
      [mine(), elsewhere],
      [elsewhere, mine()],
    ])
      expect(mayPassOn(factsOf(chains), gained, undefined, applicationOf)).toBe(true);
  });

  it('is asked of these people only, where they are named', () => {
    const person = (path: string, userId = 'ann') => ({ path, userId, line: ['h1'], off: false });
    const gained = theirs({ scope: [{ places: [{ id: '', path: 'r', below: true }] }] });
    const may = (...people: ReturnType<typeof person>[]) =>
      mayPassOn(factsOf([mine()]), gained, people, applicationOf);
    expect(may(person('r.1.1'), person('r.1'))).toBe(true);
    expect(may(person('r.1.1'), person('r.10'))).toBe(false);
    expect(mayPassOn(factsOf([mine()]), gained, undefined, applicationOf)).toBe(false);
    // Somebody whose place is suspended now is reached again later.
    expect(may({ ...person('r.1.1'), off: true })).toBe(true);
  });
});

describe('an exception that binds the doer and not whoever gains', () => {
  const at = (path: string) => ({ id: '', path, below: true });
  const exception = (change: Partial<Exception>): Exception => ({
    id: 'x',
    place: { id: '', path: 'r.1.1', below: true },
    permissions: [],
    applicationId: null,
    entitlementId: null,
    userId: null,
    free: ['b1'],
    ...always,
    ...change,
  });
  /** Below another link, for those whose chain is held from the root are owners. */
  const below = (change: Partial<Given>, prefix: string) =>
    chainFrom(
      [
        { ...everything, mayPassOn: 9 },
        { ...everything, ...change },
      ],
      [],
      prefix,
    );
  const may = (
    change: Partial<Exception>,
    gains: Partial<Given> = {},
    people?: { path: string; userId: string }[],
  ) =>
    mayPassOn(
      factsOf([below({}, 'a')], now, [exception(change)]),
      settled(below({ mayPassOn: 1, ...gains }, 'b')),
      people?.map((one) => ({ ...one, line: undefined, off: false })),
      applicationOf,
    );

  it.each<[string, boolean, Partial<Exception>, Partial<Given>]>([
    ['is in the way', false, {}, {}],
    ['binds whoever gains, too', true, { free: [] }, {}],
    ['leaves the doer free, too', true, { free: ['a1', 'b1'] }, {}],
    ['is over', true, { endsAt: now }, {}],
    ['is still to come', false, { startsAt: day(20) }, {}],
    ['is about another act', true, { permissions: ['organization.move'] }, {}],
    ['is about one of the acts', false, { permissions: ['user.read', 'organization.move'] }, {}],
    [
      'is about an act that is not gained',
      true,
      { permissions: ['user.read'] },
      { permissions: ['user.invite'] },
    ],
    ['is elsewhere', true, { place: { id: '', path: 'r.10', below: true } }, {}],
    ['is about somebody', false, { userId: 'ann' }, {}],
    [
      'is about somebody who is not among those named',
      true,
      { userId: 'ann' },
      { scope: [{ places: [{ id: '', path: 'r.1', below: true }], users: ['bob'] }] },
    ],
    [
      'is about somebody who is among those named',
      false,
      { userId: 'bob' },
      { scope: [{ places: [{ id: '', path: 'r.1', below: true }], users: ['bob'] }] },
    ],
    ['is about an application, and access to it may be given', false, { applicationId: 'parts' }, {}],
    [
      'is about an application, and nothing gained is about access',
      true,
      { applicationId: 'parts' },
      { permissions: ['user.read'] },
    ],
    ['is about another application', true, { applicationId: 'notes' }, {}],
    [
      'is about the application of a role that may be given',
      false,
      { applicationId: 'parts' },
      { entitlements: { applications: [], entitlements: ['viewer'] } },
    ],
    [
      'is about another application than the role’s',
      true,
      { applicationId: 'notes' },
      { entitlements: { applications: [], entitlements: ['viewer'] } },
    ],
    [
      'is about the application of a role nobody knows',
      false,
      { applicationId: 'parts' },
      { entitlements: { applications: [], entitlements: ['reader', 'unknown'] } },
    ],
    ['is about a role of an application that may be given', false, { entitlementId: 'viewer' }, {}],
    ['is about a role of another application', true, { entitlementId: 'reader' }, {}],
    [
      'is about a role that may be given',
      false,
      { entitlementId: 'viewer' },
      { entitlements: { applications: [], entitlements: ['viewer'] } },
    ],
    [
      'is about another role',
      true,
      { entitlementId: 'buyer' },
      { entitlements: { applications: [], entitlements: ['viewer'] } },
    ],
    ['is about a role nobody knows', false, { entitlementId: 'unknown' }, {}],
    [
      'is about a role nobody knows, and only roles may be given',
      true,
      { entitlementId: 'unknown' },
      { entitlements: { applications: [], entitlements: ['viewer'] } },
    ],
  ])('%s: %s', (_, expected, change, gains) => {
    expect(may(change, gains)).toBe(expected);
  });

  it('counts for the people it is about', () => {
    expect(may({ userId: 'ann' }, {}, [{ path: 'r.1.1', userId: 'bob' }])).toBe(true);
    expect(may({ userId: 'ann' }, {}, [{ path: 'r.1.1', userId: 'ann' }])).toBe(false);
    const two = [
      { path: 'r.1.2', userId: 'bob' },
      { path: 'r.1.1', userId: 'bob' },
    ];
    expect(may({}, {}, two)).toBe(false);
    expect(may({}, { scope: [{ places: [at('r.1.2')] }, { places: [at('r.1.1')] }] })).toBe(false);
    expect(may({}, {}, [{ path: 'r.1.2', userId: 'bob' }])).toBe(true);
    expect(may({}, {}, [{ path: 'r.1.1', userId: 'bob' }])).toBe(false);
    expect(may({ applicationId: 'parts' }, {}, [{ path: 'r.1.1', userId: 'bob' }])).toBe(false);
  });

  it('is none for an owner', () => {
    expect(
      mayPassOn(
        factsOf([mine({ mayPassOn: 9 })], now, [exception({})]),
        settled(below({ mayPassOn: 1 }, 'b')),
        undefined,
        applicationOf,
      ),
    ).toBe(true);
  });
});

describe('what those above in a line have more', () => {
  const at = (path: string, line: string[]) => ({ path, userId: 'ann', line, off: false });
  const over = (chain: Chain) => factsOf([chain]);
  const reporting = chainFrom([{ ...everything, scope: [{ reports: { of: 'h1', depth: 'all' } }] }], []);

  it('is the people that a link over reports reaches newly', () => {
    const facts = over(reporting);
    const gained = gainedByLine(
      [facts],
      [facts],
      [at('r.1', []), at('r.1', ['h1'])],
      [at('r.1', ['h1']), at('r.1', ['h1'])],
    );
    expect(gained).toHaveLength(1);
    expect(gained[0]!.people).toEqual([at('r.1', ['h1'])]);
    expect(gainedByLine([facts], [facts], [at('r.1', ['h1'])], [at('r.1', ['h1'])])).toEqual([]);
    expect(gainedByLine([facts], [facts], [at('r.1', ['h1'])], [at('r.1', [])])).toEqual([]);
    // Reports and others: one box of reports is enough.
    const both = over(
      chainFrom(
        [{ ...everything, scope: [{ users: ['bob'] }, { reports: { of: 'h1', depth: 'all' } }] }],
        [],
      ),
    );
    expect(gainedByLine([both], [both], [at('r.1', [])], [at('r.1', ['h1'])])).toHaveLength(1);
    // What is off now is reached again later, and was before.
    const isOff = (line: string[]) => ({ ...at('r.1', line), off: true });
    expect(gainedByLine([facts], [facts], [isOff([])], [isOff(['h1'])])).toHaveLength(1);
    expect(gainedByLine([facts], [facts], [isOff(['h1'])], [isOff(['h1'])])).toEqual([]);
    // Who held nothing before has all of it anew.
    expect(gainedByLine([], [facts], [at('r.1', ['h1'])], [at('r.1', ['h1'])])).toHaveLength(1);
    const other = { ...facts, actor: { ...facts.actor, membershipId: 'other' } as never };
    expect(gainedByLine([other], [facts], [at('r.1', ['h1'])], [at('r.1', ['h1'])])).toHaveLength(1);
  });

  it('is all of a link that they hold only since, and nothing of one they had', () => {
    const facts = over(mine());
    expect(gainedByLine([facts], [facts], [], [])).toEqual([]);
    const [gain] = gainedByLine([{ ...facts, held: [] }], [facts], [], []);
    expect(gain!.people).toBeUndefined();
    expect(gain!.chain[0]!.id).toBe(mine()[0]!.id);
  });
});
