/**
 * Makes the pictures of the mails, `docs/pictures/mail/<letter>.png`: each letter as a mail client shows it, in all four
 * languages side by side. They are the real ones: acts of the people of the demo, and the letters that follow from them.
 * `npm run pictures:mail`. Look at each before committing it.
 *
 * A long file: one story after another, in the order in which they happen to the people of the demo.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { z } from 'zod';
import { loadDemo } from '../demo/load.ts';
import { type DemoName, demoPassword, demoPeople } from '../demo/people.ts';
import { adminRoleId } from '../src/authority/permissions.ts';
import { tellOfTrouble } from '../src/enrolment/sources/trouble.ts';
import { warnOfLastDays } from '../src/lifecycle/warnings.ts';
import type { Rendered } from '../src/notices/letter.ts';
import { noticeSubscribers } from '../src/notices/subscribers.ts';
import { eventColumns, type StoredEvent } from '../src/operation/events.ts';
import { type Change, operation } from '../src/operation/operation.ts';
import { run, type Services } from '../src/operation/pipeline.ts';
import { databaseNow, passTime } from '../src/platform/clock.ts';
import { readConfig, withSecretKeys } from '../src/platform/config.ts';
import { openDatabase } from '../src/platform/database.ts';
import { startEmbeddedPostgres } from '../src/platform/embedded-postgres.ts';
import { languages } from '../src/platform/language.ts';
import { migrate } from '../src/platform/migrate.ts';
import { makeLinkSecret } from '../src/platform/one-time-secrets.ts';
import { raiseAlarms } from '../src/provisioning/sending/alarm.ts';
import { recordBraked } from '../src/provisioning/sending/braked.ts';
import { handOver } from '../src/provisioning/sending/first-password.ts';
import { askHands } from '../src/provisioning/tasks/ask.ts';
import { wakeDueTasks } from '../src/provisioning/tasks/wake.ts';
import { wake } from '../src/requests/wake.ts';
import { type Input, type OperationName, type Output, operations } from '../src/server/operations.gen.ts';
import { launchChromium } from '../test/harness/chromium.ts';
import { type MailPicture, mailPictureNames } from './mail-pictures.ts';

const pictures = join(import.meta.dirname, '../docs/pictures/mail');
const mostBytes = 90_000;
const width = { one: 400, gap: 10 };

const dataDir = mkdtempSync(join(tmpdir(), 'remit-mail-pictures-'));
mkdirSync(pictures, { recursive: true });
const postgres = await startEmbeddedPostgres({ dataDir, log: () => {} });
const databaseUrl = await postgres.url('remit');
await migrate(databaseUrl);
const { db, close } = openDatabase(databaseUrl, { onError: () => {} });

const sent: Rendered[] = [];
const subscribers = noticeSubscribers({
  send: async (mail) => {
    sent.push(mail);
    return 'sent';
  },
  close: () => {},
});
const services: Services = {
  db,
  config: { ...withSecretKeys(readConfig({ REMIT_DATA_DIR: dataDir })), url: 'https://remit.lumen.example' },
  subscribers: [],
};
await loadDemo(services, { 'parts-desk': 'https://parts.example', 'field-notes': 'https://notes.example' });

const addressOf = (name: DemoName): string => demoPeople[name].email;

async function membershipOf(name: DemoName): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    select m.id from membership m join app_user u on u.id = m.user_id and u.home_organization_id = m.organization_id
    where u.proved_email = ${addressOf(name)}`.execute(db);
  return rows[0]!.id;
}

async function as<N extends OperationName>(name: DemoName, act: N, input: Input<N>): Promise<Output<N>> {
  const call = {
    credential: { kind: 'membership' as const, membershipId: await membershipOf(name) },
    input,
    requestId: crypto.randomUUID(),
  };
  return (await run(services, operations[act], call)).output as Output<N>;
}

async function asStranger<N extends OperationName>(act: N, input: Input<N>): Promise<Output<N>> {
  const call = { credential: { kind: 'none' as const }, input, requestId: crypto.randomUUID() };
  return (await run(services, operations[act], call)).output as Output<N>;
}

let seen = 0;
const later = async (seconds: number): Promise<void> => passTime(db, seconds);

/** What has happened since the last time; every picture is of a letter that followed from it. */
async function happened(): Promise<StoredEvent[]> {
  const { rows } = await sql<StoredEvent>`
    select ${eventColumns} from event e where e.position > ${seen} order by e.position`.execute(db);
  seen = Number(rows.at(-1)?.position ?? seen);
  return rows;
}

