// Long, as a list is: one part for each law of authority, over the same random chains.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  always,
  applicationOf,
  chainFrom,
  day,
  deepEnough,
  entitlements,
  exceptionIn,
  factsOf,
  type Given,
  given,
  isReport,
  naive,
  naiveDeny,
  now,
  off,
  paths,
  root,
  some,
  targets,
} from '../../test/harness/small-world.ts';
import { chainIn } from './chain.ts';
import { decide } from './decide.ts';
import { type Chain, type EntitlementRef, type Link, stopOf, type Target } from './delegation.ts';
import type { Facts } from './facts.ts';
import type { Permission } from './permissions.ts';
import { isAtOrBelow } from './place.ts';
import { dominates, type Power } from './power.ts';
import { reach } from './reach.ts';
import { excessOver, type Proposal, passingOnLeft } from './within.ts';

/**
 * The laws that hold for every world, tried on small ones that are full of look-alikes. A long file: one law after the other,
 * by the same few generators.
 */
const long = process.env.REMIT_TEST_LONG === '1';
const runs = { numRuns: long ? 20_000 : 500 };
// The same worlds every time in the short run: what is red once is red again.
if (!long) fc.configureGlobal({ seed: 3 });

const chainOfLinks = fc.array(given, { minLength: 1, maxLength: 3 });
const permission = fc.constantFrom(...some);
const permits = (facts: Facts, act: Permission, target: Target): boolean =>
  decide(facts, act, target).effect === 'permit';

describe('a chain gives the intersection of its links', () => {
  it('permits what each of its links would, and nothing else', () => {
    fc.assert(
      fc.property(chainOfLinks, off, permission, (links, offs, act) => {
        const chain = chainFrom(links, offs);
        for (const target of targets(offs))
          expect(permits(factsOf([chain]), act, target)).toBe(
            deepEnough(chain) && chain.every((link) => naive(link, act, target, now)),
          );
      }),
      runs,
    );
  });

  it('never gives more than the link above it (I04), whatever the one below says', () => {
    fc.assert(
      fc.property(chainOfLinks, given, off, permission, (links, child, offs, act) => {
        const above = factsOf([chainFrom(links, offs)]);
        const below = factsOf([chainFrom([...links, child], offs)]);
        for (const target of targets(offs))
          if (permits(below, act, target)) expect(permits(above, act, target)).toBe(true);
      }),
      runs,
    );
  });

  it('gives no more after any link of it was narrowed, paused or ended (I14)', () => {
    const change = fc.constantFrom<(link: Given) => Given>(
      (link) => ({ ...link, state: 'ended' }),
      (link) => ({ ...link, state: 'paused' }),
      (link) => ({ ...link, permissions: link.permissions.slice(1) }),
      (link) => ({ ...link, entitlements: { applications: [], entitlements: [] } }),
      (link) => ({ ...link, mayPassOn: 0 }),
      (link) => ({ ...link, endsAt: now }),
      (link) => ({
        ...link,
        scope: link.scope.map((one) => ({
          ...one,
          holes: [...(one.holes ?? []), { id: '', path: 'r.1', below: true }],
        })),
      }),
    );
    fc.assert(
      fc.property(chainOfLinks, fc.nat(2), change, off, permission, (links, at, narrow, offs, act) => {
        const narrowed = links.map((link, index) => (index === at % links.length ? narrow(link) : link));
        const before = factsOf([chainFrom(links, offs)]);
        const after = factsOf([chainFrom(narrowed, offs)]);
        for (const target of targets(offs))
          if (permits(after, act, target)) expect(permits(before, act, target)).toBe(true);
      }),
      runs,
    );
  });

  it('comes from one delegation: two do not add up within one act', () => {
    fc.assert(
      fc.property(chainOfLinks, chainOfLinks, off, permission, (one, other, offs, act) => {
        const chains = [chainFrom(one, offs, 'a'), chainFrom(other, offs, 'b')];
        const both = factsOf(chains);
        for (const target of targets(offs))
          expect(permits(both, act, target)).toBe(
            chains.some((chain) => permits(factsOf([chain]), act, target)),
          );
      }),
      runs,
    );
  });

  it('is the same in whatever order it was loaded (I11)', () => {
    fc.assert(
      fc.property(chainOfLinks, chainOfLinks, off, permission, (one, other, offs, act) => {
        const chains = [chainFrom(one, offs, 'a'), chainFrom(other, offs, 'b')];
        const turned: Facts = {
          ...factsOf([...chains].reverse()),
          links: new Map([...factsOf(chains).links].reverse()),
        };
        for (const target of targets(offs))
          expect(permits(turned, act, target)).toBe(permits(factsOf(chains), act, target));
      }),
      { numRuns: 200 },
    );
  });
});

