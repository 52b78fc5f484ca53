import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { type Catcher, type CaughtMail, startCatcher } from '../../src/notices/catcher.ts';
import { type Mailer, smtpMailer } from '../../src/notices/mail.ts';
import { noticeSubscribers } from '../../src/notices/subscribers.ts';
import type { EventJob } from '../../src/operation/subscribers.ts';
import { passTime } from '../../src/platform/clock.ts';
import { lookUpLinkSecret } from '../../src/platform/one-time-secrets.ts';
import { runJob, startWorker } from '../../src/server/worker.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

const directory = mkdtempSync(join(tmpdir(), 'remit-notices-'));
let catcher: Catcher;
let mailer: Mailer;
let world: World;

beforeAll(async () => {
  catcher = await startCatcher(directory);
  mailer = smtpMailer(catcher.smtpUrl, 'http://localhost:4000');
  world = await makeWorld(noticeSubscribers(mailer));
});
afterAll(async () => {
  mailer?.close();
  await catcher?.close();
  await world?.close();
  rmSync(directory, { recursive: true });
});

/** Jobs that wait, oldest first. */
async function waiting(): Promise<EventJob[]> {
  const { rows } = await sql<{ data: EventJob }>`
    select data from pgboss.job where state = 'created' and name = 'event' order by created_on, id`.execute(
    world.db,
  );
  return rows.map(({ data }) => data);
}

/** Does all that waits, once nothing can be undone any more, and tells the mails that came of it. */
async function work(): Promise<CaughtMail[]> {
  await passTime(world.db, 11);
  const before = new Set((await catcher.list()).map(({ id }) => id));
  for (const job of await waiting()) await runJob(world.services, job);
  await sql`delete from pgboss.job`.execute(world.db);
  return (await catcher.list()).filter(({ id }) => !before.has(id)).reverse();
}

const to = (mails: CaughtMail[]): string[] => mails.map(({ email }) => email.to![0]!.address!).sort();

const invite = async (email: string, displayName = 'Ada Example', message = '') => {
  const { results } = await world.as('acmeManager', 'invitation.create', {
    organizationId: world.organizations.acme.id,
    people: [{ email, displayName }],
    message,
  });
  return results[0]!.invitationId!;
};

describe('an invitation', () => {
  it('tells who invites whom to what, until when, and leads to one page', async () => {
    const id = await invite('ada@example.net', 'Ada Example', 'See you on Monday.\nBring tea.');
    const [mail, ...others] = await work();
    expect(others).toEqual([]);
    const { email } = mail!;
    expect(email.to).toEqual([{ name: 'Ada Example', address: 'ada@example.net' }]);
    expect(email.subject).toBe('acmeManager invites you to acme');
    expect(email.text).toContain('> See you on Monday.\n> Bring tea.');
    expect(email.text).toMatch(/The link works until: .+20\d\d/);
    const links = email.text!.match(/https?:\/\/\S+/g)!;
    const secret = /^http:\/\/localhost:4000\/invitation#([\w-]{43})$/.exec(links[0]!)![1]!;
    expect(links.slice(1)).toEqual(['http://localhost:4000']);
    expect(email.html).toContain(`href="${links[0]}"`);
    expect(await lookUpLinkSecret(world.db, 'invitation', secret)).toEqual({ subjectId: id });
    const { rows } = await sql<{ sent: boolean }>`
      select sent_at is not null as sent from invitation where id = ${id}`.execute(world.db);
    expect(rows[0]!.sent).toBe(true);
  });

  it('is sent once, however often its job runs', async () => {
    await invite('bea@example.net');
    const [job] = await waiting();
    const before = (await catcher.list()).length;
    await Promise.all([1, 2, 3].map(() => runJob(world.services, job!)));
    await runJob(world.services, job!);
    expect((await catcher.list()).length).toBe(before + 1);
    await sql`delete from pgboss.job`.execute(world.db);
  });

  it('is not sent when it was taken back while it waited', async () => {
    const id = await invite('cor@example.net');
    await world.as('acmeManager', 'invitation.revoke', { invitationId: id });
    expect(await work()).toEqual([]);
  });

  it('cannot be made to say something else by a name', async () => {
    const id = await invite('dan@example.net');
    // No operation takes such a name; a row that came otherwise is no reason to trust it.
    const name = 'Dan\r\nBcc: eve@example.net\u202e <b>x</b> <https://evil.example>';
    await sql`update invitation set display_name = ${name} where id = ${id}`.execute(world.db);
    const [mail] = await work();
    expect(mail!.email.headers.map(({ key }) => key)).not.toContain('bcc');
    expect(to([mail!])).toEqual(['dan@example.net']);
    expect(mail!.email.html).not.toContain('<b>x</b>');
    expect(mail!.email.text).not.toContain('\u202e');
    expect(mail!.email.text).not.toMatch(/^Bcc:/m);
  });

  it('keeps its secret out of events, jobs and rows', async () => {
    await invite('eli@example.net');
    const jobs = JSON.stringify(await waiting());
    const [mail] = await work();
    const secret = /#([\w-]{43})/.exec(mail!.email.text!)![1]!;
    const { rows } = await sql<{ found: boolean }>`
      select exists (select 1 from event e where to_jsonb(e)::text like ${`%${secret}%`})
        or exists (select 1 from one_time_secret s where to_jsonb(s)::text like ${`%${secret}%`})
        or exists (select 1 from notice n where to_jsonb(n)::text like ${`%${secret}%`}) as found`.execute(
      world.db,
    );
    expect(rows[0]!.found).toBe(false);
    expect(jobs).not.toContain(secret);
  });
});

