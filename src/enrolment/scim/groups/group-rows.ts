import { type RawBuilder, sql } from 'kysely';
import { inReach } from '../../../authority/reach.ts';
import type { Context } from '../../../operation/operation.ts';
import { refuse } from '../../../platform/refusals.ts';
import type { Door } from '../connection/door.ts';
import { identityOf } from '../people/identity.ts';
import type { Resource } from '../protocol/json.ts';
import { groupSchema } from '../protocol/schema.ts';
import { metaOf } from '../protocol/tag.ts';
import type { Columns } from '../query/predicate.ts';
import { changedAt } from './last-modified.ts';

/** A group as it is seen through a door. */
export type GroupRow = {
  id: string;
  name: string;
  externalId: string | null;
  /** undefined where nobody asked for them */
  members?: { id: string; name: string }[];
  /** of who is in it, among those who are seen */
  digest: string | null;
  createdAt: Date;
  changedAt: Date;
};

/** Groups that stand where the caller sees people, at the door or below it. */
export const groups = (door: Door, where: RawBuilder<boolean>): RawBuilder<unknown> => sql`
  from people_group g join organization o on o.id = g.organization_id
  left join scim_external x on x.resource_id = g.id and x.owner_id = ${door.ownerId}
  where g.state = 'active' and ${inReach(door.people, sql`o.path`)} and ${where}`;

/** Who is in it, of those who are seen: whoever left, or moved out of its organization, is not. */
const members = (context: Context, door: Door): RawBuilder<unknown> => sql`
  group_member gm join membership m on m.id = gm.membership_id join app_user u on u.id = m.user_id
  ${identityOf('si', door.organizationId, sql`m.id`)}
  where gm.group_id = g.id and (m.path = o.path or starts_with(m.path, o.path || '.'))
    and m.state <> 'ended' and m.ends_at > ${context.at} and ${inReach(door.people, sql`m.path`, sql`m.user_id`, sql`m.line`)}`;

const shownId = sql`coalesce(si.id, m.id)`;

export const groupColumns = (context: Context, door: Door, withMembers: boolean): RawBuilder<unknown> => sql`
  g.id, g.name, x.external_id as "externalId", g.created_at as "createdAt", ${changedAt(door)} as "changedAt",
  (select md5(string_agg(${shownId}::text, ' ' order by ${shownId})) from ${members(context, door)}) as digest
  ${
    withMembers
      ? sql`, coalesce((select jsonb_agg(jsonb_build_object('id', ${shownId}, 'name', u.display_name) order by ${shownId})
          from ${members(context, door)}), '[]') as members`
      : sql``
  }`;

/** A group as SCIM writes one (RFC 7643, section 4.2). */
export function toGroup(door: Door, row: GroupRow): Resource {
  const said: Resource = {
    schemas: [groupSchema],
    id: row.id,
    ...(row.externalId === null ? {} : { externalId: row.externalId }),
    displayName: row.name,
  };
  // Of who is in it the version knows by the digest: it is the same whether they are shown or not.
  const meta = metaOf('Group', `${door.address}/Groups/${row.id}`, row, { ...said, digest: row.digest });
  const shown = (row.members ?? []).map(({ id, name }) => ({
    value: id,
    $ref: `${door.address}/Users/${id}`,
    type: 'User',
    display: name,
  }));
  return { ...said, ...(shown.length > 0 ? { members: shown } : {}), meta };
}

/**
 * @param changed by this very call, whose events are written when it is done
 * @throws Refusal `not-found` for none, one that was ended, and one out of sight
 */
export async function readGroupRow(
  context: Context,
  door: Door,
  groupId: string,
  changed = false,
): Promise<{ row: GroupRow; resource: Resource }> {
  const { rows } = await sql<GroupRow>`
    select ${groupColumns(context, door, true)} ${groups(door, sql<boolean>`g.id = ${groupId}`)}`.execute(
    context.db,
  );
  const [row] = rows;
  if (!row) throw refuse('not-found');
  if (changed && row.changedAt < context.at) row.changedAt = context.at;
  return { row, resource: toGroup(door, row) };
}

/** Where the attributes of a group stand, for filters and sorting. */
export function columnsOfGroups(context: Context, door: Door): Columns {
  return {
    id: { value: sql`g.id::text` },
    externalId: { value: sql`x.external_id` },
    displayName: { value: sql`g.name` },
    'meta.resourceType': { value: sql`'Group'::text` },
    'meta.created': { value: sql`g.created_at` },
    'meta.lastModified': { value: changedAt(door) },
    'meta.location': { value: sql`(${`${door.address}/Groups/`}::text || g.id::text)` },
    members: {
      some: (that) =>
        sql<boolean>`exists (select 1 from (select ${shownId}::text as value, u.display_name as display from ${members(context, door)}) e where ${that})`,
      parts: {
        value: { value: sql`e.value` },
        $ref: { value: sql`(${`${door.address}/Users/`}::text || e.value)` },
        type: { value: sql`'User'::text` },
        display: { value: sql`e.display` },
      },
    },
  };
}
