import { sql } from 'kysely';
import type { Target } from '../../authority/delegation.ts';
import type { Context } from '../../operation/operation.ts';
import type { Ceiling } from './ceiling.ts';
import type { Plan } from './plan.ts';
import type { Stand } from './stand.ts';
import type { Take } from './take.ts';

/** Tells a reader how far it is: what is being written, and how many of how many rows are. */
export type Progress = (phase: string, done: number, total: number) => Promise<void>;

export type Work = {
  target: Target;
  take: Take;
  stand: Stand;
  plan: Plan;
  ceiling: Ceiling;
  /** what the top may hand out besides the applications of the files */
  also: { applications: string[]; entitlements: string[] };
};

export type Placed = { id: string; path: string };
export type Places = Map<string, Placed>;

/** Rows a statement: JSON of some megabytes, which PostgreSQL reads faster than many small ones. */
const batch = 5000;

export async function keepKeys(
  context: Context,
  topId: string,
  kind: 'organization' | 'user',
  keys: { key: string; id: string }[],
): Promise<void> {
  await inBatches(keys, (some) =>
    sql`insert into import_key (top_organization_id, kind, key, id)
      select ${topId}::uuid, ${kind}, r.key, r.id from jsonb_to_recordset(${JSON.stringify(some)}::jsonb) as r (key text, id uuid)
      on conflict (top_organization_id, kind, key) do update set id = excluded.id`.execute(context.db),
  );
}

export async function inBatches<T>(
  rows: readonly T[],
  write: (some: T[]) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < rows.length; start += batch) await write(rows.slice(start, start + batch));
}
