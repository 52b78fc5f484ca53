import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { tellOfTrouble } from '../../src/enrolment/sources/trouble.ts';
import type { Rendered } from '../../src/notices/letter.ts';
import { mailGone, mailSources } from '../../src/notices/source-letters.ts';
import { eventColumns, type StoredEvent } from '../../src/operation/events.ts';
import { type Change, operation } from '../../src/operation/operation.ts';
import { run } from '../../src/operation/pipeline.ts';
import { newId } from '../../src/platform/ids.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';
import { addSource } from '../probes/landscape-sources.ts';

/** Who may do something about a directory hears that it fails, waits, or misses people: once, and nobody else. */
let world: World;
const ids = { sourceId: newId(), sourceRunId: newId(), proposalId: newId(), membershipId: '' };
beforeAll(async () => {
  world = await makeWorld();
  ids.membershipId = world.people.acmeMember.membershipId;
  await addSource(world, 'acme', ids, () => 'Head office');
  await sql`update source set state = 'active' where id = ${ids.sourceId}`.execute(world.db);
  await sql`delete from proposal`.execute(world.db);
});
afterAll(() => world?.close());

const sent: Rendered[] = [];
const mailer = {
  send: async (mail: Rendered) => {
    sent.push(mail);
    return 'sent' as const;
  },
  close: () => {},
};
const subscribers = [mailSources(mailer), mailGone(mailer)];
let seen = 0;
async function told(): Promise<string[]> {
  sent.length = 0;
  const { rows } = await sql<StoredEvent>`
    select ${eventColumns} from event e where e.position > ${seen} order by e.position`.execute(world.db);
  seen = Number(rows.at(-1)?.position ?? seen);
  for (const event of rows)
    for (const one of subscribers.filter(
      ({ on, when }) => on.includes(event.type) && (when?.(event as unknown as Change) ?? true),
    ))
      await one.run!(event, world.services);
  return [...new Set(sent.map(({ to }) => to.address.split('@')[0]!))].sort();
}
const home = async (person: PersonName): Promise<string[]> =>
  (await world.as(person, 'home.read', {})).items
    .filter(({ kind }) => kind.startsWith('directories') || kind === 'gone')
    .map(({ sentence, link }) => `${sentence} ${link}`);

/** Those who look after acme and what comes into it. */
const keepers = ['acmemanager', 'acmepeer', 'owner', 'secondowner'];

async function failing(failures: number, code: string | null): Promise<void> {
  await sql`update source set failures = ${failures}, failing_since = ${failures > 0 ? '2026-01-01' : null}::timestamptz
    where id = ${ids.sourceId}`.execute(world.db);
  if (code)
    await sql`insert into source_run (id, source_id, state, problem)
      values (${newId()}, ${ids.sourceId}, 'failed', ${JSON.stringify({ code })}::jsonb)`.execute(world.db);
  await tellOfTrouble(world.services);
}

it('of one that fails again and again: once, and again only where something else goes wrong', async () => {
  await sql`update source_run set state = 'over' where id = ${ids.sourceRunId}`.execute(world.db);
  await told();
  await failing(1, 'unreachable');
  await failing(2, 'unreachable');
  expect(await told()).toEqual([]);
  expect(await home('acmeManager')).toEqual([]);
  await failing(3, 'unreachable');
  expect(await told()).toEqual(keepers);
  expect(sent[0]!.subject).toBe('Head office cannot be read any more');
  expect(sent[0]!.text).toMatch(/What goes wrong: The directory does not answer/);
  expect(sent[0]!.text).toContain(`/sources/${ids.sourceId}`);
  expect(await home('acmeManager')).toEqual([
    `The directory Head office cannot be read any more /sources/${ids.sourceId}`,
  ]);
  expect(await home('acme2Manager')).toEqual([]);
  expect(await home('northManager')).toEqual([]);
  await failing(4, 'unreachable');
  expect(await told()).toEqual([]);
  await failing(5, 'credentials');
  expect(await told()).toEqual(keepers);
  await failing(0, null);
  expect(await told()).toEqual([]);
  expect(await home('acmeManager')).toEqual([]);
});

