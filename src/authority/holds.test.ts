import { describe, expect, it } from 'vitest';
import { always, chainFrom, day, type Given, now, some } from '../../test/harness/small-world.ts';
import { gainedByRules } from './access-rule-gains.ts';
import { Ceilings, ceilingsFrom, type HoldingRow, type StandingRow, toHolding } from './holds.ts';

const viewer = { id: 'viewer', applicationId: 'parts' };
const reader = { id: 'reader', applicationId: 'notes' };
const standing = (path: string, change: Partial<Given> = {}) => ({
  path,
  chain: chainFrom(
    [
      {
        permissions: some,
        scope: [{ places: [{ id: '', path, below: true }] }],
        entitlements: { applications: ['parts'], entitlements: [] },
        mayPassOn: 5,
        state: 'active',
        ...always,
        ...change,
      },
    ],
    [],
    path,
  ),
});

describe('the ceiling of an organization', () => {
  const reason = (ceilings: Ceilings, path: string, entitlement = viewer) => {
    const answer = ceilings.allows(path, entitlement);
    return answer.allowed ? 'allowed' : answer.reason;
  };

  it('is that of the nearest above that ever had one', () => {
    const two = new Ceilings(now, [
      standing('r.1'),
      standing('r.1.1', { entitlements: { applications: ['notes'], entitlements: [] } }),
    ]);
    expect(reason(two, 'r.1.2')).toBe('allowed');
    expect(reason(two, 'r.1.1.1')).toBe('outside');
    expect(reason(two, 'r.1.1.1', reader)).toBe('allowed');
    expect(reason(two, 'r.10')).toBe('allowed');
    expect(two.standingOf('r.10')).toEqual([]);
    const turned = new Ceilings(now, [
      standing('r.1.1', { entitlements: { applications: ['notes'], entitlements: [] } }),
      standing('r.1'),
    ]);
    expect(reason(turned, 'r.1.1.1')).toBe('outside');
  });

  it('lets nothing through while it is not in force, and what any of several lists', () => {
    const paused = standing('r.1', { state: 'paused' });
    expect(reason(new Ceilings(now, [paused]), 'r.1')).toBe('stopped');
    expect(reason(new Ceilings(now, [paused, standing('r.1')]), 'r.1')).toBe('allowed');
    expect(reason(new Ceilings(now, [standing('r.1'), paused]), 'r.1', reader)).toBe('outside');
    expect(reason(new Ceilings(now, [paused, standing('r.1')]), 'r.1', reader)).toBe('outside');
    const dated = new Ceilings(now, [standing('r.1', { endsAt: day(20) })]);
    expect(dated.allows('r.1', viewer).allowed).toBe(true);
    expect(dated.allows('r.1', viewer, day(20)).allowed).toBe(false);
    const off = chainFrom([{ ...paused.chain[0]!, state: 'active' }], ['r.1'], 'off');
    expect(reason(new Ceilings(now, [{ path: 'r.1', chain: off }]), 'r.1')).toBe('outside');
  });

  it('holds where its link reaches, also what is off now', () => {
    const elsewhere = standing('r.1', { scope: [{ places: [{ id: '', path: 'r.1.2', below: true }] }] });
    expect(reason(new Ceilings(now, [elsewhere]), 'r.1.2')).toBe('allowed');
    expect(reason(new Ceilings(now, [elsewhere]), 'r.1.1')).toBe('outside');
  });

  it('of a rule is that of where it stands, and the person’s own', () => {
    const ceilings = new Ceilings(now, [standing('r.1'), standing('r.1.1', { entitlements: { all: true } })]);
    expect(ceilings.ofRule('r.1.1', null, reader).allowed).toBe(true);
    expect(ceilings.ofRule('r.1.1', 'r.1', reader).allowed).toBe(false);
    expect(ceilings.ofRule('r.1.1', 'r.1', viewer).allowed).toBe(true);
    expect(ceilings.ofRule('r.1', 'r.1.1', reader).allowed).toBe(false);
  });
});

