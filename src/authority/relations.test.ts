// Long, as a list is: each relation with everything that a chain below it means.
import { describe, expect, it } from 'vitest';
import {
  always,
  chainFrom,
  day,
  factsOf,
  type Given,
  now,
  root,
  some,
} from '../../test/harness/small-world.ts';
import { chainIn, type Stander, whereRelated } from './chain.ts';
import { decide, missingAnywhere } from './decide.ts';
import { type Chain, type Link, reportsCover, scopeCovers, stopOf, type Target } from './delegation.ts';
import type { Actor, Facts } from './facts.ts';
import { type Holder, holderOf, nearestFirst } from './holders.ts';
import { reach } from './reach.ts';
import { regionsOf, regionWithin } from './region.ts';
import { isSelf, selvesOf } from './self.ts';

const everything: Given = {
  permissions: [...some, 'request.decide'],
  scope: [{ places: [{ id: '', path: 'r.1', below: true }] }],
  entitlements: { all: true },
  mayPassOn: 5,
  state: 'active',
  ...always,
};
const link = (change: Partial<Given> = {}): Given => ({ ...everything, ...change });
const at = (path: string, below = true) => ({ id: '', path, below });

const stander = (membershipId: string, change: Partial<Stander> = {}): Stander => ({
  membershipId,
  userId: membershipId,
  path: 'r.1.1',
  stands: true,
  hasReports: false,
  guardianOf: [],
  ...change,
});
const actorAt = (facts: Facts, membershipId: string): Facts => ({
  ...facts,
  actor: { ...facts.actor, membershipId } as Actor,
});
const withStanders = (facts: Facts, ...standers: Stander[]): Facts => ({
  ...facts,
  standers: new Map(standers.map((one) => [one.membershipId, one])),
});
/** The held link of a chain becomes one that a relation holds. */
const related = (chain: Chain, relation: Link['relation'], relationPath = 'r.1', index = 0): Chain =>
  chain.map((one, place) =>
    place === index
      ? {
          ...one,
          delegateKind: 'relation' as const,
          delegateUserId: null,
          delegateMembershipId: null,
          delegateOrganizationId: 'o',
          relation,
          relationPath,
        }
      : one,
  );

describe('where somebody stands in a relation', () => {
  const where = (relation: Link['relation'], who: Partial<Stander>, facts = factsOf([])) =>
    whereRelated(
      withStanders(facts, stander('m', who)),
      { relation, relationPath: 'r.1', delegateOrganizationId: 'o' },
      'm',
    )?.map(({ place }) => [place.path, place.below]);

  it.each<[string, Link['relation'], Partial<Stander>, [string, boolean][] | undefined]>([
    ['a member, in their own organization', 'members', {}, [['r.1.1', false]]],
    ['a member of the organization itself', 'members', { path: 'r.1' }, [['r.1', false]]],
    ['nobody from a look-alike', 'members', { path: 'r.10' }, []],
    ['nobody who does not stand', 'members', { stands: false }, undefined],
    ['a line manager', 'line-managers', { hasReports: true }, [['r.1.1', false]]],
    ['nobody without reports', 'line-managers', {}, undefined],
    [
      'a guardian, in each household there and below',
      'guardians',
      { guardianOf: ['r.1.5', 'r.2'] },
      [['r.1.5', true]],
    ],
  ])('%s', (_, relation, who, expected) => expect(where(relation, who)).toEqual(expected));

  it('is nowhere for whoever is not known, or has no membership', () => {
    const of = { relation: 'members', relationPath: 'r.1', delegateOrganizationId: 'o' } as const;
    expect(whereRelated(withStanders(factsOf([]), stander('x')), of, 'm')).toBeUndefined();
    expect(whereRelated(withStanders(factsOf([]), stander('x')), of, null)).toBeUndefined();
  });

  const manages = (chain: Chain) => where('managers', {}, factsOf([chain]));
  const held = (change: Partial<Given> = {}, more: Partial<Link> = {}) =>
    manages(
      chainFrom([link(change)], []).map((one, index): Link => (index === 0 ? { ...one, ...more } : one)),
    );
  it('is, for a manager, where links of their own reach that let them invite people', () => {
    expect(held()).toEqual([['r.1', true]]);
    expect(held({ scope: [{ places: [at('r.1.2')] }, { places: [at('r.10')] }] })).toEqual([['r.1.2', true]]);
    expect(held({ permissions: ['user.read'] })).toEqual([]);
    expect(held({ state: 'paused' })).toEqual([]);
    expect(held({}, { delegateMembershipId: 'other' })).toEqual([]);
    expect(held({}, { delegateKind: 'client' })).toEqual([]);
    expect(held({}, { kind: 'approve' })).toEqual([]);
    expect(held({ scope: [{ places: [at('r.1')], users: ['ann'] }] })).toEqual([]);
    expect(held({ scope: [{ places: [at('r.1')], reports: { of: 'h1', depth: 'all' } }] })).toEqual([]);
    // Of the whole instance somebody is no manager "of" one part of it.
    expect(held({ scope: [{ places: [at('r')] }] })).toEqual([]);
  });
  it('is never read from a relation, or it would feed itself', () => {
    expect(manages(related(chainFrom([link(), link()], []), 'members', 'r.1', 1))).toEqual([]);
    expect(manages(related(chainFrom([link()], []), 'managers'))).toEqual([]);
  });
});

