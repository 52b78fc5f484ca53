import { Turns } from '../../operation/turns.ts';
import { sendJob } from '../../platform/jobs.ts';
import type { Sending } from './kept-connections.ts';
import { workMark } from './marker.ts';
import { nextLook } from './queue.ts';
import { sendDue } from './sending.ts';

/** Targets that are served at once; each is bounded by itself, so a broken one holds nobody up (I50). */
const mostTargets = 256;

export type Targets = {
  /** Starts on what is due; answers when that is over: a batch takes seconds, and the job may wait for it no longer. */
  wake(targetId: string): Promise<void>;
  /** Turns a mark into accounts, and wakes whom it concerns. */
  mark(markId: string): Promise<void>;
  stop(): Promise<void>;
};

export function startTargets(sending: Sending, onError: (error: unknown) => void): Targets {
  const turns = new Turns(mostTargets, 10_000);
  const underWay = new Map<string, { work: Promise<void>; again: boolean }>();
  const alarms = new Map<string, Date>();
  let stopped = false;
  const serve = (targetId: string): void => {
    const known = underWay.get(targetId);
    // One turn a target: who is at it looks once more, and a broken one takes no other's turn.
    if (known) {
      known.again = true;
      return;
    }
    const state = { work: Promise.resolve(), again: false };
    state.work = turns
      .take(async () => {
        do {
          state.again = false;
          await sendDue(sending, targetId);
        } while (state.again && !stopped);
        await alarm(targetId);
      })
      .catch(onError)
      .finally(() => {
        underWay.delete(targetId);
        if (state.again && !stopped) serve(targetId);
      });
    underWay.set(targetId, state);
  };
  /** A job for when something is due next, unless this process has sent one that comes first. */
  const alarm = async (targetId: string): Promise<void> => {
    const next = await nextLook(sending.db, targetId);
    if (!next) return;
    const { now, at } = next;
    const known = alarms.get(targetId);
    if (known !== undefined && known <= at && known > now) return;
    alarms.set(targetId, at);
    await sendJob(sending.db, 'target', { provisioningTargetId: targetId }, { at });
  };
  return {
    async wake(targetId) {
      if (stopped) throw new Error('stopping');
      serve(targetId);
    },
    async mark(markId) {
      if (stopped) throw new Error('stopping');
      for (const targetId of await workMark(sending.db, sending.connectors, markId)) serve(targetId);
    },
    async stop() {
      stopped = true;
      while (underWay.size > 0) await Promise.all([...underWay.values()].map(({ work }) => work));
    },
  };
}
