import { Kysely, PostgresDialect, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { openDatabase } from '../../src/platform/database.ts';
import { newId } from '../../src/platform/ids.ts';
import type { DB } from '../../src/platform/schema.gen.ts';
import { makeWorld, type World } from '../harness/world.ts';

/** Everything that ended with a delegation, complete, on one page. */
let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

const member = (name: keyof World['people']) => world.people[name].membershipId;

const deputyOf = async (giver: keyof World['people'], deputy: keyof World['people']): Promise<string> => {
  const id = newId();
  const place = { ...world.organizations.acme, below: true };
  await sql`insert into delegation (id, kind, giver_user_id, giver_membership_id, delegate_kind, delegate_user_id, delegate_membership_id,
      scope, place_paths, entitlements)
    values (${id}, 'approve', ${world.people[giver].userId}, ${member(giver)}, 'user', ${world.people[deputy].userId}, ${member(deputy)},
      ${JSON.stringify([{ places: [place] }])}::jsonb, ${[place.path]}::text[], '{"all": true}')`.execute(
    world.db,
  );
  return id;
};

const ask = async (name: keyof World['people']): Promise<string> => {
  const id = newId();
  const { path, id: organizationId } = world.organizations.acmeNorth;
  await sql`insert into request (id, requester_id, membership_id, organization_id, path, entitlement_id, entitlement_ids)
    values (${id}, ${world.people[name].userId}, ${member(name)}, ${organizationId}, ${path}, ${world.entitlements.partsViewer},
      ${[world.entitlements.partsViewer]}::uuid[])`.execute(world.db);
  return id;
};

const invite = async (under: string): Promise<string> => {
  const id = newId();
  const { path, id: organizationId } = world.organizations.acmeNorth;
  await sql`insert into invitation (id, organization_id, path, email, email_normal, display_name, invited_under, expires_at)
    values (${id}, ${organizationId}, ${path}, ${`${id}@example.org`}, ${`${id}@example.org`}, 'Somebody New', ${under}, remit_now() + interval '7 days')`.execute(
    world.db,
  );
  return id;
};

const signIn = async (name: keyof World['people']): Promise<void> => {
  await sql`insert into session (id, token_hash, user_id, membership_id, expires_at)
    values (${newId()}, ${Buffer.from(newId())}, ${world.people[name].userId}, ${member(name)}, remit_now() + interval '1 day')`.execute(
    world.db,
  );
};

const give = async (name: keyof World['people']): Promise<void> => {
  await sql`insert into assignment (id, membership_id, entitlement_id, why)
    values (${newId()}, ${member(name)}, ${world.entitlements.partsViewer}, 'direct')`.execute(world.db);
};

describe('the receipt of a delegation', () => {
  it('lists what was given from it, its invitations, deputies, requests, and sessions', async () => {
    const { acmePeer, acmeManager, northManager } = world.delegations;
    const invitation = await invite(northManager);
    const byPeer = await invite(acmePeer);
    const deputy = await deputyOf('acmeManager', 'southMember');
    const peersDeputy = await deputyOf('acmePeer', 'southMember');
    const request = await ask('northMember');
    await signIn('northManager');
    await signIn('acmePeer');
    const ended = await world.as('owner', 'delegation.end', { delegationId: acmeManager });
    expect(ended.receipt).toEqual({
      href: `/delegations/${acmeManager}/receipt`,
      counts: { delegations: 1, invitations: 1, deputies: 1, requests: 0, access: 0, sessions: 1 },
    });
    const receipt = await world.as('owner', 'delegation.receipt', { delegationId: acmeManager });
    expect(receipt).toMatchObject({
      endedBy: { name: 'owner' },
      outside: false,
      counts: ended.receipt.counts,
      delegations: [{ id: northManager, delegate: 'northManager', place: 'acmeNorth' }],
      invitations: [{ id: invitation, name: 'Somebody New' }],
      deputies: [{ id: deputy, name: 'southMember', for: 'acmeManager' }],
      sessions: [{ membershipId: member('northManager'), count: 1 }],
    });
    const { sentence } = await world.as('owner', 'delegation.read', { delegationId: acmeManager });
    expect(sentence).toMatch(/^acmeManager could act as manager for acme and everything below it/);
    expect(JSON.stringify(receipt)).not.toContain(byPeer);
    expect(JSON.stringify(receipt)).not.toContain(peersDeputy);
    // The peer decided it as well, until now.
    const second = await world.as('owner', 'delegation.end', { delegationId: acmePeer });
    expect(second.receipt.counts.requests).toBe(0);
    const third = await world.as('owner', 'delegation.receipt', { delegationId: acmePeer });
    expect(third.deputies.map(({ id }) => id)).toEqual([peersDeputy]);
    expect(third.invitations.map(({ id }) => id)).toEqual([byPeer]);
    // The application manager of the place still decides about parts; without them only a level above does.
    const { rows } = await sql<{
      id: string;
    }>`select id from delegation where delegate_membership_id = ${member('acmeApplicationManager')}`.execute(
      world.db,
    );
    const fourth = await world.as('owner', 'delegation.end', { delegationId: rows[0]!.id });
    expect(fourth.receipt.counts.requests).toBe(1);
    const last = await world.as('owner', 'delegation.receipt', { delegationId: rows[0]!.id });
    expect(last.requests).toMatchObject([{ id: request, name: 'northMember', asksFor: 'viewer in parts' }]);
  });

  it('is for those who may read the delegation, as far as they see today', async () => {
    const { northManager, acmeManager } = world.delegations;
    await expect(
      world.as('acme2Manager', 'delegation.receipt', { delegationId: acmeManager }),
    ).rejects.toMatchObject({ code: 'not-found' });
    await expect(
      world.as('owner', 'delegation.receipt', { delegationId: northManager }),
    ).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(world.as('owner', 'delegation.receipt', { delegationId: newId() })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('lists the access that a ceiling held up', async () => {
    await give('acme2Member');
    await give('acme2NorthMember');
    await give('betaMember');
    await signIn('acme2Member');
    const { acme2Standing, acme2Manager } = world.delegations;
    const ended = await world.as('owner', 'delegation.end', { delegationId: acme2Standing });
    expect(ended.receipt.counts).toMatchObject({ delegations: 1, access: 2, sessions: 1 });
    const receipt = await world.as('owner', 'delegation.receipt', { delegationId: acme2Standing });
    expect(receipt.delegations.map(({ id }) => id)).toEqual([acme2Manager]);
    expect(receipt.access.map(({ name }) => name)).toEqual(['acme2Member', 'acme2NorthMember']);
    expect(receipt.sentence).toBe('With it ended 1 delegation given from it and the access of 2 people.');
  });

  it('is kept, too, when an organization closes with its delegations in it', async () => {
    const { rows } = await sql<{ id: string }>`
      select id from delegation where state <> 'ended' and delegate_organization_id = ${world.organizations.acme.id}`.execute(
      world.db,
    );
    await world.as('owner', 'organization.close', { organizationId: world.organizations.acme.id });
    const receipt = await world.as('owner', 'delegation.receipt', { delegationId: rows[0]!.id });
    expect(receipt.endedBy.name).toBe('owner');
  });
});

describe('ten thousand dependents of every kind', () => {
  const many = 10_000;

  it('are found by a fixed number of statements', async () => {
    const few = await endAll(10);
    const all = await endAll(many);
    // So many for ten of each kind and for ten thousand.
    expect(all.statements).toEqual(few.statements);
    console.log(
      `receipt of ${many} of each kind: ended in ${all.ended} ms (${all.statements.ended} statements), read in ${all.read} ms (${all.statements.read})`,
    );
  }, 180_000);
});

/** Ends a standing delegation with so many dependents of every kind, and reads its receipt. */
async function endAll(many: number) {
  const large = await makeWorld();
  const standing = await fill(large, many);
  await sql`analyze`.execute(large.db);
  const database = openDatabase(large.url);
  let statements = 0;
  large.services.db = new Kysely<DB>({
    dialect: new PostgresDialect({ pool: database.pool }),
    log: () => {
      statements += 1;
    },
  });
  const started = performance.now();
  const ended = await large.as('owner', 'delegation.end', { delegationId: standing });
  const [written, after] = [performance.now(), statements];
  const counts = {
    delegations: many,
    invitations: many,
    deputies: many,
    requests: many,
    access: many,
    sessions: many,
  };
  expect(ended.receipt.counts).toEqual(counts);
  const receipt = await large.as('owner', 'delegation.receipt', { delegationId: standing });
  const read = performance.now();
  expect(receipt.counts).toEqual(counts);
  expect(receipt.outside).toBe(false);
  await database.close();
  await large.close();
  return {
    ended: Math.round(written - started),
    read: Math.round(read - written),
    statements: { ended: after, read: statements - after },
  };
}

/** People of one organization, each a manager with an invitation, a deputy, a request, some access and a session. */
async function fill(
  { db, organizations, people, delegations, entitlements }: World,
  many: number,
): Promise<string> {
  const { id, path } = organizations.beta;
  const standing = newId();
  const manager = adminRoleId('delegated-manager');
  const scope = JSON.stringify([{ places: [{ id, path, below: true }] }]);
  await link(db, standing, delegations, id, scope, path);
  await sql`
    with people as (
      insert into app_user (id, home_organization_id, display_name) select gen_random_uuid(), ${id}, 'Person ' || n from generate_series(1, ${many}) n returning id, display_name
    ),
    members as (
      insert into membership (id, user_id, organization_id, path, sort_name) select gen_random_uuid(), p.id, ${id}, ${path}, lower(p.display_name) from people p returning id, user_id
    ),
    links as (
      insert into delegation (id, kind, parent_id, chain, delegate_kind, delegate_user_id, delegate_membership_id, admin_role_id, scope, place_paths, entitlements)
      select gen_random_uuid(), 'administer', ${standing}, ${[standing, delegations.owner, delegations.rootRow]}::uuid[], 'user', m.user_id, m.id, ${manager},
        ${scope}::jsonb, ${[path]}::text[], '{"all": true}' from members m returning id, delegate_user_id as user_id, delegate_membership_id as membership_id
    ),
    deputies as (
      insert into delegation (id, kind, giver_user_id, giver_membership_id, delegate_kind, delegate_user_id, delegate_membership_id, scope, place_paths, entitlements)
      select gen_random_uuid(), 'approve', m.user_id, m.id, 'user', ${people.rootMember.userId}, ${people.rootMember.membershipId}, ${scope}::jsonb, ${[path]}::text[], '{"all": true}' from members m
    ),
    requests as (
      insert into request (id, requester_id, membership_id, organization_id, path, entitlement_id, entitlement_ids)
      select gen_random_uuid(), m.user_id, m.id, ${id}, ${path}, ${entitlements.notesReader}, ${[entitlements.notesReader]}::uuid[] from members m
    ),
    assignments as (
      insert into assignment (id, membership_id, entitlement_id, why) select gen_random_uuid(), m.id, ${entitlements.partsViewer}, 'direct' from members m
    ),
    sessions as (
      insert into session (id, token_hash, user_id, membership_id, expires_at)
      select gen_random_uuid(), sha256(m.id::text::bytea), m.user_id, m.id, remit_now() + interval '1 day' from members m
    )
    insert into invitation (id, organization_id, path, email, email_normal, invited_under, expires_at)
    select gen_random_uuid(), ${id}, ${path}, l.id || '@example.org', l.id || '@example.org', l.id, remit_now() + interval '7 days' from links l`.execute(
    db,
  );
  return standing;
}

async function link(
  db: Kysely<DB>,
  standing: string,
  delegations: World['delegations'],
  organizationId: string,
  scope: string,
  path: string,
): Promise<void> {
  await sql`insert into delegation (id, kind, parent_id, chain, delegate_kind, delegate_organization_id, permissions, scope, place_paths, entitlements, may_pass_on)
    select ${standing}, 'administer', ${delegations.owner}, ${[delegations.owner, delegations.rootRow]}::uuid[], 'organization', ${organizationId},
      r.permissions, ${scope}::jsonb, ${[path]}::text[], '{"all": true}', 5 from delegation r where r.id = ${delegations.rootRow}`.execute(
    db,
  );
}

describe('requests that wait for somebody above', () => {
  it('are named whatever they are about, when nobody of the place can decide them any more', async () => {
    const here = await makeWorld();
    const { northMember, siteMember } = here.people;
    const north = here.organizations.acmeNorth.id;
    try {
      await sql`update membership set last_day = current_date + 30, ends_at = remit_now() + interval '30 days'
        where id = ${northMember.membershipId}`.execute(here.db);
      await here.as('acmeManager', 'assignment.grant', {
        membershipIds: [northMember.membershipId],
        entitlementIds: [here.entitlements.partsViewer],
      });
      const { rows: had } = await sql<{ id: string }>`
        select id from assignment where membership_id = ${northMember.membershipId}`.execute(here.db);
      await here.as('northMember', 'request.create', {
        entitlementId: here.entitlements.partsBuyer,
        reason: '',
      });
      await here.as('northMember', 'ending.ask', { assignmentId: had[0]!.id });
      await here.as('northMember', 'last-day.ask', { lastDay: null });
      await here.as('northMember', 'organization.ask', { parentId: north, name: 'Workshop' });
      await here.as('northMember', 'delegation.ask', {
        organizationId: north,
        permissions: ['user.read'],
        until: '2999-01-01T00:00:00Z',
      });
      await here.as('acmePeer', 'account.ask', {
        organizationId: north,
        email: 'nadia@example.org',
        displayName: 'Nadia',
      });
      // Whoever looks after north decided all of it, and somebody else there the ends and the last days.
      const end = async (delegationId: string) => {
        await here.as('acmeManager', 'delegation.end', { delegationId });
        const receipt = await here.as('acmeManager', 'delegation.receipt', { delegationId });
        return receipt.requests.map(({ kind, name, asksFor }) => [kind, name, asksFor]).sort();
      };
      const { id: some } = await here.as('acmeManager', 'delegation.create', {
        organizationId: north,
        delegate: { membershipId: siteMember.membershipId },
        permissions: [
          'request.decide',
          'access.end',
          'access.read',
          'membership.update',
          'user.read',
          'organization.read',
        ],
      });
      expect(await end(here.delegations.northManager)).toEqual([
        ['account', 'Nadia', ''],
        ['delegation', 'northMember', ''],
        ['organization', 'Workshop', ''],
      ]);
      expect(await end(some)).toMatchObject({ length: 6 });
    } finally {
      await here.close();
    }
  });
});