describe('a link that a relation holds', () => {
  const target = (path: string, userId?: string, line?: string[]): Target => ({
    kind: 'thing',
    id: null,
    organizationId: '',
    path,
    off: false,
    userId,
    line,
  });
  const may = (facts: Facts, to: Target, permission: 'user.read' | 'request.decide' = 'user.read') =>
    decide(facts, permission, to).effect === 'permit';

  it('reaches, "where the relation holds", only there, less what is taken out', () => {
    const scope = [{ places: [at('r.1')], where: 'relation' as const, holes: [at('r.1.1.1')] }];
    const chain = related(chainFrom([link({ scope })], []), 'guardians');
    const facts = withStanders(factsOf([chain]), stander('m', { guardianOf: ['r.1.1'] }));
    expect(['r.1', 'r.1.1', 'r.1.1.2', 'r.1.1.1', 'r.1.2'].map((path) => may(facts, target(path)))).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
    const elsewhere = related(
      chainFrom([link({ scope: [{ places: [at('r.2')], where: 'relation' }] })], []),
      'guardians',
    );
    const there = withStanders(factsOf([elsewhere]), stander('m', { guardianOf: ['r.1.1'] }));
    expect(may(there, target('r.2'))).toBe(false);
    expect(may(there, target('r.1.1'))).toBe(false);
    const anywhere = related(chainFrom([link({ scope: [{ where: 'relation' }] })], []), 'guardians');
    expect(
      may(withStanders(factsOf([anywhere]), stander('m', { guardianOf: ['r.1.1'] })), target('r.1.1')),
    ).toBe(true);
  });

  it('means the own reports of whoever uses it', () => {
    const scope = [{ reports: { depth: 'direct' as const } }];
    const chain = related(chainFrom([link({ scope })], []), 'line-managers');
    const facts = withStanders(
      factsOf([chain]),
      stander('m', { hasReports: true }),
      stander('x', { hasReports: true }),
    );
    const report = target('r.1.2', 'ann', ['x']);
    expect(may(facts, report)).toBe(false);
    // Two people's facts may share their links.
    expect(may(actorAt(facts, 'x'), report)).toBe(true);
    expect(may(facts, report)).toBe(false);
    expect(may(facts, target('r.1.2', 'ann', ['m']))).toBe(true);
    expect(may(facts, target('r.1.2', 'actor', ['m']))).toBe(false);
  });

  it('stops with the relation, and says so, not that the place is wrong', () => {
    const chain = related(
      chainFrom([link({ scope: [{ places: [at('r.1')], where: 'relation' }] })], []),
      'line-managers',
    );
    const facts = withStanders(factsOf([chain]), stander('m'));
    const decision = decide(facts, 'user.read', target('r.1.1'));
    expect(decision.effect === 'deny' && decision.because).toMatchObject({
      piece: 'link',
      stop: { reason: 'lapsed' },
    });
    const none = withStanders(factsOf([related(chainFrom([link()], []), 'members', 'r.2')]), stander('m'));
    expect(stopOf(chainIn(none, none.held[0]!), now)?.reason).toBe('lapsed');
  });

  it('carries what hangs below it only while its giver stands in it', () => {
    const chain = related(chainFrom([link(), link()], []), 'members', 'r.1', 1).map(
      (one, index): Link => (index === 0 ? { ...one, giverMembershipId: 'giver' } : one),
    );
    const given = (giver: Partial<Stander>) =>
      may(withStanders(factsOf([chain]), stander('giver', giver)), target('r.1.1'));
    expect([given({}), given({ path: 'r.2' }), given({ stands: false })]).toEqual([true, false, false]);
    // That the actor stands in it helps nothing.
    expect(may(withStanders(factsOf([chain]), stander('m')), target('r.1.1'))).toBe(false);
    const reports = related(
      chainFrom([link({ scope: [{ reports: { depth: 'all' } }] }), link()], []),
      'line-managers',
      'r.1',
      1,
    ).map((one, index): Link => (index === 0 ? { ...one, giverMembershipId: 'giver' } : one));
    const facts = withStanders(factsOf([reports]), stander('giver', { hasReports: true }));
    expect(may(facts, target('r.1.1', 'ann', ['giver']))).toBe(true);
    expect(may(facts, target('r.1.1', 'ann', ['m']))).toBe(false);
  });

  it('is nobody\u2019s own reports where a machine holds it', () => {
    const chain = chainFrom([link({ scope: [{ reports: { depth: 'all' } }] })], []).map(
      (one, index): Link =>
        index === 0 ? { ...one, delegateKind: 'client', delegateMembershipId: null } : one,
    );
    expect(regionsOf(chainIn(factsOf([chain]), chain[0]!))).toEqual([]);
  });
});

