import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { decide } from '../authority/decide.ts';
import type { RelationKind, Target } from '../authority/delegation.ts';
import { type Facts, instant } from '../authority/facts.ts';
import { inReach, type Reach } from '../authority/reach.ts';
import { dayOut, firstDayAt, firstDayOut, lastDayAt, lastDayOut } from '../directory/by-day.ts';
import { definitionsOver } from '../directory/people-fields.ts';
import { calendarDay } from '../platform/dates.ts';
import { decodeCursor, toPage } from '../platform/paging.ts';
import type { DB } from '../platform/schema.gen.ts';
import { instantOut, instantText, label } from './fields.ts';
import { inSight } from './give.ts';
import { isInstance } from './rules.ts';
import { loadThings, type Thing } from './things.ts';

/** Rules that give access by what is recorded of people: their rows, and how they are shown. */
export const ruleRelations = ['managers', 'line-managers', 'guardians'] as const;

const fieldValue = z.union([z.string().min(1).max(1000), z.number(), z.boolean()]);

const fieldCondition = z.object({
  key: z.string().max(40).describe('The field.'),
  in: z.array(fieldValue).min(1).max(50).describe('One of these values.'),
});

/** Who a rule is about: all that is set has to fit. */
export const ruleConditions = {
  inOrganizationId: z
    .uuid()
    .nullable()
    .describe('People of this organization; null: of the one in which the rule stands.'),
  below: z.boolean().describe('And of those below it.'),
  title: label.nullable().describe('With this title; null: any.'),
  fields: z.array(fieldCondition).max(10).describe('With one of the values in each of these fields.'),
  relation: z.enum(ruleRelations).nullable().describe('Who are this there; null: anybody.'),
  groupId: z.uuid().nullable().describe('Who are in this group; null: any.'),
  exceptMembershipIds: z.array(z.uuid()).max(50).describe('But not these people.'),
};

/** When it gives. Days are read in the zone of the organization in which the rule stands. */
export const ruleDays = {
  firstDay: calendarDay
    .nullable()
    .describe(
      'From midnight at the start of this day, in the time zone of its organization; null: from now.',
    ),
  lastDay: calendarDay
    .nullable()
    .describe('To midnight at the end of this day; null: for as long as whoever saves it may give that.'),
};

export const ruleGift = {
  entitlementId: z.uuid().optional().describe('The role that it gives; or else:'),
  accessRoleId: z.uuid().optional().describe('The access role that it gives.'),
};

export const ruleView = z
  .object({
    id: z.uuid(),
    organizationId: z.uuid(),
    organizationName: z.string(),
    name: z.string(),
    inOrganizationId: z.uuid(),
    inOrganizationName: z.string().nullable().describe('Null when out of sight.'),
    below: z.boolean(),
    title: z.string().nullable(),
    fields: z.array(
      fieldCondition.extend({
        label: z
          .string()
          .nullable()
          .describe('What the field is called; null when it is not there any more.'),
      }),
    ),
    relation: z.enum([...ruleRelations, 'members']).nullable(),
    group: z.object({ id: z.uuid(), name: z.string(), ended: z.boolean() }).nullable(),
    otherGroup: z.boolean().describe('It reads a group that is out of sight.'),
    except: z.array(z.object({ membershipId: z.uuid(), displayName: z.string() })),
    otherExcept: z.boolean().describe('It leaves out people who are out of sight.'),
    gives: z
      .object({
        entitlementId: z.uuid().nullable(),
        accessRoleId: z.uuid().nullable(),
        name: z.string(),
        applicationName: z.string().nullable(),
      })
      .nullable()
      .describe('Null when out of sight.'),
    from: instantOut,
    until: instantOut,
    beginsOn: firstDayOut,
    endsOn: lastDayOut,
    firstDay: dayOut,
    lastDay: dayOut,
    state: z.enum(['active', 'paused', 'ended']),
    version: z.number().int(),
  })
  .meta({ id: 'AccessRule' });
export type RuleView = z.infer<typeof ruleView>;

/** A value, or one of several, in a field. */
export type FieldCondition = { key: string; in: (string | number | boolean)[] };

