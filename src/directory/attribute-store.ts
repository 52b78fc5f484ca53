import { type Kysely, sql } from 'kysely';
import { newId } from '../platform/ids.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { AttributeDefinition } from './attributes.ts';

export type DefinedAttribute = AttributeDefinition & {
  id: string;
  organizationId: string;
  version: number;
  /** defined above the place it was asked for */
  inherited: boolean;
};

const columns = sql`
  a.id, a.organization_id as "organizationId", a.key, a.label, a.kind, a.choices, a.required, a.seen_by as "seenBy",
  a.changed_by as "changedBy", a.claim, a.version`;

/**
 * The fields that apply at a place: its own and those from above, or these alone; of one key the nearest counts. In the
 * order in which they were defined, from the highest place down: so they stand on forms, pages and lists.
 */
export async function definitionsAt(
  db: Kysely<DB>,
  path: string,
  which: 'all' | 'above' = 'all',
): Promise<DefinedAttribute[]> {
  const { rows } = await sql<DefinedAttribute & { level: number; defined: Date }>`
    select * from (
      select distinct on (a.key) ${columns}, o.path <> ${path} as inherited, length(o.path) as level, a.created_at as defined
      from attribute_definition a join organization o on o.id = a.organization_id
      where o.path = any (path_ancestors(${path})) ${which === 'above' ? sql`and o.path <> ${path}` : sql``} order by a.key, o.path desc
    ) a order by a.level, a.defined, a.id`.execute(db);
  return rows.map(({ level: _, defined: __, ...definition }) => definition);
}

/** All fields of a place and those below, from the highest down: what counts where is for whoever asks about many places. */
export async function definitionsAround(
  db: Kysely<DB>,
  path: string,
): Promise<(DefinedAttribute & { path: string })[]> {
  const { rows } = await sql<DefinedAttribute & { path: string }>`
    select ${columns}, false as inherited, o.path from attribute_definition a join organization o on o.id = a.organization_id
    where o.path = any (path_ancestors(${path})) or o.path >= ${`${path}.`} and o.path < ${`${path}/`} order by length(o.path)`.execute(
    db,
  );
  return rows;
}

/** One organization's own definition, held for a change. */
export async function lockDefinition(
  db: Kysely<DB>,
  organizationId: string,
  key: string,
): Promise<Omit<DefinedAttribute, 'inherited'> | undefined> {
  const { rows } = await sql<DefinedAttribute>`
    select ${columns} from attribute_definition a where a.organization_id = ${organizationId} and a.key = ${key} for update`.execute(
    db,
  );
  return rows[0];
}

export async function putDefinition(
  db: Kysely<DB>,
  organizationId: string,
  definition: AttributeDefinition,
): Promise<Omit<DefinedAttribute, 'inherited'>> {
  const { key, label, kind, choices, required, seenBy, changedBy, claim } = definition;
  const { rows } = await sql<DefinedAttribute>`
    insert into attribute_definition as a (id, organization_id, key, label, kind, choices, required, seen_by, changed_by, claim)
    values (${newId()}, ${organizationId}, ${key}, ${label}, ${kind}, ${choices}, ${required}, ${seenBy}, ${changedBy}, ${claim})
    on conflict (organization_id, key) do update
      set label = excluded.label, choices = excluded.choices, required = excluded.required,
        seen_by = excluded.seen_by, changed_by = excluded.changed_by, claim = excluded.claim, version = a.version + 1
    returning ${columns}`.execute(db);
  return rows[0]!;
}

export async function removeDefinition(db: Kysely<DB>, id: string): Promise<void> {
  await sql`delete from attribute_definition where id = ${id}`.execute(db);
}
