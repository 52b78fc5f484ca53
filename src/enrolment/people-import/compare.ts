import { type Kysely, type RawBuilder, sql } from 'kysely';
import { inReach, type Reach } from '../../authority/reach.ts';
import { definitionsAround } from '../../directory/attribute-store.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { noteAddresses } from './notes.ts';
import type { RowProblem } from './problems.ts';
import { attributePrefix, type Field, type Reading } from './reading.ts';
import type { Counts, PeopleImport } from './store.ts';

/** Line managers of the same file are carried out before their people, at most this deep, as lines are kept. */
const deepest = 16;

const json = (problem: RowProblem): string => JSON.stringify(problem);

/** What is compared: the import's place, and what of the people there the importer sees. */
export type Compared = {
  db: Kysely<DB>;
  asked: PeopleImport;
  reading: Reading;
  people: Reach;
  /** whom the importer may change: all of their fields are seen (I06) */
  changing: Reach;
  /** whose access the importer sees */
  access: Reach;
  /** the importer: may be in the file, but is not changed by it */
  selves: readonly string[];
};

/**
 * The difference between the staged rows and what is there, by a few statements over all of them. Somebody is known by
 * the key of an earlier file; nobody comes back by it (ruling 3), and nobody is moved.
 */
export async function compare(compared: Compared): Promise<void> {
  const { db, asked, reading } = compared;
  await sql`update people_import_row set verdict = 'new', changes = '{}', was = null, note = null, depth = 0, manager_id = null
    where import_id = ${asked.id} and (verdict <> 'new' or depth <> 0)`.execute(db);
  await sql`analyze people_import_row`.execute(db);
  await nameTwice(compared);
  await match(compared);
  if (reading.columns.lineManager) await findManagers(compared);
  await findChanges(compared);
  await sql`update people_import_row r set problem = ${json({ code: 'day-past', column: 'lastDay' })}::jsonb
    where r.import_id = ${asked.id} and r.problem is null and r.ends_at <= remit_now()
      and (r.verdict = 'new' or 'lastDay' = any (r.changes))`.execute(db);
  await noteAddresses(db, asked.id, compared.people);
  // What is done with these rows is planned by how many of them are new, and after how many managers.
  await sql`analyze people_import_row`.execute(db);
}

/** The first of several rows of one key counts. */
async function nameTwice({ db, asked }: Compared): Promise<void> {
  await sql`
    update people_import_row r set problem = jsonb_build_object('code', 'twice', 'column', 'key', 'values', jsonb_build_object('line', d.first))
    from (
      select line, first_value(line) over (partition by key order by line) as first from people_import_row
      where import_id = ${asked.id} and key is not null
    ) d
    where r.import_id = ${asked.id} and r.line = d.line and d.first <> d.line and r.problem is null`.execute(
    db,
  );
}

const below = ({ path }: PeopleImport, column = sql`m.path`) =>
  sql`(${column} = ${path} or ${column} >= ${`${path}.`} and ${column} < ${`${path}/`})`;

/**
 * Who is known by an earlier file, or by an address that one person here has. Where the file does not say where people belong,
 * whoever is here belongs where they are: a column that is not there leaves its field alone.
 */
