import type { Facts } from '../authority/facts.ts';
import { type Broken, refuseBroken } from '../authority/separation.ts';
import { type Refusal, refuse } from '../platform/refusals.ts';

/**
 * Refusals that only the database can make, because only there everybody who brings people or gives access takes turns:
 * by whatever path it comes, triggers raise these (sql/0008-seats.sql, sql/0026-separation.sql, sql/0041-attributes.sql). Of a separation of duties
 * they say what these `facts` let their actor see. Undefined for every other error.
 */
export function refusalRaised(error: unknown, facts?: Facts): Refusal | undefined {
  const { code, detail } = (error ?? {}) as { code?: unknown; detail?: unknown };
  if (code === 'RM001') return refuse('seats.full');
  if (code === 'RM002') return refuse('seats.taken', { taken: Number(detail) });
  if (code === 'RM003') return refuseBroken(facts, JSON.parse(String(detail)) as Broken);
  if (code === 'RM004') return refuse('attribute.own', { field: String(detail) });
  return undefined;
}

/** True for what the catalogue knows; anything else is a fault. */
export const isRefusal = (error: unknown): error is Refusal =>
  error instanceof Error && error.name === 'Refusal';

/** What an act is refused for; a fault is thrown. */
export function refusalOf(act: () => void): Refusal | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  }
}

export async function refusalOfAsync(act: () => Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  }
}
