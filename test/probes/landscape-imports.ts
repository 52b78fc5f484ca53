import { sql } from 'kysely';
import type { OrganizationName, World } from '../harness/world.ts';

/** An import of people at a place, of the same manager wherever it stands, so that only the place decides; and how files are read there. */
export async function addImports(
  { services: { db }, organizations, people }: World,
  place: OrganizationName,
  ids: { importId: string; importMappingId: string },
  named: (what: string) => string,
): Promise<void> {
  const { id } = organizations[place];
  const actor = JSON.stringify({ kind: 'membership', membershipId: people.acmeManager.membershipId });
  const reading = JSON.stringify({ columns: { key: 'key', name: 'name' }, dates: 'iso' });
  await sql`insert into people_import (id, organization_id, actor, file_name)
    values (${ids.importId}, ${id}, ${actor}::jsonb, ${named('file')})`.execute(db);
  await sql`insert into people_import_part (import_id, n, bytes)
    values (${ids.importId}, 1, ${Buffer.from(`key,name\n${named('key')},Ada\n`)})`.execute(db);
  await sql`insert into import_mapping (id, organization_id, name, reading)
    values (${ids.importMappingId}, ${id}, ${named('mapping')}, ${reading}::jsonb)`.execute(db);
}
