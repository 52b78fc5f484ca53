import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadHoldings } from '../../src/authority/holds.ts';
import { decideMandate } from '../../src/authority/mandate.ts';
import { loadMandateFacts } from '../../src/authority/mandate-facts.ts';
import { passTime } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import type { Refusal } from '../../src/platform/refusals.ts';
import { apart, type Role } from '../harness/separation.ts';
import { addMembership, addPerson, makeWorld, type Person, type World } from '../harness/world.ts';

/**
 * Each way by which somebody's access begins, lasts longer or comes back, tried by somebody with the other half of what is
 * kept apart (I37). It is refused, or what is found at use yields; never are both held. What takes more than one act
 * (invitations, files, moves, mergers) is in separation-paths.test.ts.
 */
let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

const day = 86_400;
let passed = 0;
const pass = async (seconds: number): Promise<void> => {
  await passTime(world.db, seconds);
  passed += seconds;
};
const inDays = (days: number) => new Date(Date.now() + (passed + days * day) * 1000).toISOString();
const role = (name: Role) => world.entitlements[name];
const north = () => world.organizations.acmeNorth.id;
const give = async (who: Person, name: Role, more: object = {}): Promise<string> => {
  const { results } = await world.as('owner', 'assignment.grant', {
    membershipIds: [who.membershipId],
    entitlementIds: [role(name)],
    ...more,
  });
  return results[0]!.assignmentIds![0]!;
};
const both = (who: Person) => [give(who, 'partsBuyer'), give(who, 'notesAuthor')];
const keepApart = () => apart(world, ['partsBuyer', 'notesAuthor']);
const rule = (name: Role, more: { title?: string } = {}) =>
  sql`insert into access_rule (id, organization_id, entitlement_id, title) values (${newId()}, ${north()}, ${role(name)}, ${more.title ?? null})`.execute(
    world.db,
  );
const approve = (requestId: string) =>
  world.as('acmeManager', 'request.decide', { requestId, approve: true });

type Way = { name: string; try: (who: Person) => Promise<unknown>; answer: 'refused' | 'yields' };
const refused = (name: string, way: Way['try']): Way => ({ name, try: way, answer: 'refused' });
const yields = (name: string, way: Way['try']): Way => ({ name, try: way, answer: 'yields' });

const ways: Way[] = [
  refused('given to one person', async (who) => {
    await keepApart();
    await Promise.all(both(who));
  }),
  refused('given from a later day on', async (who) => {
    await keepApart();
    await give(who, 'partsBuyer');
    await give(who, 'notesAuthor', { from: inDays(30) });
  }),
  refused('made longer where it ends before the other begins', async (who) => {
    await keepApart();
    await give(who, 'partsBuyer', { from: inDays(20) });
    await give(who, 'notesAuthor', { until: inDays(10) });
    await give(who, 'notesAuthor', { until: inDays(30) });
  }),
  refused('given back within the seconds of undoing', async (who) => {
    await keepApart();
    const first = await give(who, 'partsBuyer');
    await pass(11);
    await world.as('owner', 'assignment.end', { assignmentId: first });
    await give(who, 'notesAuthor');
    await world.as('owner', 'assignment.undo', { assignmentIds: [first] });
  }),
  refused('enrolled where everybody has the other half', async () => {
    await keepApart();
    await world.as('owner', 'assignment.grant', {
      organizationId: north(),
      entitlementIds: [role('notesAuthor')],
    });
    await world.as('owner', 'user.enrol', {
      organizationId: north(),
      userName: `new${newId().slice(-8)}`,
      displayName: 'New',
      entitlementIds: [role('partsBuyer')],
    });
  }),
  refused('asked for by oneself', async (who) => {
    await keepApart();
    await give(who, 'notesAuthor');
    await world.as(who, 'request.create', { entitlementId: role('partsBuyer'), reason: 'Needed.' });
  }),
  refused('asked for before there was a set, and decided after', async (who) => {
    await give(who, 'notesAuthor');
    const asked = await world.as(who, 'request.create', {
      entitlementId: role('partsBuyer'),
      reason: 'Needed.',
    });
    await keepApart();
    await approve(asked.requestId);
  }),
  refused('asked to last longer, past the start of the other', async (who) => {
    const assignmentId = await give(who, 'notesAuthor', { until: inDays(10) });
    const asked = await world.as(who, 'extension.ask', { assignmentId, until: inDays(60) });
    await give(who, 'partsBuyer', { from: inDays(20) });
    await keepApart();
    await approve(asked.requestId);
  }),
  refused('given back when an asked-for end is undone', async (who) => {
    await keepApart();
    const assignmentId = await give(who, 'notesAuthor');
    await pass(11);
    const { requestId } = await world.as(who, 'ending.ask', { assignmentId, reason: 'Moved on.' });
    await approve(requestId);
    await give(who, 'partsBuyer');
    await world.as('acmeManager', 'request.undo', { requestId });
  }),
  refused('a later last day, asked for and approved', async (who) => {
    const until = inDays(10).slice(0, 10);
    await world.as('owner', 'membership.update', { membershipId: who.membershipId, lastDay: until });
    const second = await addMembership(world.db, who.userId, 'Second', world.organizations.acmeSouth);
    await give(who, 'partsBuyer');
    await give({ ...who, membershipId: second }, 'notesAuthor', { from: inDays(20) });
    await keepApart();
    const { requestId } = await world.as(who, 'last-day.ask', { lastDay: inDays(40).slice(0, 10) });
    await approve(requestId);
  }),
  refused('given while suspended, to be held together on the return', async (who) => {
    await keepApart();
    await give(who, 'notesAuthor');
    await pass(11);
    await world.as('owner', 'membership.suspend', { membershipId: who.membershipId });
    const second = await addMembership(world.db, who.userId, 'Second', world.organizations.acmeSouth);
    await give({ ...who, membershipId: second }, 'partsBuyer');
  }),
  yields('back from a suspension, of what was given before there was a set', async (who) => {
    await Promise.all(both(who));
    await pass(11);
    await world.as('owner', 'membership.suspend', { membershipId: who.membershipId });
    await keepApart();
    await world.as('owner', 'membership.resume', { membershipId: who.membershipId });
  }),
  yields('by a rule', async (who) => {
    await keepApart();
    await give(who, 'partsBuyer');
    await rule('notesAuthor');
  }),
  yields('by a title that a rule reads', async (who) => {
    await keepApart();
    await give(who, 'partsBuyer');
    await rule('notesAuthor', { title: 'Writer' });
    await world.as('owner', 'membership.update', { membershipId: who.membershipId, title: 'Writer' });
  }),
  yields('by two rules', async () => {
    await keepApart();
    await rule('partsBuyer');
    await rule('notesAuthor');
  }),
  yields('by an exception that is over', async (who) => {
    await Promise.all(both(who));
    const { id } = await keepApart();
    await world.as('owner', 'separation.except', {
      separationId: id,
      membershipId: who.membershipId,
      until: inDays(5),
      reason: 'Holidays.',
    });
    await pass(11);
    expect(await held(who.userId)).toHaveLength(2);
    await pass(6 * day);
  }),
];

