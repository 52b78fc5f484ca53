import { type Kysely, sql } from 'kysely';
import type { DB } from '../platform/schema.gen.ts';
import type { EntitlementRef, RelationKind } from './delegation.ts';
import { loadCeilings, rulesThatFit } from './holds.ts';

/** What is recorded of somebody, or is going to be, that rules read. */
export type Recorded = {
  path: string;
  title?: string | undefined;
  attributes?: Record<string, unknown>;
  /** whose groups count; somebody who does not belong there yet is in none */
  membershipId?: string | undefined;
};

/** Access that a rule gives at a place, to whom where that is somebody who is there already. */
export type RuleGift = {
  path: string;
  entitlement: EntitlementRef;
  membershipId?: string | undefined;
  by?: RuleOfGift;
};

/** By which rule, and for how long: seconds since 1970, `from` not before now. */
type RuleOfGift = { ruleId: string; relation: RelationKind | null; from: number; until: number };

/**
 * What rules would give to people of whom this is recorded, within the ceilings of now: whoever records it gives them
 * that (I01, ruling 2). A rule that asks for a relation counts where it is one of `relations`.
 */
export async function givenByRules(
  db: Kysely<DB>,
  people: readonly Recorded[],
  relations: readonly RelationKind[],
): Promise<RuleGift[]> {
  const recorded = people.map(({ path, title, attributes, membershipId }) => ({
    id: membershipId ?? null,
    path,
    title: title ?? '',
    attributes: attributes ?? {},
  }));
  const { rows } = await sql<
    EntitlementRef & RuleOfGift & { membershipId: string | null; path: string; rulePath: string }
  >`
    with people as (
      select p.id, p.path collate "C" as path, p.title, p.attributes
      from jsonb_to_recordset(${JSON.stringify(recorded)}::jsonb) as p (id uuid, path text, title text, attributes jsonb)
    ),
    fitting as (${rulesThatFit})
    select distinct f.person as "membershipId", f.person_path as path, f.rule_path as "rulePath", e.id, e.application_id as "applicationId",
      f.id as "ruleId", f.relation, extract(epoch from greatest(f.starts_at, remit_now()))::float8 as from,
      extract(epoch from f.ends_at)::float8 as until
    from fitting f left join access_role r on r.id = f.access_role_id and r.state = 'active'
      left join access_role_entitlement re on re.access_role_id = r.id
      join entitlement e on e.id = coalesce(f.entitlement_id, re.entitlement_id)
    where f.ends_at > remit_now() and (f.relation is null or f.relation = any (${relations}::text[]))`.execute(
    db,
  );
  if (rows.length === 0) return [];
  const ceilings = await loadCeilings(db, [
    ...new Set(rows.flatMap(({ path, rulePath }) => [path, rulePath])),
  ]);
  return rows.flatMap(({ membershipId, path, rulePath, id, applicationId, ...by }) => {
    const entitlement = { id, applicationId };
    return ceilings.ofRule(path, rulePath, entitlement).allowed
      ? [{ path, entitlement, by, ...(membershipId ? { membershipId } : {}) }]
      : [];
  });
}

/**
 * What `after` has and `before` had not: neither by the same rule, nor by another that gives it for as long to whoever
 * it is about. One that asks for a relation may give it to nobody, and one that ends gives it no longer.
 */
export const gainedByRules = (before: readonly RuleGift[], after: readonly RuleGift[]): RuleGift[] =>
  after.filter(
    (one) =>
      !before.some(
        (other) =>
          other.path === one.path &&
          other.entitlement.id === one.entitlement.id &&
          other.membershipId === one.membershipId &&
          covers(other.by, one.by),
      ),
  );

const covers = (had: RuleOfGift | undefined, has: RuleOfGift | undefined): boolean =>
  had?.ruleId === has?.ruleId ||
  (!!had && !!has && had.relation === null && had.from <= has.from && had.until >= has.until);