/** A directory of mara's that waits, fails and misses somebody, as its readings leave it. */
async function directories(): Promise<void> {
  const top = (await as('mara', 'organization.list', { limit: 1 })).items[0]!.id;
  const { sourceId } = await as('mara', 'source.create', {
    organizationId: top,
    name: 'Head office',
    make: 'ldap',
    settings: {
      host: 'ldap.acme.example',
      security: 'tls',
      trust: '',
      account: 'cn=remit,dc=acme,dc=example',
    },
    base: 'ou=people,dc=acme,dc=example',
    objectClass: 'inetOrgPerson',
    columns: { name: 'cn' },
    places: { from: 'source' },
    gives: [],
    everyMinutes: 60,
    wholeHours: 24,
    brake: { atLeast: 10, share: 0.1 },
  });
  await sql`insert into source_run (id, source_id, state, counts)
    values (${crypto.randomUUID()}, ${sourceId}, 'held', '{"changed": 64, "proposed": 3}')`.execute(db);
  await sql`update source set state = 'active', held_at = remit_now() where id = ${sourceId}`.execute(db);
  await tellOfTrouble(services);
  await take('directory-held', addressOf('mara'));
  await sql`update source_run set state = 'failed', problem = '{"code": "credentials"}'`.execute(db);
  await sql`update source set held_at = null, failures = 3, failing_since = remit_now() where id = ${sourceId}`.execute(
    db,
  );
  await tellOfTrouble(services);
  await take('directory-failing', addressOf('mara'));
  const { rows } = await sql<{ path: string }>`
    insert into proposal (id, source_id, membership_id, why)
    values (${crypto.randomUUID()}, ${sourceId}, ${await membershipOf('nils')}, 'missing')
    returning (select path from organization where id = ${top}) as path`.execute(db);
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
      await sql`update proposal set created_at = remit_now()`.execute(context.db);
      context.record({
        type: 'source.applied',
        targetKind: 'source',
        targetId: sourceId,
        organizationId: top,
        path: rows[0]!.path,
        after: { proposed: 1 },
        personal: { name: 'Head office' },
      });
      return {};
    },
  });
  const call = { credential: { kind: 'none' }, requestId: 'source', actAs: 'system', input: {} } as const;
  await run(services, applied, call);
  await take('directory-gone', addressOf('mara'));
}

const browser = await launchChromium();
let bytes = 0;
const taken = new Set<MailPicture>();

/** Sends what follows from the last events in each language, and takes the mail to one of its readers. */
async function take(picture: MailPicture, to: string): Promise<void> {
  await later(11);
  const events = await happened();
  const mails: Rendered[] = [];
  for (const language of languages) {
    await sql`update app_user set language = ${language}`.execute(db);
    await sql`update registration set language = ${language}`.execute(db);
    sent.length = 0;
    for (const event of events)
      for (const subscriber of subscribers.filter(
        ({ on, when }) => on.includes(event.type) && (when?.(event as unknown as Change) ?? true),
      ))
        await subscriber.run!(event, services);
    // The same again in the next language.
    await sql`delete from notice where event_id = any (${events.map(({ id }) => id)}::uuid[])`.execute(db);
    const mine = sent.filter((one) => one.to.address === to);
    const mail = mine[0];
    if (!mail) throw new Error(`${picture}: nothing to ${to}, but ${sent.map((one) => one.to.address)}`);
    // One letter each time, or the picture may be of another than its name says.
    if (mine.length > 1) throw new Error(`${picture}: ${mine.map(({ subject }) => subject).join('; ')}`);
    mails.push(mail);
  }
  // Told for good: a reminder goes to those who know.
  for (const event of events)
    for (const subscriber of subscribers.filter(({ on }) => on.includes(event.type)))
      await subscriber.run!(event, services);
  await photograph(picture, mails);
}

async function photograph(picture: MailPicture, mails: readonly Rendered[]): Promise<void> {
  const page = await browser.newPage({
    deviceScaleFactor: 0.8,
    viewport: { width: languages.length * (width.one + width.gap) + width.gap, height: 300 },
  });
  const columns = mails.map(({ subject, html }) => {
    const [, style = '', body = ''] = /<body style="([^"]*)">([\s\S]*)<\/body>/.exec(html) ?? [];
    const title = subject.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    return `<section style="flex:none;box-sizing:border-box;width:${width.one}px;background:#f2f5f8;border:1px solid #c9d3de;border-radius:8px;overflow:hidden">
<h1 style="margin:0;padding:12px 16px;background:#fff;border-bottom:1px solid #c9d3de;font:600 15px/1.4 system-ui,sans-serif">${title}</h1><div style="${style}">${body}</div></section>`;
  });
  await page.setContent(
    `<!doctype html><body style="margin:0;padding:${width.gap}px;display:flex;gap:${width.gap}px;align-items:stretch;background:#fff;width:max-content;box-sizing:border-box">${columns.join('')}</body>`,
  );
  const path = join(pictures, `${picture}.png`);
  await page.locator('body').screenshot({ path, animations: 'disabled' });
  await page.close();
  const { size } = statSync(path);
  bytes += size;
  taken.add(picture);
  console.log(`${picture}.png  ${Math.round(size / 1000)} kB`);
  if (size > mostBytes) throw new Error(`${picture}.png has ${size} bytes, more than ${mostBytes}.`);
}

