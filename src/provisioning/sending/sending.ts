import { openEgressSockets } from '../../platform/egress-socket.ts';
import { SealingError } from '../../platform/sealing.ts';
import { type Connector, ConnectorError, type Session } from '../connectors/connector.ts';
import { takeOrphans } from '../reconciling/orphans.ts';
import { callSeconds, givesUpAfter, limitsOf } from '../rules.ts';
import { keepRoleName, type RoleRow, readTarget, secretsOf } from '../store.ts';
import { byHandOf } from '../tasks/by-hand.ts';
import { type KnownAccount, type Look, look, type Seeing, seeingOf } from '../wanted/look.ts';
import { changingOf, marksOf } from '../wanted/value-marks.ts';
import { attempt } from './attempt.ts';
import { recordBraked } from './braked.ts';
import { handOver } from './first-password.ts';
import { isUnjudged, judge } from './judging.ts';
import type { Sending } from './kept-connections.ts';
import { evaluateByTime } from './marker.ts';
import { outcomeOf, type Problem } from './outcome.ts';
import { forgetFirst, passwordsFor, type QueuedPassword } from './passwords.ts';
import { type Claim, type Claimed, claimDue, endBatch, type Health, type Settled, settle } from './queue.ts';

/** Sends all that is due at one target, and goes on while more is; ends when nothing is, or it rests. */
export async function sendDue(sending: Sending, targetId: string): Promise<void> {
  const { db } = sending;
  for (;;) {
    const target = await readTarget(db, targetId);
    if (!target || target.state === 'draft' || target.state === 'retired') return;
    const connector = sending.connectors(target.connector);
    if (!connector) throw new Error(`no connector ${target.connector} here`);
    await evaluateByTime(db, await seeingOf(db, target, connector));
    // Before each batch: who leaves does not wait until many who come are through.
    if (await isUnjudged(db, targetId)) {
      const { newly } = await judge(db, targetId);
      for (const [what, waiting] of Object.entries(newly) as ['removals' | 'changes', number][])
        await recordBraked(sending, targetId, { what, waiting });
    }
    const claim = await claimDue(db, targetId);
    if (claim) await sendBatch(sending, connector, claim);
    else if (!(await takeOrphans(sending, target, connector))) return;
  }
}

async function sendBatch(sending: Sending, connector: Connector, claim: Claim): Promise<void> {
  const { db } = sending;
  const writer = writerOf(sending);
  const health: Health = { good: false, problem: null, peace: 0, moreCalls: 0 };
  let fault: unknown;
  try {
    const seeing = await seeingOf(db, claim.target, connector);
    // After the claim: what is held now is what is sent, whatever it was marked for.
    const users = claim.accounts.map(({ userId }) => userId);
    const known = new Map(claim.accounts.map((one): [string, KnownAccount] => [one.userId, one]));
    const { looks } = await look(db, seeing, users, known);
    const making = claim.accounts
      .filter(({ userId, stands }) => stands === 'none' && looks.get(userId)?.desired.presence !== 'none')
      .map(({ userId }) => userId);
    const passwords = await passwordsFor(db, sending.config, claim.target, { users, made: making });
    const working = { ...(await withSession(sending, seeing, claim, looks, health)), passwords };
    try {
      await inLanes(claim, seeing, working, looks, health, {
        put: writer.put,
        told: {
          delivered: (password) => handOver(sending, claim.target.id, password),
          over: (password) => forgetFirst(db, claim.target.id, password),
        },
      });
    } finally {
      await working.session.close().catch(() => {});
    }
  } catch (error) {
    // Nothing was begun that is not written: the whole batch waits with its target.
    if (error instanceof ConnectorError) {
      health.problem = error.problem;
      health.peace = Math.max(health.peace, error.after ?? 0);
    } else if (error instanceof SealingError) health.problem = 'sealed' satisfies Problem;
    else {
      health.problem = 'fault' satisfies Problem;
      fault = error;
    }
    for (const one of claim.accounts) if (!writer.has(one.id)) writer.put(unbegun(one));
  }
  await writer.end();
  await endBatch(db, claim, health);
  if (fault) throw fault;
}

type Working = {
  session: Session;
  roles: readonly RoleRow[];
  passwords: ReadonlyMap<string, QueuedPassword>;
};

const rolesOf = (known: readonly RoleRow[]): string[] => [
  ...new Set(known.flatMap(({ externalId }) => externalId ?? [])),
];

/** A connection to the target that knows all roles by their names there; those that it has not yet are made. */
async function withSession(
  sending: Sending,
  { target, connector, can, roles }: Seeing,
  claim: Claim,
  looks: ReadonlyMap<string, Look>,
  calls: Pick<Health, 'moreCalls'>,
): Promise<Omit<Working, 'passwords'>> {
  const left = Math.max(1, claim.endsAt - performance.now());
  const deadline = AbortSignal.timeout(Math.ceil(left + callSeconds * 1000));
  const open = (known: readonly RoleRow[]): Promise<Session> =>
    connector.open(target.settings, secretsOf(sending.config, target), {
      egress: sending.egressOf(target.id),
      sockets: openEgressSockets(sending.config.egress),
      deadline,
      roles: rolesOf(known),
      dropFolder: sending.config.dropDir,
      byHand: byHandOf(sending, target, rolesOf(known)),
    });
  const session = await open(roles);
  if (!can.roles) return { session, roles };
  const wanted = new Set([...looks.values()].flatMap(({ desired }) => desired.roles));
  const missing = [...wanted].filter((name) =>
    roles.some((role) => role.name === name && role.externalId === null),
  );
  if (missing.length === 0) return { session, roles };
  try {
    const made = new Map<string, string>();
    for (const name of missing) {
      calls.moreCalls += 1;
      const ref = await session.ensureRole(name);
      await keepRoleName(sending.db, target.id, name, ref);
      made.set(name, ref);
    }
    const known = roles.map((role) => ({
      ...role,
      externalId: made.get(role.name ?? '') ?? role.externalId,
    }));
    return { session: await open(known), roles: known };
  } finally {
    await session.close().catch(() => {});
  }
}

