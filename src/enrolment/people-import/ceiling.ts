import { sql } from 'kysely';
import type { Target } from '../../authority/delegation.ts';
import { gainedByJoining } from '../../authority/gains.ts';
import { requireMayBringIn, requireMayRecord } from '../../directory/grants.ts';
import { requireSystems } from '../../directory/group-members.ts';
import { groupTarget } from '../../directory/groups.ts';
import type { Context } from '../../operation/operation.ts';
import { refusalOf, refusalOfAsync } from '../../operation/raised.ts';
import type { Refusal } from '../../platform/refusals.ts';
import { decideOffer } from '../offer.ts';
import { refuseReports } from './compare.ts';
import type { RowProblem } from './problems.ts';
import type { Reading } from './reading.ts';

/** Rows between two lines of one depth, of what is new. */
export type Stretch = {
  importId: string;
  /** below 0: of every depth, before anything is done */
  depth: number;
  from: number;
  to: number;
  /** whether the file has such columns at all */
  managers: boolean;
  roles: boolean;
  groups: boolean;
};

/** What a file gives besides the people themselves. */
export const givesOf = ({
  columns,
}: Pick<Reading, 'columns'>): Pick<Stretch, 'managers' | 'roles' | 'groups'> => ({
  managers: columns.lineManager !== undefined,
  roles: columns.accessRole !== undefined,
  groups: columns.groups !== undefined,
});

export const everyRow = 2_147_483_647;

export const inStretch = ({ importId, depth, from, to }: Stretch) =>
  sql`r.import_id = ${importId} and r.problem is null and r.verdict = 'new' and r.line > ${from} and r.line <= ${to}
    and (${depth} < 0 or r.depth = ${depth})`;

/** Under which links each organization's new people are brought in. */
export type Chains = { organization_id: string; delegations: string[] }[];

type Set = Target & {
  title: string;
  attributes: Record<string, unknown>;
  endsAt: Date | null;
  recorded: boolean;
};

/**
 * One ceiling check over a set of new people: each distinct place, and each distinct title, field and last day that
 * anything reads there, is decided once, by what decides the same for one person (I10). Rows of what is refused get the
 * reason, or the first one is thrown where all or nothing was asked.
 */
export async function checkNew(context: Context, stretch: Stretch, all: boolean): Promise<Chains> {
  const places = await placesOf(context, stretch);
  const chains: Chains = [];
  for (const place of places) {
    const refused = refusalOf(() => {
      const { because } = context.require('user.enrol', place, 'organization.read');
      chains.push({ organization_id: place.organizationId, delegations: because.map(({ id }) => id) });
      // What enrolling does not record is a change of the new membership.
      if (place.recorded) context.require('membership.update', place, 'organization.read');
    });
    if (refused) await put(context, stretch, refused, all, sql`r.organization_id = ${place.organizationId}`);
  }
  const reads = await readsAt(context, places);
  if (reads.any) {
    for (const set of await setsOf(context, stretch, reads)) {
      const refused = await refusalOfAsync(() => requireMayMake(context, set));
      if (refused)
        await put(
          context,
          stretch,
          refused,
          all,
          sql`r.organization_id = ${set.organizationId} and ${titleRead(reads)} = ${set.title}
            and ${attributesRead(reads)} = ${JSON.stringify(set.attributes)}::jsonb and ${untilRead(reads)} is not distinct from ${set.endsAt}`,
        );
    }
  }
  if (stretch.roles) await checkRoles(context, stretch, all);
  if (stretch.groups) await checkGroups(context, stretch, all);
  if (stretch.managers) {
    if (stretch.depth < 0) await refuseReports(context.db, stretch.importId);
    await checkManagers(context, stretch);
    if (stretch.depth < 0) await refuseReports(context.db, stretch.importId);
  }
  return chains;
}

/** Of no group, and no actor's own. */
const nobodyYet = { id: '00000000-0000-0000-0000-000000000000', userId: '' };

