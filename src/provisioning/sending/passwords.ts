import { randomInt } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { decide } from '../../authority/decide.ts';
import { dominates, loadPower } from '../../authority/power.ts';
import { isSelf } from '../../authority/self.ts';
import { accountTarget } from '../../operation/targets.ts';
import type { Config } from '../../platform/config.ts';
import { inForm, type PasswordForm, queuedRow } from '../../platform/password-queue.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { seal, unseal } from '../../platform/sealing.ts';
import { whoSaved } from '../wanted/people.ts';

type Db = Kysely<DB>;

/** What a target does about passwords. */
export type PasswordPolicy = {
  form: PasswordForm;
  /** those that people set here reach it */
  sync: boolean;
  /** an account that is made gets one, which its owner sees once */
  initial: boolean;
};

export type QueuedPassword = {
  userId: string;
  form: PasswordForm;
  value: string;
  madeAt: string;
  /** of an account that is made: one that was there already keeps its own */
  first: boolean;
};

/** Days for which a first password can be looked at once it was sent. */
const shownDays = 14;

/** Told apart when read aloud or copied: no 0 and O, no 1, l and I. */
const letters = 'abcdefghijkmnpqrstuvwxyz';
const capitals = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
const digits = '23456789';
const signs = '-+=#%';

/**
 * A password that systems with rules about kinds of characters take: 20 characters of four kinds, some 115 bits.
 */
export function newPassword(): string {
  const all = letters + capitals + digits + signs;
  const of = (set: string): string => set[randomInt(set.length)]!;
  const made = [letters, capitals, digits, signs].map(of);
  while (made.length < 20) made.push(of(all));
  // Where each kind stands says nothing of it.
  for (let n = made.length - 1; n > 0; n -= 1) {
    const other = randomInt(n + 1);
    [made[n], made[other]] = [made[other]!, made[n]!];
  }
  return made.join('');
}

type Row = { userId: string; kind: 'set' | 'initial'; form: PasswordForm; sealed: string; madeAt: string };

/**
 * Whose passwords may be told to a target: it takes control of an account to know its password, so only of people whom
 * whoever saved the target could hand a new sign-in code, by the right that they saved it with (I12). Their own, and those
 * of people who can do as much or something else, stay here.
 */
async function mayBeTold(db: Db, saved: Parameters<typeof whoSaved>[1], userId: string): Promise<boolean> {
  const facts = await whoSaved(db, saved);
  const home = facts && (await accountTarget(db, userId));
  return (
    home !== undefined &&
    !isSelf(facts!, userId) &&
    decide(facts!, 'credential.reset', home).effect === 'permit' &&
    dominates(facts!, await loadPower(db, userId))
  );
}

/**
 * The passwords that wait for these people at a target, opened in memory only. Accounts that are about to be made get a
 * first one where the target says so: kept before it is sent, so that what was sent is what is shown.
 * @throws {SealingError}
 */
export async function passwordsFor(
  db: Db,
  { secretKeys }: Pick<Config, 'secretKeys'>,
  {
    id,
    password,
    ...saved
  }: Parameters<typeof whoSaved>[1] & { id: string; password: PasswordPolicy | null },
  { users, made }: { users: readonly string[]; made: readonly string[] },
): Promise<Map<string, QueuedPassword>> {
  if (!password || users.length === 0) return new Map();
  if (password.initial)
    for (const userId of made) {
      const sealed = seal(secretKeys, 'queued-password', queuedRow(id, userId), newPassword());
      await sql`
        insert into queued_password (target_id, user_id, kind, form, sealed, expires_at)
        values (${id}, ${userId}, 'initial', ${password.form}, ${sealed}, remit_now() + make_interval(days => ${shownDays}))
        on conflict (target_id, user_id) do nothing`.execute(db);
    }
  const { rows } = await sql<Row>`
    select user_id as "userId", kind, form, sealed, made_at::text as "madeAt" from queued_password
    where target_id = ${id} and user_id = any (${users}::uuid[]) and sent_at is null and expires_at > remit_now()`.execute(
    db,
  );
  const told: Row[] = [];
  for (const row of rows)
    if (row.kind === 'initial' || (await mayBeTold(db, saved, row.userId))) told.push(row);
    else await forget(db, id, row);
  const opened = await Promise.all(
    told.map(async ({ userId, kind, form, sealed, madeAt }): Promise<[string, QueuedPassword]> => {
      const value = unseal(secretKeys, 'queued-password', queuedRow(id, userId), sealed);
      const first = kind === 'initial';
      return [userId, { userId, form, value: first ? await inForm(form, value) : value, madeAt, first }];
    }),
  );
  return new Map(opened);
}