describe('what was not settled', () => {
  const [bare] = chainFrom([link()], []) as [Link];
  const spot = { path: 'r.1', userId: 'ann', line: ['m'], off: false };
  it('reaches nobody', () => {
    expect(scopeCovers(bare, spot, false)).toBe(true);
    expect(scopeCovers({ ...bare, scope: [{ places: [at('r.1')], where: 'relation' }] }, spot, true)).toBe(
      false,
    );
    expect(scopeCovers({ ...bare, scope: [{ reports: { depth: 'all' } }] }, spot, true)).toBe(false);
    expect(regionsOf([{ ...bare, scope: [{ places: [at('r.1')], where: 'relation' }] }])).toEqual([]);
    expect(regionsOf([{ ...bare, scope: [{ reports: { depth: 'all' } }] }])).toEqual([]);
  });
  it('is apart from what is off: only reading and reopening reach that', () => {
    expect(scopeCovers(bare, { ...spot, off: true }, false)).toBe(false);
    expect(scopeCovers(bare, { ...spot, off: true }, true)).toBe(true);
  });
  it.each<[boolean, Parameters<typeof reportsCover>[0], string | undefined, string[] | undefined]>([
    [true, { of: 'h', depth: 'all' }, 'ann', ['x', 'h']],
    [false, { of: 'h', depth: 'direct' }, 'ann', ['x', 'h']],
    [true, { of: 'h', depth: 'direct' }, 'ann', ['h', 'x']],
    [false, { depth: 'all' }, 'ann', ['h']],
    [false, { depth: 'direct' }, 'ann', []],
    [false, { of: 'h', depth: 'all' }, undefined, ['h']],
    [false, { of: 'h', depth: 'all' }, 'ann', undefined],
    [false, { of: 'h', depth: 'all', except: 'ann' }, 'ann', ['h']],
    [true, { of: 'h', depth: 'all', except: 'bob' }, 'ann', ['h']],
  ])('%s: reports %o hold %s with %o above', (expected, reports, userId, line) =>
    expect(reportsCover(reports, { path: 'r', userId, line, off: false })).toBe(expected),
  );
  it('has nothing to do with the root row, which nothing stops', () => {
    const chain = chainFrom([link()], []).map(
      (one): Link => (one.delegateKind === 'root' ? { ...root, state: 'ended' } : one),
    );
    expect(stopOf(chain, now)).toBeUndefined();
  });
});

