import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { holds } from '../../src/authority/holds.ts';
import { fileNames } from '../../src/enrolment/import/files.ts';
import { performImport } from '../../src/enrolment/import/run.ts';
import { run } from '../../src/operation/pipeline.ts';
import { makeLinkSecret } from '../../src/platform/one-time-secrets.ts';
import { operations } from '../../src/server/operations.gen.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

/** Two at once on a real database: an order is found, and whoever comes second is told (law 4). */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const member = (person: PersonName) => world.people[person].membershipId;
const give = (by: PersonName, to: PersonName) =>
  world.as(by, 'assignment.grant', {
    membershipIds: [member(to)],
    entitlementIds: [world.entitlements.partsBuyer],
  });

/** What became of each: `ok`, or the refusal's code. Anything but a refusal is a fault. */
async function together(...acts: Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(acts);
  return settled.map((one) => {
    if (one.status === 'fulfilled') return 'ok';
    expect(one.reason).toMatchObject({ name: 'Refusal' });
    return one.reason.code as string;
  });
}

it('gives nothing after the standing delegation has ended (I14, I15)', async () => {
  const to = [
    'acmeMember',
    'acmeHelpDesk',
    'northMember',
    'siteMember',
    'southMember',
    'northManager',
  ] as const;
  const grants = to.map((name) => give('acmePeer', name));
  const ending = world.as('owner', 'delegation.end', { delegationId: world.delegations.acmeStanding });
  const late = to.map((name) =>
    world.as('acmeManager', 'assignment.grant', {
      membershipIds: [member(name)],
      entitlementIds: [world.entitlements.notesReader],
    }),
  );
  const answers = await together(ending, ...grants, ...late);
  expect(answers[0]).toBe('ok');
  const { rows } = await sql<{ type: string }>`
    select type from event where type in ('assignment.given', 'delegation.ended') order by position`.execute(
    world.db,
  );
  const types = rows.map(({ type }) => type);
  // What was given was given before, and none of it is held now.
  expect(types.slice(types.indexOf('delegation.ended'))).toEqual(['delegation.ended']);
  expect(answers.filter((answer) => answer === 'ok')).toHaveLength(types.length);
  for (const name of to)
    expect(await holds(world.db, member(name), world.entitlements.partsBuyer)).toBe(false);
  await expect(give('acmePeer', 'acmeMember')).rejects.toMatchObject({ name: 'Refusal' });
});

it('lets two managers not remove each other (I38)', async () => {
  for (const name of ['acmeManager', 'acmePeer'] as const)
    await sql`insert into credential (user_id, password_hash) values (${world.people[name].userId}, 'x')`.execute(
      world.db,
    );
  const answers = await together(
    world.as('acmeManager', 'membership.end', { membershipId: member('acmePeer') }),
    world.as('acmePeer', 'membership.end', { membershipId: member('acmeManager') }),
  );
  expect(answers.filter((answer) => answer === 'ok')).toHaveLength(1);
  const { rows } = await sql`
    select 1 from membership where id in (${member('acmeManager')}, ${member('acmePeer')}) and state = 'active'`.execute(
    world.db,
  );
  expect(rows).toHaveLength(1);
});

it('makes one member of two acceptances (I43)', async () => {
  const { results } = await world.as('acmeManager', 'invitation.create', {
    organizationId: world.organizations.acmeNorth.id,
    people: [{ email: 'new@example.org', displayName: 'New Person' }],
    entitlementIds: [world.entitlements.partsBuyer],
  });
  const token = await makeLinkSecret(world.db, 'invitation', results[0]!.invitationId!, 3600);
  const accept = () =>
    run(world.services, operations['invitation.accept'], {
      credential: { kind: 'none' },
      input: { token, password: 'a walrus in the garden' },
      requestId: 'test',
      caller: { address: '192.0.2.1', userAgent: 'test', sessionToken: undefined },
    });
  expect((await together(accept(), accept())).sort()).toEqual(['invitation.used', 'ok']);
  const { rows } = await sql`
    select 1 from app_user u join membership m on m.user_id = u.id join assignment a on a.membership_id = m.id
    where u.proved_email = 'new@example.org'`.execute(world.db);
  expect(rows).toHaveLength(1);
});

it('gives once what two approve, and keeps the first decision (I31, I36)', async () => {
  const ask = () =>
    world.as('northMember', 'request.create', { entitlementId: world.entitlements.partsBuyer });
  const { requestId } = await ask();
  const decide = (by: PersonName, approve: boolean) => world.as(by, 'request.decide', { requestId, approve });
  const answers = await together(
    decide('acmeManager', true),
    decide('owner', true),
    decide('acmePeer', false),
  );
  expect(answers.sort()).toEqual(['ok', 'request.decided', 'request.decided']);
  const { rows } = await sql<{ given: number; state: string; events: number }>`
    select (select count(*)::int from assignment a where a.request_id = q.id) as given, q.state,
      (select count(*)::int from event e where e.target_id = q.id and e.type in ('request.approved', 'request.refused')) as events
    from request q where q.id = ${requestId}`.execute(world.db);
  expect(rows).toEqual([{ given: rows[0]!.state === 'approved' ? 1 : 0, state: rows[0]!.state, events: 1 }]);
});

it('makes one tree of two imports of the same files, and of one that is worked twice (I46)', async () => {
  const files = Object.fromEntries(
    fileNames.map((name) => [
      name,
      readFileSync(new URL(`../../demo/import-example/${name}`, import.meta.url), 'utf8'),
    ]),
  );
  const place = { organizationId: world.organizations.root.id };
  const { planHash } = await world.as('owner', 'import.plan', { ...place, files });
  const start = () => world.as('owner', 'import.apply', { ...place, files, planHash: planHash! });
  const [one, two] = await Promise.all([start(), start()]);
  const work = [one, one, two].map(({ importId }) => performImport(world.services, importId!));
  await Promise.all(work);
  const states = await Promise.all(
    [one, two].map(({ importId }) => world.as('owner', 'import.read', { importId: importId! })),
  );
  expect(states.map(({ state }) => state).sort()).toEqual(['done', 'failed']);
  const { rows } = await sql<{ applied: number; trees: number; people: number }>`
    select (select count(*)::int from event where type = 'import.applied') as applied,
      (select count(*)::int from organization where name = 'Brightgrid') as trees,
      (select count(*)::int from app_user where user_name = 'mara') as people`.execute(world.db);
  expect(rows).toEqual([{ applied: 1, trees: 1, people: 1 }]);
});
