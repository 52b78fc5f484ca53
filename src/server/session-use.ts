import { performance } from 'node:perf_hooks';
import type { Services } from '../operation/pipeline.ts';
import { touchSession } from '../platform/sessions.ts';

const everyMs = 60_000;
const most = 10_000;

/**
 * Pushes a session's idle end on when it is used: once a minute, beside the answer and not before it. Nothing is
 * decided here; whether a session is live is compared at use.
 */
export function sessionKeeper({ db }: Pick<Services, 'db'>): (token: string) => void {
  /** when each session was last pushed on by this process; the longest ago first */
  const pushed = new Map<string, number>();
  return (token) => {
    const now = performance.now();
    const last = pushed.get(token);
    if (last !== undefined && now - last < everyMs) return;
    pushed.delete(token);
    pushed.set(token, now);
    if (pushed.size > most) pushed.delete(pushed.keys().next().value!);
    // With the database away the next use does it.
    touchSession(db, token).catch(() => pushed.delete(token));
  };
}