async function match({ db, asked, reading, people }: Compared): Promise<void> {
  const unsaid = reading.columns.organization === undefined;
  await sql`
    update people_import_row r set verdict = 'known', user_id = k.user_id, membership_id = coalesce(k.membership_id, r.membership_id),
      version = k.version, user_version = k.user_version,
      organization_id = case when ${unsaid} and k.live and k.seen then k.organization_id else r.organization_id end,
      problem = case
        when k.live is null or not k.live then ${json({ code: 'ended', column: 'key' })}::jsonb
        when not k.seen then ${json({ code: 'unseen', column: 'key' })}::jsonb
        when not ${unsaid} and k.organization_id <> r.organization_id then jsonb_build_object('code', 'elsewhere', 'column', 'organization')
      end
    from (
      select r.line, u.id as user_id, m.id as membership_id, m.version, u.version as user_version, m.organization_id,
        m.state <> 'ended' and m.ends_at > remit_now() and u.state <> 'erased' as live,
        m.id is not null and ${inReach(people, sql`m.path`, sql`m.user_id`)} as seen
      from people_import_row r
      join import_key k on k.top_organization_id = ${asked.organizationId} and k.kind = 'user' and k.key = r.key
      join app_user u on u.id = k.id
      left join lateral (
        select m.* from membership m where m.user_id = u.id and ${below(asked)}
        order by m.state = 'ended' or m.ends_at <= remit_now(), m.organization_id <> r.organization_id, m.created_at desc limit 1
      ) m on true
      where r.import_id = ${asked.id} and r.problem is null
    ) k
    where r.import_id = ${asked.id} and r.line = k.line`.execute(db);
  // Somebody who was made by hand has no key yet; the address says who it is, where exactly one person here has it.
  await sql`
    update people_import_row r set verdict = 'known', user_id = k.user_id, membership_id = k.membership_id, version = k.version,
      user_version = k.user_version, changes = '{key}'
    from (
      select r.line, min(m.user_id::text)::uuid as user_id, min(m.id::text)::uuid as membership_id, min(m.version) as version,
        min(u.version) as user_version
      from people_import_row r join app_user u on lower(u.email) = lower(r.email) and u.state <> 'erased'
      join membership m on m.user_id = u.id and m.organization_id = r.organization_id and m.state <> 'ended' and m.ends_at > remit_now()
      where r.import_id = ${asked.id} and r.problem is null and r.verdict = 'new' and r.email is not null and ${below(asked)}
        and ${inReach(people, sql`m.path`, sql`m.user_id`)}
        and not exists (select 1 from import_key k where k.top_organization_id = ${asked.organizationId} and k.kind = 'user' and k.id = u.id)
      group by r.line having count(*) = 1
    ) k
    where r.import_id = ${asked.id} and r.line = k.line
      and not exists (select 1 from people_import_row o where o.import_id = ${asked.id} and lower(o.email) = lower(r.email) and o.line < r.line)`.execute(
    db,
  );
}

/** A line manager by key or address, of the file or of those who are here already; and how deep below others of the file. */
async function findManagers({ db, asked, people }: Compared): Promise<void> {
  await sql`
    with named as (
      select distinct manager as name from people_import_row where import_id = ${asked.id} and manager is not null and problem is null
    ),
    refused as (
      select r.* from people_import_row r where r.import_id = ${asked.id} and r.problem is not null and r.problem ->> 'code' <> 'twice'
    ),
    found as (
      select n.name, r.membership_id as id, 1 as rank from named n
        join people_import_row r on r.import_id = ${asked.id} and r.key = n.name and r.problem is null
      union all
      select n.name, m.id, 2 from named n
        join import_key k on k.top_organization_id = ${asked.organizationId} and k.kind = 'user' and k.key = n.name
        join membership m on m.user_id = k.id and m.state <> 'ended' and m.ends_at > remit_now()
        where ${inReach(people, sql`m.path`, sql`m.user_id`)}
      union all
      select n.name, r.membership_id, 3 from named n
        join people_import_row r on r.import_id = ${asked.id} and lower(r.email) = lower(n.name) and r.problem is null
        where strpos(n.name, '@') > 0
      union all
      select n.name, m.id, 4 from named n join app_user u on lower(u.email) = lower(n.name)
        join membership m on m.user_id = u.id and m.state <> 'ended' and m.ends_at > remit_now()
        where strpos(n.name, '@') > 0 and ${inReach(people, sql`m.path`, sql`m.user_id`)}
      -- Whose own row stays out is found last: nobody of that name is here.
      union all
      select n.name, r.membership_id, 5 from named n join refused r on r.key = n.name
      union all
      select n.name, r.membership_id, 6 from named n join refused r on lower(r.email) = lower(n.name) where strpos(n.name, '@') > 0
    ),
    best as (
      select name, min(id::text)::uuid as id, count(distinct id) as many
      from (select f.*, min(rank) over (partition by name) as first from found f) ranked where rank = first group by name
    )
    update people_import_row r set manager_id = b.id, depth = case when r.verdict = 'new' then ${deepest + 1} else 0 end,
      problem = case when b.name is null then ${json({ code: 'manager-unknown', column: 'lineManager' })}::jsonb
        when b.many > 1 then ${json({ code: 'manager-many', column: 'lineManager' })}::jsonb end
    from people_import_row s left join best b on b.name = s.manager
    where r.import_id = ${asked.id} and s.import_id = r.import_id and s.line = r.line and r.manager is not null and r.problem is null`.execute(
    db,
  );
  await refuseReports(db, asked.id);
  // Those whose manager is not new come first, then theirs; what is left reports to itself in the end.
  for (let depth = 0; depth <= deepest; depth += 1) {
    const { numAffectedRows } = await sql`
      update people_import_row r set depth = ${depth}
      where r.import_id = ${asked.id} and r.depth = ${deepest + 1} and r.problem is null and ${
        depth === 0
          ? sql`not exists (select 1 from people_import_row m where m.import_id = r.import_id and m.membership_id = r.manager_id and m.verdict = 'new')`
          : sql`exists (select 1 from people_import_row m where m.import_id = r.import_id and m.membership_id = r.manager_id
              and m.verdict = 'new' and m.depth = ${depth - 1})`
      }`.execute(db);
    if (depth > 0 && numAffectedRows === 0n) break;
  }
  await sql`update people_import_row set problem = ${json({ code: 'manager-circle', column: 'lineManager' })}::jsonb
    where import_id = ${asked.id} and depth = ${deepest + 1} and problem is null`.execute(db);
}

