import { setTimeout as delay } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import { Turns } from '../../operation/turns.ts';
import { openEgressSockets } from '../../platform/egress-socket.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { SealingError } from '../../platform/sealing.ts';
import { ConnectorError, type Seen } from '../connectors/connector.ts';
import { limitsOf } from '../rules.ts';
import type { Sending } from '../sending/kept-connections.ts';
import { takeCall } from '../sending/queue.ts';
import { readTarget, secretsOf, type TargetRow } from '../store.ts';
import { byHandOf } from '../tasks/by-hand.ts';
import { differenceOf, type Step } from '../wanted/difference.ts';
import { type KnownAccount, look, refsOf, type Seeing, seeingOf } from '../wanted/look.ts';
import { mendByPolicy, unmendedRuns } from './by-policy.ts';
import { likenessOf, mendingOf } from './mending-rules.ts';
import {
  claimRun,
  compareAll,
  failRun,
  keepPage,
  lostRuns,
  type Run,
  type SeenRow,
} from './reconcile-rows.ts';

type Db = Kysely<DB>;

/** The longest that reading a target from its first to its last page may take; seconds. */
const longest = 1800;

/** A list that goes on after so many pages goes round in circles. */
const mostPages = 20_000;

/** Accounts that are compared together: a page of a target's own size is looked at in parts of this. */
const together = 500;

/**
 * Reads everything there is at a target and writes down how it differs from what should be. Nothing is sent: a person
 * decides. One page at a time is held, without a copy of it, however many there are; what was read is kept as names of
 * fields. A read that failed, or that the target did not call whole, says nothing about anybody (I48).
 */
export async function reconcile(sending: Sending, runId: string, stopping?: AbortSignal): Promise<void> {
  const { db } = sending;
  const run = await claimRun(db, runId);
  if (!run) return;
  try {
    const outcome = await readAll(sending, run, stopping);
    if (outcome === 'taken') return;
    if (outcome === 'whole') await compareAll(db, run);
    else return await failRun(db, run, outcome);
    await mendByPolicy(sending, sending.connectors, runId);
  } catch (error) {
    // Whoever comes next begins it anew, when the lease is over.
    if (stopping?.aborted) return;
    if (error instanceof ConnectorError) return await failRun(db, run, error.problem);
    await failRun(db, run, error instanceof SealingError ? 'sealed' : 'fault');
    if (!(error instanceof SealingError)) throw error;
  }
}

/** `cut`: it ended, and was not all; `taken`: another process is at it by now. */
type Outcome = 'whole' | 'cut' | 'taken' | 'retired' | 'no-list';

async function readAll(sending: Sending, run: Run, stopping: AbortSignal | undefined): Promise<Outcome> {
  const { db, config } = sending;
  const target = await readTarget(db, run.targetId);
  if (!target || (target.state !== 'active' && target.state !== 'paused')) return 'retired';
  const connector = sending.connectors(target.connector);
  if (!connector) throw new Error(`no connector ${target.connector} here`);
  const seeing = await seeingOf(db, target, connector);
  if (seeing.can.list !== 'whole') return 'no-list';
  const session = await connector.open(target.settings, secretsOf(config, target), {
    egress: sending.egressOf(target.id),
    sockets: openEgressSockets(config.egress),
    deadline: AbortSignal.any([AbortSignal.timeout(longest * 1000), ...(stopping ? [stopping] : [])]),
    roles: [...new Set(seeing.roles.flatMap(({ externalId }) => externalId ?? []))],
    dropFolder: config.dropDir,
    byHand: byHandOf(sending, target, []),
  });
  try {
    let from: string | undefined;
    let read = 0;
    for (let pages = 0; pages < mostPages; pages += 1) {
      stopping?.throwIfAborted();
      if (!(await mayCall(db, run, target, stopping))) return 'taken';
      const { seen, next, whole, total } = await session.list(from);
      read += seen.length;
      for (let first = 0; first < Math.max(seen.length, 1); first += together) {
        const rows = await compared(db, seeing, seen.slice(first, first + together));
        if (!(await keepPage(db, run, rows, total))) return 'taken';
      }
      if (next === undefined) return whole && (total === undefined || read >= total) ? 'whole' : 'cut';
      if (next === from) return 'cut';
      from = next;
    }
    return 'cut';
  } finally {
    await session.close().catch(() => {});
  }
}

