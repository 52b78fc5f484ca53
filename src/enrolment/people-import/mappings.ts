import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Target } from '../../authority/delegation.ts';
import { refuse } from '../../platform/refusals.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { type Reading, readingInput } from './reading.ts';

/** How files of one kind are read, as somebody kept it. */
export type ImportMapping = {
  id: string;
  organizationId: string;
  path: string;
  name: string;
  reading: Reading;
  state: 'active' | 'retired';
  version: number;
};

export const importMappingView = z.object({
  importMappingId: z.uuid(),
  organizationId: z.uuid(),
  name: z.string(),
  reading: readingInput,
  version: z.number().int(),
});

const columns = sql`g.id, g.organization_id as "organizationId", o.path, g.name, g.reading, g.state, g.version`;

export async function importMappingTarget(
  db: Kysely<DB>,
  importMappingId: string,
): Promise<Target | undefined> {
  const { rows } = await sql<Target>`
    select 'import-mapping' as kind, g.id, o.id as "organizationId", o.path, place_is_off(o.path) as off
    from import_mapping g join organization o on o.id = g.organization_id where g.id = ${importMappingId}`.execute(
    db,
  );
  return rows[0];
}

export async function lockImportMapping(db: Kysely<DB>, importMappingId: string): Promise<ImportMapping> {
  const { rows } = await sql<ImportMapping>`
    select ${columns} from import_mapping g join organization o on o.id = g.organization_id
    where g.id = ${importMappingId} for no key update of g`.execute(db);
  const [row] = rows;
  if (!row) throw refuse('not-found');
  if (row.state === 'retired') throw refuse('import-mapping.retired');
  return row;
}

export const mappingState = ({ id, name, reading, state, version }: ImportMapping) => ({
  id,
  name,
  reading,
  state,
  version,
});

/** Those of an organization, and of the ones above it, nearest first: what is kept above serves everybody below. */
export async function mappingsAt(
  db: Kysely<DB>,
  path: string,
  mayRead: (path: string) => boolean,
): Promise<ImportMapping[]> {
  const { rows } = await sql<ImportMapping>`
    select ${columns} from import_mapping g join organization o on o.id = g.organization_id
    where g.state = 'active' and o.path = any (path_ancestors(${path})) order by length(o.path) desc, lower(g.name) limit 500`.execute(
    db,
  );
  return rows.filter((row) => mayRead(row.path));
}
