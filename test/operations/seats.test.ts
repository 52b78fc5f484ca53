import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/operation/pipeline.ts';
import { passTime } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { makeLinkSecret } from '../../src/platform/one-time-secrets.ts';
import type { Output } from '../../src/server/operations.gen.ts';
import { operations } from '../../src/server/operations.gen.ts';

import { addPerson, makeWorld, type World } from '../harness/world.ts';

/** Seats of standing delegations: never exceeded, by whatever path people come (I01, design section 2). */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const taken = async (delegationId: string): Promise<number> => {
  const { rows } = await sql<{ taken: number }>`
    select seats_taken(${delegationId})::int as taken`.execute(world.db);
  return rows[0]!.taken;
};

/** Sets as many seats as leave `left`. */
async function leave(delegationId: string, left: number): Promise<number> {
  const seats = (await taken(delegationId)) + left;
  await sql`update delegation set seats = ${seats} where id = ${delegationId}`.execute(world.db);
  return seats;
}

const acme = () => world.delegations.acmeStanding;
const full = { code: 'seats.full', details: {} };

const invite = (...emails: string[]): Promise<Output<'invitation.create'>> =>
  world.as('acmeManager', 'invitation.create', {
    organizationId: world.organizations.acmeNorth.id,
    people: emails.map((name) => ({ email: `${name}@example.org`, displayName: name })),
  });
const enrol = (userName: string, organization: 'acmeNorth' | 'acmeNorthSite' | 'acme' = 'acmeNorthSite') =>
  world.as('acmeManager', 'user.enrol', {
    organizationId: world.organizations[organization].id,
    userName,
    displayName: userName,
  });
async function accept(invitationId: string): Promise<Output<'invitation.accept'>> {
  const token = await makeLinkSecret(world.db, 'invitation', invitationId, 3600);
  const { output } = await run(world.services, operations['invitation.accept'], {
    credential: { kind: 'none' },
    input: { token, password: 'a walrus in the garden', displayName: 'New Person' },
    requestId: 'test',
    caller: { address: '192.0.2.1', userAgent: 'test', sessionToken: undefined },
  });
  return output;
}

/** A standing delegation of north below that of acme, as passed on from above. */
async function northStanding(seats: number | null): Promise<string> {
  const id = newId();
  const { acmeNorth } = world.organizations;
  await sql`insert into delegation (id, kind, parent_id, chain, delegate_kind, delegate_organization_id, permissions, scope, place_paths,
      entitlements, may_pass_on, seats)
    select ${id}, 'administer', d.id, array_prepend(d.id, d.chain), 'organization', ${acmeNorth.id}, d.permissions,
      jsonb_build_array(jsonb_build_object('places', jsonb_build_array(jsonb_build_object('id', ${acmeNorth.id}::text, 'path', ${acmeNorth.path}::text, 'below', true)))),
      array[${acmeNorth.path}::text], d.entitlements, 4, ${seats} from delegation d where d.id = ${acme()}`.execute(
    world.db,
  );
  return id;
}

describe('what takes a seat', () => {
  it('counts people and open invitations in the scope, whoever brought them', async () => {
    const before = await taken(acme());
    const { rows } = await sql<{ people: number }>`
      select count(*)::int as people from membership where path >= 'r.1' and path < 'r.1/'`.execute(world.db);
    expect(before).toBe(rows[0]!.people);
    await invite('ann');
    await world.as('owner', 'user.enrol', {
      organizationId: world.organizations.acmeSouth.id,
      userName: 'bea',
      displayName: 'Bea',
    });
    // A look-alike sibling and the organizations above take none.
    await addPerson(world.db, 'cem', world.organizations.acme2);
    await addPerson(world.db, 'dot', world.organizations.root);
    expect(await taken(acme())).toBe(before + 2);
  });

  it('lets in nobody beyond them, and tells no more than that', async () => {
    await leave(acme(), 1);
    await enrol('first');
    await expect(enrol('second')).rejects.toMatchObject(full);
    await expect(enrol('second', 'acme')).rejects.toMatchObject(full);
    await expect(invite('second')).rejects.toMatchObject(full);
    // From above, too: the seats are of the place, not of the giver.
    await expect(
      world.as('owner', 'user.enrol', {
        organizationId: world.organizations.acme.id,
        userName: 'third',
        displayName: 'Third',
      }),
    ).rejects.toMatchObject(full);
    await expect(addPerson(world.db, 'sql', world.organizations.acmeSouth)).rejects.toMatchObject({
      code: 'RM001',
    });
  });

  it('takes several at once or none of them', async () => {
    await leave(acme(), 2);
    await expect(invite('one', 'two', 'three')).rejects.toMatchObject(full);
    expect((await invite('one', 'two')).results.map(({ ok }) => ok)).toEqual([true, true]);
  });

  it('gives the seat of an invitation to whoever accepts it (I43)', async () => {
    const seats = await leave(acme(), 1);
    const { results } = await invite('ann');
    await expect(enrol('other')).rejects.toMatchObject(full);
    await accept(results[0]!.invitationId!);
    await expect(enrol('other')).rejects.toMatchObject(full);
    expect(await taken(acme())).toBe(seats);
  });

  it('takes no second seat for the sign-in of somebody who is there already', async () => {
    const { northMember } = world.people;
    await sql`update app_user set proved_email = null, email_proved_at = null where id = ${northMember.userId}`.execute(
      world.db,
    );
    await leave(acme(), 0);
    const { results } = await world.as('acmeManager', 'membership.invite', {
      membershipIds: [northMember.membershipId],
    });
    expect(results[0]).toMatchObject({ ok: true });
    await accept(results[0]!.invitationId!);
  });
});