/** Where the row of somebody's line manager in the file is refused, theirs says so, and so on down the line. */
export async function refuseReports(db: Kysely<DB>, importId: string): Promise<void> {
  for (let level = 0; level <= deepest; level += 1) {
    const { numAffectedRows } = await sql`
      update people_import_row r set problem = ${json({ code: 'manager-refused', column: 'lineManager' })}::jsonb
      from people_import_row x
      where r.import_id = ${importId} and x.import_id = ${importId} and r.problem is null and x.problem is not null
        and r.manager_id = x.membership_id and x.verdict = 'new' and (r.verdict = 'new' or 'lineManager' = any (r.changes) or r.verdict = 'known')`.execute(
      db,
    );
    if (numAffectedRows === 0n) return;
  }
}

/**
 * Which fields of somebody known differ, and what stands there now. Whoever signs in looks after their own name and address
 * (ruling 6). What the importer does not see is taken to differ: whether a guess is right is nobody's to find out (I07).
 */
async function findChanges(compared: Compared): Promise<void> {
  const { db, asked, reading, people, changing, access, selves } = compared;
  const { columns } = reading;
  const hidden = await hiddenKeys(compared);
  const attributes = Object.keys(columns).some((field) => field.startsWith(attributePrefix));
  const field = (name: string, given: boolean, differs: RawBuilder<unknown>) =>
    given ? sql`case when ${differs} then ${name}::text end` : sql`null::text`;
  const has = (name: Field): boolean => columns[name] !== undefined;
  await sql`
    update people_import_row r set changes = r.changes || c.changes,
      was = case when cardinality(r.changes || c.changes) > 0 then c.was end,
      verdict = case when cardinality(r.changes || c.changes) > 0 then 'changed' else 'same' end
    from (
      select r.line, array_remove(array[
        ${field('name', true, sql`not own.is and u.display_name <> r.display_name`)},
        ${field('email', has('email'), sql`not own.is and u.email is distinct from r.email`)},
        ${field('title', has('title'), sql`m.title <> coalesce(r.title, '')`)},
        ${field(
          'attributes',
          attributes,
          sql`r.attributes ?| ${hidden}::text[] and (u.id = any (${selves}::uuid[]) or not ${inReach(changing, sql`m.path`, sql`m.user_id`)})
            or jsonb_strip_nulls(m.attributes || coalesce(r.attributes, '{}')) <> m.attributes`,
        )},
        ${field(
          'lineManager',
          has('lineManager'),
          sql`m.line_manager_id is distinct from r.manager_id and (r.manager_id is not null or boss.name is not null)`,
        )},
        ${field('firstDay', has('firstDay'), sql`m.first_day is distinct from r.first_day`)},
        ${field('lastDay', has('lastDay'), sql`m.last_day is distinct from r.last_day`)},
        ${field(
          'accessRole',
          has('accessRole'),
          sql`r.access_role_id is not null and (not ${inReach(access, sql`m.path`, sql`m.user_id`)}
            or not exists (select 1 from assignment a where a.membership_id = m.id
              and a.access_role_id = r.access_role_id and a.state = 'active' and a.ends_at > remit_now()))`,
        )},
        ${field(
          'groups',
          has('groups'),
          sql`exists (select 1 from unnest(r.group_ids) g (id)
            where not exists (select 1 from group_member x where x.group_id = g.id and x.membership_id = m.id))`,
        )}
      ], null) as changes,
        jsonb_build_object('name', u.display_name, 'email', u.email, 'title', m.title, 'lineManager', boss.name, 'firstDay', m.first_day,
          'lastDay', m.last_day, 'attributes', coalesce((select jsonb_object_agg(a.key, a.value) from jsonb_each(m.attributes) a
            where r.attributes ? a.key and a.key <> all (${hidden}::text[])), '{}')
          || coalesce((select jsonb_object_agg(a.key, a.value) from jsonb_each(m.attributes) a
            where r.attributes ? a.key and a.key = any (${hidden}::text[]) and ${inReach(changing, sql`m.path`, sql`m.user_id`)}), '{}')) as was
      from people_import_row r join membership m on m.id = r.membership_id join app_user u on u.id = m.user_id
      join organization h on h.id = u.home_organization_id
      left join lateral (
        select b.display_name as name from membership l join app_user b on b.id = l.user_id
        where l.id = m.line_manager_id and ${inReach(people, sql`l.path`, sql`l.user_id`)}
      ) boss on true
      cross join lateral (select u.proved_email is not null or exists (select 1 from credential c where c.user_id = u.id)
        or not ${below(asked, sql`h.path`)} as is) own
      where r.import_id = ${asked.id} and r.verdict = 'known' and r.problem is null
    ) c
    where r.import_id = ${asked.id} and r.line = c.line`.execute(db);
}

