import { Kysely, PostgresDialect, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decide } from '../../src/authority/decide.ts';
import type { Target } from '../../src/authority/delegation.ts';
import type { Facts } from '../../src/authority/facts.ts';
import { loadFacts } from '../../src/authority/load-facts.ts';
import { loadFactsForReading } from '../../src/authority/stamp.ts';
import { passTime } from '../../src/platform/clock.ts';
import { type Database, openDatabase } from '../../src/platform/database.ts';
import { newId } from '../../src/platform/ids.ts';
import type { DB } from '../../src/platform/schema.gen.ts';
import { hashSessionToken } from '../../src/platform/sessions.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

/** Facts that a process keeps are those of the database at every check, whoever changed what, in whichever process. */
let world: World;
let other: Database;
beforeEach(async () => {
  world = await makeWorld();
  other = openDatabase(world.url, { max: 1 });
});
afterEach(async () => {
  await other.close();
  await world.close();
});

const proof = (person: PersonName) => ({ kind: 'session' as const, tokenHash: hashSessionToken(person) });

async function signIn(person: PersonName): Promise<void> {
  const { userId, membershipId } = world.people[person];
  await sql`insert into session (id, token_hash, user_id, membership_id, expires_at)
    values (${newId()}, ${hashSessionToken(person)}, ${userId}, ${membershipId}, remit_now() + interval '1 day')`.execute(
    world.db,
  );
}

const watched = ['northManager', 'acmeManager', 'acmePeer', 'owner', 'acme2Manager', 'acmeMember'] as const;

/** What both processes believe of everybody, and what is so. */
async function compare(): Promise<void> {
  for (const person of watched) {
    const really = await loadFacts(world.db, proof(person));
    for (const db of [world.db, other.db]) {
      const kept = await loadFactsForReading(db, proof(person));
      expect(plain(kept), person).toEqual(plain(really));
    }
  }
}
const plain = ({ at: _, links, standers, deputyFor, ...rest }: Facts): unknown => ({
  ...rest,
  deputyFor: deputyFor.map(({ link, giver }) => ({ link, giver: plain(giver) })),
  links: [...links.values()].sort((one, two) => (one.id < two.id ? -1 : 1)),
  standers: [...standers.values()].sort((one, two) => (one.membershipId < two.membershipId ? -1 : 1)),
});

async function everybodySignsIn(): Promise<void> {
  for (const person of watched) await signIn(person);
  await compare();
}

const statement = (text: string) => sql.raw(text).execute(world.db);