describe('a deputy', () => {
  const parts = { id: 'viewer', applicationId: 'parts' };
  const notes = { id: 'reader', applicationId: 'notes' };
  const deputyOf = (giverLinks: Given[], named: Partial<Given>): Facts => {
    const giver = actorAt(factsOf([chainFrom(giverLinks, [], 'g', 'giver')]), 'giver');
    const [own] = chainFrom([link(named)], [], 'd') as [Link];
    return { ...factsOf([]), deputyFor: [{ link: { ...own, kind: 'approve' }, giver }] };
  };
  const to = (path: string, entitlement?: Target['entitlement'], off = false): Target => ({
    kind: 'request',
    id: null,
    organizationId: '',
    path,
    off,
    entitlement,
  });
  const facts = deputyOf([link()], {
    scope: [{ places: [at('r.1.1')] }],
    entitlements: { applications: ['parts'], entitlements: [] },
  });

  it('decides what the giver may, within what they were named for, and does nothing else', () => {
    const may = (target: Target, permission: 'request.decide' | 'user.read' = 'request.decide') =>
      decide(facts, permission, target).effect === 'permit';
    expect(may(to('r.1.1', parts))).toBe(true);
    expect(may(to('r.1.1'))).toBe(true);
    expect(may(to('r.1.1', notes))).toBe(false);
    expect(may(to('r.1.2', parts))).toBe(false);
    expect(may(to('r.1.1', parts), 'user.read')).toBe(false);
    expect(may(to('r.1.1', parts, true))).toBe(false);
    const poor = deputyOf([link({ permissions: ['user.read'] })], {});
    expect(decide(poor, 'request.decide', to('r.1.1')).effect).toBe('deny');
    const decision = decide(facts, 'request.decide', to('r.1.1', parts));
    expect(decision.effect === 'permit' && decision.because.map(({ id }) => id)).toEqual([
      'd0',
      'g0',
      'root',
    ]);
  });

  it('is looked for among several', () => {
    const two: Facts = {
      ...facts,
      deputyFor: [...deputyOf([link()], { scope: [{ places: [at('r.2')] }] }).deputyFor, ...facts.deputyFor],
    };
    expect(decide(two, 'request.decide', to('r.1.1', parts)).effect).toBe('permit');
  });

  it('reaches the same, and nothing by another permission', () => {
    expect(reach(facts, 'request.decide').regions.map(({ place }) => place.path)).toEqual(['r.1.1']);
    expect(reach(facts, 'user.read').regions).toEqual([]);
  });
});

