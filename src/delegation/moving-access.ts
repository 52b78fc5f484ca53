import { type Kysely, sql } from 'kysely';
import type { EntitlementRef, Link } from '../authority/delegation.ts';
import type { Ceilings } from '../authority/holds.ts';
import { loadCeilings, rulesThatFit } from '../authority/holds.ts';
import { ancestorsOf } from '../authority/place.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { Journey, MovingFacts } from './moving-facts.ts';
import { inheritedThere } from './moving-gains.ts';
import { ceilingsAfter } from './moving-regive.ts';

/** One role in one application: how many people lose it. */
export type AccessLost = EntitlementRef & { name: string; applicationName: string; people: number };

type Row = EntitlementRef & {
  name: string;
  applicationName: string;
  path: string;
  /** people who have it there, and those who have it by something that goes along */
  people: number;
  keeping: number;
};

/**
 * What access the people who go lose and gain: by the ceiling of the new place, and because everybody at the old one had
 * it. Counted by place and role, so that the size of the move decides and not that of the tree.
 */
export async function accessMoved(
  db: Kysely<DB>,
  journey: Journey,
  { around }: MovingFacts,
  after: ReadonlyMap<string, Link>,
  at: Date,
): Promise<{ lost: AccessLost[]; gained: EntitlementRef[] }> {
  const rows = await heldThere(db, journey);
  const byRules = await ruledThere(db, journey);
  if (rows.length === 0 && byRules.length === 0) return { lost: [], gained: [] };
  const before = await loadCeilings(db, [
    ...new Set([
      ...rows.map(({ path }) => path),
      ...byRules.flatMap(({ path, rulePath }) => [path, rulePath]),
    ]),
  ]);
  const then = ceilingsAfter(around, journey.to, after, at);
  const inherited = new Set((await inheritedThere(db, journey)).map(({ id }) => id));
  const lost = new Map<string, AccessLost>();
  const gained = new Map<string, EntitlementRef>();
  for (const { path, rulePath, ...entitlement } of byRules)
    if (
      !before.ofRule(path, rulePath, entitlement).allowed &&
      then.ofRule(journey.to.path(path), journey.to.path(rulePath), entitlement).allowed
    )
      gained.set(entitlement.id, entitlement);
  for (const { path, people, keeping, id, applicationId, name, applicationName } of rows) {
    const had = allows(before, path, { id, applicationId });
    const has = allows(then, journey.to.path(path), { id, applicationId });
    if (!had && has && keeping > 0) gained.set(id, { id, applicationId });
    const left = has ? (inherited.has(id) ? people : keeping) : 0;
    if (!had || left >= people) continue;
    const known = lost.get(id) ?? { id, applicationId, name, applicationName, people: 0 };
    lost.set(id, { ...known, people: known.people + people - left });
  }
  return { lost: [...lost.values()], gained: [...gained.values()] };
}

const allows = (ceilings: Ceilings, path: string, entitlement: EntitlementRef): boolean =>
  ceilings.allows(path, entitlement).allowed;

async function heldThere(db: Kysely<DB>, { top, paths, below, destination }: Journey): Promise<Row[]> {
  const kept = ancestorsOf(destination);
  const above = ancestorsOf(top.path).filter((path) => path !== top.path || !below);
  const { rows } = await sql<Row>`
    with here as materialized (select o.id, o.path from organization o where o.path = any (${paths}::text[])),
    people as materialized (
      select m.id, m.path from here h join membership m on m.organization_id = h.id
      where m.state = 'active' and m.starts_at <= remit_now() and m.ends_at > remit_now()
    ),
    given as (
      select p.id as person, p.path, a.entitlement_id, a.access_role_id, true as keeps from people p
        join assignment a on a.membership_id = p.id and a.state = 'active' and a.starts_at <= remit_now() and a.ends_at > remit_now()
      union all
      select p.id, p.path, a.entitlement_id, a.access_role_id, o.path = any (${kept}::text[]) or ${below} and o.path >= ${top.path} from
        (select o.id, o.path from organization o where o.path = any (${above}::text[]) union select id, path from here) o
        join assignment a on a.organization_id = o.id and a.state = 'active' and a.starts_at <= remit_now() and a.ends_at > remit_now()
        join people p on p.path = o.path or starts_with(p.path, o.path || '.')
    )
    select g.path, e.id, e.application_id as "applicationId", e.name, ap.name as "applicationName",
      count(distinct g.person) as people, count(distinct g.person) filter (where g.keeps) as keeping
    from given g left join access_role_entitlement re on re.access_role_id = g.access_role_id
    join entitlement e on e.id = coalesce(g.entitlement_id, re.entitlement_id) and e.state = 'active'
    join application ap on ap.id = e.application_id and ap.state = 'active'
    group by g.path, e.id, ap.name`.execute(db);
  return rows;
}

type Ruled = EntitlementRef & { path: string; rulePath: string };

/**
 * What rules say people there have, of those that reach them afterwards, too: whether they hold it is up to what may be
 * handed out at both places. A rule that asks for a relation counts as if they stood in it.
 */
async function ruledThere(db: Kysely<DB>, { top, paths, below, destination }: Journey): Promise<Ruled[]> {
  const kept = ancestorsOf(top.path).filter((path) => ancestorsOf(destination).includes(path));
  // Those of an organization that is merged end with it.
  const lasting = sql`f.rule_path = any (${below ? [...kept, ...paths] : kept.filter((path) => path !== top.path)}::text[])`;
  const { rows } = await sql<Ruled>`
    with people as (
      select m.id, m.path, m.title, m.attributes from organization o join membership m on m.organization_id = o.id
      where o.path = any (${paths}::text[]) and m.state <> 'ended' and m.ends_at > remit_now()
    ),
    fitting as (${rulesThatFit})
    select distinct f.person_path as path, f.rule_path as "rulePath", e.id, e.application_id as "applicationId"
    from fitting f left join access_role r on r.id = f.access_role_id and r.state = 'active'
      left join access_role_entitlement re on re.access_role_id = r.id
      join entitlement e on e.id = coalesce(f.entitlement_id, re.entitlement_id) and e.state = 'active'
      join application a on a.id = e.application_id and a.state = 'active'
    where f.ends_at > remit_now() and ${lasting}`.execute(db);
  return rows;
}