/** As by hand: somebody is enrolled with a title and days, and then fields are recorded. */
async function requireMayMake(context: Context, { path, title, attributes, endsAt }: Set): Promise<void> {
  await requireMayBringIn(context, [path], { title, until: endsAt ?? 'infinity' });
  if (Object.keys(attributes).length > 0)
    await requireMayRecord(
      context,
      { ...nobodyYet, path, title, attributes: {} },
      { path, title, attributes },
    );
}

async function placesOf({ db }: Context, stretch: Stretch): Promise<Set[]> {
  const { rows } = await sql<Set>`
    select 'organization' as kind, o.id, o.id as "organizationId", o.path, place_is_off(o.path) as off,
      bool_or(r.attributes is not null and r.attributes <> '{}' or r.manager_id is not null) as recorded
    from people_import_row r join organization o on o.id = r.organization_id
    where ${inStretch(stretch)} group by o.id, o.path order by o.path`.execute(db);
  return rows;
}

/** What rules and links that concern newcomers read: where nothing does, nobody gains anything by it. */
type Reads = { any: boolean; titles: boolean; keys: string[]; joining: string[] };

async function readsAt(context: Context, places: readonly Set[]): Promise<Reads> {
  const paths = places.map(({ path }) => path);
  const { rows } = await sql<{ rules: number; titles: boolean | null; keys: string[] | null }>`
    select count(*) as rules, bool_or(r.title is not null) as titles,
      array_agg(distinct k.key) filter (where k.key is not null) as keys
    from access_rule r join organization o on o.id = r.organization_id
    left join lateral (
      select jsonb_object_keys(r.attributes) as key union select c ->> 'key' from jsonb_array_elements(r.any_of) c
    ) k on true
    where r.state = 'active' and r.ends_at > remit_now()
      and exists (select 1 from unnest(${paths}::text[]) p (path) where o.path = any (path_ancestors(p.path)))`.execute(
    context.db,
  );
  const gained = await gainedByJoining(context.db, paths);
  const { rules, titles, keys } = rows[0]!;
  const joining = gained.length > 0 ? paths : [];
  return { any: rules > 0 || joining.length > 0, titles: titles ?? false, keys: keys ?? [], joining };
}

const titleRead = ({ titles }: Reads) => (titles ? sql`coalesce(r.title, '')` : sql`''`);
const attributesRead = ({ keys }: Reads) =>
  keys.length === 0
    ? sql`'{}'::jsonb`
    : sql`coalesce((select jsonb_object_agg(a.key, a.value) from jsonb_each(r.attributes) a
        where a.key = any (${keys}::text[]) and a.value <> 'null'), '{}')`;
const untilRead = ({ joining }: Reads) =>
  joining.length === 0 ? sql`null::timestamptz` : sql`nullif(r.ends_at, 'infinity')`;

async function setsOf({ db }: Context, stretch: Stretch, reads: Reads): Promise<Set[]> {
  const { rows } = await sql<Set>`
    select distinct 'organization' as kind, o.id, o.id as "organizationId", o.path, false as off, ${titleRead(reads)} as title,
      ${attributesRead(reads)} as attributes, ${untilRead(reads)} as "endsAt"
    from people_import_row r join organization o on o.id = r.organization_id where ${inStretch(stretch)}`.execute(
    db,
  );
  return rows;
}

/** Each access role at each place once, as an invitation of the same would be decided. */
async function checkRoles(context: Context, stretch: Stretch, all: boolean): Promise<void> {
  const { rows } = await sql<Target & { roleId: string }>`
    select distinct 'organization' as kind, o.id, o.id as "organizationId", o.path, place_is_off(o.path) as off, r.access_role_id as "roleId"
    from people_import_row r join organization o on o.id = r.organization_id
    where ${inStretch(stretch)} and r.access_role_id is not null`.execute(context.db);
  for (const { roleId, ...place } of rows) {
    const refused = await refusalOfAsync(() =>
      decideOffer(context, place, { entitlementIds: [], accessRoleIds: [roleId] }),
    );
    if (!refused) continue;
    const which = sql`r.organization_id = ${place.organizationId} and r.access_role_id = ${roleId}`;
    // One that the importer may not know of is answered like one that is not there (I08).
    if (refused.code === 'not-found')
      await putProblem(context, stretch, { code: 'role-unknown', column: 'accessRole' }, which);
    else await put(context, stretch, refused, all, which, 'accessRole');
  }
}