/** Delivered: one that somebody set is gone; a first one waits for its owner to look at it. */
export async function passwordDelivered(
  db: Db,
  targetId: string,
  { userId, madeAt }: Pick<QueuedPassword, 'userId' | 'madeAt'>,
): Promise<void> {
  await forget(db, targetId, { userId, madeAt });
  await sql`
    update queued_password set sent_at = remit_now(), expires_at = remit_now() + make_interval(days => ${shownDays})
    where target_id = ${targetId} and user_id = ${userId} and made_at = ${madeAt}::timestamptz and kind = 'initial'`.execute(
    db,
  );
}

/** One that somebody set; not a newer one. */
const forget = (
  db: Db,
  targetId: string,
  { userId, madeAt }: Pick<QueuedPassword, 'userId' | 'madeAt'>,
): Promise<unknown> =>
  sql`delete from queued_password
    where target_id = ${targetId} and user_id = ${userId} and made_at = ${madeAt}::timestamptz and kind = 'set'`.execute(
    db,
  );

/** An account that was not made needs no first password: its owner has one. */
export async function forgetFirst(
  db: Db,
  targetId: string,
  { userId, madeAt }: Pick<QueuedPassword, 'userId' | 'madeAt'>,
): Promise<void> {
  await sql`delete from queued_password
    where target_id = ${targetId} and user_id = ${userId} and made_at = ${madeAt}::timestamptz and kind = 'initial'
      and sent_at is null`.execute(db);
}

/** Forgets passwords that were too long on their way, or too long not looked at. */
export async function tidyPasswords(db: Db): Promise<void> {
  await sql`delete from queued_password where expires_at <= remit_now()`.execute(db);
}

export type FirstPassword = { provisioningTargetId: string; name: string; until: Date };

/** First passwords that somebody can look at, once each. */
export async function firstPasswordsOf(db: Db, userId: string): Promise<FirstPassword[]> {
  const { rows } = await sql<FirstPassword>`
    select q.target_id as "provisioningTargetId", t.name, q.expires_at as until
    from queued_password q join target t on t.id = q.target_id
    where q.user_id = ${userId} and q.kind = 'initial' and q.sent_at is not null and q.expires_at > remit_now()
    order by t.name, q.target_id`.execute(db);
  return rows;
}

/** Takes a first password out: of two who ask at once, one has it. Undefined when there is none. */
export async function takeFirstPassword(
  db: Db,
  { secretKeys }: Pick<Config, 'secretKeys'>,
  userId: string,
  targetId: string,
): Promise<{ name: string; organizationId: string; path: string; password: string } | undefined> {
  const { rows } = await sql<{ name: string; organizationId: string; path: string; sealed: string }>`
    delete from queued_password q using target t join organization o on o.id = t.organization_id
    where q.target_id = ${targetId} and q.user_id = ${userId} and t.id = q.target_id and q.kind = 'initial'
      and q.sent_at is not null and q.expires_at > remit_now()
    returning t.name, t.organization_id as "organizationId", o.path, q.sealed`.execute(db);
  const [row] = rows;
  return (
    row && {
      name: row.name,
      organizationId: row.organizationId,
      path: row.path,
      password: unseal(secretKeys, 'queued-password', queuedRow(targetId, userId), row.sealed),
    }
  );
}
