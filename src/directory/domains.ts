import { sql } from 'kysely';
import { describeMissing } from '../authority/words.ts';
import type { Context } from '../operation/operation.ts';
import { organizationTarget } from '../operation/targets.ts';
import { refuse } from '../platform/refusals.ts';
import { domainsTaken, type OrganizationRow } from './store.ts';

/**
 * A mail domain decides who counts as an outsider, and belongs to one organization of the whole instance (ruling 13).
 * So whoever looks after the topmost one gives it; a manager only divides what an organization above has already.
 * Decided before it is looked up who has it, so that trying tells nothing (ruling 10).
 * @throws Refusal `not-permitted`, or `organization.domain-taken`
 */
export async function requireDomains(
  context: Context,
  { id, path, domains: had }: Pick<OrganizationRow, 'id' | 'path' | 'domains'>,
  wanted: readonly string[],
): Promise<void> {
  const added = wanted.filter((domain) => !had.includes(domain));
  if (added.length === 0) return;
  const { rows: above } = await sql<{ id: string; root: boolean; domains: string[] }>`
    select o.id, o.parent_id is null as root, o.domains from organization o
    where o.path = any (path_ancestors(${path})) and (o.id <> ${id} or o.parent_id is null)`.execute(
    context.db,
  );
  const root = await organizationTarget(context.db, above.find((one) => one.root)!.id);
  const known = above.flatMap((one) => (one.id === id ? [] : one.domains));
  const divided = added.every((domain) => known.some((wide) => domain.endsWith(`.${wide}`)));
  const permission = 'organization.update';
  if (!divided && context.decide(permission, root!).effect === 'deny')
    throw refuse('not-permitted', { permission, missing: describeMissing({ piece: 'place', permission }) });
  // Of two who claim one at once, the second finds what the first has.
  await sql`select pg_advisory_xact_lock(hashtextextended('organization.domains', 0))`.execute(context.db);
  const [taken] = await domainsTaken(context.db, id, added);
  if (taken) throw refuse('organization.domain-taken', { domain: taken });
}
