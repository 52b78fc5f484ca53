import type { FastifyBaseLogger } from 'fastify';
import { tidyPeople } from '../directory/people-tidy.ts';
import { endLapsedMemberships } from '../directory/sweep.ts';
import { carryOn, tidyPeopleImports, wakeLostImports } from '../enrolment/people-import/run.ts';
import { lostRuns, startDue } from '../enrolment/sources/runs.ts';
import { tellOfTrouble } from '../enrolment/sources/trouble.ts';
import { workRun } from '../enrolment/sources/work.ts';
import { endSessionsOfLeavers } from '../lifecycle/leavers-sessions.ts';
import { carryOutSuccessions } from '../lifecycle/successions.ts';
import { warnOfLastDays } from '../lifecycle/warnings.ts';
import { tidyDeliveries } from '../notices/webhooks/queue.ts';
import { startWebhooks } from '../notices/webhooks/sending.ts';
import { readEvent } from '../operation/events.ts';
import type { Services } from '../operation/pipeline.ts';
import { type EventJob, eventQueue } from '../operation/subscribers.ts';
import { openEgress } from '../platform/egress.ts';
import { startJobs } from '../platform/jobs.ts';
import { connectorNamed } from '../provisioning/connectors/all.ts';
import { compareNightly } from '../provisioning/reconciling/nightly.ts';
import { startReconciling } from '../provisioning/reconciling/reconcile.ts';
import { tidyRuns } from '../provisioning/reconciling/reconcile-rows.ts';
import { raiseAlarms } from '../provisioning/sending/alarm.ts';
import { keptConnections } from '../provisioning/sending/kept-connections.ts';
import { waitingMarks } from '../provisioning/sending/marker.ts';
import { tidyPasswords } from '../provisioning/sending/passwords.ts';
import { dueTargets, tidyAttempts } from '../provisioning/sending/queue.ts';
import { startTargets } from '../provisioning/sending/turns.ts';
import { wakeDueTasks } from '../provisioning/tasks/wake.ts';
import { tidyAttachments } from '../requests/attachments.ts';
import { wakeLost, wakeMany } from '../requests/wake.ts';
import { sweepSignIn } from '../signin/store.ts';

export type Worker = {
  /** takes no further jobs and lets those at work finish */
  stop(): Promise<void>;
};

const tidyEveryMs = 3_600_000;
/** Nobody waits for this either: a rehire finds the old membership ended at most a minute later. */
const endEveryMs = 60_000;

/**
 * Runs what follows from events, at least once each. A job that fails waits and is tried again on its own; those
 * beside it go on. As many processes as wanted may do this on one database.
 *
 * @param databaseUrl where the queues are; the worker has connections of its own
 */
