import { describe, expect, it } from 'vitest';
import { always, day, now, root } from '../../test/harness/small-world.ts';
import {
  decideMandate,
  deepestMandate,
  type Mandate,
  type MandateFacts,
  mandateStopOf,
  type SubMandate,
  subMandateExcess,
} from './mandate.ts';

/** Mandates from the represented down: `owner` is represented, `m0` represents them, `m1` below that, and so on. */
function chainOf(count: number, change: (above: number) => Partial<Mandate> = () => ({})): Mandate[] {
  const ids = Array.from({ length: count }, (_, index) => `m${index}`);
  return ids
    .map(
      (id, index): Mandate => ({
        ...root,
        id,
        kind: 'represent',
        parentId: ids[index - 1] ?? null,
        chain: ids.slice(0, index).reverse(),
        delegateKind: 'user',
        delegateUserId: `user${index}`,
        delegateMembershipId: `member${index}`,
        giverUserId: index === 0 ? 'owner' : `user${index - 1}`,
        permissions: ['sign', 'read'],
        representedUserId: 'owner',
        representedOrganizationId: null,
        limits: {},
        legalBasis: null,
        giverStands: true,
        mayPassOn: 9,
        ...change(index),
      }),
    )
    .reverse();
}
const viewer = { id: 'viewer', applicationId: 'parts' };
const factsFor = (chains: Mandate[][], change: Partial<MandateFacts> = {}): MandateFacts => ({
  at: now,
  actor: {
    userId: chains[0]?.[0]?.delegateUserId ?? '',
    membershipId: chains[0]?.[0]?.delegateMembershipId ?? '',
    stands: true,
  },
  mandates: chains,
  entitlement: viewer,
  themes: ['sign', 'read', 'ship'],
  representedMay: true,
  apart: false,
  ...change,
});
const sign = { theme: 'sign', values: {} };
const piece = (facts: MandateFacts, act = sign as { theme: string; values: Record<string, unknown> }) => {
  const decision = decideMandate(facts, act);
  return decision.effect === 'permit' ? 'permit' : decision.because.piece;
};

