import type { Kysely } from 'kysely';
import type { Config } from '../platform/config.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { StoredEvent } from './events.ts';
import type { Change } from './operation.ts';

/** What subscribers work with: the pool, never the transaction of the change; and who minds what they change. */
export type SubscriberServices = { db: Kysely<DB>; config: Config; subscribers: readonly Subscriber[] };

/**
 * What happens outside because of an event. Runs from the job queue, at least once: idempotent by the event's
 * id. Secrets are made here, where they are delivered, and never stand in an event or a job.
 */
export type Subscriber = {
  /** unique; part of the job's key */
  name: string;
  on: readonly string[];
  /** leaves out changes that it would do nothing about, so that a take-over does not enqueue a job for each row */
  when?: (change: Change) => boolean;
} & (ForEachEvent | OncePerCall);

type ForEachEvent = {
  /** asks the transaction of the change whether anybody minds such events; without, every change is minded */
  wanted?: (trx: Kysely<DB>, types: readonly string[]) => Promise<boolean>;
  /** how long the job waits: what leaves the building waits 10 s, so that it can be undone (ruling 12) */
  delaySeconds?: number;
  run: (event: StoredEvent, services: SubscriberServices) => Promise<void>;
  once?: undefined;
};

/** Minds a call as a whole: one row and one job, whether it changed one thing or a hundred thousand. */
type OncePerCall = {
  /** in the transaction of the changes, after their events: writes down what follows, and does none of it */
  once: (trx: Kysely<DB>, changes: readonly Change[]) => Promise<void>;
  run?: undefined;
};

/** Name of the queue that carries `{ eventId, subscriber }`. */
export const eventQueue = 'event';
export type EventJob = { eventId: string; subscriber: string };
