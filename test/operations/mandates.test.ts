import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decide } from '../../src/authority/decide.ts';
import { loadFacts } from '../../src/authority/load-facts.ts';
import {
  decideMandate,
  type Limits,
  type MandateDecision,
  type RepresentedAct,
  subMandateExcess,
} from '../../src/authority/mandate.ts';
import { loadMandateFacts } from '../../src/authority/mandate-facts.ts';
import { permissionNames } from '../../src/authority/permissions.ts';
import { dominates, loadPower } from '../../src/authority/power.ts';
import { reach } from '../../src/authority/reach.ts';
import { passTime } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { makeWorld, type OrganizationName, type PersonName, type World } from '../harness/world.ts';

/** Acting for another under a mandate, on rows written by SQL (I24, I25). */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
  await sql`update application set themes = '{invoice.sign,invoice.read}' where id = ${world.applications.parts}`.execute(
    world.db,
  );
  await give('northMember');
});
afterEach(() => world.close());

const give = (to: PersonName) =>
  sql`insert into assignment (id, membership_id, entitlement_id, why)
    values (${newId()}, ${world.people[to].membershipId}, ${world.entitlements.partsBuyer}, 'direct')`.execute(
    world.db,
  );

type Row = {
  /** below another mandate */
  under?: string;
  to: PersonName | { organization: OrganizationName };
  for: PersonName | { organization: OrganizationName };
  by?: PersonName | null;
  themes?: string[];
  limits?: Limits;
  entitlements?: unknown;
  legalBasis?: string;
  startsAt?: string;
  endsAt?: string;
  mayPassOn?: number;
};

async function mandate(row: Row): Promise<string> {
  const id = newId();
  const { people, organizations } = world;
  const user = typeof row.to === 'string' ? people[row.to] : null;
  const organization = typeof row.to === 'string' ? null : organizations[row.to.organization].id;
  const representedUser = typeof row.for === 'string' ? people[row.for].userId : null;
  const representedOrganization = typeof row.for === 'string' ? null : organizations[row.for.organization].id;
  const by = row.by === undefined ? (typeof row.for === 'string' ? row.for : 'acmeManager') : row.by;
  await sql`insert into delegation (id, kind, parent_id, chain, giver_user_id, giver_membership_id, delegate_kind, delegate_user_id,
      delegate_membership_id, delegate_organization_id, permissions, scope, entitlements, limits, legal_basis, starts_at, ends_at,
      may_pass_on, represented_user_id, represented_organization_id)
    values (${id}, 'represent', ${row.under ?? null},
      coalesce((select array_prepend(p.id, p.chain) from delegation p where p.id = ${row.under ?? null}), '{}'),
      ${by ? people[by].userId : null}, ${by ? people[by].membershipId : null}, ${user ? 'user' : 'organization'}, ${user?.userId ?? null},
      ${user?.membershipId ?? null}, ${organization}, ${row.themes ?? ['invoice.sign', 'invoice.read']}, '[]',
      ${JSON.stringify(row.entitlements ?? { all: true })}::jsonb, ${JSON.stringify(row.limits ?? {})}::jsonb, ${row.legalBasis ?? null},
      ${row.startsAt ?? '-infinity'}, ${row.endsAt ?? 'infinity'}, ${row.mayPassOn ?? 0}, ${representedUser}, ${representedOrganization})`.execute(
    world.db,
  );
  return id;
}

async function factsOf(by: PersonName, whom: PersonName | { organization: OrganizationName }) {
  const { people, organizations, entitlements } = world;
  const representedId = typeof whom === 'string' ? people[whom].userId : organizations[whom.organization].id;
  return (await loadMandateFacts(world.db, {
    membershipId: people[by].membershipId,
    representedId,
    entitlementId: entitlements.partsBuyer,
  }))!;
}

const sign: RepresentedAct = { theme: 'invoice.sign', values: { amount: 100 } };
const ask = async (
  by: PersonName,
  whom: PersonName | { organization: OrganizationName },
  act = sign,
): Promise<MandateDecision> => decideMandate(await factsOf(by, whom), act);
const piece = (decision: MandateDecision): string =>
  decision.effect === 'permit' ? 'permit' : decision.because.piece;
const reason = (decision: MandateDecision): string =>
  decision.effect === 'deny' && decision.because.piece === 'link'
    ? decision.because.stop.reason
    : piece(decision);

