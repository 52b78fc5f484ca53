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
export type RuleGift = { path: string; entitlement: EntitlementRef; membershipId?: string | undefined };

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
    EntitlementRef & { membershipId: string | null; path: string; rulePath: string }
  >`
    with people as (
      select p.id, p.path collate "C" as path, p.title, p.attributes
      from jsonb_to_recordset(${JSON.stringify(recorded)}::jsonb) as p (id uuid, path text, title text, attributes jsonb)
    ),
    fitting as (${rulesThatFit})
    select distinct f.person as "membershipId", f.person_path as path, f.rule_path as "rulePath", e.id, e.application_id as "applicationId"
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
  return rows.flatMap(({ membershipId, path, rulePath, ...entitlement }) =>
    ceilings.ofRule(path, rulePath, entitlement).allowed
      ? [{ path, entitlement, ...(membershipId ? { membershipId } : {}) }]
      : [],
  );
}

/** What `after` has and `before` had not. */
export const gainedByRules = (before: readonly RuleGift[], after: readonly RuleGift[]): RuleGift[] =>
  after.filter(
    (one) =>
      !before.some(
        (other) =>
          other.path === one.path &&
          other.entitlement.id === one.entitlement.id &&
          other.membershipId === one.membershipId,
      ),
  );
