import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holds } from '../../src/authority/holds.ts';
import { type Mailer, smtpMailer } from '../../src/notices/mail.ts';
import { noticeSubscribers } from '../../src/notices/subscribers.ts';
import { type EventJob, eventQueue } from '../../src/operation/subscribers.ts';
import { passTime } from '../../src/platform/clock.ts';
import { startJobs } from '../../src/platform/jobs.ts';
import { wakeLost, wakeMany } from '../../src/requests/wake.ts';
import { runJob } from '../../src/server/worker.ts';
import { type Mailbox, startMailbox } from '../harness/mailbox.ts';
import { makeWorld, type World } from '../harness/world.ts';
import { asking } from './asking.ts';

/** What time does, once each and in order, also after an outage; and what an undo leaves behind: nothing but the trail. */
let world: World;
let here: ReturnType<typeof asking>;
let mailbox: Mailbox;
let mailer: Mailer;
beforeEach(async () => {
  mailbox = await startMailbox();
  world = await makeWorld();
  here = asking(world);
  mailer = smtpMailer(mailbox.smtpUrl, world.services.config.url);
  world.services.subscribers = noticeSubscribers(mailer);
});
afterEach(async () => {
  mailer.close();
  await world.close();
  await mailbox.close();
});

const typesOf = async (requestId: string) => {
  const { rows } = await sql<{ type: string }>`
    select replace(type, 'request.', '') as type from event where target_id = ${requestId} order by position`.execute(
    world.db,
  );
  return rows.map(({ type }) => type);
};
const due = async (queue: string) => {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from pgboss.job where name = ${queue} and state < 'active' and start_after <= remit_now()`.execute(
    world.db,
  );
  return rows[0]!.n;
};

/** The real worker, until nothing is due and nothing is at work. */
async function work(): Promise<void> {
  const faults: unknown[] = [];
  const jobs = await startJobs(world.url, (error) => faults.push(error));
  const idle = Promise.withResolvers<void>();
  const look = async (): Promise<void> => {
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from pgboss.job where state <= 'active' and start_after <= remit_now()`.execute(
      world.db,
    );
    if (rows[0]!.n === 0) idle.resolve();
  };
  await jobs.workTogether('request', async (some) => {
    const ids = some.map(({ data }) => (data as { requestId: string }).requestId);
    await wakeMany(world.services, ids, (error) => faults.push(error));
    queueMicrotask(look);
    return new Set();
  });
  await jobs.work(eventQueue, async (data) => {
    await runJob(world.services, data as EventJob);
  });
  // A poll of the queue is what the worker itself does; it says when all is done.
  const polling = setInterval(() => void look().catch(idle.reject), 50);
  await idle.promise;
  clearInterval(polling);
  await jobs.stop();
  expect(faults).toEqual([]);
}

