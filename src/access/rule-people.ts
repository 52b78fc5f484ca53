import { type Kysely, type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { type Holding, loadHoldings, rulesThatFit } from '../authority/holds.ts';
import { inReach, type Reach } from '../authority/reach.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { AccessRule } from './access-rules.ts';

/** Some of the people, by name, and how many there are in all that the reader looks after. */
export const named = {
  count: z.number().int(),
  people: z
    .array(
      z.object({
        membershipId: z.uuid(),
        userId: z.uuid(),
        displayName: z.string(),
        organizationName: z.string(),
      }),
    )
    .describe('The first of them, by name.'),
};
export type Named = z.infer<z.ZodObject<typeof named>>;

/** How many are named. */
const most = 20;
/** Holdings are loaded for so many at once. */
const atOnce = 2000;

/** Those of these memberships who are in reach. */
export async function namedPeople(
  db: Kysely<DB>,
  reach: Reach,
  membershipIds: readonly string[],
): Promise<Named> {
  const { rows } = await sql<Named['people'][number] & { count: number }>`
    select m.id as "membershipId", m.user_id as "userId", u.display_name as "displayName", o.name as "organizationName",
      (count(*) over ())::int as count
    from membership m join app_user u on u.id = m.user_id join organization o on o.id = m.organization_id
    where m.id = any (${membershipIds}::uuid[]) and ${inReach(reach, sql`m.path`, sql`m.user_id`, sql`m.line`)}
    order by m.sort_name, m.id limit ${most}`.execute(db);
  return { count: rows[0]?.count ?? 0, people: rows.map(({ count: _, ...person }) => person) };
}

/** What a change of access comes to, for the reader: nobody outside their reach is counted, only that there are some. */
export async function namedShift(
  db: Kysely<DB>,
  reach: Reach,
  holdings: readonly Holding[],
): Promise<Named & { elsewhere: boolean }> {
  const ids = [...new Set(holdings.map(({ membershipId }) => membershipId))];
  const named = await namedPeople(db, reach, ids);
  return { ...named, elsewhere: named.count < ids.length };
}

/** Who has something by this rule now. */
export async function peopleOf(db: Kysely<DB>, rule: AccessRule, reach: Reach): Promise<Named> {
  const { rows } = await sql<{ id: string }>`
    with people as (
      select m.id, m.path, m.title, m.attributes from membership m
      where m.path >= ${rule.inPath} and m.path < ${`${rule.inPath}/`} and m.state = 'active'
        and m.starts_at <= remit_now() and m.ends_at > remit_now() and ${couldBe(rule)}
    )
    select distinct f.person as id from (${rulesThatFit}) f
    where f.id = ${rule.id} and f.starts_at <= remit_now() and f.ends_at > remit_now()`.execute(db);
  const ids = rows.map(({ id }) => id);
  return namedPeople(db, reach, rule.relation ? await whoHave(db, rule.id, ids) : ids);
}

/** Those who can stand in a relation at all: whether they do is asked of few. */
function couldBe({ relation }: AccessRule): RawBuilder<boolean> {
  switch (relation) {
    case 'managers':
      return sql<boolean>`exists (select 1 from delegation d where d.delegate_membership_id = m.id and d.kind = 'administer' and d.state <> 'ended')`;
    case 'line-managers':
      return sql<boolean>`exists (select 1 from membership b where b.line_manager_id = m.id and b.state <> 'ended')`;
    case 'guardians':
      return sql<boolean>`exists (select 1 from guardian g where g.membership_id = m.id and g.state = 'active')`;
    default:
      return sql<boolean>`true`;
  }
}

async function whoHave(db: Kysely<DB>, ruleId: string, ids: readonly string[]): Promise<string[]> {
  const having = new Set<string>();
  for (let start = 0; start < ids.length; start += atOnce) {
    const { holdings } = await loadHoldings(db, { membershipIds: ids.slice(start, start + atOnce) });
    for (const { ruleId: by, membershipId } of holdings) if (by === ruleId) having.add(membershipId);
  }
  return [...having];
}