describe('the next read in every process sees', () => {
  const d = () => world.delegations;
  const m = (person: PersonName) => world.people[person].membershipId;
  const changes: Record<string, () => string> = {
    'a link paused': () => `update delegation set state = 'paused' where id = '${d().acmeManager}'`,
    'a link above ended': () => `update delegation set state = 'ended' where id = '${d().acmeStanding}'`,
    'a link narrowed': () =>
      `update delegation set permissions = '{}', admin_role_id = null where id = '${d().northManager}'`,
    'a link dated': () => `update delegation set ends_at = remit_now() where id = '${d().acmeManager}'`,
    'a link given': () =>
      `insert into delegation (id, kind, parent_id, chain, delegate_kind, delegate_user_id, delegate_membership_id, scope, place_paths, entitlements)
       select '${newId()}', kind, parent_id, chain, 'user', '${world.people.acmeMember.userId}', '${m('acmeMember')}', scope, place_paths, entitlements
       from delegation where id = '${d().acmeManager}'`,
    'a link given in another branch': () =>
      `insert into delegation (id, kind, parent_id, chain, delegate_kind, delegate_user_id, delegate_membership_id, scope, place_paths, entitlements)
       select '${newId()}', kind, parent_id, chain, 'user', '${world.people.acmeMember.userId}', '${m('acmeMember')}', scope, place_paths, entitlements
       from delegation where id = '${d().acme2Manager}'`,
    'a link to a relation there': () =>
      `insert into delegation (id, kind, parent_id, chain, delegate_kind, delegate_organization_id, relation, relation_path, scope, place_paths, entitlements)
       select '${newId()}', kind, parent_id, chain, 'relation', '${world.organizations.acme.id}', 'members', 'r.1', scope, place_paths, entitlements
       from delegation where id = '${d().acmeManager}'`,
    'a deputy named': () =>
      `insert into delegation (id, kind, delegate_kind, delegate_user_id, delegate_membership_id, giver_membership_id, scope, place_paths, entitlements)
       select '${newId()}', 'approve', 'user', '${world.people.acmeMember.userId}', '${m('acmeMember')}', '${m('acmeManager')}', scope, place_paths, entitlements
       from delegation where id = '${d().acmeManager}'`,
    'an admin role edited': () =>
      `update admin_role set permissions = '{user.read}' where key = 'delegated-manager'`,
    'an exception set': () =>
      `insert into exception (id, organization_id, path, set_under) values ('${newId()}', '${world.organizations.acmeNorth.id}', 'r.1.1', '${d().owner}')`,
    'a membership suspended': () =>
      `update membership set state = 'suspended' where id = '${m('northManager')}'`,
    'a last day set': () => `update membership set ends_at = remit_now() where id = '${m('northManager')}'`,
    'a line manager changed': () =>
      `update membership set line_manager_id = '${m('acmeManager')}' where id = '${m('northManager')}'`,
    'a person suspended': () =>
      `update app_user set state = 'suspended' where id = '${world.people.acmeManager.userId}'`,
    'a person renamed': () =>
      `update app_user set display_name = 'Other' where id = '${world.people.acmePeer.userId}'`,
    'an organization suspended': () => `update organization set state = 'suspended' where path = 'r.1.1'`,
    'one above suspended': () => `update organization set state = 'suspended' where path = 'r.1'`,
    'an organization moved': () =>
      `with o as (update organization set path = 'r.2.7', parent_id = '${world.organizations.beta.id}' where path = 'r.1.1' returning 1),
         m as (update membership set path = 'r.2.7' where path = 'r.1.1' returning 1)
       update delegation set place_paths = '{r.2.7}', scope = replace(scope::text, '"r.1.1"', '"r.2.7"')::jsonb where place_paths = '{r.1.1}'`,
    'a session ended': () =>
      `update session set ended_at = remit_now() where user_id = '${world.people.acmeManager.userId}'`,
    'a session in another membership': () =>
      `update session set membership_id = null where user_id = '${world.people.acmeManager.userId}'`,
    'a link removed': () => `delete from delegation where id = '${d().acmePeer}'`,
  };
  for (const [name, change] of Object.entries(changes))
    it(name, async () => {
      await everybodySignsIn();
      await statement(change());
      await compare();
    });

  it('nothing of a change that did not commit, and all of it once it did', async () => {
    await everybodySignsIn();
    const before = plain(await loadFactsForReading(other.db, proof('northManager')));
    await world.db.transaction().execute(async (trx) => {
      await sql`update delegation set state = 'paused' where id = ${world.delegations.acmeManager}`.execute(
        trx,
      );
      expect(plain(await loadFactsForReading(other.db, proof('northManager')))).toEqual(before);
    });
    const after = plain(await loadFactsForReading(other.db, proof('northManager')));
    expect(after).not.toEqual(before);
    await compare();
  });

  it('dates that pass, with nothing written', async () => {
    await everybodySignsIn();
    await sql`update delegation set ends_at = remit_now() + interval '1 minute' where id = ${world.delegations.northManager}`.execute(
      world.db,
    );
    await sql`update membership set ends_at = remit_now() + interval '2 minutes' where id = ${m('acmeManager')}`.execute(
      world.db,
    );
    const north: Target = {
      kind: 'organization',
      id: world.organizations.acmeNorth.id,
      organizationId: world.organizations.acmeNorth.id,
      path: world.organizations.acmeNorth.path,
      off: false,
    };
    const may = async (person: PersonName) =>
      decide(await loadFactsForReading(world.db, proof(person)), 'user.read', north).effect;
    expect([await may('northManager'), await may('acmeManager')]).toEqual(['permit', 'permit']);
    await passTime(world.db, 61);
    expect([await may('northManager'), await may('acmeManager')]).toEqual(['deny', 'permit']);
    await passTime(world.db, 60);
    expect([await may('northManager'), await may('acmeManager')]).toEqual(['deny', 'deny']);
    await compare();
  });
});