describe('the mail server', () => {
  it('may be down: nothing is lost', async () => {
    await invite('fay@example.net');
    const [job] = await waiting();
    const dead = smtpMailer('smtp://127.0.0.1:9', 'http://localhost:4000');
    const services = { ...world.services, subscribers: noticeSubscribers(dead) };
    await expect(runJob(services, job!)).rejects.toThrow(/mail-invitations/);
    dead.close();
    expect(to(await work())).toEqual(['fay@example.net']);
  });

  it('may refuse an address for good: that is noted and not tried again', async () => {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onRcptTo: (_address, _session, done) =>
        done(Object.assign(new Error('nobody here'), { responseCode: 550 })),
    });
    const listening = server.listen(0, '127.0.0.1');
    await new Promise((resolve) => listening.once('listening', resolve));
    const { port } = listening.address() as { port: number };
    const refusing = smtpMailer(`smtp://127.0.0.1:${port}`, 'http://localhost:4000');
    const id = await invite('gus@example.net');
    const [job] = await waiting();
    await runJob({ ...world.services, subscribers: noticeSubscribers(refusing) }, job!);
    refusing.close();
    await new Promise<void>((resolve) => server.close(resolve));
    const { rows } = await sql`select state from notice where recipient_id = ${id}`.execute(world.db);
    expect(rows).toEqual([{ state: 'refused' }]);
    expect(await work()).toEqual([]);
  });
});

describe('access', () => {
  it('is told in one letter for one click, and not when it was undone', async () => {
    const give = () =>
      world.as(
        'acmeManager',
        'assignment.grant',
        {
          membershipIds: [world.people.acmeMember.membershipId],
          entitlementIds: [world.entitlements.partsViewer, world.entitlements.notesReader],
        },
        { requestId: crypto.randomUUID() },
      );
    const { results } = await give();
    await world.as('acmeManager', 'assignment.undo', { assignmentIds: results[0]!.assignmentIds! });
    expect(await work()).toEqual([]);
    await give();
    const [mail, ...others] = await work();
    expect(others).toEqual([]);
    expect(to([mail!])).toEqual(['acmemember@example.org']);
    expect(mail!.email.text).toContain('Access: notes: reader');
    expect(mail!.email.text).toContain('Access: parts: viewer');
  });
});

describe('power', () => {
  it('is told to whom it was given, and when it ended', async () => {
    const { delegation } = await appointed();
    const [mail] = await work();
    expect(to([mail!])).toEqual(['northmember@example.org']);
    expect(mail!.email.subject).toBe('You now look after acmeNorth');
    await world.as('acmeManager', 'delegation.end', { delegationId: delegation });
    const [ended] = await work();
    expect(ended!.email.subject).toBe('You no longer look after acmeNorth');
  });

  it('tells whoever was looked at by whom, with nothing of what was shown', async () => {
    await work();
    const { membershipId } = world.people.northManager;
    await world.as('acmeManager', 'user.see-as', { membershipId });
    const [mail, ...others] = await work();
    expect(others).toEqual([]);
    expect(mail!.email.to![0]!.address).toBe('northmanager@example.org');
    expect(mail!.email.subject).toBe('acmeManager looked at what you see in acmeNorth');
    expect(mail!.email.text).toContain('http://localhost:4000/me/delegations');
  });

  const appointed = async (): Promise<{ delegation: string }> => {
    const made = await world.as('acmeManager', 'delegation.create', {
      organizationId: world.organizations.acmeNorth.id,
      delegate: { membershipId: world.people.northMember.membershipId },
      adminRoleId: adminRoleId('help-desk'),
    });
    return { delegation: made.id };
  };
});

describe('recovery', () => {
  it('goes to the proved address alone, and to nobody for an unknown one', async () => {
    await world.as('acmeManager', 'credential.recover', {
      membershipId: world.people.acmeMember.membershipId,
    });
    const [mail, ...others] = await work();
    expect(others).toEqual([]);
    expect(to([mail!])).toEqual(['acmemember@example.org']);
    expect(mail!.email.text).toContain('acmeManager started the recovery');
    const secret = /\/recovery#([\w-]{43})/.exec(mail!.email.text!)![1]!;
    expect(await lookUpLinkSecret(world.db, 'recovery', secret)).toEqual({
      subjectId: world.people.acmeMember.userId,
    });
    await world.as('acmeManager', 'recovery.start', { email: 'nobody@example.org' });
    expect(await work()).toEqual([]);
  });
});

