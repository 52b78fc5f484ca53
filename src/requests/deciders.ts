import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { whoBroughtActors } from '../authority/brought.ts';
import { type Holder, holderOf, nearestFirst } from '../authority/holders.ts';
import { type Candidate, loadCandidates, loadFactsOf } from '../authority/load-facts.ts';
import type { DB } from '../platform/schema.gen.ts';
import { type Asking, mayDecide } from './rules.ts';
import { askingOf, type RequestRow } from './store.ts';

/**
 * Who can decide, to whoever asks: somebody of their own organization, or a level above; unnamed and uncounted,
 * because a standard user sees neither (ruling 9).
 */
export const whoDecides = z.object({
  level: z.enum(['here', 'above', 'nobody']),
  words: z.string(),
});
export type WhoDecides = z.infer<typeof whoDecides>;

/**
 * The people who can decide it now, nearest first: by the same rule as the decision itself. Looked up when asked,
 * never kept: whoever may decide at that moment does (I35).
 * @param step another step than the open one, with everybody who could come to be asked there
 */
export async function whoMayDecide(db: Kysely<DB>, row: RequestRow, step?: number): Promise<Holder[]> {
  const asking = askingOf(row, step);
  const candidates = await candidatesFor(db, asking);
  const brought = await whoBroughtActors(
    db,
    candidates.map(({ facts }) => facts),
  );
  return nearestFirst(
    candidates.flatMap((candidate) => {
      const verdict = mayDecide(candidate.facts, asking, brought);
      return verdict.may ? holderOf(candidate, verdict.permit.because) : [];
    }),
  );
}

/** Everybody who might be one of those asked: wider than the rule, which then decides. */
export async function candidatesFor(db: Kysely<DB>, asking: Asking): Promise<Candidate[]> {
  const kinds = new Set(asking.approvers.map(({ kind }) => kind));
  const byRight = ['managers', 'level-above', 'owners', 'holders'] as const;
  const found: Candidate[] = [];
  if (byRight.some((kind) => kinds.has(kind))) found.push(...(await loadCandidates(db, asking.target, true)));
  if (kinds.has('application-managers'))
    for (const { path } of asking.applications) found.push(...(await loadCandidates(db, { path }, true)));
  const named = await namedBy(db, asking);
  for (const facts of await loadFactsOf(db, named)) found.push({ facts, canSignIn: true });
  const once = new Map<string, Candidate>();
  for (const one of found)
    if (one.facts.actor.kind === 'user' && one.facts.actor.membershipId)
      once.set(one.facts.actor.membershipId, once.get(one.facts.actor.membershipId) ?? one);
  return [...once.values()];
}

/** Memberships that the approvers name: themselves, and their deputies' deputies. */
async function namedBy(db: Kysely<DB>, { approvers, lineManager }: Asking): Promise<string[]> {
  const organizations = approvers.flatMap((one) => (one.kind === 'members' ? one.organizationId : []));
  const people = approvers.flatMap((one) =>
    one.kind === 'people'
      ? one.membershipIds
      : one.kind === 'line-manager' && lineManager
        ? [lineManager]
        : [],
  );
  if (people.length === 0 && organizations.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    with recursive named (id) as (
      select m.id from membership m where m.state = 'active' and (m.id = any (${people}::uuid[]) or m.organization_id = any (${organizations}::uuid[]))
      union
      select d.delegate_membership_id from named n join delegation d
        on d.giver_membership_id = n.id and d.kind = 'approve' and d.state = 'active' and d.delegate_membership_id is not null)
    select id from named`.execute(db);
  return rows.map(({ id }) => id);
}

export async function decidersOf(db: Kysely<DB>, row: RequestRow): Promise<WhoDecides> {
  const independent = await whoMayDecide(db, row);
  if (independent.length === 0)
    return {
      level: 'nobody',
      words: 'Nobody can decide this at the moment. Ask a manager to look after it.',
    };
  if (independent.some(({ organizationId }) => organizationId === row.organizationId))
    return { level: 'here', words: `A manager of ${row.organizationName} decides this.` };
  return { level: 'above', words: 'A manager at a level above decides this.' };
}
