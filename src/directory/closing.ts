import { sql } from 'kysely';
import { type Context, userOf } from '../operation/operation.ts';
import { requireOtherManagersOutside } from './last-manager.ts';
import {
  endAssignments,
  endingEvents,
  endMemberships,
  endRequests,
  revokeInvitations,
  unended,
} from './leaving.ts';
import type { OrganizationRow } from './store.ts';

export const closingEvents = [
  ...endingEvents,
  'delegation.ended',
  'client.ended',
  'organization.closed',
] as const;

/**
 * Closing ends, in its transaction, whatever lives in the organization and those below: memberships, access,
 * delegations, keys, invitations, open requests. Reopening returns only the organizations.
 */
export async function endAllIn(context: Context, { path }: OrganizationRow): Promise<void> {
  const within = (column: string) =>
    sql<boolean>`(${sql.raw(column)} >= ${path} and ${sql.raw(column)} < ${`${path}/`})`;
  await requireOtherManagersOutside(context, path);
  await endDelegations(context, path);
  await endClients(context, path);
  await endMemberships(context, within('m.path'));
  await endAssignments(
    context,
    sql<boolean>`x.organization_id in (select o.id from organization o where ${within('o.path')})`,
  );
  await endRequests(context, within('x.path'));
  await revokeInvitations(context, within('x.path'));
}

/** Links held from here, and links over nothing but places here. */
async function endDelegations(context: Context, path: string): Promise<void> {
  const { rows } = await sql<{
    id: string;
    organizationId: string | null;
    path: string | null;
    subjectId: string | null;
    after: Record<string, unknown>;
    before: string;
  }>`
    with inside as (select o.id, o.path from organization o where o.path >= ${path} and o.path < ${`${path}/`}),
    which as (
      select d.id, d.state from delegation d
      where d.state <> 'ended' and d.delegate_kind <> 'root' and (
        d.delegate_organization_id in (select id from inside)
        or d.delegate_membership_id in (select m.id from membership m where m.organization_id in (select id from inside))
        or d.delegate_client_id in (select c.id from client c where c.organization_id in (select id from inside))
        or d.place_paths <> '{}' and d.place_paths <@ (select array_agg(path::text) from inside))
      for no key update
    ),
    ended as (
      update delegation d set state = 'ended', ended_at = ${context.at}, ended_by = ${userOf(context)?.userId ?? null}, version = version + 1
      from which w where w.id = d.id returning d.*, w.state as before)
    select e.id, o.id as "organizationId", o.path, e.delegate_user_id as "subjectId", e.before,
      to_jsonb(e) - '{before,reason}'::text[] as after
    from ended e left join organization o on o.path = e.place_paths[1]`.execute(context.db);
  for (const { before, ...row } of rows)
    context.record({
      type: 'delegation.ended',
      targetKind: 'delegation',
      targetId: row.id,
      organizationId: row.organizationId,
      path: row.path,
      subjectId: row.subjectId,
      before: unended(row.after, before),
      after: row.after,
    });
}

async function endClients(context: Context, path: string): Promise<void> {
  const { rows } = await sql<{
    id: string;
    organizationId: string;
    path: string;
    after: Record<string, unknown>;
  }>`
    update client c set state = 'ended', ended_at = ${context.at}, version = c.version + 1
    from organization o where o.id = c.organization_id and o.path >= ${path} and o.path < ${`${path}/`} and c.state = 'active'
    returning c.id, o.id as "organizationId", o.path, to_jsonb(c) - '{key_hash,key_hint,name}'::text[] as after`.execute(
    context.db,
  );
  for (const row of rows)
    context.record({
      type: 'client.ended',
      targetKind: 'client',
      targetId: row.id,
      organizationId: row.organizationId,
      path: row.path,
      before: unended(row.after, 'active'),
      after: row.after,
    });
}