describe('the links that are ceilings', () => {
  const row = (
    id: string,
    standingPath: string | null,
    places: string[],
    above: string[] = ['root'],
  ): StandingRow => {
    const [link] = standing(places[0] ?? '', {
      scope: [{ users: ['ann'] }, { places: places.map((path) => ({ id: '', path, below: true })) }],
    }).chain as [(typeof top)[0]];
    return {
      ...link,
      id,
      chain: above,
      standingPath,
      startsAt: '-infinity',
      endsAt: 'infinity',
      endedAt: null,
    };
  };
  const top = standing('r').chain;
  const rootRow: StandingRow = {
    ...top[1]!,
    standingPath: null,
    startsAt: '-infinity',
    endsAt: 'infinity',
    endedAt: null,
  };
  const paths = (...rows: StandingRow[]) =>
    ceilingsFrom(now, [rootRow, ...rows]).standing.map(({ path }) => path);

  it('are those of an organization over itself, not over another one that it was given', () => {
    expect(paths(row('a', 'r.1', ['r.1']))).toEqual(['r.1']);
    expect(paths(row('a', 'r.1', ['r.2']))).toEqual([]);
    expect(paths(row('a', 'r.1', ['r.2', 'r.1']))).toEqual(['r.1']);
    expect(paths(row('a', null, ['r.1']))).toEqual([]);
    expect(paths(row('a', 'r.1', ['r.1']), row('b', 'r.1.1', ['r.1.1'], ['a', 'root']))).toEqual([
      'r.1',
      'r.1.1',
    ]);
  });

  it('come with all above them', () => {
    const [, below] = ceilingsFrom(now, [
      rootRow,
      row('a', 'r.1', ['r.1']),
      row('b', 'r.1.1', ['r.1.1'], ['a', 'root']),
    ]).standing;
    expect(below!.chain.map(({ id }) => id)).toEqual(['b', 'a', 'root']);
  });
});

it('what rules give newly is what they gave nowhere before, piece by piece', () => {
  const [at1, at2] = ['r.1', 'r.2'].map((path) => ({ path, entitlement: viewer })) as [never, never];
  const other = { path: 'r.1', entitlement: reader };
  expect(gainedByRules([], [at1])).toEqual([at1]);
  expect(gainedByRules([at1], [at1])).toEqual([]);
  expect(gainedByRules([other, at1], [at1])).toEqual([]);
  expect(gainedByRules([at2], [at1])).toEqual([at1]);
  expect(gainedByRules([other], [at1])).toEqual([at1]);
  expect(gainedByRules([other, at2], [at1, other])).toEqual([at1]);
});

describe('what somebody was given', () => {
  const row = (change: Partial<HoldingRow> = {}): HoldingRow =>
    ({
      assignmentId: 'a',
      membershipId: 'm',
      userId: 'u',
      path: 'r.1',
      entitlementId: 'viewer',
      applicationId: 'parts',
      startsAt: '-infinity',
      endsAt: 'infinity',
      membershipState: 'active',
      memberFrom: '-infinity',
      memberUntil: 'infinity',
      userState: 'active',
      off: false,
      live: true,
      ...change,
    }) as HoldingRow;
  const text = (date: Date): string => date.toISOString();
  const stopped = (change: Partial<HoldingRow>) =>
    toHolding(row(change), new Ceilings(now, [standing('r.1')]), now);

  it.each<[string | undefined, Partial<HoldingRow>]>([
    [undefined, {}],
    ['person', { userState: 'suspended', off: true, live: false }],
    ['membership', { membershipState: 'suspended', off: true }],
    ['membership', { memberFrom: text(day(16)) }],
    [undefined, { memberFrom: text(now) }],
    ['membership', { memberUntil: text(now) }],
    [undefined, { memberUntil: text(day(16)) }],
    ['organization', { off: true, live: false }],
    ['application', { live: false, startsAt: text(day(16)) }],
    ['not-begun', { startsAt: text(day(16)) }],
    [undefined, { startsAt: text(now) }],
    ['ended', { endsAt: text(now), applicationId: 'notes', entitlementId: 'reader' }],
    [undefined, { endsAt: text(day(16)) }],
    ['ceiling', { applicationId: 'notes', entitlementId: 'reader' }],
    [undefined, { rulePath: 'r.1' }],
  ])('%s stops it: %o', (expected, change) => {
    const holding = stopped(change);
    expect(holding.stoppedBy).toBe(expected);
    expect(holding.held).toBe(expected === undefined);
  });
});
