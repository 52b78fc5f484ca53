import { sql } from 'kysely';
import type { Target } from '../authority/delegation.ts';
import { inReach } from '../authority/reach.ts';
import type { Context } from '../operation/operation.ts';
import { invitationState } from './rules.ts';
import { openInvitations } from './store.ts';
import { loadUnder } from './under.ts';

/** Addresses among these with an invitation to the organization that can still be accepted. */
export async function openAndLive(
  context: Context,
  target: Target,
  normals: readonly string[],
): Promise<Set<string>> {
  const rows = await openInvitations(context.db, target.organizationId, normals);
  const underOf = await loadUnder(context.db, rows);
  return new Set(
    rows
      .filter((row) => {
        return invitationState({ ...row, under: underOf(row) }, target, context.at) === 'open';
      })
      .map((row) => row.emailNormal),
  );
}

/** Mail domains of the organization, or of the nearest above that has some and that the actor can see. */
export async function domainsFor(context: Context, path: string): Promise<string[]> {
  const { rows } = await sql<{ domains: string[] }>`
    select o.domains from organization o where o.path = any (path_ancestors(${path})) and o.domains <> '{}'
      and ${inReach(context.reach('organization.read'), sql`o.path`)} order by length(o.path) desc limit 1`.execute(
    context.db,
  );
  return rows[0]?.domains ?? [];
}