export type AccessRule = {
  id: string;
  organizationId: string;
  organizationName: string;
  path: string;
  name: string;
  /** the organization that it looks in; the one where it stands when none was named */
  inId: string;
  inName: string;
  inPath: string;
  inOrganizationId: string | null;
  below: boolean;
  title: string | null;
  attributes: Record<string, string | number | boolean>;
  anyOf: FieldCondition[];
  relation: RelationKind | null;
  groupId: string | null;
  group: { name: string; ended: boolean; organizationId: string; path: string } | null;
  exceptIds: string[];
  except: {
    membershipId: string;
    userId: string;
    displayName: string;
    organizationId: string;
    path: string;
    line: string[];
  }[];
  entitlementId: string | null;
  accessRoleId: string | null;
  startsAt: string;
  endsAt: string;
  firstDay: string | null;
  lastDay: string | null;
  timeZone: string;
  givenBy: string | null;
  givenUnder: string | null;
  state: 'active' | 'paused' | 'ended';
  version: number;
};

const columns = sql`
  r.id, r.organization_id as "organizationId", o.name as "organizationName", o.path, r.name, coalesce(w.id, o.id) as "inId",
  coalesce(w.name, o.name) as "inName", coalesce(w.path, o.path) as "inPath", r.in_organization_id as "inOrganizationId", r.below, r.title,
  r.attributes, r.any_of as "anyOf", r.relation, r.group_id as "groupId",
  (select jsonb_build_object('name', g.name, 'ended', g.state = 'ended', 'organizationId', go.id, 'path', go.path)
    from people_group g join organization go on go.id = g.organization_id where g.id = r.group_id) as "group",
  r.except_ids as "exceptIds",
  coalesce((select jsonb_agg(jsonb_build_object('membershipId', m.id, 'userId', m.user_id, 'displayName', u.display_name,
      'organizationId', m.organization_id, 'path', m.path, 'line', m.line) order by m.sort_name, m.id)
    from membership m join app_user u on u.id = m.user_id where m.id = any (r.except_ids)), '[]') as except,
  r.entitlement_id as "entitlementId", r.access_role_id as "accessRoleId", r.starts_at::text as "startsAt", r.ends_at::text as "endsAt",
  r.first_day as "firstDay", r.last_day as "lastDay", o.time_zone as "timeZone",
  r.given_by as "givenBy", r.given_under as "givenUnder", r.state, r.version`;

const from = sql`access_rule r join organization o on o.id = r.organization_id
  left join organization w on w.id = r.in_organization_id`;

export async function readRule(db: Kysely<DB>, ruleId: string): Promise<AccessRule | undefined> {
  const { rows } = await sql<AccessRule>`select ${columns} from ${from} where r.id = ${ruleId}`.execute(db);
  return rows[0];
}

/** Reads a rule for a change, so that two changes of it follow one another. */
export async function lockRule(db: Kysely<DB>, ruleId: string): Promise<AccessRule> {
  await sql`select 1 from access_rule where id = ${ruleId} for no key update`.execute(db);
  return (await readRule(db, ruleId))!;
}

