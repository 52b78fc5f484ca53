import { type Kysely, sql } from 'kysely';
import { normalAddress } from '../platform/email-address.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { Named } from './rules.ts';

/** A person as far as proving who they are goes. */
export type Person = {
  userId: string;
  displayName: string;
  userName: string | null;
  email: string | null;
  provedEmail: string | null;
  state: 'active' | 'suspended' | 'erased';
  passwordHash: string | null;
  homeOrganizationId: string;
  homePath: string;
  homeName: string;
};

const personColumns = sql`
  u.id as "userId", u.display_name as "displayName", u.user_name as "userName", u.email, u.proved_email as "provedEmail",
  u.state, c.password_hash as "passwordHash", o.id as "homeOrganizationId", o.path as "homePath", o.name as "homeName"`;

export async function findPerson(db: Kysely<DB>, userId: string): Promise<Person | undefined> {
  const { rows } = await sql<Person>`select ${personColumns} from app_user u
    join organization o on o.id = u.home_organization_id left join credential c on c.user_id = u.id
    where u.id = ${userId}`.execute(db);
  return rows[0];
}

/** Organizations may share a name; further ones of that name are reached by the address on their printed page. */
const namesakes = 3;
const most = 20;

/**
 * Whom these words may mean: one by a proved address, or those of a user name in an organization that is named or
 * given by its id. The oldest come first, so that nobody gets before a person by making a namesake.
 */
export async function findNamed(db: Kysely<DB>, who: Named): Promise<Person[]> {
  const condition =
    'email' in who
      ? sql`u.proved_email = ${normalAddress(who.email)}`
      : sql`lower(u.user_name) = lower(${who.userName.trim()})
          and (lower(o.name) = lower(${who.organization.trim()}) or o.id::text = lower(${who.organization.trim()}))`;
  // Whoever looks after one branch can make and rename organizations there, and nowhere else: of each branch below
  // the topmost organization a few count, so that nobody's namesakes keep a person of another branch out (I39).
  const { rows } = await sql<Person>`select * from (
      select ${personColumns}, o.created_at as "madeAt",
        row_number() over (partition by split_part(o.path, '.', 2) order by o.created_at, u.id) as nth
      from app_user u join organization o on o.id = u.home_organization_id left join credential c on c.user_id = u.id
      where ${condition} and u.state <> 'erased'
    ) meant where nth <= ${namesakes} order by nth, "madeAt" limit ${most}`.execute(db);
  return rows;
}

/** A membership that its person can act in now. */
export type UsableMembership = {
  id: string;
  organizationId: string;
  organizationName: string;
  path: string;
  isHome: boolean;
};

/** Where somebody may act now: active, inside first and last day, from an open organization. Home first. */
export async function usableMemberships(db: Kysely<DB>, userId: string): Promise<UsableMembership[]> {
  const { rows } = await sql<UsableMembership>`
    select m.id, o.id as "organizationId", o.name as "organizationName", m.path, o.id = u.home_organization_id as "isHome"
    from membership m join organization o on o.id = m.organization_id join app_user u on u.id = m.user_id
    where m.user_id = ${userId} and u.state = 'active' and m.state = 'active'
      and m.starts_at <= remit_now() and m.ends_at > remit_now() and not place_is_off(m.path)
    order by "isHome" desc, o.name, m.id`.execute(db);
  return rows;
}

/** The place that somebody keeps and cannot use now: they are suspended there, or it is. Home first. */
export async function suspendedPlace(
  db: Kysely<DB>,
  userId: string,
): Promise<{ organizationName: string; state: 'active' | 'suspended' } | undefined> {
  const { rows } = await sql<{ organizationName: string; state: 'active' | 'suspended' }>`
    select o.name as "organizationName", m.state
    from membership m join organization o on o.id = m.organization_id join app_user u on u.id = m.user_id
    where m.user_id = ${userId} and u.state = 'active' and (m.state = 'suspended' or m.state = 'active' and place_is_off(m.path))
      and m.starts_at <= remit_now() and m.ends_at > remit_now()
      and not exists (select 1 from organization a where a.state = 'closed' and a.path = any (path_ancestors(m.path)))
    order by o.id = u.home_organization_id desc, o.name, m.id limit 1`.execute(db);
  return rows[0];
}

export async function setPassword(db: Kysely<DB>, userId: string, passwordHash: string): Promise<void> {
  await sql`insert into credential (user_id, password_hash, changed_at) values (${userId}, ${passwordHash}, remit_now())
    on conflict (user_id) do update set password_hash = excluded.password_hash, must_change = false, changed_at = remit_now()`.execute(
    db,
  );
}

/** A link that came back proves the address it was sent to (I41); only the first owner's may be unproved till then. */
export async function proveAddress(db: Kysely<DB>, userId: string): Promise<void> {
  await sql`update app_user set email_proved_at = remit_now() where id = ${userId} and email_proved_at is null`.execute(
    db,
  );
}

/** Recoveries begun for this person in the last hour. */
export async function recentRecoveries(db: Kysely<DB>, userId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from event
    where subject_id = ${userId} and type = 'recovery.started' and at > remit_now() - interval '1 hour'`.execute(
    db,
  );
  return rows[0]!.count;
}

/** Tidies what is over. Nothing depends on it: each row is compared with its date when it is used (I20). */
export async function sweepSignIn(db: Kysely<DB>): Promise<void> {
  await sql`delete from attempt where window_ends_at < remit_now()`.execute(db);
  await sql`delete from provider_record where expires_at < remit_now()`.execute(db);
  await sql`delete from one_time_secret where expires_at < remit_now() - interval '90 days'`.execute(db);
  await sql`delete from sign_on s using session e where e.id = s.session_id and e.ends_at < remit_now() - interval '90 days'`.execute(
    db,
  );
  await sql`delete from session where ends_at < remit_now() - interval '90 days'`.execute(db);
}
