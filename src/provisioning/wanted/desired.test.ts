import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Holding } from '../../authority/holds.ts';
import type { ConnectorField } from '../connectors/connector.ts';
import {
  type Account,
  type Belonging,
  desired,
  lossPolicies,
  type Person,
  type Policy,
  type Wish,
} from './desired.ts';

const second = 1000;
const day = 24 * 60 * 60 * second;
const at = new Date('2030-01-15T12:00:00Z');
const on = (days: number): Date => new Date(at.getTime() + days * day);
const always = { from: on(-1000), until: new Date(8.64e15) };

const holding = (change: Partial<Holding>): Holding =>
  ({
    entitlementId: 'buyer',
    membershipId: 'm',
    held: false,
    changesAt: null,
    ...always,
    ...change,
  }) as Holding;
const belonging = (change: Partial<Belonging> = {}): Belonging => ({
  membershipId: 'm',
  organizationIds: ['acme', 'root'],
  active: true,
  startsAt: always.from,
  endsAt: always.until,
  home: true,
  groupIds: [],
  known: { displayName: 'Nils Berg', userId: 'u' },
  ...change,
});
const fields: ConnectorField[] = [{ key: 'cn', label: 'Name', kind: 'text', required: true }];
const policy: Policy = { prepareDays: 7, onLoss: 'delete-after', deleteAfterDays: 30 };
const wish = (change: Partial<Policy> = {}): Wish => ({
  policy: { ...policy, ...change },
  roles: [
    { entitlementId: 'buyer', name: 'buyers' },
    { entitlementId: 'viewer', name: null },
    { organizationId: 'root', name: 'everybody' },
    { groupId: 'night', name: 'night' },
  ],
  mapping: [{ to: 'cn', pieces: [{ field: 'displayName' }] }],
  fields,
});

const held = holding({ held: true });
const over = holding({ until: on(-1), held: false });
const left = belonging({ endsAt: on(-1) });

/** What is so of the person, and which policy then counts. */
const situations: Record<string, { person: Person; policy?: Partial<Policy>; deleteAfter?: Date }> = {
  held: { person: { holdings: [held], belongings: [belonging()] } },
  'begins in three days': { person: { holdings: [holding({ from: on(3) })], belongings: [belonging()] } },
  'begins in thirty days': { person: { holdings: [holding({ from: on(30) })], belongings: [belonging()] } },
  'given a moment ago': {
    person: {
      holdings: [holding({ from: new Date(at.getTime() + 10 * second) })],
      belongings: [belonging()],
    },
  },
  suspended: { person: { holdings: [holding({})], belongings: [belonging({ active: false })] } },
  'lost, to delete': {
    person: { holdings: [over], belongings: [belonging()] },
    policy: { onLoss: 'delete' },
  },
  'lost, to disable': {
    person: { holdings: [over], belongings: [belonging()] },
    policy: { onLoss: 'disable' },
  },
  'lost, to leave': { person: { holdings: [over], belongings: [belonging()] }, policy: { onLoss: 'leave' } },
  'left, to leave': { person: { holdings: [over], belongings: [left] }, policy: { onLoss: 'leave' } },
  'lost, to delete later': { person: { holdings: [], belongings: [belonging()] } },
  'lost long ago': { person: { holdings: [], belongings: [] }, deleteAfter: on(-1) },
  'held, out of sight': { person: { holdings: [held], belongings: [belonging({ known: undefined })] } },
};

/** Never an account, none, gone, unsure, disabled, enabled: what should be then. */
const table = `
held                  | enabled  enabled  enabled  | enabled  enabled  enabled
begins in three days  | disabled disabled disabled | disabled disabled disabled
begins in thirty days | none     none     none     | disabled disabled disabled
given a moment ago    | none     none     none     | disabled disabled disabled
suspended             | none     none     none     | disabled disabled disabled
lost, to delete       | none     none     none     | none     none     none
lost, to disable      | none     none     none     | disabled disabled disabled
lost, to leave        | none     none     none     | enabled  disabled enabled
left, to leave        | none     none     none     | disabled disabled disabled
lost, to delete later | none     none     none     | disabled disabled disabled
lost long ago         | none     none     none     | none     none     none
held, out of sight    | none     none     none     | enabled  enabled  enabled`;
const accounts = [undefined, 'none', 'gone', 'unsure', 'disabled', 'enabled'] as const;
const states = table
  .trim()
  .split('\n')
  .flatMap((line) => {
    const [name, ...cells] = line.split('|').map((part) => part.trim());
    return cells
      .flatMap((part) => part.split(/\s+/))
      .map((presence, n) => ({ name: name!, stands: accounts[n], presence }));
  });