export async function listRules(
  db: Kysely<DB>,
  filter: { reach: Reach; organizationId: string | undefined; search: string | undefined; ended: boolean },
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<{ items: AccessRule[]; next?: string }> {
  const after = decodeCursor(cursor, ['text', 'uuid']);
  const pattern = filter.search && `%${filter.search.replace(/[\\%_]/g, '\\$&')}%`;
  const { rows } = await sql<AccessRule>`
    select ${columns} from ${from}
    where ${inReach(filter.reach, sql`o.path`)} ${filter.ended ? sql`` : sql`and r.state <> 'ended' and r.ends_at > remit_now()`}
      ${filter.organizationId ? sql`and r.organization_id = ${filter.organizationId}` : sql``}
      ${pattern ? sql`and r.name ilike ${pattern}` : sql``}
      ${after ? sql`and (lower(r.name) collate "C", r.id) > (${after[0]}, ${after[1]}::uuid)` : sql``}
    order by lower(r.name) collate "C", r.id limit ${limit + 1}`.execute(db);
  return toPage(rows, limit, (row) => [row.name.toLowerCase(), row.id]);
}

export async function ruleTarget(
  db: Kysely<DB>,
  ruleId: string,
): Promise<(Target & { id: string }) | undefined> {
  const { rows } = await sql<Target & { id: string }>`
    select 'access-rule' as kind, r.id, r.organization_id as "organizationId", o.path, place_is_off(o.path) as off
    from access_rule r join organization o on o.id = r.organization_id where r.id = ${ruleId}`.execute(db);
  return rows[0];
}

/** For the trail: all that decides who has what by it. Its name is somebody's own words, outside the seal. */
export const ruleState = (rule: AccessRule): Record<string, unknown> => ({
  id: rule.id,
  organizationId: rule.organizationId,
  inOrganizationId: rule.inOrganizationId,
  below: rule.below,
  title: rule.title,
  attributes: rule.attributes,
  anyOf: rule.anyOf,
  relation: rule.relation,
  groupId: rule.groupId,
  exceptIds: rule.exceptIds,
  entitlementId: rule.entitlementId,
  accessRoleId: rule.accessRoleId,
  startsAt: rule.startsAt,
  endsAt: rule.endsAt,
  firstDay: rule.firstDay,
  lastDay: rule.lastDay,
  givenBy: rule.givenBy,
  givenUnder: rule.givenUnder,
  state: rule.state,
  version: rule.version,
});

/** Its fields in one form, however they were written. */
export const fieldsOf = ({
  attributes,
  anyOf,
}: Pick<AccessRule, 'attributes' | 'anyOf'>): FieldCondition[] => [
  ...Object.entries(attributes).map(([key, value]) => ({ key, in: [value] })),
  ...anyOf,
];

/** Rules as a reader sees them: what is out of sight is said to be there, and not named (I06). */
export async function shownRules(
  db: Kysely<DB>,
  facts: Facts,
  rules: readonly AccessRule[],
): Promise<RuleView[]> {
  const things = await loadThings(
    db,
    rules.flatMap(({ entitlementId }) => entitlementId ?? []),
    rules.flatMap(({ accessRoleId }) => accessRoleId ?? []),
  );
  const read = rules.filter((rule) => fieldsOf(rule).length > 0).map(({ inPath }) => inPath);
  const definitions = await definitionsOver(db, [...new Set(read)]);
  return rules.map((rule) => {
    const labels = new Map(
      (definitions.get(rule.inPath) ?? []).map(({ key, label: called }) => [key, called]),
    );
    return shownRule(facts, rule, things.get((rule.entitlementId ?? rule.accessRoleId)!)!, labels);
  });
}

function shownRule(
  facts: Facts,
  rule: AccessRule,
  thing: Thing,
  labels: ReadonlyMap<string, string>,
): RuleView {
  const sees = (
    permission: 'organization.read' | 'user.read',
    at: Partial<Target> & { organizationId: string; path: string },
  ) =>
    isInstance(facts) ||
    decide(facts, permission, { kind: 'organization', id: at.organizationId, off: false, ...at }).effect ===
      'permit';
  const { group } = rule;
  const seenGroup = group && sees('user.read', { organizationId: group.organizationId, path: group.path });
  const except = rule.except.filter(({ membershipId: id, userId, organizationId, path, line }) =>
    sees('user.read', { kind: 'membership', id, userId, organizationId, path, line }),
  );
  const seenPlace = sees('organization.read', { organizationId: rule.inId, path: rule.inPath });
  return {
    id: rule.id,
    organizationId: rule.organizationId,
    organizationName: rule.organizationName,
    name: rule.name,
    inOrganizationId: rule.inId,
    inOrganizationName: seenPlace ? rule.inName : null,
    below: rule.below,
    title: rule.title,
    fields: fieldsOf(rule).map((one) => ({ ...one, label: (seenPlace && labels.get(one.key)) || null })),
    relation: rule.relation,
    group: group && seenGroup ? { id: rule.groupId!, name: group.name, ended: group.ended } : null,
    otherGroup: group !== null && !seenGroup,
    except: except.map(({ membershipId, displayName }) => ({ membershipId, displayName })),
    otherExcept: except.length < rule.exceptIds.length,
    gives: inSight(facts, thing, rule.path)
      ? {
          entitlementId: rule.entitlementId,
          accessRoleId: rule.accessRoleId,
          name: thing.name,
          applicationName: thing.application?.name ?? null,
        }
      : null,
    from: instantText(instant(rule.startsAt)),
    until: instantText(instant(rule.endsAt)),
    beginsOn: firstDayAt(instant(rule.startsAt), rule.timeZone),
    endsOn: lastDayAt(instant(rule.endsAt), rule.timeZone),
    firstDay: rule.firstDay,
    lastDay: rule.lastDay,
    state: rule.state,
    version: rule.version,
  };
}