describe('what stops a chain', () => {
  it('is the highest stopped link, and nothing else stops it', () => {
    fc.assert(
      fc.property(chainOfLinks, (links) => {
        const chain = chainFrom(links, []);
        const stopped = (link: Link): boolean =>
          link.delegateKind !== 'root' &&
          (link.state !== 'active' ||
            link.lapsed === true ||
            now < link.startsAt ||
            now >= link.endsAt ||
            link.mayPassOn < chain.indexOf(link));
        const highest = chain.findLast(stopped);
        expect(stopOf(chain, now)?.link?.id).toBe(highest?.id);
      }),
      runs,
    );
  });

  it('is also a missing ancestor, and a chain that does not end at the root', () => {
    fc.assert(
      fc.property(chainOfLinks, fc.nat(3), (links, at) => {
        const chain = chainFrom(links, []);
        const missing = chain.filter((_, index) => index === 0 || index !== 1 + (at % (chain.length - 1)));
        expect(stopOf(missing, now)?.reason).toBe('broken');
        expect(stopOf([], now)?.reason).toBe('broken');
      }),
      runs,
    );
  });

  it('is a chain that changes its kind, or ends elsewhere than at the root row', () => {
    const link: Given = {
      permissions: some,
      scope: root.scope,
      entitlements: { all: true },
      mayPassOn: 9,
      state: 'active',
      ...always,
    };
    const chain = chainFrom([link, link, link], []);
    expect(stopOf(chain, now)).toBeUndefined();
    const mixed = chain.map((one, index): Link => (index === 1 ? { ...one, kind: 'represent' } : one));
    expect(stopOf(mixed, now)?.reason).toBe('broken');
    const rootless = chain.map(
      (one): Link => (one.delegateKind === 'root' ? { ...one, delegateKind: 'user' } : one),
    );
    expect(stopOf(rootless, now)?.reason).toBe('broken');
    // A deputy or a mandate gives no permission of administration.
    for (const kind of ['approve', 'represent'] as const) {
      const other = chain.map((one): Link => ({ ...one, kind }));
      for (const target of targets([])) expect(permits(factsOf([other]), 'user.read', target)).toBe(false);
      expect(reach(factsOf([other]), 'user.read').regions).toEqual([]);
    }
  });

  it('is half-open in time: in force at its first instant, not at its last', () => {
    const chain = chainFrom(
      [
        {
          permissions: some,
          scope: root.scope,
          entitlements: { all: true },
          mayPassOn: 0,
          state: 'active',
          startsAt: day(10),
          endsAt: day(20),
        },
      ],
      [],
    );
    const reasons = [day(9), day(10), day(19), day(20)].map((at) => stopOf(chain, at)?.reason);
    expect(reasons).toEqual(['not-begun', undefined, undefined, 'expired']);
  });
});