describe('what a mandate lets do (I24)', () => {
  it('is its themes, as far as the application declares them', async () => {
    expect(piece(await ask('betaMember', 'northMember'))).toBe('mandate');
    await mandate({ to: 'betaMember', for: 'northMember', themes: ['invoice.sign', 'invoice.void'] });
    expect(piece(await ask('betaMember', 'northMember'))).toBe('permit');
    expect(piece(await ask('betaMember', 'northMember', { theme: 'invoice.read', values: {} }))).toBe(
      'theme',
    );
    // Named in the mandate, but the application knows no such theme.
    expect(piece(await ask('betaMember', 'northMember', { theme: 'invoice.void', values: {} }))).toBe(
      'theme',
    );
    // Nobody else, and for nobody else.
    expect(piece(await ask('acme2Member', 'northMember'))).toBe('mandate');
    expect(piece(await ask('betaMember', 'siteMember'))).toBe('mandate');
  });

  it('is within its limits; what is not said, or not understood, is not within', async () => {
    const limits: Limits = {
      'invoice.sign': { amount: { max: 100, min: 1 } },
      '*': { country: { in: ['NL', 'BE'] } },
    };
    await mandate({ to: 'betaMember', for: 'northMember', limits });
    const within = async (values: Record<string, unknown>) =>
      piece(await ask('betaMember', 'northMember', { theme: 'invoice.sign', values }));
    expect(await within({ amount: 100, country: 'NL' })).toBe('permit');
    for (const values of [
      { amount: 101, country: 'NL' },
      { amount: 0, country: 'NL' },
      { amount: Number.NaN, country: 'NL' },
      { amount: '50', country: 'NL' },
      { amount: 50, country: 'DE' },
      { amount: 50 },
      { country: 'NL' },
      {},
    ])
      expect(await within(values)).toBe('limit');
    expect(
      piece(await ask('betaMember', 'northMember', { theme: 'invoice.read', values: { country: 'BE' } })),
    ).toBe('permit');
    await sql`update delegation set limits = '{"invoice.sign": {"amount": {"about": 5}}}' where kind = 'represent'`.execute(
      world.db,
    );
    expect(await within({ amount: 5 })).toBe('limit');
  });

  it('is no more than the represented may do at that moment', async () => {
    await mandate({ to: 'betaMember', for: 'siteMember' });
    expect(piece(await ask('betaMember', 'siteMember'))).toBe('represented');
    await give('siteMember');
    expect(piece(await ask('betaMember', 'siteMember'))).toBe('permit');
    await world.as('acmeManager', 'membership.suspend', {
      membershipId: world.people.siteMember.membershipId,
    });
    expect(piece(await ask('betaMember', 'siteMember'))).toBe('represented');
    await world.as('acmeManager', 'membership.resume', {
      membershipId: world.people.siteMember.membershipId,
    });
    await world.as('owner', 'delegation.narrow', {
      delegationId: world.delegations.acmeStanding,
      entitlements: { applicationIds: [], entitlementIds: [] },
    });
    expect(piece(await ask('betaMember', 'siteMember'))).toBe('represented');
  });

  it('is within its entitlements, and half-open in time (I15, I18, I20)', async () => {
    const { rows } = await sql<{ from: Date; until: Date }>`
      select remit_now() + interval '1 hour' as from, remit_now() + interval '2 hours' as until`.execute(
      world.db,
    );
    await mandate({
      to: 'betaMember',
      for: 'northMember',
      startsAt: rows[0]!.from.toISOString(),
      endsAt: rows[0]!.until.toISOString(),
    });
    expect(reason(await ask('betaMember', 'northMember'))).toBe('not-begun');
    const facts = await factsOf('betaMember', 'northMember');
    const at = (one: Date) => reason(decideMandate({ ...facts, at: one }, sign));
    expect(at(rows[0]!.from)).toBe('permit');
    expect(at(new Date(rows[0]!.until.getTime() - 1))).toBe('permit');
    expect(at(rows[0]!.until)).toBe('expired');
    await passTime(world.db, 3600);
    expect(piece(await ask('betaMember', 'northMember'))).toBe('permit');
    const limited = { applications: [], entitlements: [world.entitlements.partsViewer] };
    await sql`update delegation set entitlements = ${JSON.stringify(limited)}::jsonb where kind = 'represent'`.execute(
      world.db,
    );
    expect(piece(await ask('betaMember', 'northMember'))).toBe('entitlement');
    await sql`update delegation set entitlements = '{"all": true}' where kind = 'represent'`.execute(
      world.db,
    );
    for (const state of ['paused', 'ended']) {
      await sql`update delegation set state = ${state} where kind = 'represent'`.execute(world.db);
      expect(reason(await ask('betaMember', 'northMember'))).toBe(state);
    }
  });

  it('needs the representative’s own standing', async () => {
    await mandate({ to: 'betaMember', for: 'northMember' });
    await sql`update membership set state = 'suspended' where id = ${world.people.betaMember.membershipId}`.execute(
      world.db,
    );
    expect(piece(await ask('betaMember', 'northMember'))).toBe('standing');
  });
});