describe('a request', () => {
  const ask = (person: PersonName) =>
    world.as(person, 'request.create', {
      entitlementId: world.entitlements.partsBuyer,
      reason: 'for the fair',
    });

  it('is told to the nearest level of those who may decide it, and the answer to who asked', async () => {
    const { requestId } = await ask('northMember');
    const [waits, ...others] = await work();
    expect(others).toEqual([]);
    expect(to([waits!])).toEqual(['northmanager@example.org']);
    expect(waits!.email.subject).toBe('northMember asks for buyer in parts');
    expect(waits!.email.text).toContain('Reason: for the fair');
    await world.as('northManager', 'request.decide', { requestId, approve: true, note: 'welcome' });
    const [answer, ...more] = await work();
    expect(more).toEqual([]);
    expect(to([answer!])).toEqual(['northmember@example.org']);
    expect(answer!.email.subject).toBe('Approved: buyer in parts');
    expect(answer!.email.text).toContain('northManager writes:\n> welcome');
  });

  it('says nothing of a decision that was undone', async () => {
    const { requestId } = await ask('acmeMember');
    expect(to(await work())).toEqual([
      'acmeapplicationmanager@example.org',
      'acmemanager@example.org',
      'acmepeer@example.org',
    ]);
    await world.as('acmePeer', 'request.decide', { requestId, approve: false });
    await world.as('acmePeer', 'request.undo', { requestId });
    expect(await work()).toEqual([]);
  });
});

describe('leaving', () => {
  it('is told on the way and when it happens', async () => {
    const { membershipId } = world.people.southMember;
    await world.as('acmeManager', 'membership.end', { membershipId, lastDay: '2999-12-31' });
    const [leaving] = await work();
    expect(leaving!.email.subject).toBe('Your last day at acmeSouth: 31 December 2999');
    expect(leaving!.email.text).toContain('Last day: 31 December 2999');
    await world.as('acmeManager', 'membership.end', { membershipId });
    const [left, ...others] = await work();
    expect(others).toEqual([]);
    expect(to([left!])).toEqual(['southmember@example.org']);
    expect(left!.email.subject).toBe('You no longer belong to acmeSouth');
  });
});

describe('an invitation that ran out', () => {
  it('is told to who sent it when its reader asks for a new one', async () => {
    await invite('ida@example.net');
    const [mail] = await work();
    const token = /#([\w-]{43})/.exec(mail!.email.text!)![1]!;
    await passTime(world.db, 15 * 86_400);
    await world.as('acmeMember', 'invitation.ask-again', { token }, { credential: { kind: 'none' } });
    const [asked, ...others] = await work();
    expect(others).toEqual([]);
    expect(to([asked!])).toEqual(['acmemanager@example.org']);
    expect(asked!.email.subject).toBe('ida@example.net asks for a new invitation');
  });
});

it('the worker does what is due, when it is due, and a poison job stands in nobody’s way', async () => {
  const poison: string[] = [];
  const services = {
    ...world.services,
    subscribers: [
      ...noticeSubscribers(mailer),
      {
        name: 'poison',
        on: ['invitation.created'],
        run: async (event: { id: string }) => {
          poison.push(event.id);
          throw new Error('poison');
        },
      },
    ],
  };
  const before = (await catcher.list()).length;
  const run = world.services.subscribers;
  world.services.subscribers = services.subscribers;
  await invite('hal@example.net');
  world.services.subscribers = run;
  const worker = await startWorker(services, world.url);
  try {
    await expect.poll(() => poison.length, { timeout: 10_000 }).toBeGreaterThan(0);
    expect((await catcher.list()).length).toBe(before);
    await passTime(world.db, 11);
    await expect.poll(async () => (await catcher.list()).length, { timeout: 10_000 }).toBe(before + 1);
    expect(to((await catcher.list()).slice(0, 1))).toEqual(['hal@example.net']);
  } finally {
    await worker.stop();
  }
});

describe('webhooks of a place that is merged away', () => {
  it('end, and whoever saved them hears of it once, by name', async () => {
    const { acmeNorth, acmeSouth } = world.organizations;
    for (const [who, name] of [
      ['acmeManager', 'Ticket desk'],
      ['acmeManager', 'Chat'],
      ['owner', 'Of the owner'],
    ] as const)
      await world.as(who, 'webhook.create', {
        organizationId: acmeNorth.id,
        name,
        url: 'https://hooks.example.com/remit',
        types: ['request.created'],
      });
    await world.as('owner', 'organization.merge', {
      organizationId: acmeNorth.id,
      intoId: acmeSouth.id,
    });
    const mails = (await work()).filter(({ email }) => email.subject!.includes('webhooks'));
    expect(to(mails)).toEqual(['acmemanager@example.org']);
    expect(mails[0]!.email.subject).toBe('Your webhooks at acmeNorth have ended');
    expect(mails[0]!.email.text).toMatch(/Webhook: (Chat|Ticket desk)\nWebhook: (Chat|Ticket desk)\n/);
    expect(mails[0]!.email.text).not.toContain('owner');
  });
});
