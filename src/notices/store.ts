import { type Kysely, sql } from 'kysely';
import type { StoredEvent } from '../operation/events.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { Recipient } from './deliver.ts';

type Db = Kysely<DB>;

/** Active people with a proved address. A claimed one may be somebody else's: nothing is sent there. */
export async function usersToTell(db: Db, userIds: readonly (string | null)[]): Promise<Recipient[]> {
  const { rows } = await sql<Recipient & { from: string | null; until: string | null }>`
    select 'user' as kind, u.id, u.display_name as name, u.proved_email as address, u.language,
      coalesce(p.time_zone, o.time_zone) as "timeZone", coalesce(p.daily, false) as daily, p.quiet_from as from, p.quiet_until as until
    from app_user u join organization o on o.id = u.home_organization_id left join notice_preference p on p.user_id = u.id
    where u.id = any (${userIds.filter((id) => id !== null)}::uuid[])
      and u.proved_email is not null and u.state = 'active' order by u.id`.execute(db);
  return rows.map(({ from, until, ...rest }) => ({
    ...rest,
    quiet: from && until ? { from, until } : undefined,
  }));
}

export type PlaceName = { id: string; name: string; path: string; timeZone: string };

export async function organizationName(
  db: Db,
  organizationId: string | null,
): Promise<PlaceName | undefined> {
  if (!organizationId) return undefined;
  const { rows } = await sql<PlaceName>`
    select id, name, path, time_zone as "timeZone" from organization where id = ${organizationId}`.execute(
    db,
  );
  return rows[0];
}

/** The name of whoever acted; undefined for machines and the instance itself. Whoever acted on me is named to me. */
export async function actorName(
  db: Db,
  event: Pick<StoredEvent, 'actorKind' | 'actorId'>,
): Promise<string | undefined> {
  if (event.actorKind !== 'user') return undefined;
  const { rows } = await sql<{ name: string }>`
    select display_name as name from app_user where id = ${event.actorId} and state <> 'erased'`.execute(db);
  return rows[0]?.name;
}

/** The language of whoever acted; English of machines and the instance itself. */
export async function actorLanguage(
  db: Db,
  event: Pick<StoredEvent, 'actorKind' | 'actorId'>,
): Promise<string> {
  const { rows } = await sql<{ language: string }>`
    select language from app_user where ${event.actorKind} = 'user' and id = ${event.actorId}`.execute(db);
  return rows[0]?.language ?? 'en';
}

export type GivenAccess = { id: string; access: string; endsAt: Date };

/** What these assignments give, in words; only those that are `state` by now, and were made for the person alone. */
export async function directAccess(
  db: Db,
  assignmentIds: readonly string[],
  state: 'active' | 'ended',
): Promise<GivenAccess[]> {
  const { rows } = await sql<GivenAccess>`
    select a.id, a.ends_at as "endsAt",
      coalesce(p.name || ': ' || e.name, r.name) as access
    from assignment a
      left join entitlement e on e.id = a.entitlement_id left join application p on p.id = e.application_id
      left join access_role r on r.id = a.access_role_id
    where a.id = any (${assignmentIds}::uuid[]) and a.membership_id is not null and a.state = ${state}
      and a.why = 'direct' order by access`.execute(db);
  return rows;
}

/** Events of the same call, type and person: many changes by one click are told in one letter. */
export async function sameCall(db: Db, event: StoredEvent): Promise<{ id: string; targetId: string }[]> {
  const { rows } = await sql<{ id: string; targetId: string }>`
    select e.id, e.target_id as "targetId" from event e
    where e.subject_id = ${event.subjectId} and e.request_id = ${event.requestId} and e.type = ${event.type}
      and e.at = ${event.at} order by e.position`.execute(db);
  return rows;
}

export type RetiredHook = { id: string; name: string; savedBy: string };

/** Webhooks that were retired by the same call, with whoever saved them last; the one of the event itself first. */
export async function hooksRetiredWith(db: Db, event: StoredEvent): Promise<RetiredHook[]> {
  const { rows } = await sql<RetiredHook>`
    select e.id, w.name, w.saved_by as "savedBy"
    from event e join webhook w on w.id = e.target_id
    where e.type = ${event.type} and e.request_id = ${event.requestId} and e.at = ${event.at} and w.saved_by is not null
    order by e.position`.execute(db);
  return rows;
}

/** Users who hold links directly below this one. */
export async function delegatesBelow(db: Db, delegationId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct d.delegate_user_id as id from delegation d
    where d.parent_id = ${delegationId} and d.delegate_kind = 'user' and d.state <> 'ended' limit 100`.execute(
    db,
  );
  return rows.map(({ id }) => id);
}
