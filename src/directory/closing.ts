import { sql } from 'kysely';
import { isAtOrBelow } from '../authority/place.ts';
import { type Context, userOf } from '../operation/operation.ts';
import { endRulesAndGroups } from './closing-rules.ts';
import { retireWebhooks } from './closing-webhooks.ts';
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
  'delegation.narrowed',
  'guardian.ended',
  'client.ended',
  'approval-policy.retired',
  'webhook.retired',
  'rule.ended',
  'group.ended',
  'organization.closed',
] as const;

/**
 * Closing ends, in its transaction, whatever lives in the organization and those below: memberships, access,
 * delegations, keys, invitations, open requests, approval policies, webhooks, rules, groups. Reopening returns only the organizations.
 */
export async function endAllIn(context: Context, { path }: OrganizationRow): Promise<void> {
  const within = (column: string) =>
    sql<boolean>`(${sql.raw(column)} >= ${path} and ${sql.raw(column)} < ${`${path}/`})`;
  await requireOtherManagersOutside(context, path);
  await endDelegations(context, path);
  await endGuardians(context, path);
  await endClients(context, path);
  await endMemberships(context, within('m.path'));
  await endAssignments(
    context,
    sql<boolean>`x.organization_id in (select o.id from organization o where ${within('o.path')})`,
  );
  await endRequests(context, within('x.path'));
  await revokeInvitations(context, within('x.path'));
  await retirePolicies(context, path);
  await retireWebhooks(context, path);
  await endRulesAndGroups(context, path);
}

/**
 * Links held from here end, also mandates for what is closed, and links over nothing but places here. One that reaches
 * elsewhere, too, keeps the rest: otherwise reopening would give these places back with it (ruling 3).
 */
async function endDelegations(context: Context, path: string): Promise<void> {
  const { rows } = await sql<Touched>`
    with inside as materialized (select o.id, o.path from organization o where o.path >= ${path} and o.path < ${`${path}/`}),
    held as (
      select d.id from delegation d where d.delegate_organization_id in (select id from inside)
      union select d.id from delegation d join membership m on m.id = d.delegate_membership_id where m.organization_id in (select id from inside)
      union select d.id from delegation d join client c on c.id = d.delegate_client_id where c.organization_id in (select id from inside)
      union select d.id from delegation d where d.represented_organization_id in (select id from inside)
    )
    select d.id, d.scope, d.id in (select id from held) as held, to_jsonb(d) - 'reason' as before from delegation d
    where d.state <> 'ended' and d.delegate_kind <> 'root'
      and (d.id in (select id from held) or d.place_paths && (select array_agg(path collate "default") from inside))
    for no key update of d`.execute(context.db);
  const here = (place: { path: string }): boolean => isAtOrBelow(place.path, path);
  const touched = rows.map((row) => ({ ...row, left: row.held ? [] : withoutPlaces(row.scope, here) }));
  const ended = touched.filter(({ left }) => left.length === 0).map(({ id }) => id);
  const narrowed = touched.filter(({ left }) => left.length > 0);
  await sql`
    update delegation d set state = 'ended', ended_at = ${context.at}, ended_by = ${userOf(context)?.userId ?? null}, version = version + 1
    where d.id = any (${ended}::uuid[])`.execute(context.db);
  await sql`
    update delegation d set scope = r.scope, version = version + 1,
      place_paths = array(select p ->> 'path' from jsonb_array_elements(r.scope) box, jsonb_array_elements(coalesce(box -> 'places', '[]')) p)
    from jsonb_to_recordset(${JSON.stringify(narrowed.map(({ id, left }) => ({ id, scope: left })))}::jsonb) as r (id uuid, scope jsonb)
    where d.id = r.id`.execute(context.db);
  await recordLinks(context, touched);
}

type Box = { places?: { path: string }[] };
type Touched = { id: string; scope: Box[]; held: boolean; before: Record<string, unknown> };

const withoutPlaces = (scope: Box[], gone: (place: { path: string }) => boolean): Box[] =>
  scope.flatMap((box) => {
    if (!box.places) return [box];
    const places = box.places.filter((place) => !gone(place));
    return places.length > 0 ? [{ ...box, places }] : [];
  });

async function recordLinks(context: Context, touched: readonly Touched[]): Promise<void> {
  const before = new Map(touched.map((row) => [row.id, row.before]));
  const { rows } = await sql<{
    id: string;
    organizationId: string | null;
    path: string | null;
    subjectId: string | null;
    state: string;
    after: Record<string, unknown>;
  }>`
    select d.id, o.id as "organizationId", o.path, d.delegate_user_id as "subjectId", d.state, to_jsonb(d) - 'reason' as after
    from delegation d left join organization o on o.path = d.place_paths[1]
    where d.id = any (${[...before.keys()]}::uuid[])`.execute(context.db);
  for (const { id, state, ...row } of rows)
    context.record({
      type: state === 'ended' ? 'delegation.ended' : 'delegation.narrowed',
      targetKind: 'delegation',
      targetId: id,
      before: before.get(id)!,
      ...row,
    });
}

/** Who looks after a household is a fact of that household, and of the membership: neither comes back with a reopening. */
async function endGuardians(context: Context, path: string): Promise<void> {
  const { rows } = await sql<{
    id: string;
    organizationId: string;
    path: string;
    subjectId: string;
    after: Record<string, unknown>;
  }>`
    update guardian g set state = 'ended' from organization o, membership m
    where o.id = g.organization_id and m.id = g.membership_id and g.state = 'active'
      and (o.path >= ${path} and o.path < ${`${path}/`} or m.path >= ${path} and m.path < ${`${path}/`})
    returning g.id, o.id as "organizationId", o.path, m.user_id as "subjectId", to_jsonb(g) as after`.execute(
    context.db,
  );
  for (const { id, after, ...where } of rows)
    context.record({
      type: 'guardian.ended',
      targetKind: 'guardian',
      targetId: id,
      ...where,
      before: { ...after, state: 'active' },
      after,
    });
}

/** Nobody is asked there any more, and nothing approves at once when the place is opened again. */
async function retirePolicies(context: Context, path: string): Promise<void> {
  const { rows } = await sql<{
    id: string;
    organizationId: string;
    path: string;
    after: Record<string, unknown>;
  }>`
    update approval_policy p set state = 'retired', changed_at = ${context.at}, version = p.version + 1
    from organization o where o.id = p.organization_id and o.path >= ${path} and o.path < ${`${path}/`} and p.state = 'active'
    returning p.id, o.id as "organizationId", o.path, to_jsonb(p) - 'name' || jsonb_build_object('steps',
      (select coalesce(jsonb_agg(step - 'name'), '[]') from jsonb_array_elements(p.steps) step)) as after`.execute(
    context.db,
  );
  for (const { id, after, ...where } of rows)
    context.record({
      type: 'approval-policy.retired',
      targetKind: 'approval-policy',
      targetId: id,
      ...where,
      before: { ...after, state: 'active' },
      after,
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
