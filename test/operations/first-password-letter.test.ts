import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Catcher, startCatcher } from '../../src/notices/catcher.ts';
import { type Mailer, smtpMailer } from '../../src/notices/mail.ts';
import { noticeSubscribers } from '../../src/notices/subscribers.ts';
import type { EventJob } from '../../src/operation/subscribers.ts';
import { newId } from '../../src/platform/ids.ts';
import { queuedRow } from '../../src/platform/password-queue.ts';
import { seal } from '../../src/platform/sealing.ts';
import { handOver } from '../../src/provisioning/sending/first-password.ts';
import { runJob } from '../../src/server/worker.ts';
import { makeWorld, type World } from '../harness/world.ts';

const directory = mkdtempSync(join(tmpdir(), 'remit-first-'));
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

it('a first password is told of once by mail, without it, and shown once to its owner alone', async () => {
  const { db } = world;
  const { userId } = world.people.acmeMember;
  const id = newId();
  await sql`insert into target (id, organization_id, name, connector, state)
    values (${id}, ${world.organizations.acme.id}, 'House directory', 'ldap', 'active')`.execute(db);
  const sealed = seal(
    world.services.config.secretKeys,
    'queued-password',
    queuedRow(id, userId),
    'canary-first',
  );
  const { rows } = await sql<{ madeAt: string }>`
    insert into queued_password (target_id, user_id, kind, form, sealed, expires_at)
    values (${id}, ${userId}, 'initial', 'clear', ${sealed}, remit_now() + interval '14 days') returning made_at::text as "madeAt"`.execute(
    db,
  );
  // Delivered twice, as after a lost answer: told once.
  for (let n = 0; n < 2; n += 1) await handOver(world.services, id, { userId, madeAt: rows[0]!.madeAt });
  const jobs = await sql<{ data: EventJob }>`select data from pgboss.job where name = 'event'`.execute(db);
  for (const { data } of jobs.rows) await runJob(world.services, data);
  const mails = await catcher.list();
  expect(mails).toHaveLength(1);
  expect(mails[0]!.email.subject).toBe('Your first password for House directory');
  expect(mails[0]!.email.text).toContain('/me');
  expect(mails[0]!.email.text).not.toContain('canary-first');
  const take = (person: 'acmeMember' | 'acmePeer') =>
    world.as(person, 'initial-password.take', { provisioningTargetId: id });
  await expect(take('acmePeer')).rejects.toMatchObject({ code: 'not-found' });
  expect(await take('acmeMember')).toEqual({ name: 'House directory', password: 'canary-first' });
  await expect(take('acmeMember')).rejects.toMatchObject({ code: 'not-found' });
});
