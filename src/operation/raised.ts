import { type Refusal, refuse } from '../platform/refusals.ts';

/**
 * Refusals that only the database can make, because only there everybody who brings people takes turns: by whatever
 * path somebody comes, the triggers on memberships, invitations and delegations raise these (sql/0008-seats.sql).
 * Undefined for every other error.
 */
export function refusalRaised(error: unknown): Refusal | undefined {
  const { code, detail } = (error ?? {}) as { code?: unknown; detail?: unknown };
  if (code === 'RM001') return refuse('seats.full');
  if (code === 'RM002') return refuse('seats.taken', { taken: Number(detail) });
  return undefined;
}