it('of one that waits: once, and again only where twice as many people wait', async () => {
  const waits = async (changed: number): Promise<void> => {
    await sql`update source_run set state = 'held', counts = ${JSON.stringify({ changed, proposed: 1 })}::jsonb
      where id = ${ids.sourceRunId}`.execute(world.db);
    await sql`update source set held_at = remit_now() where id = ${ids.sourceId}`.execute(world.db);
    await tellOfTrouble(world.services);
  };
  await waits(5);
  expect(await told()).toEqual(keepers);
  expect(sent[0]!.subject).toBe('Head office waits for you to agree');
  expect(sent[0]!.text).toMatch(/People who would change: 5[\s\S]+People who are gone there: 1/);
  expect(await home('acmeManager')).toEqual([
    `Head office would change so much at once that it waits for you to agree /sources/${ids.sourceId}`,
  ]);
  await waits(8);
  expect(await told()).toEqual([]);
  await waits(11);
  expect(await told()).toEqual(keepers);
  await sql`update source_run set state = 'over' where id = ${ids.sourceRunId}`.execute(world.db);
  // What was agreed to before the mail left is not told.
  await sql`update source set told = '{}' where id = ${ids.sourceId}`.execute(world.db);
  await waits(5);
  await sql`update source_run set state = 'done' where id = ${ids.sourceRunId}`.execute(world.db);
  expect(await told()).toEqual([]);
});

it('of people who are gone: whoever may end them, and each of those whom they see', async () => {
  const gone = async (...people: PersonName[]): Promise<void> => {
    const applied = operation({
      name: 'source.read-now',
      summary: 'What a reading leaves.',
      http: 'POST /sources',
      input: z.object({}),
      output: z.object({}),
      needs: 'public',
      effect: 'changing',
      events: ['source.applied'],
      run: async (context) => {
        for (const person of people)
          await sql`insert into proposal (id, source_id, membership_id, why)
            values (${newId()}, ${ids.sourceId}, ${world.people[person].membershipId}, 'missing')`.execute(
            context.db,
          );
        context.record({
          type: 'source.applied',
          targetKind: 'source',
          targetId: ids.sourceId,
          organizationId: world.organizations.acme.id,
          path: world.organizations.acme.path,
          after: { proposed: people.length },
          personal: { name: 'Head office' },
        });
        return {};
      },
    });
    const call = { credential: { kind: 'none' }, input: {}, requestId: 'test', actAs: 'system' } as const;
    await run(world.services, applied, call);
  };
  await gone('acmeMember', 'northMember');
  expect(await told()).toEqual([...keepers, 'northmanager'].sort());
  const counted = sent.map(
    ({ to, text }) => `${to.address.split('@')[0]} ${/to decide about: (\d+)/.exec(text)![1]}`,
  );
  expect(counted.sort()).toEqual([
    'acmemanager 2',
    'acmepeer 2',
    'northmanager 1',
    'owner 2',
    'secondowner 2',
  ]);
  expect(sent[0]!.subject).toBe('People are gone from Head office: decide what becomes of them');
  expect(await home('northManager')).toEqual([
    'northMember is gone from the directory: decide what becomes of them /sources',
  ]);
  expect(await home('acmeManager')).toEqual([
    '2 people are gone from their directory: decide what becomes of them /sources',
  ]);
  expect(await home('acme2Manager')).toEqual([]);
  // Only those hear of it again about whom somebody is new.
  await gone('acmePeer');
  expect(await told()).toEqual(['acmemanager', 'owner', 'secondowner']);
  // Nobody decides about themselves, nor is told to.
  await gone('acmeManager');
  expect(await told()).toEqual(['acmepeer', 'owner', 'secondowner']);
  const { items } = await world.as('acmeManager', 'proposal.list', { limit: 50 });
  expect(items.map(({ displayName }) => displayName).sort()).toEqual([
    'acmeMember',
    'acmePeer',
    'northMember',
  ]);
});
