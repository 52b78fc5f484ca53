import { type Kysely, type RawBuilder, sql } from 'kysely';
import { inReach, type Reach } from '../authority/reach.ts';
import { isSelf, selvesOf } from '../authority/self.ts';
import type { Context } from '../operation/operation.ts';
import type { DB } from '../platform/schema.gen.ts';
import { type AttributeDefinition, type Attributes, shownAttributes } from './attributes.ts';

/** What stands in people's fields, in lists: each row shows, and is found by, what its reader sees of it (I06, I07). */
export type FieldFilter = {
  key: string;
  /** what stands in it; nothing asked: anything */
  asked: AskedOfField;
  /** whom the reader may change, and so sees all of */
  changing: Reach;
  selves: readonly string[];
};

export type AskedOfField = {
  /** exactly this */
  value?: string | undefined;
  /** this somewhere in it, however it is written */
  contains?: string | undefined;
  /** a number or a day (YYYY-MM-DD), itself included; of a number only numbers are more or less, of a day only days */
  atLeast?: string | undefined;
  atMost?: string | undefined;
};

export const fieldFilter = (context: Context, key: string, asked: AskedOfField): FieldFilter => ({
  key,
  asked,
  changing: context.reach('membership.update'),
  selves: selvesOf(context.facts),
});

/** Over `membership m`. A field that is not defined there, or that the reader does not see, has nothing in it. */
export function hasInField(
  { key, asked, changing, selves }: FieldFilter,
  line: RawBuilder<unknown> | undefined,
): RawBuilder<boolean> {
  const nearest = sql`(
    select d.seen_by from attribute_definition d join organization o on o.id = d.organization_id
    where d.key = ${key} and o.path = any (path_ancestors(m.path)) order by o.path desc limit 1)`;
  const holds = [sql`m.attributes ? ${key}`, ...conditionsOn(key, asked)];
  return sql<boolean>`(${sql.join(holds, sql` and `)} and case
    when m.user_id = any (${selves}::uuid[]) then ${nearest} in ('self', 'everybody')
    when ${inReach(changing, sql`m.path`, sql`m.user_id`, line)} then ${nearest} is not null
    else ${nearest} = 'everybody' end)`;
}

/** A number as JSON writes it, so that 3.50 is 3.5; undefined for what is none. */
const asNumber = (text: string): string | undefined =>
  /^-?\d+(\.\d+)?$/.test(text) ? text.replace(/^(-?)0+(?=\d)/, '$1') : undefined;

function conditionsOn(key: string, asked: AskedOfField): RawBuilder<unknown>[] {
  const { value, contains, atLeast, atMost } = asked;
  const conditions: RawBuilder<unknown>[] = [];
  if (value !== undefined) {
    const number = asNumber(value);
    const same = sql`m.attributes ->> ${key} = ${value}`;
    conditions.push(number ? sql`(${same} or m.attributes -> ${key} = ${number}::jsonb)` : same);
  }
  if (contains !== undefined)
    conditions.push(sql`position(lower(${contains}::text) in lower(m.attributes ->> ${key})) > 0`);
  if (atLeast !== undefined) conditions.push(compared(key, sql`>=`, atLeast));
  if (atMost !== undefined) conditions.push(compared(key, sql`<=`, atMost));
  return conditions;
}

function compared(key: string, sign: RawBuilder<unknown>, bound: string): RawBuilder<unknown> {
  const number = asNumber(bound);
  return number
    ? sql`(jsonb_typeof(m.attributes -> ${key}) = 'number' and m.attributes -> ${key} ${sign} ${number}::jsonb)`
    : sql`(m.attributes ->> ${key} ~ '^\\d{4}-\\d\\d-\\d\\d$' and (m.attributes ->> ${key}) collate "C" ${sign} ${bound})`;
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