describe('what is said to be missing', () => {
  const chainOf = (change: Partial<Given>, prefix: string) => chainFrom([link(), link(change)], [], prefix);
  const to: Target = { kind: 'thing', id: null, organizationId: '', path: 'r.1.1', off: false };
  const missing = (...chains: Chain[]) => {
    const decision = decide(factsOf(chains), 'user.read', to);
    return decision.effect === 'deny' ? decision.because : undefined;
  };
  const poor = chainOf({ permissions: ['user.invite'] }, 'a');
  const elsewhere = chainOf({ scope: [{ places: [at('r.1.2')] }] }, 'b');
  const [paused, ended] = [chainOf({ state: 'paused' }, 'c'), chainOf({ endsAt: day(1) }, 'd')];

  it('is the nearest to a permit, of whichever delegation; of two alike the first', () => {
    expect(missing()?.piece).toBe('delegation');
    expect(missing(poor)?.piece).toBe('permission');
    expect(missing(poor, elsewhere)?.piece).toBe('place');
    expect(missing(elsewhere, poor)?.piece).toBe('place');
    expect(missing(elsewhere, paused)?.piece).toBe('link');
    expect(missing(paused, ended)).toMatchObject({ held: { id: 'c1' } });
    expect(missing(ended, paused)).toMatchObject({ held: { id: 'd1' } });
  });

  it('is, for a list, the nearest thing of all delegations', () => {
    const exception = {
      id: 'x',
      place: at('r'),
      permissions: [],
      applicationId: null,
      entitlementId: null,
      userId: null,
      free: [],
      ...always,
    };
    const anywhere = (facts: Facts) => missingAnywhere(facts, 'user.read');
    expect(anywhere({ ...factsOf([paused]), noStanding: 'left' })).toEqual({
      piece: 'standing',
      reason: 'left',
    });
    expect(anywhere(factsOf([])).piece).toBe('delegation');
    expect(anywhere(factsOf([poor])).piece).toBe('permission');
    expect(anywhere(factsOf([poor], now, [exception])).piece).toBe('permission');
    expect(anywhere(factsOf([poor, paused]))).toMatchObject({ piece: 'link', held: { id: 'c1' } });
    expect(anywhere(factsOf([paused, poor]))).toMatchObject({ piece: 'link', held: { id: 'c1' } });
    expect(anywhere(factsOf([paused, ended]))).toMatchObject({ held: { id: 'c1' } });
    expect(anywhere(factsOf([paused], now, [exception])).piece).toBe('link');
    expect(anywhere(factsOf([elsewhere], now, [exception])).piece).toBe('exception');
  });
});

describe('who may do something', () => {
  const holder = (displayName: string, ...places: string[]): Holder => ({
    userId: displayName,
    membershipId: displayName,
    displayName,
    organizationId: '',
    path: '',
    canSignIn: true,
    because: chainFrom(
      [link({ scope: [{ users: ['ann'] }, { places: places.map((path) => at(path)) }] })],
      [],
    ),
    exceptions: [],
  });
  it('is listed from the nearest, and then by name', () => {
    const all = [
      holder('Zoe', 'r'),
      holder('Bo', 'r.1'),
      holder('Al', 'r', 'r.1'),
      holder('Cy'),
      holder('Di', 'r.1.1'),
    ];
    expect(nearestFirst(all).map(({ displayName }) => displayName)).toEqual(['Di', 'Al', 'Bo', 'Zoe', 'Cy']);
  });
  it('is a person in a membership', () => {
    const chain = chainFrom([link()], []);
    const of = (actor: Actor) => holderOf({ facts: { ...factsOf([chain]), actor }, canSignIn: true }, chain);
    const { actor } = factsOf([]);
    expect(of(actor)).toHaveLength(1);
    expect(of({ ...actor, membershipId: null } as Actor)).toEqual([]);
    expect(of({ kind: 'client', clientId: 'c', name: '', organizationId: '', path: 'r' })).toEqual([]);
    expect(
      of({
        kind: 'client',
        clientId: 'c',
        name: '',
        organizationId: '',
        path: 'r',
        membershipId: 'm',
      } as Actor),
    ).toEqual([]);
  });
});