describe('who gives it (I24)', () => {
  it('is the represented person, while they may do it themselves; or the law', async () => {
    const id = await mandate({ to: 'betaMember', for: 'northMember' });
    await sql`update app_user set state = 'suspended' where id = ${world.people.northMember.userId}`.execute(
      world.db,
    );
    expect(piece(await ask('betaMember', 'northMember'))).toBe('represented');
    await sql`update app_user set state = 'active' where id = ${world.people.northMember.userId}`.execute(
      world.db,
    );
    await sql`update delegation set state = 'ended' where id = ${id}`.execute(world.db);
    await mandate({
      to: 'betaMember',
      for: 'northMember',
      by: null,
      legalBasis: 'Court of Utrecht, 12/2030',
    });
    expect(piece(await ask('betaMember', 'northMember'))).toBe('permit');
  });

  it('is never somebody else: a row that says so is refused', async () => {
    await expect(mandate({ to: 'betaMember', for: 'northMember', by: 'owner' })).rejects.toMatchObject({
      code: '23514',
    });
    await expect(mandate({ to: 'betaMember', for: 'northMember', by: null })).rejects.toMatchObject({
      code: '23514',
    });
  });

  it('for an organization outlives whoever signed it, and is flagged then', async () => {
    await mandate({ to: 'betaMember', for: { organization: 'acmeSouth' }, by: 'southMember' });
    const whom = { organization: 'acmeSouth' } as const;
    expect(await ask('betaMember', whom)).toMatchObject({ effect: 'permit', flags: [] });
    await world.as('acmeManager', 'membership.end', {
      membershipId: world.people.southMember.membershipId,
    });
    expect(await ask('betaMember', whom)).toMatchObject({ effect: 'permit', flags: ['signer-gone'] });
    // Within what the organization may have, and while it is open.
    await world.as('acmeManager', 'organization.suspend', {
      organizationId: world.organizations.acmeSouth.id,
    });
    expect(piece(await ask('betaMember', whom))).toBe('represented');
    await world.as('acmeManager', 'organization.resume', {
      organizationId: world.organizations.acmeSouth.id,
    });
    await world.as('owner', 'delegation.pause', { delegationId: world.delegations.acmeStanding });
    expect(piece(await ask('betaMember', whom))).toBe('represented');
  });
});

