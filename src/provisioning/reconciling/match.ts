import { type Kysely, sql } from 'kysely';
import type { DB } from '../../platform/schema.gen.ts';
import type { MappingRow } from '../wanted/mapping.ts';

/**
 * Whether a value tells whose an account is: it comes of one thing known of a person, which neither they nor a manager
 * write. Otherwise somebody would be given any account there by being called like it. Their address is proved by them, a
 * field counts where only a source writes it. Asked when it is chosen, and again when it is used: who writes a field can
 * change, and an organization below can have it anew.
 * @param path where the target stands
 */
export async function tellsWhose(
  db: Kysely<DB>,
  path: string,
  mapping: readonly MappingRow[],
  match: string | null,
): Promise<boolean> {
  const [piece, ...others] = mapping.find(({ to }) => to === match)?.pieces ?? [];
  const field = piece && 'field' in piece && others.length === 0 ? piece.field : undefined;
  if (!field) return false;
  // Whole, and letter for letter: of a part of it, or of one that only looks like it, there may be another's.
  if (piece && 'field' in piece && piece.how?.some((how) => how !== 'lower')) return false;
  if (!field.startsWith('attribute.')) return ['email', 'userId'].includes(field);
  const { rows } = await sql<{ sure: boolean | null }>`
    select bool_and(d.changed_by = 'source') as sure from attribute_definition d join organization o on o.id = d.organization_id
    where d.key = ${field.slice('attribute.'.length)}
      and (o.path = ${path} or starts_with(o.path, ${path} || '.') or starts_with(${path}, o.path || '.'))`.execute(
    db,
  );
  return rows[0]?.sure === true;
}