describe('what frees one', () => {
  it('is leaving, taking an invitation back, and time', async () => {
    await leave(acme(), 1);
    const { results } = await invite('ann');
    await expect(enrol('bea')).rejects.toMatchObject(full);
    await world.as('acmeManager', 'invitation.revoke', { invitationId: results[0]!.invitationId! });
    await enrol('bea');
    await world.as('acmeManager', 'membership.end', {
      membershipId: world.people.southMember.membershipId,
    });
    const again = await invite('cem');
    await expect(enrol('dot')).rejects.toMatchObject(full);
    await passTime(world.db, 40 * 86_400);
    await enrol('dot');
    // What has expired takes a seat again when it is sent again.
    await expect(
      world.as('acmeManager', 'invitation.resend', { invitationId: again.results[0]!.invitationId! }),
    ).rejects.toMatchObject(full);
  });

  it('is not being suspended: nobody else sits there meanwhile', async () => {
    await leave(acme(), 0);
    const { membershipId } = world.people.southMember;
    await world.as('acmeManager', 'membership.suspend', { membershipId });
    await expect(enrol('bea')).rejects.toMatchObject(full);
    await world.as('acmeManager', 'membership.resume', { membershipId });
  });

  it('does not bring back who has left over a seat that is taken', async () => {
    const { membershipId } = world.people.southMember;
    await sql`update membership set ends_at = remit_now() + interval '1 day' where id = ${membershipId}`.execute(
      world.db,
    );
    await leave(acme(), 0);
    await passTime(world.db, 2 * 86_400);
    await enrol('bea');
    for (const later of ['infinity', '2900-01-01'])
      await expect(
        sql`update membership set ends_at = ${later} where id = ${membershipId}`.execute(world.db),
      ).rejects.toMatchObject({ code: 'RM001' });
    await sql`update membership set ends_at = remit_now() where id = ${membershipId}`.execute(world.db);
  });

  it('asks again where somebody is moved to', async () => {
    await leave(acme(), 0);
    const { betaMember } = world.people;
    const { acmeSouth } = world.organizations;
    await expect(
      sql`update membership set organization_id = ${acmeSouth.id}, path = ${acmeSouth.path} where id = ${betaMember.membershipId}`.execute(
        world.db,
      ),
    ).rejects.toMatchObject({ code: 'RM001' });
    // Inside the same seats nobody is counted twice.
    await sql`update membership set organization_id = ${acmeSouth.id}, path = ${acmeSouth.path}
      where id = ${world.people.northMember.membershipId}`.execute(world.db);
  });
});

describe('what is passed on', () => {
  it('counts against the whole, and the whole against what is passed on', async () => {
    const north = await northStanding(50);
    await leave(acme(), 1);
    await enrol('one', 'acmeNorthSite');
    await expect(enrol('two', 'acmeNorthSite')).rejects.toMatchObject(full);
    await leave(acme(), 5);
    await leave(north, 1);
    await enrol('two', 'acmeNorth');
    await expect(enrol('three', 'acmeNorthSite')).rejects.toMatchObject(full);
    await enrol('three', 'acme');
  });

  it('leaves out what is taken out of a boundary, also of one above', async () => {
    const north = await northStanding(50);
    const before = [await taken(acme()), await taken(north)];
    const { acmeNorthSite } = world.organizations;
    await sql`update delegation set scope = jsonb_set(scope, '{0,holes}', ${JSON.stringify([{ ...acmeNorthSite, below: true }])}::jsonb)
      where id = ${acme()}`.execute(world.db);
    // Its one person is counted nowhere now.
    expect([await taken(acme()), await taken(north)]).toEqual(before.map((people) => people - 1));
    await leave(acme(), 0);
    await leave(north, 0);
    await addPerson(world.db, 'in-the-hole', acmeNorthSite);
    await expect(addPerson(world.db, 'beside', world.organizations.acmeNorth)).rejects.toMatchObject({
      code: 'RM001',
    });
  });
});