describe('what should be of an account', () => {
  it(`has ${states.length} states`, () => expect(states).toHaveLength(72));

  it.each(states)('$name, $stands: $presence', ({ name, stands, presence }) => {
    const one = situations[name]!;
    const account: Account | undefined = stands && { stands, deleteAfter: one.deleteAfter ?? null };
    const found = desired(one.person, account, wish(one.policy), at);
    expect(found.presence).toBe(presence);
    expect(found.roles).toEqual(one.person.holdings.some((own) => own.held) ? ['buyers', 'everybody'] : []);
    if (one.person.belongings[0]?.known === undefined) expect(found.values).toEqual({});
  });

  it('is enabled exactly while something mapped is held, whatever else is so', () => {
    const someHolding = fc.record({
      entitlementId: fc.constantFrom('buyer', 'viewer', 'other'),
      membershipId: fc.constantFrom('m', 'n'),
      held: fc.boolean(),
      from: fc.integer({ min: -40, max: 40 }).map(on),
      until: fc.integer({ min: -40, max: 40 }).map(on),
    });
    const someAccount = fc.option(
      fc.record({
        stands: fc.constantFrom('none', 'unsure', 'disabled', 'enabled', 'gone'),
        deleteAfter: fc.option(fc.integer({ min: -40, max: 40 }).map(on)),
      }),
      { nil: undefined },
    );
    fc.assert(
      fc.property(
        fc.array(someHolding, { maxLength: 4 }),
        someAccount,
        fc.constantFrom(...lossPolicies.filter((one) => one !== 'leave')),
        fc.integer({ min: 0, max: 30 }),
        (holdings, account, onLoss, prepareDays) => {
          const person = {
            holdings: holdings.map((one) => holding(one)),
            belongings: [belonging(), belonging({ membershipId: 'n', home: false })],
          };
          const found = desired(person, account, wish({ onLoss, prepareDays }), at);
          const has = holdings.some((one) => one.held && one.entitlementId !== 'other');
          expect(found.presence === 'enabled').toBe(has);
          if (!has) expect(found.roles).toEqual([]);
          if (found.nextChangeAt) expect(found.nextChangeAt.getTime()).toBeGreaterThan(at.getTime());
        },
      ),
      { numRuns: 300, seed: 45 },
    );
  });
});

describe('when time changes it', () => {
  const next = (person: Person, account?: Account): Date | null =>
    desired(person, account, wish(), at).nextChangeAt;

  it('is when preparing begins, the first moment, and the last', () => {
    const coming = holding({ from: on(10), until: on(20), changesAt: on(10) });
    expect(next({ holdings: [coming], belongings: [] })).toEqual(on(3));
    const near = holding({ from: on(3), until: on(20), changesAt: on(3) });
    expect(next({ holdings: [near], belongings: [] })).toEqual(new Date(on(3).getTime() - 60 * second));
    expect(next({ holdings: [holding({ held: true, changesAt: on(5) })], belongings: [] })).toEqual(on(5));
    expect(next({ holdings: [held], belongings: [] })).toBeNull();
    // What is for ever does not change: the bounds of somebody without a last day are no instants.
    const suspended = { holdings: [holding({})], belongings: [belonging()] };
    expect(next(suspended, { stands: 'disabled', deleteAfter: null })).toBeNull();
    const mayBegin = [
      { userId: 'u', entitlementId: 'viewer', changesAt: on(8) },
      { userId: 'u', entitlementId: 'other', changesAt: on(1) },
    ];
    expect(next({ holdings: [], belongings: [], mayBegin })).toEqual(on(8));
  });

  it('is when it is to be deleted; whoever has come back is safe from an old timer', () => {
    const lost = { holdings: [over], belongings: [belonging()] };
    const first = desired(lost, { stands: 'enabled', deleteAfter: null }, wish(), at);
    expect(first).toMatchObject({
      presence: 'disabled',
      deleteAfter: on(30),
      nextChangeAt: on(30),
      values: {},
    });
    const again = desired(lost, { stands: 'disabled', deleteAfter: on(2) }, wish(), at);
    expect(again).toMatchObject({ presence: 'disabled', deleteAfter: on(2) });
    const back = { holdings: [held], belongings: [belonging()] };
    expect(desired(back, { stands: 'disabled', deleteAfter: on(-2) }, wish(), at)).toMatchObject({
      presence: 'enabled',
      deleteAfter: null,
    });
  });
});