/** Each group once, and each place once from which people are put into groups, as by hand; what rules then give comes later. */
async function checkGroups(context: Context, stretch: Stretch, all: boolean): Promise<void> {
  const { rows: named } = await sql<{ groupId: string }>`
    select distinct g.id as "groupId" from people_import_row r, unnest(r.group_ids) g (id) where ${inStretch(stretch)} order by 1`.execute(
    context.db,
  );
  for (const { groupId } of named) {
    const refused = await refusalOfAsync(async () => {
      context.require('group.configure', await groupTarget(context.db, groupId), 'user.read');
      await requireSystems(context, groupId);
    });
    if (refused) await put(context, stretch, refused, all, sql`${groupId} = any (r.group_ids)`, 'groups');
  }
  const { rows: places } = await sql<Target>`
    select distinct 'organization' as kind, o.id, o.id as "organizationId", o.path, place_is_off(o.path) as off
    from people_import_row r join organization o on o.id = r.organization_id
    where ${inStretch(stretch)} and cardinality(r.group_ids) > 0`.execute(context.db);
  for (const place of places) {
    const refused = refusalOf(() => {
      context.require('group.configure', place, 'user.read');
    });
    const which = sql`r.organization_id = ${place.organizationId} and cardinality(r.group_ids) > 0`;
    if (refused) await put(context, stretch, refused, all, which, 'groups');
  }
}

/**
 * Line managers stand in the same organization, or in one above or below, as for one person. Before anything is done
 * they may be new themselves; afterwards those of the file are there, or were refused.
 */
async function checkManagers({ db }: Context, stretch: Stretch): Promise<void> {
  const fits = (path: ReturnType<typeof sql>) =>
    sql`(${path} = any (path_ancestors(o.path)) or o.path = any (path_ancestors(${path})))`;
  const dry = stretch.depth < 0;
  await sql`
    with unfit as (
      select r.line from people_import_row r join organization o on o.id = r.organization_id
      left join membership m on m.id = r.manager_id and m.state <> 'ended' and m.ends_at > remit_now()
      ${
        dry
          ? sql`left join people_import_row x on x.import_id = r.import_id and x.membership_id = r.manager_id and x.verdict = 'new' and x.problem is null
              left join organization p on p.id = x.organization_id`
          : sql``
      }
      where ${inStretch(stretch)} and r.manager_id is not null
        and not coalesce(${fits(sql`m.path`)}, false) ${dry ? sql`and not coalesce(${fits(sql`p.path`)}, false)` : sql``}
    )
    update people_import_row r set problem = jsonb_build_object('column', 'lineManager') ||
      case when r.depth > 0 and ${!dry} and not exists (select 1 from membership m where m.id = r.manager_id)
        then '{"code": "manager-refused"}'::jsonb
        else '{"refusal": "membership.line-manager", "details": {}}'::jsonb end
    from unfit u where r.import_id = ${stretch.importId} and r.line = u.line`.execute(db);
}

export const asProblem = (refused: Refusal, column?: string): RowProblem => ({
  refusal: refused.code,
  details: refused.details,
  ...(column ? { column } : {}),
});

async function put(
  context: Context,
  stretch: Stretch,
  refused: Refusal,
  all: boolean,
  which: ReturnType<typeof sql>,
  column?: string,
): Promise<void> {
  if (all) throw refused;
  await putProblem(context, stretch, asProblem(refused, column), which);
}

async function putProblem(
  { db }: Context,
  stretch: Stretch,
  problem: RowProblem,
  which: ReturnType<typeof sql>,
): Promise<void> {
  await sql`update people_import_row r set problem = ${JSON.stringify(problem)}::jsonb where ${inStretch(stretch)} and ${which}`.execute(
    db,
  );
}
