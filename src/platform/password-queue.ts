import { createHash, randomBytes } from 'node:crypto';
import { hash as bcrypt } from '@node-rs/bcrypt';
import { type Kysely, sql } from 'kysely';
import { sendJob } from './jobs.ts';
import { hashPassword, normal } from './passwords.ts';
import type { DB } from './schema.gen.ts';
import { type SecretKeys, seal } from './sealing.ts';

/**
 * As what a target takes a password: as it is (`clear`, through an encrypted connection only), or as one of the hashes that
 * systems have of their own.
 */
export type PasswordForm = 'clear' | 'ssha512' | 'bcrypt' | 'argon2id';

/** Hours for which a password waits for a target that is away; after them it has to be set again. */
export const waitsHours = 72;

/** The row that a sealed password belongs to: moved to another it does not open. */
export const queuedRow = (targetId: string, userId: string): string => `${targetId}.${userId}`;

/**
 * Seals a password that was just set for every connected system that takes it, in the transaction that sets it: what is
 * hashed there by a method of its own is hashed here, and the password itself is kept nowhere. An older one that still
 * waits is replaced.
 * @throws {SealingError} when there is a target and no key
 */
export async function queuePassword(
  db: Kysely<DB>,
  keys: SecretKeys,
  userId: string,
  password: string,
): Promise<void> {
  const { rows: targets } = await sql<{ id: string; form: PasswordForm }>`
    select distinct t.id, t.password->>'form' as form from membership m
    join organization o on o.path = any (path_ancestors(m.path)) join target t on t.organization_id = o.id
    where m.user_id = ${userId} and m.state <> 'ended' and t.state in ('active', 'paused')
      and (t.password->>'sync')::boolean`.execute(db);
  if (targets.length === 0) return;
  const made = new Map<PasswordForm, string>();
  for (const { form } of targets) if (!made.has(form)) made.set(form, await inForm(form, password));
  for (const { id, form } of targets) {
    const sealed = seal(keys, 'queued-password', queuedRow(id, userId), made.get(form)!);
    await sql`
      insert into queued_password (target_id, user_id, kind, form, sealed, expires_at)
      values (${id}, ${userId}, 'set', ${form}, ${sealed}, remit_now() + make_interval(hours => ${waitsHours}))
      on conflict (target_id, user_id) do update set kind = 'set', form = excluded.form, sealed = excluded.sealed,
        made_at = remit_now(), sent_at = null, expires_at = excluded.expires_at`.execute(db);
    const { numAffectedRows } = await sql`
      update account set generation = generation + 1, due_at = remit_now(), marked_at = remit_now()
      where target_id = ${id} and user_id = ${userId}`.execute(db);
    if (numAffectedRows) await sendJob(db, 'target', { provisioningTargetId: id });
  }
}

/** The password as a target keeps it. */
export async function inForm(form: PasswordForm, password: string): Promise<string> {
  switch (form) {
    case 'clear':
      return password;
    case 'argon2id':
      return await hashPassword(password);
    case 'bcrypt':
      return await bcrypt(normal(password), 12);
    case 'ssha512': {
      // Salted SHA-512 as OpenLDAP's pw-sha2 has it: the digest of password and salt, with the salt behind it.
      const salt = randomBytes(16);
      const digest = createHash('sha512').update(password, 'utf8').update(salt).digest();
      return `{SSHA512}${Buffer.concat([digest, salt]).toString('base64')}`;
    }
  }
}