/** Lets time pass until something happens to a request, and lets it happen. */
async function untilNext(requestId: string): Promise<string[]> {
  const { rows } = await sql<{ wait: number }>`
    select extract(epoch from next_at - remit_now())::float8 as wait from request where id = ${requestId}`.execute(
    db,
  );
  await later(Math.max(0, rows[0]!.wait) + 1);
  return await wake(services, requestId);
}

async function role(by: DemoName, name: string): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    select m.organization_id as id from membership m where m.id = ${await membershipOf(by)}`.execute(db);
  const { applications } = await as(by, 'entitlement.grantable', { organizationId: rows[0]!.id });
  return applications.flatMap(({ roles }) => roles).find((one) => one.name === name)!.entitlementId;
}

const ask = async (name: DemoName, wish: string, reason = '', more: object = {}): Promise<string> =>
  (await as(name, 'request.create', { entitlementId: await role('mara', wish), reason, ...more })).requestId;

try {
  await happened();
  const acme = (await as('mara', 'organization.list', { search: 'Acme Solar' })).items.find(
    ({ name }) => name === 'Acme Solar',
  )!.id;
  const sam = await membershipOf('sam');
  const nextMonth = new Date(Date.now() + 40 * 86_400_000).toISOString();

  await as('mara', 'invitation.create', {
    organizationId: acme,
    people: [{ email: 'ada@acme-solar.example', displayName: 'Ada Amsel' }],
    message: 'See you on Monday.\nBring your badge.',
  });
  await take('invitation', 'ada@acme-solar.example');

  const first = await ask('sam', 'Buyer', 'I order the parts of the north from Monday on.');
  await take('request-waiting', addressOf('nils'));
  await untilNext(first);
  await take('request-reminder', addressOf('nils'));
  await untilNext(first);
  await take('request-escalated', addressOf('mara'));
  await as('sam', 'request.attach', {
    requestId: first,
    name: 'order-list.pdf',
    content: Buffer.from('%PDF-1.7 the orders of the north').toString('base64'),
  });
  await take('request-attached', addressOf('mara'));
  await as('mara', 'request.question', { requestId: first, words: 'For which sites?' });
  await take('request-question', addressOf('sam'));
  await as('sam', 'request.answer', { requestId: first, words: 'All three of the north.' });
  await take('request-answer', addressOf('mara'));
  await as('mara', 'request.comment', { requestId: first, words: 'I look at it this afternoon.' });
  await take('request-comment', addressOf('sam'));
  await as('mara', 'request.pass-on', {
    requestId: first,
    membershipId: await membershipOf('nils'),
    words: 'These are your sites.',
  });
  await take('request-passed', addressOf('nils'));
  await as('nils', 'request.decide', { requestId: first, approve: true, note: 'Welcome to the buyers.' });
  await take('request-approved', addressOf('sam'));

  const second = await ask('sam', 'Approver');
  await happened();
  await as('nils', 'request.decide', { requestId: second, approve: false, note: 'Mara signs off orders.' });
  await take('request-refused', addressOf('sam'));

  const third = await ask('sam', 'Approver');
  await happened();
  while ((await untilNext(third)).at(-1) !== 'escalation');
  await take('request-late', addressOf('sam'));
  while ((await untilNext(third)).at(-1) !== 'end') await happened();
  await take('request-lapsed', addressOf('sam'));

  const fourth = await ask('nils', 'Approver', 'Sam stands in for me in June.', { membershipId: sam });
  await take('request-opened', addressOf('sam'));
  await as('nils', 'request.withdraw', { requestId: fourth });
  await take('request-withdrawn', addressOf('sam'));

  const many = await as('mara', 'request.create-many', {
    membershipIds: [sam, await membershipOf('tess')],
    entitlementId: await role('mara', 'Approver'),
    reason: 'The spring campaign.',
  });
  await take('request-waiting-many', addressOf('petra'));
  for (const { requestId } of many.results)
    if (requestId) await as('mara', 'request.withdraw', { requestId });
  await happened();
  const { id: policyId } = await as('mara', 'approval-policy.create', {
    organizationId: acme,
    name: 'At once',
    applies: {},
    steps: [],
  });
  await ask('nils', 'Reader', 'For the handbook.', { membershipId: sam });
  await take('request-given', addressOf('sam'));
  await as('mara', 'approval-policy.retire', { policyId });

  await as('mara', 'registration.update', { organizationId: acme, open: true, words: '' });
  const stranger = 'ines@fitters.example';
  await asStranger('registration.start', {
    organizationId: acme,
    email: stranger,
    displayName: 'Ines Fitter',
    message: 'I fit your panels in the south.',
  });
  await take('registration', stranger);
  const { rows: registered } = await sql<{
    id: string;
  }>`select id from registration where email = ${stranger}`.execute(db);
  await asStranger('registration.confirm', {
    token: await makeLinkSecret(db, 'registration', registered[0]!.id, 3600),
  });
  await take('request-waiting-stranger', addressOf('mara'));
  const { rows: joining } = await sql<{ requestId: string }>`
    select request_id as "requestId" from registration where email = ${stranger}`.execute(db);
  await as('mara', 'request.decide', {
    requestId: joining[0]!.requestId,
    approve: false,
    note: 'Please ask through your own company.',
  });
  await take('registration-refused', stranger);

  const named = {
    membershipId: await membershipOf('nils'),
    until: new Date(Date.now() + 400 * 86_400_000).toISOString(),
  };
  const { delegationId } = await as('mara', 'deputy.create', named);
  await take('deputy-named', addressOf('nils'));
  await as('mara', 'deputy.end', { delegationId });
  await take('deputy-ended', addressOf('nils'));

  const fifth = await ask('tess', 'Approver', 'I sign off orders while Mara is away.');
  const sixth = await ask('sam', 'Approver');
  await as('mara', 'request.question', { requestId: fifth, words: 'Until when?' });
  await happened();
  await as('mara', 'notice-preferences.update', { daily: true });
  await takeDaily('daily', 'mara');

  const granted = await as('mara', 'assignment.grant', {
    membershipIds: [sam],
    entitlementIds: [await role('mara', 'Author')],
    accessRoleIds: [],
    until: nextMonth,
  });
  await take('access-given', addressOf('sam'));
  await as('mara', 'assignment.end', { assignmentId: granted.results[0]!.assignmentIds![0]! });
  await take('access-ended', addressOf('sam'));
  const appointed = await as('mara', 'delegation.create', {
    organizationId: acme,
    delegate: { membershipId: await membershipOf('tess') },
    adminRoleId: adminRoleId('help-desk'),
  });
  await take('appointed', addressOf('tess'));
  await as('mara', 'credential.recover', { membershipId: sam });
  await take('recovery', addressOf('sam'));
  await as('sam', 'password.change', {
    currentPassword: demoPassword,
    newPassword: 'of-copper-and-of-rain',
  });
  await take('password-changed', addressOf('sam'));
  await as('mara', 'user.see-as', { membershipId: sam });
  await take('seen-as', addressOf('sam'));
  await as('mara', 'delegation.end', { delegationId: appointed.id });
  await take('delegation-ended', addressOf('tess'));

  const bright = (await as('petra', 'organization.list', { search: 'Bright' })).items[0]!.id;
  await as('petra', 'webhook.create', {
    organizationId: bright,
    name: 'Ticket desk',
    url: 'https://hooks.lumen.example/remit',
    types: ['request.created'],
  });
  const { rows: standing } = await sql<{ id: string }>`
    select id from delegation where delegate_organization_id = ${bright} and kind = 'administer' and state = 'active'`.execute(
    db,
  );
  await happened();
  await as('petra', 'delegation.end', { delegationId: standing[0]!.id });
  await take('standing-ended', addressOf('bea'));
  await as('olga', 'organization.close', { organizationId: bright });
  await take('webhooks-retired', addressOf('petra'));

  const { rows: invited } = await sql<{ id: string }>`
    select id from invitation where email = 'ada@acme-solar.example'`.execute(db);
  const late = await makeLinkSecret(db, 'invitation', invited[0]!.id, 3600);
  await sql`update invitation set expires_at = remit_now() + interval '1 second', state = 'open' where id = ${invited[0]!.id}`.execute(
    db,
  );
  await later(2);
  await asStranger('invitation.ask-again', { token: late });
  await take('renewal-asked', addressOf('mara'));

  await as('mara', 'membership.end', {
    membershipId: sam,
    lastDay: new Date(Date.now() + 500 * 86_400_000).toISOString().slice(0, 10),
  });
  await take('leaving', addressOf('sam'));
  await as('mara', 'membership.update', {
    membershipId: sam,
    lastDay: new Date((await databaseNow(db)).getTime() + 20 * 86_400_000).toISOString().slice(0, 10),
  });
  await happened();
  await warnOfLastDays(services);
  await take('last-day-nears', addressOf('sam'));
  await sql`delete from last_day_warning`.execute(db);
  await warnOfLastDays(services);
  await take('last-day-of-another', addressOf('nils'));
  await as('sam', 'request.withdraw', { requestId: sixth });
  await happened();
  await as('mara', 'membership.end', { membershipId: sam });
  await take('membership-ended', addressOf('sam'));

  const { provisioningTargetId, userId } = await byHand();
  const asked = {
    presence: 'enabled',
    values: { displayName: 'Nils Brand' },
    roles: [],
    lookedAfter: [],
  } as const;
  const call = { credential: { kind: 'none' }, requestId: 'target', actAs: 'system' } as const;
  await run(services, askHands, { ...call, input: { provisioningTargetId, correlation: userId, ...asked } });
  await take('task-waiting', addressOf('petra'));
  await later(7 * 86_400);
  await wakeDueTasks(services);
  await take('task-reminder', addressOf('petra'));
  await sql`update target set braked_at = remit_now() where id = ${provisioningTargetId}`.execute(db);
  await recordBraked(services, provisioningTargetId, { what: 'removals', waiting: 42 });
  await take('target-braked', addressOf('petra'));
  await sql`update account set dead_at = remit_now() where target_id = ${provisioningTargetId}`.execute(db);
  await raiseAlarms(services);
  await take('target-alarmed', addressOf('petra'));
  const { rows: made } = await sql<{ madeAt: string }>`
    insert into queued_password (target_id, user_id, kind, form, sealed, expires_at)
    values (${provisioningTargetId}, ${userId}, 'initial', 'clear', 'v1.picture', remit_now() + interval '14 days')
    returning made_at::text as "madeAt"`.execute(db);
  await handOver(services, provisioningTargetId, { userId, madeAt: made[0]!.madeAt });
  await take('first-password', addressOf('nils'));

  await directories();

  await as('petra', 'membership.end', { membershipId: await membershipOf('nils') });
  await take('left-behind', addressOf('mara'));

  const missed = mailPictureNames.filter((name) => !taken.has(name));
  if (missed.length > 0) throw new Error(`No picture of ${missed}`);
  console.log(`${Math.round(bytes / 1000)} kB in all`);
} finally {
  await browser.close();
  await close();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** A system that people look after, with somebody who is to have an account there. */
async function byHand(): Promise<{ provisioningTargetId: string; userId: string }> {
  const { rows } = await sql<{ organizationId: string; entitlementId: string; userId: string }>`
    select a.organization_id as "organizationId", e.id as "entitlementId",
      (select id from app_user where proved_email = ${addressOf('nils')}) as "userId"
    from entitlement e join application a on a.id = e.application_id order by e.id limit 1`.execute(db);
  const { organizationId, entitlementId, userId } = rows[0]!;
  const { id } = await as('petra', 'target.create', {
    organizationId,
    connector: 'by-hand',
    name: 'Spare-parts cabinet',
    mapping: [{ to: 'displayName', pieces: [{ field: 'displayName' }] }],
    roles: [{ entitlementId, name: null }],
  });
  await as('petra', 'target.activate', { provisioningTargetId: id });
  await sql`insert into account (id, target_id, user_id, correlation, wanted) values (${crypto.randomUUID()}, ${id}, ${userId}, ${userId}, 'enabled')`.execute(
    db,
  );
  await happened();
  return { provisioningTargetId: id, userId };
}

/** The daily mail comes by its own clock: each language has its own day. */
async function takeDaily(picture: MailPicture, name: DemoName): Promise<void> {
  const [chosen] = (await happened()).filter(({ type }) => type === 'notice-preferences.updated');
  const daily = subscribers.find(({ on }) => on.includes('notice-preferences.updated'))!;
  const mails: Rendered[] = [];
  for (const language of languages) {
    await sql`update app_user set language = ${language}`.execute(db);
    await daily.run!(chosen!, services);
    sent.length = 0;
    await later(86_400);
    await daily.run!(chosen!, services);
    mails.push(sent.findLast(({ to }) => to.address === addressOf(name))!);
  }
  await photograph(picture, mails);
}