describe('an exception denies on every path (I13)', () => {
  const some = fc.array(exceptionIn(['a0', 'a1', 'b1']), { minLength: 1, maxLength: 2 });

  it('to everybody but holders of links that are free of it, and owners', () => {
    fc.assert(
      fc.property(chainOfLinks, chainOfLinks, some, off, permission, (one, other, set, offs, act) => {
        const chains = [chainFrom(one, offs, 'a'), chainFrom(other, offs, 'b')];
        const facts = factsOf(chains, now, set);
        for (const target of targets(offs))
          expect(permits(facts, act, target)).toBe(
            chains.some(
              (chain) =>
                permits(factsOf([chain]), act, target) &&
                !set.some((exception) => naiveDeny(exception, chain, act, target, now)),
            ),
          );
      }),
      runs,
    );
  });

  it('and is named only where nothing else is missing', () => {
    fc.assert(
      fc.property(chainOfLinks, some, permission, (links, set, act) => {
        const chain = chainFrom(links, []);
        const bound = factsOf([chain], now, set);
        for (const target of targets([])) {
          const decision = decide(bound, act, target);
          if (decision.effect === 'permit' || permits(factsOf([chain]), act, target)) continue;
          expect(decision.because.piece).not.toBe('exception');
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('reach is the filter of decide (I07)', () => {
  const cuts = fc.array(exceptionIn(['a0', 'b1']), { maxLength: 2 });

  it('holds exactly the places and people that decide permits', () => {
    fc.assert(
      fc.property(chainOfLinks, chainOfLinks, cuts, off, permission, (one, other, set, offs, act) => {
        const facts = factsOf([chainFrom(one, offs, 'a'), chainFrom(other, offs, 'b')], now, set);
        const { regions, reachesOff } = reach(facts, act);
        for (const target of targets(offs).filter(({ entitlement }) => !entitlement)) {
          const covers = (of: { path: string; below: boolean }): boolean =>
            of.path === '' || (of.below ? isAtOrBelow(target.path, of.path) : target.path === of.path);
          const inside = regions.some(
            (region) =>
              covers(region.place) &&
              !region.holes.some(covers) &&
              (!region.users || (target.userId !== undefined && region.users.includes(target.userId))) &&
              region.reports.every((one) => isReport(one, target)) &&
              !region.without?.some((one) => covers(one.place) && one.userId === target.userId),
          );
          expect(inside && (reachesOff || !target.off)).toBe(permits(facts, act, target));
        }
      }),
      runs,
    );
  });

  it('is empty without a standing, and a machine does no protected act', () => {
    fc.assert(
      fc.property(chainOfLinks, permission, (links, act) => {
        const chain = chainFrom(links, []);
        const gone: Facts = { ...factsOf([chain]), noStanding: 'left' };
        expect(reach(gone, act).regions).toEqual([]);
        const machine: Link = {
          ...chain[0]!,
          delegateKind: 'client',
          delegateUserId: null,
          delegateClientId: 'c',
        };
        const keyed = factsOf([[machine, ...chain.slice(1)]]);
        expect(reach(keyed, 'credential.reset').regions).toEqual([]);
        for (const target of targets([])) {
          expect(permits(gone, act, target)).toBe(false);
          expect(permits(keyed, 'credential.reset', target)).toBe(false);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('passing on', () => {
  it('gives at use all that was said when nothing was in excess, but for holes above (I01)', () => {
    fc.assert(
      fc.property(chainOfLinks, given, (links, wish) => {
        const parent = chainFrom(links, []);
        const proposal: Proposal = { ...wish, permissions: wish.permissions as Permission[] };
        if (excessOver(parent, proposal, now, applicationOf)) return;
        const child = chainFrom([...links, { ...wish, state: 'active' }], []);
        const holes = parent.flatMap((link) => link.scope.flatMap((one) => one.holes ?? []));
        const unnamed =
          links.some((link) => link.scope.some((one) => !one.places)) ||
          [...links, wish].some((link) => link.scope.some((one) => one.reports)) ||
          wish.scope.some((one) => !one.places || one.users);
        expect(passingOnLeft(parent)).toBeGreaterThanOrEqual(wish.mayPassOn);
        for (const at of [now, day(1), day(20)]) {
          if (at < wish.startsAt || at >= wish.endsAt || at < now) continue;
          for (const target of targets([])) {
            if (
              unnamed ||
              holes.some((hole) =>
                hole.below ? isAtOrBelow(target.path, hole.path) : hole.path === target.path,
              )
            )
              continue;
            for (const act of proposal.permissions)
              if (naive(child[0]!, act, target, at))
                expect(permits(factsOf([child], at), act, target)).toBe(true);
          }
        }
      }),
      runs,
    );
  });

  it('finds an excess in whatever is more than the link above', () => {
    const parent = chainFrom(
      [
        {
          permissions: ['user.read', 'delegation.create'],
          scope: [{ places: [{ id: '', path: 'r.1', below: true }] }],
          entitlements: { applications: ['parts'], entitlements: ['reader'] },
          mayPassOn: 2,
          state: 'active',
          startsAt: day(1),
          endsAt: day(30),
        },
      ],
      [],
    );
    const fits: Proposal = {
      permissions: ['user.read'],
      scope: [{ places: [{ id: '', path: 'r.1.1', below: true }] }],
      entitlements: { applications: [], entitlements: ['viewer', 'reader'] },
      startsAt: now,
      endsAt: day(30),
      mayPassOn: 1,
    };
    const at = (path: string, below = true): Partial<Proposal> => ({
      scope: [{ places: [{ id: '', path, below }] }],
    });
    const cases: [Partial<Proposal>, string | undefined][] = [
      [{}, undefined],
      [{ permissions: ['user.invite'] }, 'permission'],
      [at('r'), 'place'],
      [at('r', false), 'place'],
      [at('r.10'), 'place'],
      [at('r.2'), 'place'],
      [at('r.1', false), undefined],
      [
        {
          scope: [
            { places: [{ id: '', path: 'r.1', below: true }] },
            { places: [{ id: '', path: 'r.2', below: true }] },
          ],
        },
        'place',
      ],
      [{ entitlements: { all: true } }, 'entitlement'],
      [{ entitlements: { applications: ['notes'], entitlements: [] } }, 'entitlement'],
      [{ entitlements: { applications: [], entitlements: ['nobody knows it'] } }, 'entitlement'],
      [{ endsAt: day(31) }, 'period'],
      [{ mayPassOn: 2 }, 'passing-on'],
    ];
    // Half of what it names lies in a hole of the link above.
    const holed = chainFrom(
      [
        {
          permissions: ['user.read'],
          scope: [
            {
              places: [{ id: '', path: 'r.1', below: true }],
              holes: [{ id: '', path: 'r.1.1', below: true }],
            },
          ],
          entitlements: { all: true },
          mayPassOn: 2,
          state: 'active',
          ...always,
        },
      ],
      [],
    );
    expect(excessOver(holed, fits, now, applicationOf)?.piece).toBe('place');
    expect(excessOver(holed, { ...fits, ...at('r.1.2') }, now, applicationOf)).toBeUndefined();
    // A link that may not be passed on is not passed on as one that may not be either.
    const last = chainFrom(
      [
        {
          ...holed[0]!,
          permissions: ['user.read'],
          mayPassOn: 0,
          scope: [{ places: [{ id: '', path: 'r.1', below: true }] }],
        },
      ],
      [],
    );
    expect(excessOver(last, { ...fits, mayPassOn: 0 }, now, applicationOf)?.piece).toBe('passing-on');
    // One that is still to come gives nothing earlier; one that has begun may say any day in the past.
    const begun = chainFrom([{ ...holed[0]!, scope: holed[0]!.scope, startsAt: day(10) }], []);
    const fit = { ...fits, ...at('r.1.2') };
    expect(excessOver(begun, { ...fit, startsAt: day(1) }, now, applicationOf)).toBeUndefined();
    // What may be passed on once more is, without a further time.
    const once = chainFrom(
      [{ ...holed[0]!, scope: [{ places: [{ id: '', path: 'r.1', below: true }] }], mayPassOn: 1 }],
      [],
    );
    expect(excessOver(once, { ...fits, mayPassOn: 0 }, now, applicationOf)).toBeUndefined();
    expect(excessOver(once, fits, now, applicationOf)?.piece).toBe('passing-on');
    for (const [change, piece] of cases)
      expect(
        excessOver(parent, { ...fits, ...change }, now, applicationOf)?.piece,
        JSON.stringify(change),
      ).toBe(piece);
    expect(excessOver(parent, fits, day(30), applicationOf)?.piece).toBe('link');
  });
});

describe('passing on to some people only', () => {
  const at = (path: string) => ({ id: '', path, below: true });
  const over = (scope: Given['scope'], wish: Given['scope'], delegate?: Parameters<typeof excessOver>[4]) => {
    const all: Given = {
      permissions: ['user.read'],
      scope,
      entitlements: { all: true },
      mayPassOn: 3,
      state: 'active',
      ...always,
    };
    const proposal: Proposal = { ...all, permissions: ['user.read'], scope: wish, mayPassOn: 0 };
    return excessOver(chainFrom([all], []), proposal, now, applicationOf, delegate) === undefined;
  };
  const named = [{ places: [at('r.1')], users: ['ann', 'bob'] }];
  const line = (of?: string, depth: 'direct' | 'all' = 'all') => [
    { places: [at('r.1')], reports: of ? { of, depth } : { depth } },
  ];

  it.each<[string, boolean, Given['scope'], Given['scope'], Parameters<typeof excessOver>[4]?]>([
    ['one of those named', true, named, [{ places: [at('r.1')], users: ['ann'] }]],
    ['one of those named and another', false, named, [{ places: [at('r.1')], users: ['ann', 'cem'] }]],
    ['everybody, of some', false, named, [{ places: [at('r.1')] }]],
    ['somebody, wherever those above reach', true, named, [{ users: ['bob'] }]],
    ['somebody else, wherever those above reach', false, named, [{ users: ['cem'] }]],
    ['everybody everywhere', false, [{ places: [at('r')] }], [{}]],
    [
      'one of two places',
      true,
      [{ places: [at('r.1')] }, { places: [at('r.2')] }],
      [{ places: [at('r.2')] }],
    ],
    ['somebody’s reports, of everybody', true, [{ places: [at('r.1')] }], line('h1')],
    [
      'somebody’s reports, wherever those above reach',
      true,
      [{ places: [at('r.1')] }],
      [{ reports: { of: 'h1', depth: 'all' } }],
    ],
    ['everybody, of reports', false, line('h1'), [{ places: [at('r.1')] }]],
    ['the same reports', true, line('h1'), line('h1')],
    ['the direct ones of all', true, line('h1'), line('h1', 'direct')],
    ['all, of the direct ones', false, line('h1', 'direct'), line('h1')],
    ['another’s reports', false, line('h1'), line('h2')],
    ['the reports of whoever it is given to', false, line('h1'), line()],
    ['their own, where those are the ones', true, line('h1'), line(), { membershipId: 'h1' }],
    [
      'their own, where they report to whose they are',
      true,
      line('h1'),
      line(),
      { membershipId: 'h2', line: ['x', 'h1'] },
    ],
    ['their own, where they do not', false, line('h1'), line(), { membershipId: 'h2', line: ['x'] }],
    ['their own, where nobody’s line is known', false, line('h1'), line(), { membershipId: 'h2' }],
    ['their own, of direct ones', false, line('h1', 'direct'), line(), { membershipId: 'h2', line: ['h1'] }],
    [
      'another’s, for somebody who reports to whose they are',
      false,
      line('h1'),
      line('h3'),
      { membershipId: 'h2', line: ['h1'] },
    ],
  ])('%s: %s', (_, expected, scope, wish, delegate) => expect(over(scope, wish, delegate)).toBe(expected));
});

describe('protected power (I12)', () => {
  const powerOf = (chains: Chain[], access: Power['access'] = []): Power => ({
    userId: 'them',
    represents: false,
    chains: chains.map((chain) => chainIn(factsOf([chain]), chain[0]!)),
    access,
    applicationOf: new Map(entitlements.map(({ id, applicationId }) => [id, applicationId])),
  });

  it('is over nobody of equal power, and never goes both ways', () => {
    fc.assert(
      fc.property(chainOfLinks, chainOfLinks, (one, other) => {
        const mine = chainFrom(one, [], 'a');
        const theirs = chainFrom(other, [], 'b');
        expect(dominates(factsOf([mine]), powerOf([mine]))).toBe(false);
        expect(
          dominates(factsOf([mine]), powerOf([theirs])) && dominates(factsOf([theirs]), powerOf([mine])),
        ).toBe(false);
      }),
      runs,
    );
  });

  it('means that the actor may do whatever the person may', () => {
    fc.assert(
      fc.property(chainOfLinks, chainOfLinks, (one, other) => {
        const mine = factsOf([chainFrom(one, [], 'a')]);
        const theirs = chainFrom(other, [], 'b');
        if (!dominates(mine, powerOf([theirs]))) return;
        for (const act of some)
          for (const target of targets([]).filter(({ userId }) => userId !== 'actor'))
            if (permits(factsOf([theirs]), act, target)) expect(permits(mine, act, target)).toBe(true);
      }),
      runs,
    );
  });

  it('is never won by the person’s having more', () => {
    const access = fc.array(
      fc.record({ path: fc.constantFrom(...paths), entitlement: fc.constantFrom(...entitlements) }),
      { maxLength: 2 },
    );
    fc.assert(
      fc.property(chainOfLinks, chainOfLinks, chainOfLinks, access, (one, other, more, has) => {
        const mine = factsOf([chainFrom(one, [], 'a')]);
        const less = powerOf([chainFrom(other, [], 'b')]);
        const richer = powerOf([...less.chains, chainFrom(more, [], 'c')], has);
        if (dominates(mine, richer)) expect(dominates(mine, less)).toBe(true);
      }),
      runs,
    );
  });

  it('weighs each piece: access to hand out, and how far it may be passed on', () => {
    const mine: Given = {
      permissions: some,
      scope: [{ places: [{ id: '', path: 'r.1', below: true }] }],
      entitlements: { applications: ['parts'], entitlements: [] },
      mayPassOn: 2,
      state: 'active',
      ...always,
    };
    const over = (change: Partial<Given>, own: Partial<Given> = {}): boolean =>
      dominates(
        factsOf([chainFrom([{ ...mine, ...own }], [], 'a')]),
        powerOf([chainFrom([{ ...mine, ...change }], [], 'b')]),
      );
    expect(over({ mayPassOn: 1 })).toBe(true);
    expect(over({})).toBe(false);
    expect(over({ mayPassOn: 3, permissions: ['user.read'] })).toBe(false);
    expect(over({ entitlements: { applications: ['notes'], entitlements: [] }, mayPassOn: 1 })).toBe(false);
    expect(over({ entitlements: { applications: [], entitlements: ['viewer'] } })).toBe(true);
    // What is paused or still to come counts as if it were there.
    expect(over({ state: 'paused' })).toBe(false);
    expect(over({ state: 'paused', mayPassOn: 3 })).toBe(false);
    // Whose own link is paused is above nobody.
    expect(over({ mayPassOn: 1 }, { state: 'paused' })).toBe(false);
    // Who may not give access does not outweigh somebody who has some.
    const blind = factsOf([chainFrom([{ ...mine, permissions: ['user.read', 'credential.reset'] }], [])]);
    expect(dominates(blind, powerOf([]))).toBe(true);
    expect(dominates(blind, powerOf([], [{ path: 'r.1', entitlement: entitlements[0]! }]))).toBe(false);
  });

  it('is nobody’s without a standing, no machine’s, and over nobody who represents somebody', () => {
    const wide: Given = {
      permissions: some,
      scope: [{ places: [{ id: '', path: 'r.1', below: true }] }],
      entitlements: { all: true },
      mayPassOn: 3,
      state: 'active',
      ...always,
    };
    const mine = factsOf([chainFrom([wide], [])]);
    const nothing = powerOf([]);
    expect(dominates(mine, nothing)).toBe(true);
    expect(dominates({ ...mine, noStanding: 'left' }, nothing)).toBe(false);
    expect(
      dominates(
        { ...mine, actor: { kind: 'client', clientId: 'c', name: '', organizationId: '', path: 'r' } },
        nothing,
      ),
    ).toBe(false);
    expect(dominates(mine, { ...nothing, represents: true })).toBe(false);
    expect(dominates(factsOf([]), nothing)).toBe(false);
  });

  it('may come from several delegations, each piece from one', () => {
    const over = (path: string, change: Partial<Given> = {}): Given => ({
      permissions: some,
      scope: [{ places: [{ id: '', path, below: true }] }],
      entitlements: { applications: ['parts'], entitlements: [] },
      mayPassOn: 3,
      state: 'active',
      ...always,
      ...change,
    });
    const mine = factsOf([chainFrom([over('r.1')], [], 'a'), chainFrom([over('r.2')], [], 'b')]);
    const piece = (path: string) =>
      chainFrom([over(path, { mayPassOn: 0, permissions: ['user.read'] })], [], path);
    expect(dominates(mine, powerOf([piece('r.1.1')]))).toBe(true);
    expect(dominates(mine, powerOf([piece('r.1.1'), piece('r.2')]))).toBe(true);
    expect(dominates(mine, powerOf([piece('r.1.1'), piece('r.10')]))).toBe(false);
    const access = [{ path: 'r.2', entitlement: entitlements[0]! }];
    expect(dominates(mine, powerOf([], access))).toBe(true);
    // As much as one of the two, and less than both together: there is something that the actor has more.
    expect(dominates(mine, powerOf([chainFrom([over('r.1')], [], 'c')]))).toBe(true);
    expect(
      dominates(factsOf([chainFrom([over('r.1')], [], 'a')]), powerOf([chainFrom([over('r.1')], [], 'c')])),
    ).toBe(false);
    // What a link further up does not give, the one below does not have.
    const poor = factsOf([
      chainFrom([over('r.1', { permissions: ['user.read', 'credential.reset'] }), over('r.1')], [], 'p'),
    ]);
    const invites = chainFrom([over('r.1.1', { mayPassOn: 0, permissions: ['user.invite'] })], [], 'i');
    expect(dominates(poor, powerOf([invites]))).toBe(false);
    expect(dominates(poor, powerOf([piece('r.1.1')]))).toBe(true);
  });

  it('counts access that the actor could not give', () => {
    const wide: Given = {
      permissions: some,
      scope: [{ places: [{ id: '', path: 'r.1', below: true }] }],
      entitlements: { applications: ['parts'], entitlements: [] },
      mayPassOn: 3,
      state: 'active',
      ...always,
    };
    const mine = factsOf([chainFrom([wide], [])]);
    const has = (path: string, entitlement: EntitlementRef) => powerOf([], [{ path, entitlement }]);
    expect(dominates(mine, powerOf([]))).toBe(true);
    expect(dominates(mine, has('r.1.2', entitlements[0]!))).toBe(true);
    expect(dominates(mine, has('r.1.2', entitlements[2]!))).toBe(false);
    expect(dominates(mine, has('r.10', entitlements[0]!))).toBe(false);
  });
});