describe('one region within another', () => {
  const region = (change: object = {}) => ({
    place: at('r.1'),
    holes: [],
    users: undefined,
    reports: [],
    ...change,
  });
  const out = (path: string, userId: string) => ({ without: [{ place: at(path), userId }] });
  it.each<[boolean, object, object]>([
    [true, {}, {}],
    [false, {}, { holes: [at('r.1.1')] }],
    [true, {}, { holes: [at('r.2')] }],
    [true, { holes: [at('r.1.1')] }, { holes: [at('r.1.1.1')] }],
    [false, { holes: [at('r.1.2')] }, { holes: [at('r.1.1')] }],
    [true, { holes: [at('r.1.2'), at('r.1.1')] }, { holes: [at('r.1.1')] }],
    [false, {}, { users: ['ann'] }],
    [true, { users: ['ann'] }, { users: ['ann', 'bob'] }],
    [false, { users: ['ann', 'cem'] }, { users: ['ann', 'bob'] }],
    [false, {}, { reports: [{ of: 'h', depth: 'all' }] }],
    [true, { reports: [{ of: 'h', depth: 'direct' }] }, { reports: [{ of: 'h', depth: 'all' }] }],
    [false, { reports: [{ of: 'h', depth: 'all' }] }, { reports: [{ of: 'h', depth: 'direct' }] }],
    [false, { reports: [{ of: 'x', depth: 'all' }] }, { reports: [{ of: 'h', depth: 'all' }] }],
    [
      true,
      {
        reports: [
          { of: 'x', depth: 'all' },
          { of: 'h', depth: 'all' },
        ],
      },
      { reports: [{ of: 'h', depth: 'all' }] },
    ],
    [false, {}, out('r.1', 'ann')],
    [true, out('r.1', 'ann'), out('r.1', 'ann')],
    [true, out('r.1', 'ann'), out('r.1.1', 'ann')],
    [false, out('r.1.1', 'ann'), out('r.1', 'ann')],
    [false, out('r.1', 'bob'), out('r.1', 'ann')],
    [true, { without: [...out('r.1', 'bob').without, ...out('r.1', 'ann').without] }, out('r.1', 'ann')],
  ])('%s: %o in %o', (expected, inner, outer) =>
    expect(regionWithin(region(inner), region(outer))).toBe(expected),
  );

  it('is not listed twice', () => {
    const chain = (path: string, prefix: string) =>
      chainFrom([link({ scope: [{ places: [at(path)] }] })], [], prefix);
    const paths = (...chains: Chain[]) =>
      reach(factsOf(chains), 'user.read').regions.map(({ place }) => place.path);
    expect(paths(chain('r.1', 'a'), chain('r.1', 'b'))).toEqual(['r.1']);
    expect(paths(chain('r.1', 'a'), chain('r.1.1', 'b'))).toEqual(['r.1']);
    expect(paths(chain('r.1.1', 'a'), chain('r.1', 'b'))).toEqual(['r.1']);
    expect(paths(chain('r.1', 'a'), chain('r.2', 'b'), chain('r.2', 'c'))).toEqual(['r.1', 'r.2']);
  });
});

describe('who acts when somebody does', () => {
  const person = factsOf([]);
  const key = (...givers: (string | null)[]): Facts => ({
    ...factsOf(
      givers.map((giverUserId, index) =>
        chainFrom([link()], [], `k${index}`).map((one) => ({ ...one, giverUserId })),
      ),
    ),
    actor: { kind: 'client', clientId: 'c', name: '', organizationId: '', path: 'r' },
  });
  it('is the person, or whoever gave a key what it may do', () => {
    expect(selvesOf(person)).toEqual(['actor']);
    expect(selvesOf(key('ann', null, 'bob'))).toEqual(['ann', 'bob']);
    expect(selvesOf({ ...key('ann'), actor: { kind: 'system' } })).toEqual([]);
    expect(isSelf(person, 'actor')).toBe(true);
    expect(isSelf(person, 'ann')).toBe(false);
    expect(isSelf(key('ann'), 'ann')).toBe(true);
    expect([isSelf(person, null), isSelf(person, undefined)]).toEqual([false, false]);
  });
});
