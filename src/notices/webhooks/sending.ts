import { readEvent } from '../../operation/events.ts';
import { run, type Services } from '../../operation/pipeline.ts';
import { Turns } from '../../operation/turns.ts';
import { databaseNow } from '../../platform/clock.ts';
import { type Egress, EgressError } from '../../platform/egress.ts';
import { SealingError } from '../../platform/sealing.ts';
import { messageId, signed } from '../../platform/webhook-signature.ts';
import { disableWebhook } from './disable.ts';
import { bodyOf, type Told } from './message.ts';
import { type Claim, type Claimed, claimDue, type Result, settle } from './queue.ts';
import { outcomeOf } from './rules.ts';
import { secretsOf } from './secrets.ts';
import type { HookRow } from './store.ts';
import { testNow, toldNow } from './told.ts';

export type Sending = Services & { egress: Egress };

/** Sends all that is due for one webhook, and goes on while more is; ends when nothing is or its endpoint rests. */
export async function sendDue(sending: Sending, webhookId: string): Promise<void> {
  await sendAll(sending, await claimDue(sending.db, webhookId));
}

async function sendAll(sending: Sending, first: Claim | undefined): Promise<void> {
  for (let claim = first; claim; claim = await claimDue(sending.db, claim.hook.id)) {
    const { hook, deliveries } = claim;
    const offs = await Promise.all(deliveries.map((delivery) => attempt(sending, claim!, delivery)));
    const why = offs.find((one) => one === 'gone') ?? offs.find((one) => one);
    if (why)
      await run(sending, disableWebhook, {
        credential: { kind: 'none' },
        input: { webhookId: hook.id, why },
        requestId: 'webhook',
        actAs: 'system',
      });
  }
}

/** One attempt: the words are made now, by what may be seen now; the id is that of every attempt. */
async function attempt(
  sending: Sending,
  { hook }: Claim,
  delivery: Claimed,
): Promise<'gone' | 'failing' | undefined> {
  const { db, egress } = sending;
  const at = await databaseNow(db);
  const ready = await readyOf(sending, hook, delivery, at).catch(async (fault: unknown) => {
    // What cannot be put into words, or signed, waits its turn like the rest, and is given up in the end.
    const outcome = outcomeOf({ status: null }, delivery.attempts, at, Math.random());
    const problem = fault instanceof SealingError ? 'sealed' : 'fault';
    await settle(db, hook.id, delivery, outcome, { status: null, problem });
    throw fault;
  });
  if (!ready)
    return await settle(db, hook.id, delivery, { what: 'withheld' }, { status: null, problem: null });
  const { told, secrets } = ready;
  const body = bodyOf(told, hook);
  const { retryAfter, ...result } = await answerOf(egress, hook.url, body, {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Remit',
    ...signed(secrets, messageId(delivery.id), at, body),
  });
  const outcome = outcomeOf({ status: result.status, retryAfter }, delivery.attempts, at, Math.random());
  return await settle(db, hook.id, delivery, outcome, result);
}

/** What is told of a delivery by now, and what signs it; undefined when nothing may be told. */
async function readyOf(
  sending: Sending,
  hook: HookRow,
  delivery: Claimed,
  at: Date,
): Promise<{ told: Told; secrets: string[] } | undefined> {
  const told = await toldOf(sending, hook, delivery, at);
  return told && { told, secrets: secretsOf(sending.config, hook) };
}

/** What is told of a delivery by now; undefined when nothing may be. */
async function toldOf(
  { db, config }: Sending,
  hook: HookRow,
  { eventId }: Claimed,
  at: Date,
): Promise<Told | undefined> {
  if (!eventId) return await testNow(db, hook, at, config.url);
  const event = await readEvent(db, eventId);
  return event && (await toldNow(db, hook, event, config.url));
}

async function answerOf(
  egress: Egress,
  url: string,
  body: string,
  headers: Record<string, string>,
): Promise<Result & { retryAfter?: string | undefined }> {
  try {
    const { status, headers: answered } = await egress.call({
      method: 'POST',
      url,
      headers,
      body,
      want: 'status',
    });
    return { status, problem: problemOf(status), retryAfter: answered['retry-after'] };
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    return { status: null, problem: error.hindrance };
  }
}

function problemOf(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return 'redirect';
  return status === 410 ? 'gone' : status === 429 ? 'too-many' : 'refused';
}

/** Endpoints that are served at once; each is bounded by itself, so a broken one holds nobody up (I50). */
const mostEndpoints = 256;

export type Webhooks = {
  /** Starts on what is due; answers as soon as it is taken, and does not wait for the endpoint. */
  wake(webhookId: string): Promise<void>;
  /** Takes nothing further, and waits for what is under way: seconds, because each attempt is bounded. */
  stop(): Promise<void>;
};

export function startWebhooks(sending: Sending, onError: (error: unknown) => void): Webhooks {
  const turns = new Turns(mostEndpoints, 10_000);
  const underWay = new Set<Promise<void>>();
  let stopped = false;
  return {
    wake(webhookId) {
      // How many go to one endpoint at once, the claim says, for all processes.
      return new Promise((taken, failed) => {
        if (stopped) return failed(new Error('stopping'));
        const work = turns
          .take(async () => {
            const claim = await claimDue(sending.db, webhookId);
            taken();
            await sendAll(sending, claim);
          })
          .catch((error: unknown) => {
            // Before it was taken, the job tries again; afterwards that of the claim does.
            failed(error);
            onError(error);
          })
          .finally(() => underWay.delete(work));
        underWay.add(work);
      });
    },
    async stop() {
      stopped = true;
      await Promise.all(underWay);
    },
  };
}
