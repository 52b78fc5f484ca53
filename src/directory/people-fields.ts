import { type Kysely, type RawBuilder, sql } from 'kysely';
import { inReach, type Reach } from '../authority/reach.ts';
import { isSelf, selvesOf } from '../authority/self.ts';
import type { Context } from '../operation/operation.ts';
import type { DB } from '../platform/schema.gen.ts';
import { type AttributeDefinition, type Attributes, shownAttributes } from './attributes.ts';

/** What stands in people's fields, in lists: each row shows, and is found by, what its reader sees of it (I06, I07). */
export type FieldFilter = {
  key: string;
  /** absent: anything */
  value: string | undefined;
  /** whom the reader may change, and so sees all of */
  changing: Reach;
  selves: readonly string[];
};

export const fieldFilter = (context: Context, key: string, value: string | undefined): FieldFilter => ({
  key,
  value,
  changing: context.reach('membership.update'),
  selves: selvesOf(context.facts),
});

/** Over `membership m`. A field that is not defined there, or that the reader does not see, has nothing in it. */
export function hasInField(
  { key, value, changing, selves }: FieldFilter,
  line: RawBuilder<unknown> | undefined,
): RawBuilder<boolean> {
  const nearest = sql`(
    select d.seen_by from attribute_definition d join organization o on o.id = d.organization_id
    where d.key = ${key} and o.path = any (path_ancestors(m.path)) order by o.path desc limit 1)`;
  const holds = value === undefined ? sql`m.attributes ? ${key}` : sql`m.attributes ->> ${key} = ${value}`;
  return sql<boolean>`(${holds} and case
    when m.user_id = any (${selves}::uuid[]) then ${nearest} in ('self', 'everybody')
    when ${inReach(changing, sql`m.path`, sql`m.user_id`, line)} then ${nearest} is not null
    else ${nearest} = 'everybody' end)`;
}

type Row = { id: string; userId: string; path: string; attributes: Attributes; mayChange: boolean };

/** What stands in the fields of these people, by membership, as far as the reader sees it. Two statements. */
export async function fieldsOf(
  context: Context,
  membershipIds: readonly string[],
): Promise<Map<string, Attributes>> {
  const { db, facts } = context;
  const { rows } = await sql<Row>`
    select m.id, m.user_id as "userId", m.path, m.attributes,
      ${inReach(context.reach('membership.update'), sql`m.path`, sql`m.user_id`, sql`m.line`)} as "mayChange"
    from membership m where m.id = any (${membershipIds}::uuid[]) and m.attributes <> '{}'`.execute(db);
  if (rows.length === 0) return new Map();
  const definitions = await definitionsOver(db, [...new Set(rows.map(({ path }) => path))]);
  return new Map(
    rows.map(({ id, userId, path, attributes, mayChange }) => {
      const reader = isSelf(facts, userId) ? 'self' : mayChange ? 'managers' : 'others';
      return [id, shownAttributes(definitions.get(path) ?? [], attributes, reader)];
    }),
  );
}

/** The fields that apply at each of these places. */
export async function definitionsOver(
  db: Kysely<DB>,
  paths: readonly string[],
): Promise<Map<string, AttributeDefinition[]>> {
  if (paths.length === 0) return new Map();
  const { rows } = await sql<AttributeDefinition & { path: string }>`
    select distinct on (p.path, a.key) p.path, a.key, a.label, a.kind, a.choices, a.required, a.seen_by as "seenBy",
      a.changed_by as "changedBy", a.claim
    from unnest(${paths}::text[]) p (path) join organization o on o.path = any (path_ancestors(p.path))
    join attribute_definition a on a.organization_id = o.id order by p.path, a.key, o.path desc`.execute(db);
  const found = new Map<string, AttributeDefinition[]>();
  for (const { path, ...definition } of rows) found.set(path, [...(found.get(path) ?? []), definition]);
  return found;
}
