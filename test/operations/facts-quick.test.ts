import { CompiledQuery, sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decide } from '../../src/authority/decide.ts';
import type { Target } from '../../src/authority/delegation.ts';
import { type Facts, type FactsRow, toFacts } from '../../src/authority/facts.ts';
import { factsQuery } from '../../src/authority/facts-query.ts';
import { holders } from '../../src/authority/holders.ts';
import { loadFacts } from '../../src/authority/load-facts.ts';
import { newId } from '../../src/platform/ids.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

/**
 * Most checks are answered by a statement that reads links only, and asks one table whether anything else has a say.
 * Whatever is written, that gives what the statement gives that reads everything.
 */
let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

const plain = ({ at: _, links, standers, deputyFor, ...rest }: Facts): unknown => ({
  ...rest,
  deputyFor: deputyFor.map(({ link, giver }) => ({ link, giver: plain(giver) })),
  links: [...links.values()].sort((one, two) => (one.id < two.id ? -1 : 1)),
  standers: [...standers.values()].sort((one, two) => (one.membershipId < two.membershipId ? -1 : 1)),
});

async function compare(after: string): Promise<void> {
  const everybody: Facts[] = [];
  for (const [person, { membershipId }] of Object.entries(world.people)) {
    const { rows } = await world.db.executeQuery<FactsRow>(
      CompiledQuery.raw(factsQuery(world.db, 'membership', false), [membershipId]),
    );
    everybody.push(toFacts(rows[0]!, false));
    const whole = plain(everybody.at(-1)!);
    // First with the places of before, then with those of now.
    for (const time of ['first', 'second'])
      expect(
        plain(await loadFacts(world.db, { kind: 'membership', membershipId })),
        `${person} after ${after}, ${time}`,
      ).toEqual(whole);
  }
  await compareHolders(after, everybody);
}

/** Who may do something is asked by a statement of its own; it is everybody for whom it is permitted. */
async function compareHolders(after: string, everybody: Facts[]): Promise<void> {
  const { rows: places } = await sql<{ id: string; path: string; off: boolean }>`
    select id, path, place_is_off(path) as off from organization order by path`.execute(world.db);
  const { userId } = world.people.northMember;
  for (const { id, path, off } of places)
    for (const [permission, person] of [
      ['user.read', userId],
      ['user.read', undefined],
      ['organization.create', undefined],
    ] as const) {
      const target: Target = {
        kind: 'organization',
        id,
        organizationId: id,
        path,
        off,
        userId: person,
        line: [],
      };
      const may = everybody.filter((facts) => decide(facts, permission, target).effect === 'permit');
      expect(
        (await holders(world.db, permission, target)).map((one) => one.membershipId).sort(),
        `${permission} at ${path} after ${after}`,
      ).toEqual(may.map(({ actor }) => (actor.kind === 'user' ? actor.membershipId! : '')).sort());
    }
}

const m = (person: PersonName) => world.people[person].membershipId;
const exceptionAt = (place: keyof World['organizations']) =>
  `insert into exception (id, organization_id, path) select '${newId()}', id, path from organization where path = '${world.organizations[place].path}'`;

const linkTo = (columns: string, values: string, from: keyof World['delegations']) =>
  `insert into delegation (id, kind, parent_id, chain, scope, place_paths, entitlements, permissions, ${columns})
   select '${newId()}', 'administer', id, array_prepend(id, chain), scope, place_paths, entitlements, '{user.read}', ${values}
   from delegation where id = '${world.delegations[from]}'`;

