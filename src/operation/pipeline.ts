import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { locales, type z } from 'zod';
import { decide, missingAnywhere, type Permit } from '../authority/decide.ts';
import type { Target } from '../authority/delegation.ts';
import type { Actor, Credential, Facts } from '../authority/facts.ts';
import { loadFacts } from '../authority/load-facts.ts';
import { everywhere } from '../authority/place.ts';
import { reach } from '../authority/reach.ts';
import { loadFactsForReading } from '../authority/stamp.ts';
import { describeMissing } from '../authority/words.ts';
import type { Config } from '../platform/config.ts';
import { prepared } from '../platform/database.ts';
import { sendJobs } from '../platform/jobs.ts';
import { type Language, spoken } from '../platform/language.ts';
import { type Refusal, refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { attemptIn } from './attempt.ts';
import { denied, recordDenied } from './denied.ts';
import { appendEvents } from './events.ts';
import { type AnyOperation, type Change, type Context, previewable } from './operation.ts';
import { isRefusal, refusalRaised } from './raised.ts';
import { receiptFor } from './receipts.ts';
import { isInTheWay, isTokenOf, measured, type Rehearsal, undone } from './rehearsal.ts';
import { type EventJob, eventQueue, type Subscriber } from './subscribers.ts';
import { Turns } from './turns.ts';

/**
 * A long file: the one way in which every operation runs is read from the top, each step one function.
 */

/** What the pipeline stands on; made once by main.ts, by a test, or by the CLI. */
export type Services = {
  db: Kysely<DB>;
  config: Config;
  subscribers: readonly Subscriber[];
};

export type Call = {
  credential: Credential;
  input: unknown;
  requestId: string;
  ifMatch?: number | undefined;
  idempotencyKey?: string | undefined;
  /** token of a preview: do exactly that, or nothing */
  ifPreview?: string | undefined;
  caller?: Context['caller'];
  /** set-up, sweepers and the operator's own commands act without a delegation, and are recorded as such */
  actAs?: 'system' | 'operator';
};

export type Answer<Output = unknown> = { output: Output; cookies: Context['reply']['cookies'] };

/** Any constant: the one advisory lock that orders changes against endings. */
const orderLock = 0x52656d69;

/**
 * Runs one operation: parse, open the transaction, take the lock, load authority, decide, run, append events,
 * enqueue what follows, commit. A refusal abandons the transaction with everything in it.
 */
export async function run<O extends AnyOperation>(
  services: Services,
  declared: O,
  call: Call,
): Promise<Answer<Awaited<ReturnType<O['run']>>>> {
  // 401 stands before a malformed 400 (ruling 11): a stranger learns nothing of the input's shape.
  if (declared.effect === 'reading') {
    const facts = await factsFor(services.db, declared, call);
    const source = { actor: facts.actor, at: facts.at, requestId: call.requestId };
    try {
      const input = parse(declared, call.input);
      const context = await contextFor(services, services.db, declared, call, facts, input, []);
      return { output: await output(declared, context, input), cookies: context.reply.cookies };
    } catch (error) {
      if (asksForAChange(declared) && isRefusal(error))
        await recordDenied(services.db, declared, undefined, source, error);
      throw error;
    }
  }
  if (call.credential.kind === 'none' && !call.actAs && declared.needs !== 'public')
    throw refuse('auth.required');
  if (declared.before) {
    await declared.before(
      { db: services.db, caller: call.caller ?? nobodysCaller },
      parse(declared, call.input),
    );
  }
  return await changed(services, declared, call, declared.effect === 'ending').catch((error) => {
    if (error !== takesAway) throw error;
    return changed(services, declared, call, true);
  });
}

/** Thrown through a call that turned out to take something away, while it held the lock of a change only. */
const takesAway = new Error('this call takes something away: again, under the lock of an ending');

/** One transaction of a change. */
async function changed<O extends AnyOperation>(
  services: Services,
  declared: O,
  call: Call,
  ending: boolean,
): Promise<Answer<Awaited<ReturnType<O['run']>>>> {
  const takeAway = () => {
    if (!declared.mayTakeAway) throw new Error(`${declared.name} does not say that it may take away`);
    if (!ending) throw takesAway;
  };
  let begun: { facts: Facts; context?: Context } | undefined;
  let parts: readonly Refusal[] = [];
  const done = services.db.transaction().execute(async (trx) => {
    // In a statement of its own, before any fact is read: what we then read cannot change under us (law 4).
    await (ending
      ? sql`${prepared} select pg_advisory_xact_lock(${orderLock})`.execute(trx)
      : sql`${prepared} select pg_advisory_xact_lock_shared(${orderLock})`.execute(trx));
    const facts = await factsFor(trx, declared, call);
    begun = { facts };
    const input = parse(declared, call.input);
    const changes: Change[] = [];
    const context = await contextFor(services, trx, declared, call, facts, input, changes);
    context.takeAway = takeAway;
    begun = { facts, context };
    const earlier = await claimKey(trx, declared, call, facts.actor, input);
    if (earlier) {
      await decideAnew(services, trx, declared, call, facts, input);
      return { output: earlier.output as Awaited<ReturnType<O['run']>>, cookies: [] };
    }
    const done = await attempted(services, trx, declared, call, facts, input, { context, changes });
    await receiptFor(done.context, declared.name, done.changes);
    await appendChanges(services, trx, declared, call, done.context, done.changes);
    await keepAnswer(trx, declared, call, facts.actor, done.result);
    parts = refusedParts.get(done.context) ?? [];
    return { output: done.result, cookies: done.context.reply.cookies };
  });
  const keep = async ({ facts, context }: NonNullable<typeof begun>, refusal: Refusal) => {
    const source = { actor: facts.actor, at: facts.at, requestId: call.requestId };
    await recordDenied(services.db, declared, context, source, refusal);
  };
  const answer = await done.catch(async (error) => {
    const refusal = refusalRaised(error, begun?.facts) ?? error;
    if (begun && isRefusal(refusal)) await keep(begun, refusal);
    throw refusal;
  });
  for (const refusal of parts) await keep(begun!, refusal);
  return answer;
}

type Begun = { context: Context; changes: Change[] };
type Done = Begun & { result: never };

/**
 * Runs it; or, where a preview was seen, only if it still changes exactly what that one said.
 * @throws Refusal `preview.stale` when the world moved, `preview.none` where there is no preview of it.
 */
async function attempted(
  services: Services,
  trx: Kysely<DB>,
  declared: AnyOperation,
  call: Call,
  facts: Facts,
  input: Record<string, unknown>,
  begun: Begun,
): Promise<Done> {
  if (call.ifPreview === undefined) return { ...begun, result: await output(declared, begun.context, input) };
  if (!declared.previews) throw refuse('preview.none', { operation: declared.name });
  const { done, digest } = await measured(trx, async (): Promise<Done> => {
    const changes: Change[] = [];
    const context = await contextFor(services, trx, declared, call, facts, input, changes);
    context.takeAway = begun.context.takeAway;
    return { context, changes, result: await output(declared, context, input) };
  });
  if (!isTokenOf(digest, call.ifPreview)) throw refuse('preview.stale');
  return done;
}

/** Previews at once: each holds a connection, for seconds where it is about thousands of people. */
const turns = new Turns(3, 30);

/**
 * Runs an operation as this caller, measures before and after, and undoes it: refused exactly where the operation
 * would be, and nothing of it leaves. It takes no turn among changes: one snapshot of the database is compared with
 * itself, and whoever is in the way of a real change gives up first and tries again.
 */
async function rehearse(services: Services, call: Call, name: string, raw: unknown): Promise<Rehearsal> {
  const declared = previewable.get(name);
  if (!declared) throw refuse('preview.none', { operation: name });
  for (let attempt = 1; ; attempt += 1) {
    let begun: { facts: Facts; context?: Context } | undefined;
    try {
      return await turns.take(() =>
        undone(services.db, async (trx) => {
          const facts = await factsFor(trx, declared, call);
          begun = { facts };
          const input = parse(declared, raw);
          const { difference, token, done } = await measured(trx, async () => {
            const changes: Change[] = [];
            const context = await contextFor(services, trx, declared, call, facts, input, changes);
            begun = { facts, context };
            return { changes, result: (await output(declared, context, input)) as unknown };
          });
          return { difference, token, output: done.result };
        }),
      );
    } catch (error) {
      if (!isInTheWay(error)) {
        const refusal = refusalRaised(error, begun?.facts) ?? error;
        // Whoever looks what a change would do, and may not make it, tried it: probing by previews is seen, too.
        if (begun && isRefusal(refusal)) {
          const source = { actor: begun.facts.actor, at: begun.facts.at, requestId: call.requestId };
          await recordDenied(services.db, declared, begun.context, source, refusal, true);
        }
        throw refusal;
      }
      if (attempt === 5) throw refuse('server.busy');
    }
  }
}

/** A reading operation that says what a change would do, by the permission of that change. */
const asksForAChange = ({ name }: AnyOperation): boolean => name.endsWith('preview');

/** A call from inside this process. */
const nobodysCaller: Context['caller'] = { address: '', userAgent: '', sessionToken: undefined };

/** Who acts. Everything but a public operation needs somebody with a standing; `self` needs a person. */
async function factsFor(db: Kysely<DB>, declared: AnyOperation, call: Call): Promise<Facts> {
  // A change loads in full, under the lock; what only reads may use the facts that this process keeps.
  const facts = await (declared.effect === 'reading' ? loadFactsForReading : loadFacts)(db, call.credential);
  if (call.actAs) return { ...facts, actor: { kind: call.actAs }, noStanding: undefined };
  if (declared.needs === 'public') return facts;
  if (facts.actor.kind === 'anonymous') throw refuse('auth.required');
  if (facts.noStanding === 'user-off' || facts.noStanding === 'client-off') throw refuse('auth.required');
  if (declared.needs !== 'self') return facts;
  if (facts.actor.kind !== 'user') throw refuse('auth.user-only');
  if (facts.noStanding && declared.effect !== 'reading' && !declared.withoutStanding)
    throw refuse('not-permitted', {
      missing: describeMissing({ piece: 'standing', reason: facts.noStanding }),
    });
  return facts;
}

const strictInputs = new WeakMap<AnyOperation, AnyOperation['input']>();

/** Made once: zod compiles each schema when it is first used, and that took longer than the use. */
function strictInput(declared: AnyOperation): AnyOperation['input'] {
  const known = strictInputs.get(declared);
  if (known) return known;
  const strict = declared.input.strict();
  strictInputs.set(declared, strict);
  return strict;
}

/** How the checks of inputs say what is wrong, to whoever asked. */
const inputWords: Record<Language, z.core.$ZodErrorMap> = {
  en: locales.en().localeError,
  nl: locales.nl().localeError,
  de: locales.de().localeError,
  fr: locales.fr().localeError,
};

function parse(declared: AnyOperation, raw: unknown): Record<string, unknown> {
  const parsed = strictInput(declared).safeParse(raw === undefined ? {} : raw, {
    error: inputWords[spoken()],
  });
  if (parsed.success) return parsed.data as Record<string, unknown>;
  const issues: { field: string; problem: string }[] = parsed.error.issues.map(
    (issue: { path: PropertyKey[]; message: string }) => ({
      field: short(issue.path.join('.')),
      problem: short(issue.message),
    }),
  );
  const [first] = issues;
  throw refuse('input.invalid', {
    problem: issues
      .map(({ field, problem }) => (field ? `${field}: ${problem}` : problem))
      .slice(0, 3)
      .join('; '),
    field: first?.field,
    issues: issues.slice(0, 50),
  });
}

/** Names that nobody knows are said again, but not a body full of them. */
const short = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)} …` : text);

async function contextFor(
  services: Services,
  db: Kysely<DB>,
  declared: AnyOperation,
  call: Call,
  facts: Facts,
  input: Record<string, unknown>,
  changes: Change[],
): Promise<Context> {
  let found: { target: Target; permit: Permit } | undefined;
  const instance = call.actAs !== undefined;
  const context: Context = {
    db,
    config: services.config,
    actor: facts.actor,
    facts,
    at: facts.at,
    get target() {
      if (!found) throw new Error(`${declared.name} declares no target`);
      return found.target;
    },
    get permit() {
      if (!found) throw new Error(`${declared.name} declares no target`);
      return found.permit;
    },
    requestId: call.requestId,
    ifMatch: call.ifMatch,
    caller: call.caller ?? nobodysCaller,
    decide: (permission, target) =>
      instance ? { effect: 'permit', because: [] } : decide(facts, permission, target),
    require: (permission, target, visibleBy) => {
      // What is not there is recorded as what is not seen: the two cost the same and say the same.
      if (!target) throw denied(refuse('not-found'), permission);
      const decision = context.decide(permission, target);
      if (decision.effect === 'permit') return decision;
      // Absent and forbidden answer alike, unless the actor can see the target anyway (I08).
      const seen = decide(facts, visibleBy, { ...target, entitlement: undefined });
      if (seen.effect === 'deny') throw denied(refuse('not-found'), permission);
      const missing = describeMissing(decision.because);
      throw denied(refuse('not-permitted', { permission, missing }), permission, target);
    },
    reach: (permission) =>
      instance
        ? { regions: [{ place: everywhere, holes: [], users: undefined, reports: [] }], reachesOff: true }
        : reach(facts, permission),
    user: () => {
      if (facts.actor.kind !== 'user') throw refuse('auth.required');
      return facts.actor;
    },
    record: (change) => {
      if (!declared.events?.includes(change.type))
        throw new Error(`${declared.name} does not declare the event ${change.type}`);
      changes.push(change);
    },
    nothingChanged: () => {
      unchanged.add(context);
    },
    // What is only looked at, and undone, waits for nobody.
    takeAway: () => {},
    checkVersion: (version) => {
      if (call.ifMatch !== undefined && call.ifMatch !== version) throw refuse('version.stale');
    },
    attempt: attemptIn(db, facts, changes),
    refused: (refusal) => {
      const parts = refusedParts.get(context) ?? [];
      refusedParts.set(context, [...parts, refusal]);
    },
    rehearse: (name, raw) =>
      rehearse(services, { ...call, idempotencyKey: undefined, ifPreview: undefined }, name, raw),
    reply: { cookies: [] },
  };
  const { needs } = declared;
  if (
    typeof needs === 'object' &&
    'within' in needs &&
    context.reach(needs.permission).regions.length === 0
  ) {
    // Nowhere is not the same as nothing there: an empty list would say the second (portal habits).
    const { permission } = needs;
    const missing = describeMissing(missingAnywhere(facts, permission));
    throw denied(refuse('not-permitted', { permission, missing }), permission);
  }
  if (typeof needs === 'object' && 'target' in needs) {
    if (needs.through) context.require(needs.visibleBy, await needs.through(db, input), needs.visibleBy);
    const target = await needs.target(db, input);
    found = { target: target as Target, permit: context.require(needs.permission, target, needs.visibleBy) };
  }
  return context;
}

/** Parts of calls that were refused while the rest was done. */
const refusedParts = new WeakMap<Context, Refusal[]>();

/** Calls that said openly that they changed nothing. */
const unchanged = new WeakSet<Context>();

async function output(
  declared: AnyOperation,
  context: Context,
  input: Record<string, unknown>,
): Promise<never> {
  const result: unknown = await declared.run(context, input);
  // What leaves is what was declared: a column too many in a query never reaches a client.
  return declared.output.parse(result) as never;
}

async function appendChanges(
  services: Services,
  trx: Kysely<DB>,
  declared: AnyOperation,
  call: Call,
  context: Context,
  changes: Change[],
): Promise<void> {
  if (changes.length === 0) {
    if (unchanged.has(context)) return;
    throw new Error(
      `${declared.name} changed state and recorded no event, or forgot to say that nothing changed`,
    );
  }
  const because =
    typeof declared.needs === 'object' && 'target' in declared.needs
      ? context.permit.because.map((link) => link.id)
      : [];
  const appended = await appendEvents(
    trx,
    { operation: declared.name, actor: context.actor, at: context.at, requestId: call.requestId, because },
    changes,
  );
  for (const subscriber of services.subscribers) {
    if (subscriber.once) {
      const minded = changes.filter(
        (change) => subscriber.on.includes(change.type) && (subscriber.when?.(change) ?? true),
      );
      if (minded.length > 0) await subscriber.once(trx, minded);
      continue;
    }
    const jobs = appended.flatMap(({ id, type }, index): EventJob[] =>
      subscriber.on.includes(type) && (subscriber.when?.(changes[index]!) ?? true)
        ? [{ eventId: id, subscriber: subscriber.name }]
        : [],
    );
    if (jobs.length === 0) continue;
    const types = [...new Set(appended.map(({ type }) => type))];
    if (subscriber.wanted && !(await subscriber.wanted(trx, types))) continue;
    await sendJobs(trx, eventQueue, jobs, { startAfter: subscriber.delaySeconds ?? 0 });
  }
}

/**
 * An earlier answer comes back only to somebody who could still do it now. Bulk and own-account operations decide
 * inside `run`, so it runs once more and is undone: that it was done already is no refusal, that one may not is (I58).
 */
async function decideAnew(
  services: Services,
  trx: Kysely<DB>,
  declared: AnyOperation,
  call: Call,
  facts: Facts,
  input: Record<string, unknown>,
): Promise<void> {
  if (typeof declared.needs === 'object' && 'target' in declared.needs) return;
  await sql`savepoint decided_anew`.execute(trx);
  try {
    const context = await contextFor(services, trx, declared, call, facts, input, []);
    await declared.run(context, input);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (['unauthenticated', 'forbidden', 'absent'].includes(error.kind)) throw error;
  }
  await sql`rollback to savepoint decided_anew`.execute(trx);
}

/** Rights of two organizations do not mix, and neither do the keys of one person in both. */
const keyOwner = (actor: Actor): string =>
  actor.kind === 'user'
    ? `user:${actor.userId}:${actor.membershipId}`
    : actor.kind === 'client'
      ? `client:${actor.clientId}`
      : actor.kind;

const bodyHash = (declared: AnyOperation, input: unknown): Buffer =>
  createHash('sha256')
    .update(`${declared.name}\n${JSON.stringify(input)}`)
    .digest();

/**
 * Claims an Idempotency-Key in the transaction of its effect. The decision above was made anew for the caller of
 * now; only then does an earlier answer come back (I58).
 * @throws Refusal `idempotency.other-body` when the key was used for another request.
 */
async function claimKey(
  trx: Kysely<DB>,
  declared: AnyOperation,
  call: Call,
  actor: Actor,
  input: unknown,
): Promise<{ output: unknown } | undefined> {
  // Strangers share no keys: what they may do once is single-use by itself.
  if (!call.idempotencyKey || actor.kind === 'anonymous') return undefined;
  const hash = bodyHash(declared, input);
  const { rows: claimed } = await sql`
    insert into idempotency (actor, key, operation, body_hash, status)
    values (${keyOwner(actor)}, ${call.idempotencyKey}, ${declared.name}, ${hash}, 0)
    on conflict (actor, key) do nothing returning 1`.execute(trx);
  if (claimed.length > 0) return undefined;
  const { rows } = await sql<{ body_hash: Buffer; output: unknown }>`
    select body_hash, output from idempotency where actor = ${keyOwner(actor)} and key = ${call.idempotencyKey}`.execute(
    trx,
  );
  const [earlier] = rows;
  if (!earlier?.body_hash.equals(hash) || declared.secretOutput) throw refuse('idempotency.other-body');
  return { output: earlier.output };
}

async function keepAnswer(
  trx: Kysely<DB>,
  declared: AnyOperation,
  call: Call,
  actor: Actor,
  result: unknown,
): Promise<void> {
  if (!call.idempotencyKey || actor.kind === 'anonymous' || declared.secretOutput) return;
  await sql`update idempotency set status = 200, output = ${JSON.stringify(result)}::jsonb
    where actor = ${keyOwner(actor)} and key = ${call.idempotencyKey}`.execute(trx);
}