/** What they hold, of the two. */
async function held(userId: string): Promise<string[]> {
  const { holdings } = await loadHoldings(world.db, { userIds: [userId] });
  const two = [role('partsBuyer'), role('notesAuthor')];
  return [...new Set(holdings.flatMap((one) => (one.held ? [one.entitlementId] : [])))].filter((id) =>
    two.includes(id),
  );
}

async function afresh(): Promise<void> {
  for (const table of ['assignment', 'access_rule', 'separation_exception', 'separation_part', 'separation'])
    await sql`delete from ${sql.table(table)}`.execute(world.db);
}

it.each(ways)('$name: $answer', async ({ try: way, answer }) => {
  await afresh();
  const who = await addPerson(world.db, `person${newId().slice(-8)}`, world.organizations.acmeNorth);
  const refusal: Refusal | undefined = await way(who).then(
    () => undefined,
    (error: Refusal) => error,
  );
  expect(refusal?.code).toBe(answer === 'refused' ? 'separation.broken' : undefined);
  await pass(45 * day);
  expect((await held(who.userId)).length).toBeLessThanOrEqual(1);
  if (answer === 'yields') expect(await held(who.userId)).toHaveLength(1);
});

it('for another, by a mandate: not with what the representative holds, unless they are excepted', async () => {
  await afresh();
  const [who, other] = [
    await addPerson(world.db, 'representative', world.organizations.acmeNorth),
    await addPerson(world.db, 'represented', world.organizations.acmeNorth),
  ];
  await give(who, 'partsBuyer');
  await give(other, 'notesAuthor');
  await pass(11);
  await sql`update application set themes = '{note.sign}'`.execute(world.db);
  await sql`insert into delegation (id, kind, giver_user_id, giver_membership_id, delegate_kind, delegate_user_id, delegate_membership_id,
      permissions, scope, entitlements, represented_user_id)
    values (${newId()}, 'represent', ${other.userId}, ${other.membershipId}, 'user', ${who.userId}, ${who.membershipId},
      '{note.sign}', '[]', '{"all": true}', ${other.userId})`.execute(world.db);
  const may = async () => {
    const facts = await loadMandateFacts(world.db, {
      membershipId: who.membershipId,
      representedId: other.userId,
      entitlementId: role('notesAuthor'),
    });
    const decision = decideMandate(facts!, { theme: 'note.sign', values: {} });
    return decision.effect === 'permit' ? 'permit' : decision.because.piece;
  };
  expect(await may()).toBe('permit');
  await apart(world, ['partsViewer', 'notesAuthor']);
  await apart(world, ['partsBuyer', 'notesAuthor'], { at: 'acmeSouth' });
  expect(await may()).toBe('permit');
  const { id } = await apart(world, ['partsBuyer', 'notesAuthor'], { at: 'acme' });
  expect(await may()).toBe('apart');
  await world.as('owner', 'separation.except', {
    separationId: id,
    membershipId: who.membershipId,
    until: inDays(300),
    reason: 'So.',
  });
  expect(await may()).toBe('permit');
});