/** What is written, in turn, each on top of those before. */
const acts = (): Record<string, string> => ({
  nothing: 'select 1',
  'an exception below': exceptionAt('acmeNorthSite'),
  'it is lifted': `update exception set state = 'lifted'`,
  'an exception above': exceptionAt('acme'),
  'it moves': `update exception set path = 'r.2', organization_id = '${world.organizations.beta.id}'`,
  'it is removed': 'delete from exception',
  'a link to a relation': linkTo(
    'delegate_kind, delegate_organization_id, relation, relation_path',
    `'relation', '${world.organizations.acmeNorth.id}', 'members', 'r.1.1'`,
    'acmeManager',
  ),
  'the relation is of another place': `update delegation set relation_path = 'r.10', delegate_organization_id = '${world.organizations.acme2.id}' where delegate_kind = 'relation'`,
  'that link ends': `update delegation set state = 'ended' where delegate_kind = 'relation'`,
  'that link stands again': `update delegation set state = 'active' where delegate_kind = 'relation'`,
  'that link is removed': `delete from delegation where delegate_kind = 'relation'`,
  'a deputy': `insert into delegation (id, kind, delegate_kind, delegate_user_id, delegate_membership_id, giver_membership_id, scope, place_paths, entitlements)
    select '${newId()}', 'approve', 'user', '${world.people.acmeMember.userId}', '${m('acmeMember')}', '${m('acmeManager')}', scope, place_paths, entitlements
    from delegation where id = '${world.delegations.acmeManager}'`,
  'a guardian': `insert into guardian (id, membership_id, organization_id) values ('${newId()}', '${m('betaMember')}', '${world.organizations.acmeSouth.id}')`,
  'a relation of guardians': linkTo(
    'delegate_kind, delegate_organization_id, relation, relation_path',
    `'relation', '${world.organizations.acme.id}', 'guardians', 'r.1'`,
    'acmeManager',
  ),
  'an organization suspended': `update organization set state = 'suspended' where path = 'r.1.1'`,
  'one above closed': `update organization set state = 'closed' where path = 'r.1'`,
  'the root is no exception': `update organization set state = 'suspended' where path = 'r'`,
  'all open again': `update organization set state = 'active'`,
  'another place': linkTo(
    'delegate_kind, delegate_user_id, delegate_membership_id',
    `'user', '${world.people.northManager.userId}', '${m('northManager')}'`,
    'acme2Manager',
  ),
  'an exception there': exceptionAt('acme2'),
  'a moved place': `update organization set state = 'suspended', path = 'r.2.7' where path = 'r.1.2'`,
  'a link with two places': `update delegation set place_paths = '{r.2,r.1.1}', scope = (select jsonb_build_array(jsonb_build_object('places', jsonb_agg(jsonb_build_object('id', id, 'path', path, 'below', true)))) from organization where path in ('r.2', 'r.1.1')) where id = '${world.delegations.acmePeer}'`,
  'a relation without a place': linkTo(
    'delegate_kind, delegate_organization_id, relation, relation_path',
    `'relation', '${world.organizations.beta.id}', 'members', 'r.2'`,
    'owner',
  )
    .replace('scope, place_paths, entitlements, permissions', 'entitlements, permissions, scope, place_paths')
    .replace(
      "scope, place_paths, entitlements, '{user.read}'",
      `entitlements, '{user.read}', '[{"users": ["${world.people.northMember.userId}"]}]', '{}'`,
    ),
  'a link without a place': `update delegation set place_paths = '{}', scope = '[{"users": []}]' where id = '${world.delegations.northManager}'`,
  dates: `update delegation set starts_at = '2026-01-02T03:04:05.678Z', ends_at = '2090-01-01T00:00:00+05:30' where delegate_kind = 'user'`,
  seats: `update delegation set seats = 700 where delegate_kind = 'organization'`,
  'a mandate, which is none of this': `insert into delegation (id, kind, delegate_kind, delegate_user_id, delegate_membership_id, represented_user_id, legal_basis, scope, place_paths, entitlements)
    select '${newId()}', 'represent', 'user', '${world.people.acmePeer.userId}', '${m('acmePeer')}', '${world.people.acmeMember.userId}', 'a court', '[]', '{}', '{"all": true}'`,
});

it('what is quick and what is whole agree, whatever stands near', async () => {
  for (const [name, statement] of Object.entries(acts())) {
    await sql.raw(statement).execute(world.db);
    await compare(name);
  }
});

it('what is near is kept also while rows are filled in', async () => {
  const near = async () =>
    (await sql<{ n: number }>`select count(*)::int as n from nearby`.execute(world.db)).rows[0]!.n;
  await sql`delete from exception`.execute(world.db);
  const before = await near();
  await world.db.connection().execute(async (one) => {
    await sql`set session_replication_role = replica`.execute(one);
    await sql.raw(exceptionAt('acmeNorthSite')).execute(one);
    await sql`reset session_replication_role`.execute(one);
  });
  // of an exception: at the place, and below each of the three above it
  expect(await near()).toBe(before + 4);
  await compare('an exception filled in');
});