/** Some at once, as many as the target bears; nothing is begun after the batch's time. */
async function inLanes(
  claim: Claim,
  { target, can }: Seeing,
  { session, roles, passwords }: Working,
  looks: ReadonlyMap<string, Look>,
  health: Health,
  {
    put,
    told,
  }: {
    put: (settled: Settled) => void;
    told: Record<'delivered' | 'over', (password: QueuedPassword) => Promise<void>>;
  },
): Promise<void> {
  const open = claim.accounts.values();
  let inARow = 0;
  const lane = async (): Promise<void> => {
    for (const claimed of open) {
      const seen = looks.get(claimed.userId);
      const over = performance.now() >= claim.endsAt || inARow >= givesUpAfter;
      if (!seen || over) {
        put(unbegun(claimed));
        continue;
      }
      const settled = await one(claimed, seen);
      if (settled.outcome === 'done' && settled.calls > 0) {
        health.good = true;
        inARow = 0;
      }
      put(settled);
    }
  };
  const one = async (claimed: Claimed, seen: Look): Promise<Settled> => {
    const base = {
      ...baseOf(claimed),
      wanted: seen.wanted ?? 'none',
      nextChangeAt: seen.desired.nextChangeAt,
      deleteAfter: seen.desired.deleteAfter,
    };
    // It came to be so after the brake had counted: it is counted first.
    if (seen.takes && !claimed.cleared) return { ...base, outcome: 'held' };
    const password = passwords.get(claimed.userId);
    // Values came to be others after the brake had counted, or wait for a person: all else goes.
    const letThrough = claimed.agreed && claimed.changesTo === seen.digest;
    const withhold = seen.changes && claimed.externalId !== null && !letThrough;
    const { failure, readBack, passwordTaken, differing, uncounted, wasThere, ...found } = await attempt(
      session,
      { can },
      claimed,
      seen,
      roles,
      { password, withhold },
    );
    // Sent again where this fails: setting the same password twice changes nothing.
    if (password && passwordTaken) await told.delivered(password);
    health.moreCalls += found.calls - 1;
    if (password?.first && wasThere) await told.over(password);
    if (uncounted) return { ...base, ...found, outcome: 'held' };
    const verifies = found.stands === 'unsure' || (claimed.stands === 'unsure' && readBack);
    const done: Settled = {
      ...base,
      ...found,
      outcome: 'done',
      changesTo: found.withheld ? seen.digest : null,
      changing: found.withheld ? (differing ?? changingOf(seen.values, claimed.thereMarks)) : [],
      thereMarks: found.thereDigest === seen.digest ? marksOf(seen.values) : null,
      verifies,
      verified: claimed.verify,
    };
    if (!failure) return done;
    const othersFare =
      health.good ||
      (claimed.failingSince !== null &&
        target.lastGoodAt !== null &&
        target.lastGoodAt > claimed.failingSince);
    const outcome = outcomeOf(failure, claimed.attempts + 1, othersFare, Math.random());
    const failed = { ...done, problem: failure.problem, status: failure.status ?? null, verified: false };
    if (outcome.what !== 'again') return { ...failed, outcome: outcome.what };
    if (outcome.countsForTarget) {
      inARow += 1;
      health.problem ??= failure.problem;
    }
    health.peace = Math.max(health.peace, outcome.peace);
    return { ...failed, outcome: 'again', after: outcome.after };
  };
  await Promise.all(Array.from({ length: limitsOf(target.limits).atOnce }, lane));
}

const baseOf = (claimed: Claimed): Settled => ({
  id: claimed.id,
  lease: claimed.lease,
  generation: claimed.generation,
  outcome: 'done',
  what: [],
  calls: 0,
  wanted: 'none',
  stands: claimed.stands,
  externalId: claimed.externalId,
  thereDigest: claimed.thereDigest,
  roles: claimed.roles,
  took: false,
  withheld: false,
  changesTo: null,
  changing: [],
  thereMarks: null,
  verifies: false,
  verified: false,
  nextChangeAt: null,
  deleteAfter: null,
  after: 0,
  problem: null,
  status: null,
});

const unbegun = (claimed: Claimed): Settled => ({ ...baseOf(claimed), outcome: 'unbegun' });

/** Writes what came of attempts while others are still under way: all that has come in since the last statement, by one. */
function writerOf({ db }: Pick<Sending, 'db'>): {
  put: (settled: Settled) => void;
  has: (id: string) => boolean;
  end: () => Promise<void>;
} {
  const ids = new Set<string>();
  let waiting: Settled[] = [];
  let writing: Promise<void> | undefined;
  let fault: unknown;
  const write = async (): Promise<void> => {
    while (waiting.length > 0) {
      const now = waiting;
      waiting = [];
      await settle(db, now);
    }
  };
  const begin = (): void => {
    writing ??= write()
      .catch((error: unknown) => {
        fault ??= error;
      })
      .finally(() => {
        writing = undefined;
        if (waiting.length > 0 && !fault) begin();
      });
  };
  return {
    put(settled) {
      ids.add(settled.id);
      waiting.push(settled);
      // In a moment, with what else has come in by then.
      setImmediate(begin);
    },
    has: (id) => ids.has(id),
    async end() {
      begin();
      while (writing) await writing;
      if (fault) throw fault;
    },
  };
}