describe('which membership speaks for the person', () => {
  it('is the home, then whichever gave it first; groups and places add roles to what is held only', () => {
    const away = belonging({
      membershipId: 'n',
      home: false,
      known: { displayName: 'Away' },
      groupIds: ['night'],
    });
    const both = [
      holding({ held: true, membershipId: 'n', from: on(-50) }),
      holding({ held: true, from: on(-9) }),
    ];
    const found = desired({ holdings: both, belongings: [away, belonging()] }, undefined, wish(), at);
    expect(found).toMatchObject({
      membershipId: 'm',
      values: { cn: 'Nils Berg' },
      roles: ['buyers', 'everybody', 'night'],
    });
    const one = desired({ holdings: [both[0]!], belongings: [away, belonging()] }, undefined, wish(), at);
    expect(one).toMatchObject({ membershipId: 'n', values: { cn: 'Away' } });
    const without = desired({ holdings: [], belongings: [away] }, undefined, wish(), at);
    expect(without).toMatchObject({ presence: 'none', roles: [] });
  });
});

describe('the role of an organization', () => {
  it('comes with access in a membership there, and to nobody who was merely brought in', () => {
    const north = belonging({ membershipId: 'n', home: false, organizationIds: ['north', 'acme', 'root'] });
    const roles = [
      { entitlementId: 'buyer', name: null },
      { organizationId: 'north', name: 'north' },
    ];
    const rolesOf = (holdings: Holding[]): string[] =>
      desired({ holdings, belongings: [belonging(), north] }, undefined, { ...wish(), roles }, at).roles;
    expect(rolesOf([held])).toEqual([]);
    expect(rolesOf([held, holding({ held: true, membershipId: 'n', entitlementId: 'other' })])).toEqual([]);
    expect(rolesOf([held, holding({ held: true, membershipId: 'n' })])).toEqual(['north']);
  });
});

describe('a role that whoever saved the target may not hand out any more', () => {
  const stopped = (names: string[]): Wish => ({
    ...wish(),
    roles: wish().roles.map((role) =>
      role.name && names.includes(role.name) ? { ...role, stopped: true } : role,
    ),
  });
  const person = { holdings: [held], belongings: [belonging({ groupIds: ['night'] })] };
  const found = (account: Account | undefined, names: string[]) =>
    desired(person, account, stopped(names), at);

  it('makes no account, and opens none that is closed', () => {
    expect(found(undefined, ['buyers'])).toMatchObject({ presence: 'none' });
    const closed = { stands: 'disabled' as const, deleteAfter: null };
    expect(found(closed, ['buyers'])).toMatchObject({ presence: 'disabled', roles: [] });
    expect(found(closed, [])).toMatchObject({ presence: 'enabled' });
  });

  it('stays where it is for as long as it is held, and comes to nobody anew', () => {
    const open = { stands: 'enabled' as const, deleteAfter: null };
    expect(found({ ...open, roleNames: ['buyers'] }, ['buyers', 'night'])).toMatchObject({
      presence: 'enabled',
      roles: ['buyers', 'everybody'],
    });
    expect(found({ ...open, roleNames: ['night'] }, ['night']).roles).toEqual([
      'buyers',
      'everybody',
      'night',
    ]);
    const lost = desired(
      { ...person, holdings: [over] },
      { ...open, roleNames: ['buyers'] },
      stopped(['buyers']),
      at,
    );
    expect(lost).toMatchObject({ presence: 'disabled', roles: [] });
  });
});