describe('a mandate', () => {
  it.each<[string, string, number, (above: number) => Partial<Mandate>, Partial<MandateFacts>]>([
    ['held from the represented', 'permit', 1, () => ({}), {}],
    ['held below others', 'permit', 3, () => ({}), {}],
    [
      'whose actor does not stand',
      'standing',
      1,
      () => ({}),
      { actor: { userId: 'user0', membershipId: 'member0', stands: false } },
    ],
    [
      'of another membership',
      'mandate',
      1,
      () => ({}),
      { actor: { userId: 'user0', membershipId: 'other', stands: true } },
    ],
    ['of an organization', 'mandate', 1, () => ({ delegateKind: 'organization' }), {}],
    ['without the theme', 'theme', 1, () => ({ permissions: ['read'] }), {}],
    [
      'without the theme further up',
      'theme',
      2,
      (above) => (above === 0 ? { permissions: ['read'] } : {}),
      {},
    ],
    ['whose theme the application does not declare', 'theme', 1, () => ({}), { themes: ['read'] }],
    [
      'for another role',
      'entitlement',
      1,
      () => ({ entitlements: { applications: ['notes'], entitlements: [] } }),
      {},
    ],
    ['of somebody who may not do it', 'represented', 1, () => ({}), { representedMay: false }],
    ['of a role that does not go with the own ones', 'apart', 1, () => ({}), { apart: true }],
    ['that ended', 'link', 1, () => ({ state: 'ended' }), {}],
    ['paused further up', 'link', 2, (above) => (above === 0 ? { state: 'paused' } : {}), {}],
  ])('%s: %s', (_, expected, count, change, facts) =>
    expect(piece(factsFor([chainOf(count, change)], facts))).toBe(expected),
  );

  it('is none where there is none; of several one is enough, and the nearest is named', () => {
    expect(piece(factsFor([]))).toBe('mandate');
    const poor = chainOf(1, () => ({ permissions: ['read'] }));
    const stopped = chainOf(1, () => ({ state: 'paused' }));
    expect(piece(factsFor([poor, chainOf(1)]))).toBe('permit');
    expect(piece(factsFor([poor, stopped]))).toBe('link');
    expect(piece(factsFor([stopped, poor]))).toBe('link');
    const ended = chainOf(1, () => ({ state: 'ended' }));
    expect(decideMandate(factsFor([stopped, ended]), sign)).toMatchObject({
      because: { stop: { reason: 'paused' } },
    });
  });

  it.each<[string, unknown, unknown, string]>([
    ['at most', { max: 5 }, 5, 'permit'],
    ['too much', { max: 5 }, 6, 'limit'],
    ['at least', { min: 5 }, 5, 'permit'],
    ['too little', { min: 5 }, 4, 'limit'],
    ['one of', { in: ['a', 2] }, 2, 'permit'],
    ['none of', { in: ['a', 2] }, '2', 'limit'],
    ['both', { min: 1, max: 5 }, 3, 'permit'],
    ['one of two', { min: 1, max: 5 }, 6, 'limit'],
    ['no number', { max: 5 }, '5', 'limit'],
    ['not a number', { max: 5 }, Number.NaN, 'limit'],
    ['nothing said', { max: 5 }, undefined, 'limit'],
    ['a bound that is no number', { max: '5' }, 5, 'limit'],
    ['no list', { in: 'abc' }, 'a', 'limit'],
    ['a condition that nobody knows', { below: 5 }, 4, 'limit'],
    ['a condition that says nothing', {}, 4, 'limit'],
  ])('with a limit, %s: %o of %o', (_, condition, amount, expected) => {
    const act = { theme: 'sign', values: amount === undefined ? {} : { amount } };
    for (const theme of ['sign', '*'])
      expect(
        piece(factsFor([chainOf(1, () => ({ limits: { [theme]: { amount: condition as never } } }))]), act),
      ).toBe(expected);
    // Of another theme it is no limit; further up it is one.
    expect(
      piece(factsFor([chainOf(1, () => ({ limits: { read: { amount: condition as never } } }))]), act),
    ).toBe('permit');
    const above = chainOf(2, (at) => (at === 0 ? { limits: { sign: { amount: condition as never } } } : {}));
    expect(piece(factsFor([above]), act)).toBe(expected);
  });

  it('takes no field from what every object has', () => {
    const limits = { sign: { constructor: { in: [Object as never] } } };
    expect(piece(factsFor([chainOf(1, () => ({ limits }))]))).toBe('limit');
    const act = { theme: 'toString', values: {} };
    const odd = factsFor([chainOf(1, () => ({ permissions: ['toString'], limits: {} }))], {
      themes: ['toString'],
    });
    expect(piece(odd, act)).toBe('permit');
  });

  it('of an organization outlives whoever signed it, and says so', () => {
    const flags = (change: Partial<Mandate>) => {
      const decision = decideMandate(factsFor([chainOf(1, () => change)]), sign);
      return decision.effect === 'permit' ? decision.flags : undefined;
    };
    const organization = { representedUserId: null, representedOrganizationId: 'acme' };
    expect(flags({})).toEqual([]);
    expect(flags({ giverStands: false })).toEqual([]);
    expect(flags(organization)).toEqual([]);
    expect(flags({ ...organization, giverStands: false })).toEqual(['signer-gone']);
    expect(
      flags({ ...organization, giverStands: false, giverUserId: null, legalBasis: 'a judgment' }),
    ).toEqual([]);
  });
});

