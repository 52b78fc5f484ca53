import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Target } from '../authority/delegation.ts';
import { inReach, type Reach } from '../authority/reach.ts';
import { type Context, userOf } from '../operation/operation.ts';
import { newId } from '../platform/ids.ts';
import { decodeCursor, toPage } from '../platform/paging.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';

/** Groups: named sets of people of an organization and those below. Who is in them: `group-members.ts`. */
export const groupView = z.object({
  id: z.uuid(),
  organizationId: z.uuid(),
  organizationName: z.string(),
  name: z.string(),
  description: z.string(),
  state: z.enum(['active', 'ended']),
  version: z.number().int(),
});
export type Group = z.infer<typeof groupView> & { path: string };

const columns = sql`
  g.id, g.organization_id as "organizationId", o.name as "organizationName", o.path, g.name, g.description, g.state, g.version`;

export async function readGroup(db: Kysely<DB>, groupId: string): Promise<Group | undefined> {
  const { rows } = await sql<Group>`
    select ${columns} from people_group g join organization o on o.id = g.organization_id where g.id = ${groupId}`.execute(
    db,
  );
  return rows[0];
}

/** Reads a group for a change, so that two changes of it follow one another. */
export async function lockGroup(db: Kysely<DB>, groupId: string): Promise<Group> {
  await sql`select 1 from people_group where id = ${groupId} for no key update`.execute(db);
  const group = await readGroup(db, groupId);
  if (!group) throw refuse('not-found');
  return group;
}

export async function groupTarget(
  db: Kysely<DB>,
  groupId: string,
): Promise<(Target & { id: string }) | undefined> {
  return (await groupTargets(db, [groupId])).get(groupId);
}

/** Many at once, by one statement; ids that do not exist are absent. */
export async function groupTargets(
  db: Kysely<DB>,
  groupIds: readonly string[],
): Promise<Map<string, Target & { id: string }>> {
  if (groupIds.length === 0) return new Map();
  const { rows } = await sql<Target & { id: string }>`
    select 'group' as kind, g.id, g.organization_id as "organizationId", o.path, place_is_off(o.path) as off
    from people_group g join organization o on o.id = g.organization_id where g.id = any (${groupIds}::uuid[])`.execute(
    db,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

export type GroupFilter = {
  reach: Reach;
  organizationId?: string | undefined;
  /** groups that people of this place can be in: its own and those of organizations above, within the reach */
  forPath?: string | undefined;
  search?: string | undefined;
};

export async function listGroups(
  db: Kysely<DB>,
  { reach, organizationId, forPath, search }: GroupFilter,
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<{ items: Group[]; next?: string }> {
  const after = decodeCursor(cursor, ['text', 'uuid']);
  const pattern = search && `%${search.replace(/[\\%_]/g, '\\$&')}%`;
  const { rows } = await sql<Group>`
    select ${columns} from people_group g join organization o on o.id = g.organization_id
    where g.state = 'active' and ${inReach(reach, sql`o.path`)}
      ${organizationId ? sql`and g.organization_id = ${organizationId}` : sql``}
      ${forPath ? sql`and o.path = any (path_ancestors(${forPath}))` : sql``}
      ${pattern ? sql`and (g.name ilike ${pattern} or g.description ilike ${pattern})` : sql``}
      ${after ? sql`and (lower(g.name) collate "C", g.id) > (${after[0]}, ${after[1]}::uuid)` : sql``}
    order by lower(g.name) collate "C", g.id limit ${limit + 1}`.execute(db);
  return toPage(rows, limit, (row) => [row.name.toLowerCase(), row.id]);
}

/** For the trail: its name and description are somebody's own words, outside the seal. */
const groupState = ({ id, organizationId, state, version }: Group): Record<string, unknown> => ({
  id,
  organizationId,
  state,
  version,
});

function recordGroup(context: Context, type: string, before: Group | null, after: Group): void {
  context.record({
    type,
    targetKind: 'group',
    targetId: after.id,
    organizationId: after.organizationId,
    path: after.path,
    before: before && groupState(before),
    after: groupState(after),
    personal: { name: after.name, ...(before && before.name !== after.name ? { was: before.name } : {}) },
  });
}

/** @throws Refusal `name-taken` */
export async function createGroup(
  context: Context,
  organizationId: string,
  { name, description }: { name: string; description: string },
): Promise<Group> {
  const { db } = context;
  const id = newId(context.at.getTime());
  const { rows } = await sql`
    insert into people_group (id, organization_id, name, description, created_by)
    values (${id}, ${organizationId}, ${name}, ${description}, ${userOf(context)?.userId ?? null})
    on conflict do nothing returning 1`.execute(db);
  if (rows.length === 0) throw refuse('name-taken');
  const made = (await readGroup(db, id))!;
  recordGroup(context, 'group.created', null, made);
  return made;
}

/** @throws Refusal `group.ended`, `name-taken`, `version.stale` */
export async function updateGroup(
  context: Context,
  groupId: string,
  change: { name?: string | undefined; description?: string | undefined },
): Promise<Group> {
  const { db, at } = context;
  const before = await lockGroup(db, groupId);
  context.checkVersion(before.version);
  if (before.state === 'ended') throw refuse('group.ended');
  const { name = before.name, description = before.description } = change;
  if (name === before.name && description === before.description) {
    context.nothingChanged();
    return before;
  }
  const { rows } = await sql`
    update people_group g set name = ${name}, description = ${description}, changed_at = ${at}, version = version + 1
    where g.id = ${groupId} and not exists (select 1 from people_group other where other.organization_id = g.organization_id
      and lower(other.name) = lower(${name}) and other.id <> g.id and other.state = 'active')
    returning 1`.execute(db);
  if (rows.length === 0) throw refuse('name-taken');
  const after = (await readGroup(db, groupId))!;
  recordGroup(context, 'group.updated', before, after);
  return after;
}

/** Nobody is in it any more: what rules gave for it ends with it. */
export async function endGroup(context: Context, groupId: string): Promise<Group> {
  const { db, at } = context;
  const before = await lockGroup(db, groupId);
  context.checkVersion(before.version);
  if (before.state === 'ended') {
    context.nothingChanged();
    return before;
  }
  await sql`update people_group set state = 'ended', changed_at = ${at}, version = version + 1 where id = ${groupId}`.execute(
    db,
  );
  const after = (await readGroup(db, groupId))!;
  recordGroup(context, 'group.ended', before, after);
  return after;
}
