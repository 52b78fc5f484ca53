import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Chain, Link, Target } from '../authority/delegation.ts';
import { alwaysAfter, alwaysBefore, type Facts } from '../authority/facts.ts';
import type { Permission } from '../authority/permissions.ts';
import { coversBelow } from '../authority/region.ts';
import { givenAgain, periodOf, periodOfGift, permitFor } from './rules.ts';

const at = new Date('2026-03-01T12:00:00Z');
const day = (n: number): Date => new Date(at.getTime() + n * 86_400_000);

const link = (more: Partial<Link>): Link => ({
  id: 'root',
  kind: 'administer',
  parentId: null,
  chain: [],
  giverUserId: null,
  giverDelegationId: null,
  delegateKind: 'user',
  delegateUserId: 'me',
  delegateMembershipId: 'm',
  delegateOrganizationId: null,
  delegateClientId: null,
  relation: null,
  relationPath: null,
  giverMembershipId: null,
  adminRoleId: null,
  permissions: ['access.grant', 'request.decide'] satisfies Permission[],
  scope: [{ places: [{ id: 'o', path: 'r', below: true }] }],
  offPlaces: [],
  entitlements: { all: true },
  startsAt: alwaysBefore,
  endsAt: alwaysAfter,
  mayPassOn: 9,
  seats: null,
  state: 'active',
  endedAt: null,
  version: 1,
  ...more,
});
const root = link({ delegateKind: 'root' });
const held = (id: string, more: Partial<Link>): Link =>
  link({ id, chain: ['root'], parentId: 'root', ...more });

const facts = (...links: Link[]): Facts => ({
  at,
  actor: {
    kind: 'user',
    userId: 'me',
    membershipId: 'm',
    sessionId: null,
    displayName: 'Me',
    organizationId: 'o',
    path: 'r',
    language: 'en',
  },
  noStanding: undefined,
  held: links,
  links: new Map([root, ...links].map((one) => [one.id, one])),
  standers: new Map(),
  exceptions: [],
  deputyFor: [],
});

const target: Target = {
  kind: 'membership',
  id: 'x',
  organizationId: 'o',
  path: 'r.1',
  off: false,
  userId: 'u',
};
const a = { id: 'a', applicationId: 'A' };
const b = { id: 'b', applicationId: 'B' };
const only = (...applications: string[]) => ({ applications, entitlements: [] });
const giving = (...entitlements: (typeof a)[]) => ({
  permissions: ['access.grant'] as const,
  entitlements,
  below: false,
});

describe('one act, one chain (ruling 1)', () => {
  const two = facts(held('A', { entitlements: only('A') }), held('B', { entitlements: only('B') }));
  it('does not add two delegations up', () => {
    expect(permitFor(two, giving(a), target)?.because[0]?.id).toBe('A');
    expect(permitFor(two, giving(b), target)?.because[0]?.id).toBe('B');
    expect(permitFor(two, giving(a, b), target)).toBeUndefined();
    expect(
      permitFor(facts(held('AB', { entitlements: only('A', 'B') })), giving(a, b), target),
    ).toBeDefined();
  });

  it('wants every permission of the act in it', () => {
    const act = { ...giving(a), permissions: ['request.decide', 'access.grant'] as const };
    const split = facts(
      held('1', { permissions: ['request.decide'] }),
      held('2', { permissions: ['access.grant'] }),
    );
    expect(permitFor(split, act, target)).toBeUndefined();
    expect(permitFor(facts(held('12', {})), act, target)).toBeDefined();
  });

  it('takes the one that lasts longest, of those that may be used', () => {
    const some = facts(held('short', { endsAt: day(1) }), held('long', { endsAt: day(2) }));
    expect(permitFor(some, giving(a), target)?.because[0]?.id).toBe('long');
    expect(permitFor(some, giving(a), target, (chain) => chain[0]!.id !== 'long')?.because[0]?.id).toBe(
      'short',
    );
  });

  it('gives nothing to somebody without standing', () => {
    expect(permitFor({ ...two, noStanding: 'left' }, giving(a), target)).toBeUndefined();
  });
});

describe('everybody below', () => {
  const chainWith = (scope: Link['scope']): Chain => [held('x', { scope }), root];
  it.each([
    ['the place itself', [{ places: [{ id: '', path: 'r.1', below: true }] }], true],
    ['a place above', [{ places: [{ id: '', path: 'r', below: true }] }], true],
    ['this place without those below', [{ places: [{ id: '', path: 'r.1', below: false }] }], false],
    ['a look-alike', [{ places: [{ id: '', path: 'r.10', below: true }] }], false],
    ['only named people', [{ places: [{ id: '', path: 'r.1', below: true }], users: ['u'] }], false],
    [
      'a hole below',
      [{ places: [{ id: '', path: 'r.1', below: true }], holes: [{ id: '', path: 'r.1.2', below: true }] }],
      false,
    ],
    [
      'a hole beside',
      [{ places: [{ id: '', path: 'r', below: true }], holes: [{ id: '', path: 'r.10', below: true }] }],
      true,
    ],
  ])('is covered by %s: %s', (_, scope, expected) => {
    expect(coversBelow(chainWith(scope), 'r.1')).toBe(expected);
  });
});

describe('the period of what is given', () => {
  const chain = [held('x', { endsAt: day(10) }), root];
  it.each([
    ['at once and open', {}, { startsAt: at, endsAt: day(10) }],
    ['from a later day', { from: day(2) }, { startsAt: day(2), endsAt: day(10) }],
    ['from a day that has passed', { from: day(-2) }, { startsAt: at, endsAt: day(10) }],
    ['until a day within', { until: day(3) }, { startsAt: at, endsAt: day(3) }],
    ['until the last instant', { until: day(10) }, { startsAt: at, endsAt: day(10) }],
    ['until a day beyond', { until: day(11) }, 'beyond'],
    ['from a day beyond', { from: day(11) }, 'beyond'],
    ['until a day that has passed', { until: day(-1) }, 'backwards'],
  ])('%s', (_, asked, expected) => {
    expect(periodOfGift({ from: undefined, until: undefined, ...asked }, chain, at)).toEqual(expected);
  });

  it('is never outside the chain’s (I01)', () => {
    const instants = fc.option(fc.integer({ min: -20, max: 20 }).map(day), { nil: undefined });
    fc.assert(
      fc.property(instants, instants, instants, (from, until, endsAt) => {
        const limit = [held('x', { endsAt: endsAt ?? alwaysAfter }), root];
        const period = periodOfGift({ from, until }, limit, at);
        if (typeof period === 'string') return;
        expect(period.startsAt >= at).toBe(true);
        expect(period.endsAt <= periodOf(limit).endsAt).toBe(true);
        expect(period.endsAt > period.startsAt).toBe(true);
        if (until) expect(period.endsAt).toEqual(until);
      }),
    );
  });
});

describe('giving again', () => {
  const span = (from: number, until: number) => ({ startsAt: day(from), endsAt: day(until) });
  it.each([
    ['over', span(-5, -1), span(0, 5), 'over'],
    ['within', span(-5, 9), span(0, 5), 'nothing-new'],
    ['longer', span(-5, 2), span(0, 5), span(-5, 5)],
    ['earlier', span(3, 9), span(0, 5), span(0, 9)],
    ['touching', span(-5, 2), span(2, 5), span(-5, 5)],
    ['apart', span(6, 9), span(0, 5), 'apart'],
  ] as const)('%s', (_, had, gift, expected) => expect(givenAgain(had, gift, at)).toEqual(expected));
});