describe('what stops a chain of mandates', () => {
  const reason = (count: number, change: (above: number) => Partial<Mandate>, at = now) =>
    mandateStopOf(chainOf(count, change), at)?.reason;
  const top = (change: Partial<Mandate>) => (above: number) => (above === 0 ? change : {});

  it.each<[string, string | undefined, number, (above: number) => Partial<Mandate>]>([
    ['nothing', undefined, 2, () => ({})],
    ['an end', 'expired', 2, top({ endsAt: now })],
    ['nothing before the end', undefined, 2, top({ endsAt: day(16) })],
    ['a beginning', 'not-begun', 2, top({ startsAt: day(16) })],
    ['nothing at the beginning', undefined, 2, top({ startsAt: now })],
    ['depth', 'too-deep', 3, top({ mayPassOn: 1 })],
    ['no depth', undefined, 3, top({ mayPassOn: 2 })],
    ['another kind', 'broken', 2, top({ kind: 'administer' })],
    ['another kind below', 'broken', 2, (above) => (above === 1 ? { kind: 'administer' } : {})],
    ['a top that hangs below something', 'broken', 2, top({ parentId: 'x' })],
    ['a link that hangs elsewhere', 'broken', 2, (above) => (above === 1 ? { parentId: 'x' } : {})],
    ['nobody represented', 'broken', 1, () => ({ representedUserId: null })],
    ['two represented', 'broken', 1, () => ({ representedOrganizationId: 'acme' })],
    [
      'another represented further up',
      'broken',
      2,
      top({ representedUserId: 'user9', giverUserId: 'user9' }),
    ],
    [
      'another organization further up',
      'broken',
      2,
      (above) => ({ representedUserId: null, representedOrganizationId: `o${above}` }),
    ],
    ['somebody else’s hand', 'broken', 1, top({ giverUserId: 'x' })],
    ['nothing where the law gave it', undefined, 1, top({ giverUserId: 'x', legalBasis: 'a judgment' })],
    [
      'an organization that nobody signed for',
      'broken',
      1,
      top({ representedUserId: null, representedOrganizationId: 'acme', giverUserId: null }),
    ],
    [
      'nothing where somebody signed for it',
      undefined,
      1,
      top({ representedUserId: null, representedOrganizationId: 'acme' }),
    ],
    ['a circle to the represented', 'broken', 2, (above) => (above === 1 ? { delegateUserId: 'owner' } : {})],
    [
      'a circle to a representative',
      'broken',
      3,
      (above) => (above === 2 ? { delegateUserId: 'user0' } : {}),
    ],
    [
      'a circle to the represented organization',
      'broken',
      1,
      top({
        representedUserId: null,
        representedOrganizationId: 'acme',
        delegateUserId: null,
        delegateOrganizationId: 'acme',
      }),
    ],
  ])('%s: %s', (_, expected, count, change) => expect(reason(count, change)).toBe(expected));

  it('names the highest, misses nobody, and ends at a depth', () => {
    const both = chainOf(3, (above) => (above < 2 ? { state: 'paused' } : {}));
    expect(mandateStopOf(both, now)).toMatchObject({ reason: 'paused', link: { id: 'm0' } });
    expect(mandateStopOf([], now)?.reason).toBe('broken');
    expect(
      mandateStopOf(
        chainOf(3).filter((_, index) => index !== 1),
        now,
      )?.reason,
    ).toBe('broken');
    const deep = () => ({ mayPassOn: 99 });
    expect(reason(deepestMandate, deep)).toBeUndefined();
    expect(reason(deepestMandate + 1, deep)).toBe('broken');
  });
});

describe('passing on a mandate (I25)', () => {
  const wish: SubMandate = {
    themes: ['sign'],
    entitlements: { applications: ['parts'], entitlements: [] },
    startsAt: now,
    endsAt: day(20),
    mayPassOn: 0,
    delegateId: 'somebody',
  };
  const excess = (
    change: Partial<SubMandate>,
    parent: Mandate[] = chainOf(2, () => ({ endsAt: day(20), mayPassOn: 2 })),
  ) => subMandateExcess(parent, { ...wish, ...change }, now, () => undefined);

  it.each<[string | undefined, Partial<SubMandate>]>([
    [undefined, {}],
    ['theme', { themes: ['sign', 'ship'] }],
    ['period', { endsAt: day(21) }],
    ['period', { endsAt: now }],
    ['passing-on', { mayPassOn: 1 }],
    ['circle', { delegateId: 'owner' }],
    ['circle', { delegateId: 'user0' }],
    ['circle', { delegateId: 'user1' }],
  ])('%s: %o', (expected, change) => expect(excess(change)).toBe(expected));

  it('is within each link above', () => {
    expect(
      excess(
        {},
        chainOf(2, (above) => ({ mayPassOn: 9, ...(above === 0 ? { permissions: ['read'] } : {}) })),
      ),
    ).toBe('theme');
    expect(
      excess(
        {},
        chainOf(2, (above) => ({ mayPassOn: 9, ...(above === 0 ? { endsAt: day(19) } : {}) })),
      ),
    ).toBe('period');
    const notes = { entitlements: { applications: ['notes'], entitlements: [] } };
    expect(
      excess(
        {},
        chainOf(2, (above) => ({ mayPassOn: 9, ...(above === 0 ? notes : {}) })),
      ),
    ).toBe('entitlement');
    expect(
      excess(
        {},
        chainOf(1, () => ({ state: 'paused' })),
      ),
    ).toBe('link');
    expect(
      excess(
        {},
        chainOf(1, () => ({ mayPassOn: 0 })),
      ),
    ).toBe('passing-on');
    expect(
      excess(
        {},
        chainOf(1, () => ({ mayPassOn: 1 })),
      ),
    ).toBeUndefined();
    expect(
      excess(
        {},
        chainOf(deepestMandate, () => ({ mayPassOn: 99 })),
      ),
    ).toBe('passing-on');
    expect(
      excess(
        {},
        chainOf(deepestMandate - 1, () => ({ mayPassOn: 99 })),
      ),
    ).toBeUndefined();
    const organization = chainOf(1, () => ({
      representedUserId: null,
      representedOrganizationId: 'acme',
      ...always,
    }));
    expect(excess({ delegateId: 'acme' }, organization)).toBe('circle');
  });
});