/** Waits until the target bears one call more within its minute; pages count like everything that is asked of it. */
async function mayCall(
  db: Db,
  run: Run,
  { id, limits }: Pick<TargetRow, 'id' | 'limits'>,
  stopping: AbortSignal | undefined,
): Promise<boolean> {
  for (;;) {
    const left = await takeCall(db, id, limitsOf(limits));
    if (left === 0) return true;
    // The run stays ours meanwhile.
    if (!(await keepPage(db, run, [], undefined))) return false;
    await delay(Math.min(left, 1) * 1000, undefined, stopping ? { signal: stopping } : {});
  }
}

type KnownRow = Omit<KnownAccount, 'deleteAfter'> & {
  id: string;
  externalId: string | null;
  correlation: string;
  deleteAfter: Date | null;
};

/** What of these differs from what should be: their names of fields only. */
async function compared(db: Db, seeing: Seeing, seen: readonly Seen[]): Promise<SeenRow[]> {
  if (seen.length === 0) return [];
  const { rows } = await sql<KnownRow>`
    select id, user_id as "userId", external_id as "externalId", correlation, stands, roles, there_digest as "thereDigest",
      delete_after as "deleteAfter"
    from account where target_id = ${seeing.target.id} and (external_id = any (${seen.map(({ id }) => id)}::text[])
      or correlation = any (${seen.flatMap(({ correlation }) => correlation ?? [])}::text[]))`.execute(db);
  const byId = new Map(rows.flatMap((row) => (row.externalId === null ? [] : [[row.externalId, row]])));
  const byCorrelation = new Map(rows.map((row) => [row.correlation, row]));
  const pairs = seen.map((one) => ({
    one,
    row: byId.get(one.id) ?? (one.correlation === undefined ? undefined : byCorrelation.get(one.correlation)),
  }));
  const known = new Map(
    pairs.flatMap(({ one, row }): [string, KnownAccount][] => {
      if (!row) return [];
      // Thought gone, and there: what should be is asked as of one that is there.
      const away = row.stands === 'none' || row.stands === 'gone';
      return [[row.userId, away ? { ...row, stands: one.enabled ? 'enabled' : 'disabled' } : row]];
    }),
  );
  const { looks } = await look(db, seeing, [...known.keys()], known);
  const lookedAfter = seeing.roles.flatMap(({ externalId }) => externalId ?? []);
  const { match } = mendingOf(seeing.target.mending);
  return pairs.map(({ one, row }) => {
    const should = row && looks.get(row.userId)?.desired;
    const { fields, steps } =
      row && should
        ? differenceOf(
            { ...should, roles: refsOf(should.roles, seeing.roles).flatMap((ref) => ref ?? []) },
            // Roles that are not read with an account are those that were last known of it.
            [{ ...one, roles: one.roles ?? row.roles }],
            { correlation: row.correlation, can: seeing.can, lookedAfter },
          )
        : { fields: [], steps: [] };
    return {
      externalId: one.id,
      correlation: row ? null : (one.correlation ?? null),
      accountId: row?.id ?? null,
      enabled: one.enabled,
      fields: [...new Set(fields)].sort(),
      takes: steps.some(takesAway),
      likeness: row || match === null ? null : likenessOf(seeing.target.id, one.values[match]),
    };
  });
}

/** What goes by the brake: switching off, deleting, and roles that are there and should not be. */
const takesAway = (step: Step): boolean =>
  step.do === 'disable' ||
  step.do === 'delete' ||
  (step.do === 'update' && step.change.rolesRemoved.length > 0);

/** Targets that are read at once, beside those that are sent to: a long list holds up no removal (I50). */
const mostReads = 8;

export type Reconciling = {
  /** Starts on a run; answers when that is over. */
  wake(runId: string): Promise<void>;
  /** Starts on those whose job is gone, or whose process died. */
  wakeLost(): Promise<void>;
  stop(): Promise<void>;
};

export function startReconciling(sending: Sending, onError: (error: unknown) => void): Reconciling {
  const turns = new Turns(mostReads, 10_000);
  const underWay = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  const wake = async (runId: string): Promise<void> => {
    if (stopping.signal.aborted) throw new Error('stopping');
    if (underWay.has(runId)) return;
    const work = turns
      .take(async () => {
        if (!stopping.signal.aborted) await reconcile(sending, runId, stopping.signal);
      })
      .catch(onError)
      .finally(() => underWay.delete(runId));
    underWay.set(runId, work);
  };
  return {
    wake,
    async wakeLost() {
      for (const runId of await lostRuns(sending.db)) await wake(runId);
      for (const runId of await unmendedRuns(sending.db))
        await mendByPolicy(sending, sending.connectors, runId);
    },
    async stop() {
      stopping.abort();
      await Promise.all(underWay.values());
    },
  };
}
