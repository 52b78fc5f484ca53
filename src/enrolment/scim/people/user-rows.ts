import { type RawBuilder, sql } from 'kysely';
import { inReach } from '../../../authority/reach.ts';
import type { Attributes } from '../../../directory/attributes.ts';
import type { Context } from '../../../operation/operation.ts';
import { refuse } from '../../../platform/refusals.ts';
import type { Door } from '../connection/door.ts';
import type { Resource } from '../protocol/json.ts';
import {
  type DefinedField,
  enterpriseSchema,
  enterpriseTexts,
  fieldOf,
  remitSchema,
} from '../protocol/schema.ts';
import type { Columns } from '../query/predicate.ts';
import { identityOf } from './identity.ts';
import { changedAt } from './last-modified.ts';
import { isForEverybody, isShown, mayChange } from './shown-fields.ts';
import { toUser } from './user-resource.ts';

/** One person as they are seen through a door. */
export type UserRow = {
  /** by which feeds know them; `membershipId` is what it stands for now */
  id: string;
  membershipId: string;
  userId: string;
  organizationId: string;
  organizationName: string;
  path: string;
  userName: string;
  externalId: string | null;
  displayName: string;
  givenName: string;
  familyName: string;
  language: string;
  title: string;
  state: 'active' | 'suspended';
  /** of the account */
  email: string | null;
  /** as a feed sent them */
  emails: { value: string; type?: string }[];
  managerId: string | null;
  managerName: string | null;
  firstDay: string | null;
  lastDay: string | null;
  attributes: Attributes;
  groups: { id: string; name: string }[];
  createdAt: Date;
  changedAt: Date;
};

const shownId = sql<string>`coalesce(si.id, m.id)`;
const managerId = sql<string>`coalesce(sl.id, l.id)`;

/** Whoever came without a feed has a name of their own, an address, or at least an id. */
export const userNameOf = sql<string>`coalesce(su.user_name, u.user_name, u.email, ${shownId}::text)`;

/** Everybody who is seen through the door, as rows of `m` with what belongs to them; nobody who left (RFC 7644, section 3.6). */
export function people(context: Context, door: Door, where: RawBuilder<boolean>): RawBuilder<unknown> {
  return sql`
    from membership m
    join app_user u on u.id = m.user_id
    join organization o on o.id = m.organization_id
    left join scim_user su on su.membership_id = m.id
    left join scim_external x on x.resource_id = m.id and x.owner_id = ${door.ownerId}
    ${identityOf('si', door.organizationId, sql`m.id`)}
    left join membership l on l.id = m.line_manager_id and l.state <> 'ended' and l.ends_at > ${context.at}
      and ${inReach(door.people, sql`l.path`, sql`l.user_id`)}
    left join app_user lu on lu.id = l.user_id
    ${identityOf('sl', door.organizationId, sql`l.id`)}
    where m.state <> 'ended' and m.ends_at > ${context.at} and ${inReach(door.people, sql`m.path`, sql`m.user_id`, sql`m.line`)}
      and ${where}`;
}

/** Groups that stand where the caller sees people, and of which the person is a member by where they belong now. */
const groupsOf = (door: Door): RawBuilder<unknown> => sql`
  group_member gm join people_group g on g.id = gm.group_id and g.state = 'active'
  join organization go on go.id = g.organization_id and ${inReach(door.people, sql`go.path`)}
  where gm.membership_id = m.id and (m.path = go.path or starts_with(m.path, go.path || '.'))`;

export const userColumns = (door: Door): RawBuilder<unknown> => sql`
  ${shownId} as id, m.id as "membershipId", m.user_id as "userId", m.organization_id as "organizationId", o.name as "organizationName", m.path,
  ${userNameOf} as "userName", x.external_id as "externalId", u.display_name as "displayName", u.given_name as "givenName",
  u.family_name as "familyName", u.language, m.title, m.state, u.email, coalesce(su.emails, '[]') as emails,
  ${managerId} as "managerId", lu.display_name as "managerName", m.first_day as "firstDay", m.last_day as "lastDay", ${shownFields(door)} as attributes,
  coalesce((select jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name) order by g.id) from ${groupsOf(door)}), '[]') as groups,
  coalesce(si.created_at, m.created_at) as "createdAt", ${changedAt(door)} as "changedAt"`;

/** Of somebody's fields those that the caller sees: all of whom they may change, else those for everybody (I06). */
const shownFields = ({ changing }: Door): RawBuilder<unknown> =>
  changing
    ? sql`(case when ${mayChange(changing)} then m.attributes else (
        select coalesce(jsonb_object_agg(f.key, f.value), '{}') from jsonb_each(m.attributes) f where ${isForEverybody(sql`f.key`)}) end)`
    : sql`m.attributes`;