describe('timers', () => {
  const slow = () =>
    here.policy([
      {
        approvers: here.people('siteMember'),
        due: { hours: 2 },
        remind: [{ hours: 1 }],
        escalation: [
          { approvers: here.people('southMember'), due: { hours: 2 } },
          { approvers: here.people('acmeMember'), due: { hours: 20 } },
        ],
      },
    ]);

  it('do each act that six hours without a worker missed, once and in order', async () => {
    await slow();
    const request = await here.ask();
    await passTime(world.db, 6 * 3600);
    await work();
    // Two hours, reminded; two hours more, reminded; then the third level, whose reminder is not due yet.
    expect(await typesOf(request)).toEqual(['created', 'reminded', 'escalated', 'reminded', 'escalated']);
    await work();
    expect(await typesOf(request)).toHaveLength(5);
    expect(await here.inbox('acmeMember')).toEqual([request]);
    // The third level has its whole time from when it was due to begin, not from when somebody came to it.
    const { rows } = await sql<{ hours: number }>`
      select extract(epoch from due_at - created_at) / 3600 as hours from request where id = ${request}`.execute(
      world.db,
    );
    expect(Number(rows[0]!.hours)).toBeCloseTo(24, 2);
    // Whoever is asked by now hears of it; those before them heard in time, or are past.
    expect(mailbox.count('acmemember@example.org')).toBe(1);
  });

  it('remind once where several reminders were missed, and end what has ended', async () => {
    await here.policy([
      {
        approvers: here.people('siteMember'),
        due: { hours: 20 },
        remind: [{ hours: 15 }, { hours: 10 }, { hours: 5 }],
      },
    ]);
    const request = await here.ask();
    await passTime(world.db, 16 * 3600);
    await work();
    expect(await typesOf(request)).toEqual(['created', 'reminded']);
    await passTime(world.db, 60 * 86_400);
    await work();
    expect(await typesOf(request)).toEqual(['created', 'reminded', 'escalated', 'reminded', 'lapsed']);
  });

  it('come later when the calendar says so meanwhile, and are not lost by it', async () => {
    await here.policy([{ approvers: here.people('siteMember'), due: { workingHours: 1 } }]);
    const request = await here.ask();
    await sql`insert into calendar (organization_id, holidays)
      select ${world.organizations.acme.id}, array(select (remit_now() + make_interval(days => n))::date from generate_series(-1, 20) n)`.execute(
      world.db,
    );
    await passTime(world.db, 4 * 86_400);
    await work();
    const { rows } = await sql<{ waits: boolean; job: boolean }>`
      select q.next_at > remit_now() as waits, exists (select 1 from pgboss.job j where j.name = 'request' and j.state < 'active'
        and j.data ->> 'requestId' = q.id::text and j.start_after = q.next_at) as job from request q where q.id = ${request}`.execute(
      world.db,
    );
    expect(rows).toEqual([{ waits: true, job: true }]);
    await passTime(world.db, 90 * 86_400);
    await work();
    expect((await typesOf(request)).at(-1)).toBe('lapsed');
  });

  it('are found without their jobs, too', async () => {
    const request = await here.ask();
    await sql`delete from pgboss.job`.execute(world.db);
    await passTime(world.db, 90 * 86_400);
    const faults: unknown[] = [];
    expect(await wakeLost(world.services, (error) => faults.push(error))).toBe(1);
    expect((await typesOf(request)).at(-1)).toBe('lapsed');
    expect(await wakeLost(world.services, (error) => faults.push(error))).toBe(0);
    expect(faults).toEqual([]);
  });

  it('wake all the others when one of them breaks', async () => {
    await slow();
    const requests = [
      await here.ask('northMember', 'partsBuyer'),
      await here.ask('northMember', 'partsViewer'),
      await here.ask('northMember', 'notesReader'),
    ];
    // No software wrote this.
    await sql`update request set plan = '[{"levels": 7}]' where id = ${requests[1]!}`.execute(world.db);
    await passTime(world.db, 2.5 * 3600);
    const faults: unknown[] = [];
    expect([...(await wakeMany(world.services, requests, (error) => faults.push(error)))]).toEqual([
      requests[1],
    ]);
    expect(faults.length).toBeGreaterThan(0);
    for (const request of [requests[0]!, requests[2]!])
      expect(await typesOf(request)).toEqual(['created', 'reminded', 'escalated']);
  });

  it('wait for a worker for years', async () => {
    await here.ask();
    const { rows } = await sql<{ years: number }>`
      select min(extract(epoch from keep_until - start_after) / 31536000)::float8 as years from pgboss.job where name = 'request'`.execute(
      world.db,
    );
    expect(rows[0]!.years).toBeGreaterThan(9);
  });
});

describe('an undo', () => {
  /** Everything about requests, access and what waits to leave, as if nothing else had ever been. */
  const everything = async () => {
    const { rows } = await sql<Record<string, unknown>>`
      select (select jsonb_agg(to_jsonb(q) - 'version' order by q.id) from request q) as requests,
        (select jsonb_agg(to_jsonb(a) order by a.id) from assignment a where a.state = 'active') as given,
        (select jsonb_agg(to_jsonb(d) order by d.id) from request_decision d where d.undone_at is null) as decisions`.execute(
      world.db,
    );
    return rows[0]!;
  };

  it.each([
    ['of a yes that gave it', true, 'partsBuyer' as const],
    ['of a no that ended it', false, 'partsBuyer' as const],
  ])(
    '%s leaves state and outside as if it had never happened, and both acts in the trail',
    async (_, approve, role) => {
      const request = await here.ask('northMember', role);
      await work();
      const mails = mailbox.count('northmember@example.org');
      const before = await everything();
      await here.decide('northManager', request, approve);
      await passTime(world.db, 9);
      // Nothing leaves before ten seconds have passed.
      expect(await due(eventQueue)).toBe(0);
      await work();
      await here.undo('northManager', request);
      expect(await everything()).toEqual(before);
      await passTime(world.db, 3600);
      await work();
      expect(mailbox.count('northmember@example.org')).toBe(mails);
      expect(await holds(world.db, here.member('northMember'), world.entitlements[role])).toBe(false);
      expect(await typesOf(request)).toEqual(['created', approve ? 'approved' : 'refused', 'reopened']);
      expect(await here.inbox('northManager')).toEqual([request]);
    },
  );

  it('of a vote taken while the asker is asked back stands still again', async () => {
    const request = await here.ask();
    await world.as('acmeManager', 'request.question', { requestId: request, words: 'Why?' });
    const before = await everything();
    await here.decide('northManager', request, true);
    await here.undo('northManager', request);
    expect(await everything()).toEqual(before);
  });

  it('and another decision send one mail, about that one', async () => {
    const request = await here.ask();
    await work();
    const mails = mailbox.count('northmember@example.org');
    await here.decide('northManager', request, true);
    await passTime(world.db, 5);
    await here.undo('northManager', request);
    await here.decide('northManager', request, false);
    // No worker meanwhile: both decisions' mails are due at once.
    await passTime(world.db, 60);
    await work();
    expect(mailbox.count('northmember@example.org')).toBe(mails + 1);
    expect((await mailbox.mailTo('northmember@example.org', /./)).text).not.toMatch(/approved/i);
  });
});