describe('setting them', () => {
  it('refuses fewer than there are people, and says how many these are', async () => {
    const now = await taken(acme());
    const narrow = (seats: number) => world.as('owner', 'delegation.narrow', { delegationId: acme(), seats });
    await expect(narrow(now - 1)).rejects.toMatchObject({
      code: 'seats.taken',
      details: { taken: now },
    });
    await narrow(now + 2);
    await expect(narrow(now + 3)).rejects.toMatchObject({ code: 'delegation.widens' });
    await narrow(now);
    await expect(enrol('one')).rejects.toMatchObject(full);
    await expect(
      world.as('acmeManager', 'delegation.narrow', { delegationId: acme(), seats: now }),
    ).rejects.toMatchObject({ name: 'Refusal' });
    await expect(
      world.as('owner', 'delegation.narrow', { delegationId: world.delegations.acmeManager, seats: 9 }),
    ).rejects.toMatchObject({ code: 'input.invalid' });
  });

  it('says how many are taken, to those who see everybody there (I06)', async () => {
    const seats = await leave(acme(), 2);
    const read = (who: 'owner' | 'northManager' | 'acmeManager') =>
      world.as(who, 'delegation.read', { delegationId: acme() });
    const view = await read('owner');
    expect(view).toMatchObject({ seats, seatsTaken: seats - 2 });
    expect(view.sentence).toContain(`for at most ${seats} people (${seats - 2} now)`);
    // Whoever sees a part of them is told the limit at most.
    await sql`update delegation set permissions = permissions || '{delegation.read}' where id = ${world.delegations.acmeManager}`.execute(
      world.db,
    );
    await sql`update delegation set scope = jsonb_set(scope, '{0,holes}', ${JSON.stringify([{ ...world.organizations.acmeSouth, below: true }])}::jsonb)
      where id = ${world.delegations.acmeManager}`.execute(world.db);
    expect(await read('acmeManager')).toMatchObject({ seatsTaken: null });
  });

  it('counts for one that is paused, and not for one that is over', async () => {
    await leave(acme(), 0);
    await world.as('owner', 'delegation.pause', { delegationId: acme() });
    const owner = (userName: string) =>
      world.as('owner', 'user.enrol', {
        organizationId: world.organizations.acme.id,
        userName,
        displayName: userName,
      });
    await expect(owner('one')).rejects.toMatchObject(full);
    await world.as('owner', 'delegation.end', { delegationId: acme() });
    await owner('one');
  });
});

describe('at the same time', () => {
  it('gives the last seat once, by every path', async () => {
    const { results } = await invite('held');
    const seats = await leave(acme(), 2);
    const answers = await Promise.allSettled([
      accept(results[0]!.invitationId!),
      enrol('one', 'acmeNorthSite'),
      enrol('two', 'acmeNorth'),
      enrol('three', 'acme'),
      invite('four'),
      invite('five', 'six'),
      world.as('owner', 'user.enrol', {
        organizationId: world.organizations.acmeSouth.id,
        userName: 'seven',
        displayName: 'Seven',
      }),
    ]);
    for (const answer of answers) if (answer.status === 'rejected') expect(answer.reason).toMatchObject(full);
    expect(answers[0]!.status).toBe('fulfilled');
    expect(await taken(acme())).toBe(seats);
  });

  it('finds who joins while seats are being set, and who sets them while somebody joins', async () => {
    const id = await northStanding(null);
    const people = await taken(id);
    const set = (db: typeof world.db) =>
      sql`update delegation set seats = ${people} where id = ${id}`.execute(db);
    const join = (db: typeof world.db) => addPerson(db, 'joining', world.organizations.acmeNorth);
    await expect(besides(join, set)).rejects.toMatchObject({ code: 'RM002' });
    await sql`delete from membership where sort_name = 'joining'`.execute(world.db);
    await sql`delete from app_user where display_name = 'joining'`.execute(world.db);
    await expect(besides(set, join)).rejects.toMatchObject({ code: 'RM001' });
  });
});

/** Does `second` while the transaction of `first` is open, which commits once `second` waits for it or is through. */
async function besides(
  first: (db: World['db']) => Promise<unknown>,
  second: (db: World['db']) => Promise<unknown>,
): Promise<unknown> {
  let answer: Promise<PromiseSettledResult<unknown>[]> | undefined;
  await world.db.transaction().execute(async (trx) => {
    await first(trx);
    answer = Promise.allSettled([second(world.db)]);
    let through = false;
    answer.then(() => {
      through = true;
    });
    while (!through && !(await somebodyWaits()));
  });
  const [settled] = (await answer)!;
  if (settled!.status === 'rejected') throw settled!.reason;
  return settled!.value;
}

async function somebodyWaits(): Promise<boolean> {
  const { rows } = await sql`
    select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
    world.db,
  );
  return rows.length > 0;
}