describe('whoever rests on others sees at the next read', () => {
  const m = (person: PersonName) => world.people[person].membershipId;
  const u = (person: PersonName) => world.people[person].userId;
  const related = (relation: string, giver: PersonName, delegation: string) => sql`
    insert into delegation (id, kind, parent_id, chain, giver_user_id, giver_membership_id, delegate_kind, delegate_organization_id,
      relation, relation_path, scope, place_paths, entitlements, permissions, may_pass_on)
    select ${newId()}, kind, d.id, array_prepend(d.id, chain), ${u(giver)}, ${m(giver)}, 'relation', ${world.organizations.acme.id},
      ${relation}, 'r.1', '[{"where": "relation"}]', '{}', entitlements, '{user.read,user.invite}', 3
    from delegation d where d.id = ${delegation} returning id`;

  beforeEach(async () => {
    for (const relation of ['managers', 'line-managers', 'guardians', 'members'])
      await related(relation, 'acmeManager', world.delegations.acmeManager).execute(world.db);
    await sql`insert into guardian (id, membership_id, organization_id, starts_at, ends_at)
      values (${newId()}, ${m('acmeMember')}, ${world.organizations.acmeNorth.id}, '-infinity', remit_now() + interval '1 hour')`.execute(
      world.db,
    );
    await sql`update membership set line_manager_id = ${m('acmePeer')} where id in (${m('northMember')})`.execute(
      world.db,
    );
    // below a relation, from somebody who stands in it
    await sql`insert into delegation (id, kind, parent_id, chain, giver_user_id, giver_membership_id, delegate_kind, delegate_user_id,
        delegate_membership_id, scope, place_paths, entitlements, permissions, may_pass_on)
      select ${newId()}, kind, d.id, array_prepend(d.id, chain), ${u('acmePeer')}, ${m('acmePeer')}, 'user', ${u('northManager')},
        ${m('northManager')}, scope, '{}', entitlements, '{user.read}', 0
      from delegation d where d.relation = 'line-managers'`.execute(world.db);
    await sql`insert into delegation (id, kind, delegate_kind, delegate_user_id, delegate_membership_id, giver_user_id, giver_membership_id,
        scope, place_paths, entitlements, starts_at, ends_at)
      select ${newId()}, 'approve', 'user', ${u('acme2Manager')}, ${m('acme2Manager')}, ${u('acmePeer')}, ${m('acmePeer')}, scope, place_paths,
        entitlements, remit_now() + interval '10 minutes', remit_now() + interval '20 minutes'
      from delegation where id = ${world.delegations.acmeManager}`.execute(world.db);
  });

  const changes: Record<string, () => string> = {
    'the last report gone': () =>
      `update membership set state = 'ended', ends_at = remit_now() where id = '${m('northMember')}'`,
    'the report under somebody else': () =>
      `update membership set line_manager_id = '${m('acmeMember')}' where id = '${m('northMember')}'`,
    'a report removed': () => `delete from membership where id = '${m('northMember')}'`,
    'a report come': () =>
      `insert into membership (id, user_id, organization_id, path, sort_name, line_manager_id)
       values ('${newId()}', '${u('betaMember')}', '${world.organizations.acme.id}', 'r.1', 'b', '${m('acmeMember')}')`,
    'the giver suspended': () => `update membership set state = 'suspended' where id = '${m('acmePeer')}'`,
    'the giver suspended as a person': () =>
      `update app_user set state = 'suspended' where id = '${u('acmePeer')}'`,
    'the giver no manager any more': () =>
      `update delegation set state = 'paused' where id = '${world.delegations.acmePeer}'`,
    'a guardian no more': () => `update guardian set state = 'ended'`,
    'a guardian of another': () =>
      `insert into guardian (id, membership_id, organization_id) values ('${newId()}', '${m('northManager')}', '${world.organizations.acme.id}')`,
    'an organization closed': () => `update organization set state = 'closed' where path = 'r.1'`,
    'the relation ended': () => `update delegation set state = 'ended' where relation = 'line-managers'`,
    'somebody with no place left': () =>
      `update session set membership_id = null where user_id = '${u('acmeMember')}'`,
  };
  for (const [name, change] of Object.entries(changes))
    it(name, async () => {
      await everybodySignsIn();
      await statement(change());
      await compare();
    });

  it('days that pass, with nothing written', async () => {
    await sql`update membership set ends_at = remit_now() + interval '5 minutes' where id = ${m('northMember')}`.execute(
      world.db,
    );
    await everybodySignsIn();
    const held = async (person: PersonName) =>
      (await loadFactsForReading(world.db, proof(person))).held.filter(({ relation }) => relation).length;
    const deputies = async () =>
      (await loadFactsForReading(world.db, proof('acme2Manager'))).deputyFor.length;
    expect([await held('acmePeer'), await held('acmeMember'), await deputies()]).toEqual([3, 2, 0]);
    await passTime(world.db, 301);
    expect([await held('acmePeer'), await held('acmeMember'), await deputies()]).toEqual([2, 2, 0]);
    await compare();
    await passTime(world.db, 600);
    expect(await deputies()).toBe(1);
    await compare();
    await passTime(world.db, 3600);
    expect([await held('acmePeer'), await held('acmeMember'), await deputies()]).toEqual([2, 1, 0]);
    await compare();
  });

  it('and is asked by one short statement while nothing changed', async () => {
    await everybodySignsIn();
    const statements: string[] = [];
    const spied = new Kysely<DB>({
      dialect: new PostgresDialect({ pool: other.pool }),
      log: ({ query }) => {
        statements.push(query.sql);
      },
    });
    for (const person of watched) {
      await loadFactsForReading(spied, proof(person));
      statements.length = 0;
      await loadFactsForReading(spied, proof(person));
      expect(statements, person).toEqual([expect.stringContaining('join session s')]);
    }
  });
});