/** Fields of the file that not everybody sees who sees the person, anywhere here. */
async function hiddenKeys({ db, asked, reading }: Compared): Promise<string[]> {
  const keys = Object.keys(reading.columns).flatMap((field) =>
    field.startsWith(attributePrefix) ? [field.slice(attributePrefix.length)] : [],
  );
  if (keys.length === 0) return [];
  const defined = await definitionsAround(db, asked.path);
  return keys.filter((key) => {
    const fitting = defined.filter((one) => one.key === key);
    return fitting.length === 0 || fitting.some(({ seenBy }) => seenBy !== 'everybody');
  });
}

/** Rows by what becomes of them, and how many here are not in the file: those stay (ruling 6). */
export async function countRows({ db, asked, people }: Compared): Promise<Counts> {
  const { rows } = await sql<{ what: keyof Counts; count: number }>`
    select case when problem is not null then 'problem' else verdict end as what, count(*) as count
    from people_import_row where import_id = ${asked.id} group by 1
    union all
    select 'ending', count(*) from people_import_row r where r.import_id = ${asked.id} and ${isEnding}
    union all
    select 'noted', count(*) from people_import_row r where r.import_id = ${asked.id} and ${isNoted}
    ${asked.reading?.part ? sql`` : sql`union all select 'missing', count(*) from (${missingFrom(asked, people)}) m`}`.execute(
    db,
  );
  const counts: Counts = { new: 0, changed: 0, ending: 0, noted: 0, same: 0, problem: 0, missing: 0 };
  for (const { what, count } of rows) if (what in counts) counts[what] = count;
  return counts;
}

/** Who leaves by this file: on a last day that it brings. */
export const isEnding = sql<boolean>`(r.problem is null and r.last_day is not null and (r.verdict = 'new' or 'lastDay' = any (r.changes)))`;

/** Who comes in, but for something that is worth a look. */
export const isNoted = sql<boolean>`(r.problem is null and r.note is not null)`;

/** People of earlier files who are still here and not in this one, among those whom the importer sees. */
export const missingFrom = (asked: PeopleImport, people: Reach) => sql`
  select k.key, u.display_name as name, m.id, o.name as organization
  from import_key k join membership m on m.user_id = k.id and m.state <> 'ended' and m.ends_at > remit_now()
  join app_user u on u.id = k.id join organization o on o.id = m.organization_id
  where k.top_organization_id = ${asked.organizationId} and k.kind = 'user' and ${below(asked)}
    and ${inReach(people, sql`m.path`, sql`m.user_id`)}
    and not exists (select 1 from people_import_row r where r.import_id = ${asked.id} and r.key = k.key)`;
