import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Rendered } from '../../src/notices/letter.ts';
import { mailAlarms, mailTaskReminders, mailTasks } from '../../src/notices/target-letters.ts';
import { eventColumns, type StoredEvent } from '../../src/operation/events.ts';
import { connectorNamed } from '../../src/provisioning/connectors/all.ts';
import { raiseAlarms } from '../../src/provisioning/sending/alarm.ts';
import { recordBraked } from '../../src/provisioning/sending/braked.ts';
import { makeStage, type Stage } from './stage.ts';

/** Who operates a system hears that it waits or fell behind: once, not for each account, and not again. */
let stage: Stage;
const sent: Rendered[] = [];
const mailer = {
  send: async (mail: Rendered) => {
    sent.push(mail);
    return 'sent' as const;
  },
  close: () => {},
};
beforeAll(async () => {
  stage = await makeStage();
});
afterAll(async () => {
  await stage?.close();
});

const subscribers = [mailAlarms(mailer), mailTasks(mailer), mailTaskReminders(mailer)];
let seen = 0;
/** Runs what follows from what has happened since; answers with whom it was told, and of what. */
async function told(): Promise<string[]> {
  sent.length = 0;
  const { db } = stage.world;
  const { rows } = await sql<StoredEvent>`
    select ${eventColumns} from event e where e.position > ${seen} order by e.position`.execute(db);
  seen = Number(rows.at(-1)?.position ?? seen);
  for (const event of rows)
    for (const one of subscribers.filter(({ on }) => on.includes(event.type)))
      await one.run!(event, stage.world.services);
  return sent.map(({ to, subject }) => `${to.address}: ${subject}`).sort();
}
const operators = ['owner@example.org', 'secondowner@example.org'];
const kinds = async (person: 'owner' | 'acmeManager' | 'acmeHelpDesk'): Promise<string[]> =>
  (await stage.world.as(person, 'home.read', {})).items.map(({ kind }) => kind);

it('of accounts given up, once for all of them, and again only after all were settled', async () => {
  const { world } = stage;
  const targetId = await stage.connect();
  await stage.give('northMember');
  await stage.give('siteMember');
  await stage.settleAll(targetId);
  await told();
  const dead = (given: string | null) =>
    sql`update account set dead_at = ${given}::timestamptz where target_id = ${targetId}`.execute(world.db);
  await dead('2026-01-01T00:00:00Z');
  await raiseAlarms(world.services);
  const first = await told();
  expect(first.map((one) => one.split(':')[0])).toEqual(operators);
  expect(sent[0]!.text).toMatch(/Given up: 2/);
  expect(await kinds('owner')).toContain('behind');
  expect(await kinds('acmeManager')).not.toContain('behind');
  await raiseAlarms(world.services);
  expect(await told()).toEqual([]);
  await dead(null);
  await raiseAlarms(world.services);
  expect(await told()).toEqual([]);
  expect(await kinds('owner')).not.toContain('behind');
  await dead('2026-01-01T00:00:00Z');
  await raiseAlarms(world.services);
  expect((await told()).length).toBe(operators.length);
  await dead(null);
});

it('of a removal that is overdue, and of a stop that waits for a person', async () => {
  const { world } = stage;
  const targetId = await stage.connect();
  await stage.give('southMember');
  await stage.settleAll(targetId);
  await told();
  await sql`update account set takes = true, generation = generation + 1, marked_at = remit_now() - interval '6 minutes'
    where target_id = ${targetId} and user_id = ${world.people.southMember.userId}`.execute(world.db);
  await raiseAlarms(world.services);
  expect((await told()).length).toBe(operators.length);
  expect(sent[0]!.text).toMatch(/Overdue: 1/);
  await sql`update target set braked_at = remit_now() where id = ${targetId}`.execute(world.db);
  await recordBraked(world.services, targetId, { what: 'removals', waiting: 7 });
  expect((await told()).length).toBe(operators.length);
  expect(sent[0]!.text).toMatch(/Accounts that wait: 7/);
  expect(await kinds('owner')).toEqual(expect.arrayContaining(['braked', 'behind']));
});

it('of tasks: many at once are one mail, to whom the system names, and stand on their first page', async () => {
  const { world } = stage;
  stage.sending.connectors = connectorNamed;
  const { id } = await world.as('owner', 'target.create', {
    organizationId: world.organizations.acme.id,
    connector: 'by-hand',
    name: 'Cabinet',
    settings: { who: 'people', people: world.people.acmeHelpDesk.membershipId },
    mapping: [{ to: 'displayName', pieces: [{ field: 'displayName' }] }],
    roles: [{ entitlementId: world.entitlements.notesReader, name: null }],
  });
  await world.as('owner', 'target.activate', { provisioningTargetId: id });
  await told();
  await stage.give('northMember', 'notesReader');
  await stage.give('acmeMember', 'notesReader');
  await sql`update target set state = 'retired' where id <> ${id}`.execute(world.db);
  await stage.settleAll(id);
  expect(await told()).toEqual(['acmehelpdesk@example.org: To do by hand at Cabinet']);
  expect(sent[0]!.text).toMatch(/Open tasks: 2/);
  // No name of anybody stands in a mail.
  expect(sent[0]!.text).not.toMatch(/northMember|acmeMember/);
  expect(await kinds('acmeHelpDesk')).toContain('tasks');
});
