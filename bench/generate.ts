import { type Kysely, sql } from 'kysely';
import { adminRoleId } from '../src/authority/permissions.ts';
import { appointOwner, createInstance } from '../src/delegation/instance.ts';
import { newId } from '../src/platform/ids.ts';
import type { DB } from '../src/platform/schema.gen.ts';
import { fillAsked } from './asked.ts';
import { fillInBulk } from './bulk.ts';
import { seeded } from './random.ts';

/** The planned sizes of the design, section 7. */
export const sizes = {
  S: { organizations: 1_000, people: 10_000, depth: 8 },
  L: { organizations: 100_000, people: 1_000_000, depth: 12 },
} as const;
export type SizeName = keyof typeof sizes;
export type Size = { organizations: number; people: number; depth: number };

export type Place = { id: string; path: string; parent: number | undefined };
export type Manager = {
  membershipId: string;
  userId: string;
  delegationId: string;
  token: string;
  place: Place;
};
export type Generated = { organizations: Place[]; managers: Manager[] };

/** From an organization's number: who manages it. Numbered ids look like any other of version 7. */
export const userIdOf = (n: number): string => numbered('0190a000', n);
export const membershipIdOf = (n: number): string => numbered('0190b000', n);
const delegationIdOf = (n: number): string => numbered('0190c000', n);
const numbered = (kind: string, n: number): string =>
  `${kind}-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

const firstNames =
  'Anna Bram Chloé Daan Emma Finn Greta Hugo Ilse Jan Karin Lars Mila Noor Otto Petra Quint Ruth Sven Tess Ugo Vera Willem Xenia Yara Zeno'.split(
    ' ',
  );
const starts = 'Jans Müll Dub Viss Bakk Schm Ler Peet Nov Ross Silv Kow Nag Lund Eks Brug Haver Moer'.split(
  ' ',
);
const ends = 'en er ois ot aert idt oy ers ak i a alski y berg man sen stra kamp huis veld'.split(' ');

/**
 * Fills an empty instance: a tree grown at random to `depth` levels; people spread over it unevenly (some large
 * organizations, many small); in every organization one manager, appointed by the manager above, so that chains are as
 * deep as the tree; in a quarter of the branches reporting lines along it. Everybody can sign in, which is the dear case
 * for a list. One in forty belongs to a second
 * organization, every fifth has an open request, and there are as many mandates as people. The tree grows here, the rows by numbers in the database.
 */
export async function generate(db: Kysely<DB>, size: Size): Promise<Generated> {
  const instance = (await createInstance(db, { name: 'Bench', timeZone: 'UTC' }))!;
  const organizations = growTree(instance.organizationId, size, seeded(1));
  await db.connection().execute((one) =>
    fillInBulk(
      one,
      ['organization', 'app_user', 'membership', 'credential', 'delegation', 'session'],
      async () => {
        await sendTree(one, organizations);
        await insertPeople(one, size.people);
      },
    ),
  );
  const first = { userId: userIdOf(0), membershipId: membershipIdOf(0) };
  const owner = (await appointOwner(db, first, adminRoleId('owner'))).targetId!;
  await db.connection().execute((one) =>
    fillInBulk(one, ['delegation', 'session', 'request'], async () => {
      await appoint(one, owner, instance.delegationId);
      await fillAsked(one, instance.organizationId, size.people);
    }),
  );
  await sql`vacuum analyze`.execute(db);
  const managers = organizations.map((place, n) => ({
    userId: userIdOf(n),
    membershipId: membershipIdOf(n),
    place,
    delegationId: n === 0 ? owner : delegationIdOf(n),
    token: `bench-${n}`,
  }));
  return { organizations, managers };
}

type Grown = Place & { level: number; children: number; above: number[] };

function growTree(rootId: string, { organizations: count, depth }: Size, random: () => number): Grown[] {
  const tree: Grown[] = [{ id: rootId, path: 'r', parent: undefined, level: 1, children: 0, above: [] }];
  while (tree.length < count) {
    // Half of the time below one of the newest, which makes the tree deep; else anywhere, which makes it wide.
    const from = random() < 0.5 ? Math.max(0, tree.length - 20) : 0;
    const parent = from + Math.floor(random() * (tree.length - from));
    const over = tree[parent]!;
    if (over.level >= depth) continue;
    tree.push({
      id: newId(),
      path: `${over.path}.${(over.children++).toString(36)}`,
      parent,
      level: over.level + 1,
      children: 0,
      above: parent === 0 ? [] : [parent, ...over.above],
    });
  }
  return tree;
}

/** The tree as a numbered table; `above`: the numbers of the organizations above, nearest first, the root left out. */
async function sendTree(db: Kysely<DB>, tree: Grown[]): Promise<void> {
  await sql`create temp table place (n int primary key, id uuid, parent_id uuid, path text collate "C", above int[])`.execute(
    db,
  );
  for (let from = 0; from < tree.length; from += 10_000) {
    const rows = tree.slice(from, from + 10_000).map(({ id, path, parent, above }, at) => ({
      n: from + at,
      id,
      path,
      parent_id: parent === undefined ? null : tree[parent]!.id,
      above,
    }));
    await sql`insert into place select * from jsonb_populate_recordset(null::place, ${JSON.stringify(rows)}::jsonb)`.execute(
      db,
    );
  }
  await sql`insert into organization (id, parent_id, path, next_code, name)
    select id, parent_id, path, 100000, 'Organization ' || n from place where n > 0`.execute(db);
}

/** A number in [0, 1) from a number, the same in every run. */
const drawn = (n: string, seed: number) =>
  sql.raw(`((hashint8extended(${n}, ${seed}) & 1073741823) / 1073741824.0)`);
const idOf = (kind: string, n: string) =>
  sql.raw(`('${kind}-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`);

/** The first ones give every organization somebody; the square favours the older, larger organizations. */
async function insertPeople(db: Kysely<DB>, count: number): Promise<void> {
  await sql`
    create temp table person as
    select n, name, translate(lower(name), 'éü', 'eu') as sort_name, place from (
      select g.n, (${firstNames}::text[])[1 + floor(${drawn('g.n', 2)} * ${firstNames.length})::int]
          || ' ' || (${starts}::text[])[1 + floor(${drawn('g.n', 3)} * ${starts.length})::int]
          || (${ends}::text[])[1 + floor(${drawn('g.n', 4)} * ${ends.length})::int] as name,
        case when g.n < t.count then g.n else floor(power(${drawn('g.n', 5)}, 2) * t.count)::int end as place
      from generate_series(0, ${sql.lit(count)} - 1) g (n), (select count(*)::int as count from place) t
    ) drawn`.execute(db);
  await sql`create temp table filed as
    select p.n, p.id, p.path, p.above, coalesce(split_part(p.path, '.', 2) ~ '[048cgkosw]$', false) as lined, 'r'::text collate "C" as anchor from place p`.execute(
    db,
  );
  await sql`create temp table further as
    select * from (select n, name, sort_name, place, floor(${drawn('n', 6)} * (select count(*) from place))::int as elsewhere
      from person where n % 40 = 39) f where elsewhere <> place`.execute(db);
  await sql`insert into people_total (path, people, further)
    select above, sum(people), sum(further) from (
      select f.path, count(*) as people, sum(p.further) as further from (
        select place, 0 as further from person union all select elsewhere, 1 from further
      ) p join filed f on f.n = p.place group by f.path) t, unnest(path_ancestors(t.path)) above
    group by above`.execute(db);
  await sql`insert into people_anchor select path from people_total where people >= 1500 on conflict do nothing`.execute(
    db,
  );
  await sql`update filed set anchor = nearest_anchor(path)`.execute(db);
  await sql`create index on filed (n)`.execute(db);
  await sql`insert into app_user (id, home_organization_id, user_name, display_name, email, proved_email, email_proved_at)
    select ${idOf('0190a000', 'p.n')}, f.id, replace(sort_name, ' ', '.') || p.n, p.name,
      replace(sort_name, ' ', '.') || p.n || '@bench.example', replace(sort_name, ' ', '.') || p.n || '@bench.example', now()
    from person p join filed f on f.n = p.place order by p.n`.execute(db);
  await sql`insert into membership (id, user_id, organization_id, path, sort_name, starts, title, anchor, line_manager_id, line)
    select ${idOf('0190b000', 'p.n')}, ${idOf('0190a000', 'p.n')}, f.id, f.path, p.sort_name, array[left(p.sort_name, 3)], 'Member', f.anchor, line.above[1], line.above
    from person p join filed f on f.n = p.place
    cross join lateral (
      select coalesce(array_agg(${idOf('0190b000', 'a.n::int')} order by a.at), '{}') as above
      from unnest(case when not f.lined then '{}' when p.n = f.n then f.above else f.n || f.above end) with ordinality a (n, at)
    ) line
    order by p.n`.execute(db);
  await sql`insert into membership (id, user_id, organization_id, path, sort_name, starts, further, title, anchor)
    select ${idOf('0191b000', 'p.n')}, ${idOf('0190a000', 'p.n')}, f.id, f.path, p.sort_name, array[left(p.sort_name, 3)], true, 'Member', f.anchor
    from further p join filed f on f.n = p.elsewhere order by p.n`.execute(db);
  await sql`insert into credential (user_id, password_hash) select ${idOf('0190a000', 'n')}, 'x' from person`.execute(
    db,
  );
}

/** A manager for each organization, below the one above; and a session for each of them. */
async function appoint(db: Kysely<DB>, owner: string, root: string): Promise<void> {
  await sql`insert into delegation (id, kind, parent_id, chain, giver_user_id, giver_delegation_id, delegate_kind, delegate_user_id,
      delegate_membership_id, admin_role_id, scope, place_paths, entitlements, may_pass_on, giver_membership_id)
    select ${idOf('0190c000', 'n')}, 'administer', chain.ids[1], chain.ids, ${idOf('0190a000', 'coalesce(above[1], 0)')}, chain.ids[1], 'user',
      ${idOf('0190a000', 'n')}, ${idOf('0190b000', 'n')}, ${adminRoleId('delegated-manager')},
      jsonb_build_array(jsonb_build_object('places', jsonb_build_array(jsonb_build_object('id', id, 'path', path, 'below', true)))),
      array[path], '{"all": true}', 100 - cardinality(above), ${idOf('0190b000', 'coalesce(above[1], 0)')}
    from place cross join lateral (
      select coalesce(array_agg(${idOf('0190c000', 'a.n::int')} order by a.at), '{}') || array[${owner}::uuid, ${root}::uuid] as ids
      from unnest(above) with ordinality a (n, at)
    ) chain where n > 0 order by cardinality(above), n`.execute(db);
  await sql`insert into session (id, token_hash, user_id, membership_id, expires_at, ends_at)
    select ${idOf('0190d000', 'n')}, sha256(convert_to('bench-' || n, 'UTF8')), ${idOf('0190a000', 'n')}, ${idOf('0190b000', 'n')}, '2100-01-01', '2100-01-01'
    from place`.execute(db);
}