describe('what is passed on (I25)', () => {
  const sub = async (mayPassOn: number) => {
    const top = await mandate({
      to: 'betaMember',
      for: 'northMember',
      mayPassOn,
      limits: { '*': { amount: { max: 500 } } },
    });
    const below = await mandate({
      under: top,
      to: 'acme2Member',
      for: 'northMember',
      by: 'betaMember',
      limits: { '*': { amount: { max: 200 } } },
      mayPassOn: 5,
    });
    return { top, below };
  };

  it('needs mayPassOn, and is intersected with what is above, at use', async () => {
    const { top } = await sub(1);
    const act = (amount: number) => ask('acme2Member', 'northMember', { ...sign, values: { amount } });
    expect(piece(await act(200))).toBe('permit');
    expect(piece(await act(201))).toBe('limit');
    await sql`update delegation set permissions = '{invoice.read}' where id = ${top}`.execute(world.db);
    expect(piece(await act(1))).toBe('theme');
    await sql`update delegation set permissions = '{invoice.sign}', may_pass_on = 0 where id = ${top}`.execute(
      world.db,
    );
    expect(reason(await act(1))).toBe('too-deep');
    await sql`update delegation set may_pass_on = 1, ends_at = remit_now() where id = ${top}`.execute(
      world.db,
    );
    expect(reason(await act(1))).toBe('expired');
  });

  it('stands when the one in the middle leaves', async () => {
    await sub(1);
    await sql`update membership set state = 'ended', ends_at = remit_now() where id = ${world.people.betaMember.membershipId}`.execute(
      world.db,
    );
    expect(piece(await ask('acme2Member', 'northMember'))).toBe('permit');
    expect(piece(await ask('betaMember', 'northMember'))).toBe('standing');
  });

  it('goes deeper only as far as every link above lets it', async () => {
    const { below } = await sub(1);
    await mandate({ under: below, to: 'auditor', for: 'northMember', by: 'acme2Member' });
    expect(reason(await ask('auditor', 'northMember'))).toBe('too-deep');
    await sql`update delegation set may_pass_on = 2 where kind = 'represent' and parent_id is null`.execute(
      world.db,
    );
    expect(piece(await ask('auditor', 'northMember'))).toBe('permit');
  });

  it('comes round to nobody twice, and never changes whom it is for', async () => {
    const { below } = await sub(5);
    const back = await mandate({ under: below, to: 'betaMember', for: 'northMember', by: 'acme2Member' });
    await sql`update delegation set state = 'ended' where delegate_user_id = ${world.people.betaMember.userId} and id <> ${back}`.execute(
      world.db,
    );
    expect(reason(await ask('betaMember', 'northMember'))).toBe('broken');
    await mandate({ under: below, to: 'auditor', for: 'siteMember', by: 'acme2Member' });
    await give('siteMember');
    expect(reason(await ask('auditor', 'siteMember'))).toBe('broken');
  });

  it('by an organization that represents reaches its people only so', async () => {
    const top = await mandate({ to: { organization: 'beta' }, for: 'northMember', mayPassOn: 1 });
    expect(piece(await ask('betaMember', 'northMember'))).toBe('mandate');
    await mandate({ under: top, to: 'betaMember', for: 'northMember', by: 'betaMember' });
    expect(piece(await ask('betaMember', 'northMember'))).toBe('permit');
  });

  it('is refused when it has more than the mandate above', async () => {
    await mandate({
      to: 'betaMember',
      for: 'northMember',
      mayPassOn: 1,
      endsAt: '2100-01-01',
      themes: ['invoice.sign'],
    });
    const facts = await factsOf('betaMember', 'northMember');
    const [parent] = facts.mandates;
    const proposal = {
      themes: ['invoice.sign'],
      entitlements: { all: true } as const,
      startsAt: facts.at,
      endsAt: new Date('2099-01-01'),
      mayPassOn: 0,
      delegateId: world.people.auditor.userId,
    };
    const excess = (more: Partial<typeof proposal>, at = facts.at) =>
      subMandateExcess(parent!, { ...proposal, ...more }, at, () => undefined);
    expect(excess({})).toBeUndefined();
    expect(excess({ themes: ['invoice.read'] })).toBe('theme');
    expect(excess({ endsAt: new Date('2100-01-02') })).toBe('period');
    expect(excess({ mayPassOn: 1 })).toBe('passing-on');
    expect(excess({ delegateId: world.people.northMember.userId })).toBe('circle');
    expect(excess({ delegateId: world.people.betaMember.userId })).toBe('circle');
    expect(excess({}, new Date('2100-01-01'))).toBe('link');
    expect(
      subMandateExcess(
        [{ ...parent![0]!, entitlements: { applications: [], entitlements: [] } }],
        proposal,
        facts.at,
        () => undefined,
      ),
    ).toBe('entitlement');
  });
});

describe('in Remit itself', () => {
  it('gives no permission and no reach, and makes its holder nobody’s to take over (I12, I24)', async () => {
    const before = await loadFacts(world.db, {
      kind: 'membership',
      membershipId: world.people.betaMember.membershipId,
    });
    await mandate({ to: 'betaMember', for: 'owner', themes: [...permissionNames], mayPassOn: 5 });
    const facts = await loadFacts(world.db, {
      kind: 'membership',
      membershipId: world.people.betaMember.membershipId,
    });
    expect(facts.held).toEqual(before.held);
    const { root } = world.organizations;
    for (const permission of permissionNames) {
      const target = {
        kind: 'organization',
        id: root.id,
        organizationId: root.id,
        path: root.path,
        off: false,
      };
      expect(decide(facts, permission, target).effect).toBe('deny');
      expect(reach(facts, permission).regions).toEqual([]);
    }
    const owner = await loadFacts(world.db, {
      kind: 'membership',
      membershipId: world.people.owner.membershipId,
    });
    expect(dominates(owner, await loadPower(world.db, world.people.betaMember.userId))).toBe(false);
    expect(dominates(owner, await loadPower(world.db, world.people.acme2Member.userId))).toBe(true);
  });
});