/**
 * @param changed by this very call, whose events are written when it is done
 * @throws Refusal `not-found` for nobody, and for somebody out of sight
 */
export async function readUser(
  context: Context,
  door: Door,
  membershipId: string,
  changed = false,
): Promise<{ row: UserRow; resource: Resource }> {
  const { rows } = await sql<UserRow>`
    select ${userColumns(door)} ${people(context, door, sql<boolean>`m.id = ${membershipId}`)}`.execute(
    context.db,
  );
  const [row] = rows;
  if (!row) throw refuse('not-found');
  if (changed && row.changedAt < context.at) row.changedAt = context.at;
  return { row, resource: toUser(door, row) };
}

/** One value of the emails: what a feed sent beside the account's own address, and that one. */
const emails = sql`(
  select e.value, e.type, false as "primary" from jsonb_to_recordset(coalesce(su.emails, '[]')) e (value text, type text)
    where lower(e.value) is distinct from lower(u.email)
  union all
  select u.email, coalesce((select e.type from jsonb_to_recordset(su.emails) e (value text, type text)
    where lower(e.value) = lower(u.email) limit 1), 'work'), true where u.email is not null)`;

/** Where the attributes of a person stand, for filters and sorting; nothing that `toUser` would not show. */
export function columnsOfUsers(door: Door): Columns {
  const { fields } = door;
  const enterprise = enterpriseTexts.flatMap((name) => {
    const field = fieldOf(name, fields);
    return field ? [[`${enterpriseSchema}:${name}`, { value: fieldValue(door, field) }] as const] : [];
  });
  const own = fields.map(
    (field) => [`${remitSchema}:attributes.${field.key}`, { value: fieldValue(door, field) }] as const,
  );
  return {
    id: { value: sql`${shownId}::text` },
    externalId: { value: sql`x.external_id` },
    'meta.resourceType': { value: sql`'User'::text` },
    'meta.created': { value: sql`coalesce(si.created_at, m.created_at)` },
    'meta.lastModified': { value: changedAt(door) },
    'meta.location': { value: sql`(${`${door.address}/Users/`}::text || ${shownId}::text)` },
    userName: { value: userNameOf },
    displayName: { value: sql`u.display_name` },
    'name.formatted': { value: sql`u.display_name` },
    'name.givenName': { value: sql`nullif(u.given_name, '')` },
    'name.familyName': { value: sql`nullif(u.family_name, '')` },
    preferredLanguage: { value: sql`u.language` },
    title: { value: sql`nullif(m.title, '')` },
    active: { value: sql`(m.state = 'active')` },
    emails: {
      some: (that) => sql<boolean>`exists (select 1 from ${emails} e where ${that})`,
      parts: {
        value: { value: sql`e.value` },
        display: { value: sql`e.value` },
        type: { value: sql`e.type` },
        primary: { value: sql`e."primary"` },
      },
      first: sql`u.email`,
    },
    groups: {
      some: (that) =>
        sql<boolean>`exists (select 1 from (select g.id::text as value, g.name as display from ${groupsOf(door)}) g where ${that})`,
      parts: {
        value: { value: sql`g.value` },
        $ref: { value: sql`(${`${door.address}/Groups/`}::text || g.value)` },
        display: { value: sql`g.display` },
        type: { value: sql`'direct'::text` },
      },
    },
    [`${enterpriseSchema}:manager.value`]: { value: sql`${managerId}::text` },
    [`${enterpriseSchema}:manager.$ref`]: {
      value: sql`(${`${door.address}/Users/`}::text || ${managerId}::text)`,
    },
    [`${enterpriseSchema}:manager.displayName`]: { value: sql`lu.display_name` },
    [`${remitSchema}:organization.value`]: { value: sql`m.organization_id::text` },
    [`${remitSchema}:organization.display`]: { value: sql`o.name` },
    [`${remitSchema}:firstDay`]: { value: sql`m.first_day::text` },
    [`${remitSchema}:lastDay`]: { value: sql`m.last_day::text` },
    ...Object.fromEntries([...enterprise, ...own]),
  };
}

function fieldValue(door: Door, { key, kind }: DefinedField): RawBuilder<unknown> {
  const text = sql`(m.attributes ->> ${key}::text)`;
  const type = kind === 'number' ? 'float8' : kind;
  const value =
    kind === 'number' || kind === 'boolean'
      ? sql`(case when jsonb_typeof(m.attributes -> ${key}::text) = ${kind} then ${text}::${sql.raw(type)} end)`
      : text;
  return sql`(case when ${isShown(door, sql`${key}::text`)} then ${value} end)`;
}