export async function startWorker(
  services: Pick<Services, 'db' | 'config' | 'subscribers'>,
  databaseUrl: string,
  log?: Pick<FastifyBaseLogger, 'warn'>,
): Promise<Worker> {
  const jobs = await startJobs(databaseUrl, (error) => log?.warn(described(error), 'a job failed and waits'));
  await jobs.work(eventQueue, (data) => runJob(services, data as EventJob));
  const onWake = (error: unknown): void => log?.warn(described(error), 'a request was not woken and waits');
  await jobs.workTogether('request', async (due) => {
    const idOf = ({ data }: { data: unknown }): string => (data as { requestId: string }).requestId;
    const broken = await wakeMany(services, due.map(idOf), onWake);
    return new Set(due.filter((job) => broken.has(idOf(job))).map(({ id }) => id));
  });
  const webhooks = startWebhooks({ ...services, egress: openEgress(services.config.egress) }, (error) =>
    log?.warn(described(error), 'a webhook failed and waits'),
  );
  await jobs.work('webhook', (data) => webhooks.wake((data as { webhookId: string }).webhookId));
  await jobs.work('import', (data) => carryOn(services, (data as { importId: string }).importId));
  await jobs.work('source', (data) => workRun(services, (data as { sourceRunId: string }).sourceRunId));
  const connections = keptConnections(services);
  const onTarget = (error: unknown): void =>
    log?.warn(described(error), 'a connected system was not served and waits');
  const sending = { ...services, connectors: connectorNamed, egressOf: connections.egressOf };
  const targets = startTargets(sending, onTarget);
  const reconciling = startReconciling(sending, onTarget);
  await jobs.work('target', (data) => {
    const { markId, provisioningTargetId, reconcileRunId } = data as Record<string, string | undefined>;
    if (reconcileRunId) return reconciling.wake(reconcileRunId);
    return markId ? targets.mark(markId) : targets.wake(provisioningTargetId!);
  });
  // Marks and targets whose job is gone; and those whose time came, however long ago they were looked at.
  const lookAround = async (): Promise<void> => {
    for (const markId of await waitingMarks(services.db)) await targets.mark(markId);
    for (const targetId of await dueTargets(services.db)) await targets.wake(targetId);
  };
  // Sources whose time came, and readings whose process is gone.
  const lookAtSources = async (): Promise<void> => {
    await startDue(services.db);
    for (const sourceRunId of await lostRuns(services.db)) await workRun(services, sourceRunId);
    await tellOfTrouble(services);
  };
  // Nothing depends on tidying (I20): a process that ends before its time loses nothing by it.
  const tidying = setInterval(() => {
    for (const tidy of [
      sweepSignIn,
      tidyDeliveries,
      tidyAttempts,
      tidyRuns,
      tidyPasswords,
      tidyAttachments,
      tidyPeopleImports,
    ])
      tidy(services.db).catch((error: unknown) => log?.warn(described(error), 'tidying failed'));
  }, tidyEveryMs);
  tidying.unref();
  const ending = setInterval(() => {
    endLapsedMemberships(services)
      .then(() => carryOutSuccessions(services))
      .catch((error: unknown) => log?.warn(described(error), 'tidying failed'));
    warnOfLastDays(services).catch((error: unknown) => log?.warn(described(error), 'a warning waits'));
    endSessionsOfLeavers(services.db).catch((error: unknown) =>
      log?.warn(described(error), 'tidying failed'),
    );
    lookAtSources().catch((error: unknown) => log?.warn(described(error), 'a source was not read and waits'));
    wakeLostImports(services.db).catch((error: unknown) => log?.warn(described(error), 'tidying failed'));
    wakeLost(services, onWake).catch((error: unknown) => log?.warn(described(error), 'tidying failed'));
    lookAround().catch(onTarget);
    wakeDueTasks(services).catch(onTarget);
    raiseAlarms(services).catch(onTarget);
    reconciling.wakeLost().catch(onTarget);
    compareNightly(services).catch(onTarget);
  }, endEveryMs);
  ending.unref();
  const counting = setInterval(() => {
    tidyPeople(services.db).catch((error: unknown) => log?.warn(described(error), 'tidying failed'));
  }, endEveryMs);
  counting.unref();
  return {
    stop: async () => {
      clearInterval(tidying);
      clearInterval(ending);
      clearInterval(counting);
      await jobs.stop();
      await webhooks.stop();
      await reconciling.stop();
      await targets.stop();
      connections.close();
    },
  };
}

/** Runs one subscriber on one event. */
export async function runJob(
  { db, config, subscribers }: Pick<Services, 'db' | 'config' | 'subscribers'>,
  { eventId, subscriber: name }: EventJob,
): Promise<void> {
  const subscriber = subscribers.find((one) => one.name === name);
  // A newer process may know it: failing leaves the job for that one.
  if (!subscriber?.run) throw new Error(`no subscriber ${name} here`);
  const event = await readEvent(db, eventId);
  if (!event) return;
  try {
    await subscriber.run(event, { db, config, subscribers });
  } catch (error) {
    throw new JobFailure(name, eventId, error);
  }
}

class JobFailure extends Error {
  override name = 'JobFailure';
  readonly subscriber: string;
  readonly eventId: string;
  constructor(subscriber: string, eventId: string, cause: unknown) {
    super(`${subscriber} on event ${eventId}: ${cause instanceof Error ? cause.message : 'failed'}`, {
      cause,
    });
    this.subscriber = subscriber;
    this.eventId = eventId;
  }
}

/** For the log: what failed, on which event. Mail servers quote addresses in their answers; those stay out. */
function described(error: unknown): Record<string, unknown> {
  const { message, name, code, subscriber, eventId, cause } = error as Record<string, unknown>;
  return {
    problem: String(message ?? error).replace(/[^\s<>"'(]+@[^\s<>"'),;]+/g, '…'),
    kind: (cause as Error | undefined)?.name ?? name,
    code: (cause as { code?: unknown } | undefined)?.code ?? code,
    subscriber,
    eventId,
  };
}