it('raises stamps wherever a change of what the facts read is written', async () => {
  await everybodySignsIn();
  // Every table that the facts of a session are read from: a new one needs a trigger of its own, or a reason here.
  const without = {
    clock: 'dates are compared at use',
    session: 'read at every check',
    stamp: 'the stamps themselves',
    nearby: 'kept with what it tells of, which raises stamps',
    credential: 'who can sign in is asked of holders only, who are never kept',
  };
  const statements: string[] = [];
  const spied = new Kysely<DB>({
    dialect: new PostgresDialect({ pool: other.pool }),
    log: ({ query }) => {
      statements.push(query.sql);
    },
  });
  await sql`insert into exception (id, organization_id, path) values (${newId()}, ${world.organizations.acmeNorth.id}, 'r.1.1')`.execute(
    world.db,
  );
  await loadFacts(spied, proof('northManager'));
  expect(statements.length).toBeGreaterThan(0);
  const { rows: tables } = await sql<{ name: string; stamped: boolean }>`
    select c.relname as name, exists (select 1 from pg_trigger t where t.tgrelid = c.oid and t.tgname like '%stamp%') as stamped
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'`.execute(world.db);
  const read = tables.filter(({ name }) =>
    statements.some((text) => new RegExp(`\\b(from|join) ${name}\\b`).test(text)),
  );
  expect(read.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['delegation', 'membership', 'exception']),
  );
  expect(
    read
      .filter(({ stamped }) => !stamped)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(
    Object.keys(without)
      .filter((name) => read.some((table) => table.name === name))
      .sort(),
  );
});

it('writers never wait for each other’s stamps', async () => {
  const raise = (trx: typeof world.db) => sql`select raise_stamps(array['br.1'])`.execute(trx);
  await world.db.transaction().execute(async (one) => {
    await raise(one);
    await other.db.transaction().execute(async (two) => {
      await sql`set local lock_timeout = '100ms'`.execute(two);
      await raise(two);
    });
  });
  const { rows } = await sql<{
    value: number;
  }>`select sum(value)::int as value from stamp where key = 'br.1'`.execute(world.db);
  expect(rows[0]!.value).toBeGreaterThanOrEqual(2);
});
