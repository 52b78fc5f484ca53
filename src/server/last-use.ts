import { performance } from 'node:perf_hooks';
import { touchKey } from '../delegation/clients.ts';
import type { Services } from '../operation/pipeline.ts';
import { touchSession } from '../platform/sessions.ts';

const everyMs = 60_000;
const most = 10_000;

type Used = { session: string } | { keyHash: Buffer };

/**
 * Notes that a session or an API key was used: pushes a session's idle end on, and says when a key was last used. Once
 * a minute, beside the answer and not before it. Nothing is decided here; whether it is live is compared at use.
 */
export function lastUseKeeper({ db }: Pick<Services, 'db'>): (used: Used) => void {
  /** when each was last noted by this process; the longest ago first */
  const noted = new Map<string, number>();
  return (used) => {
    const name = 'session' in used ? used.session : used.keyHash.toString('hex');
    const now = performance.now();
    const last = noted.get(name);
    if (last !== undefined && now - last < everyMs) return;
    noted.delete(name);
    noted.set(name, now);
    if (noted.size > most) noted.delete(noted.keys().next().value!);
    // With the database away the next use does it.
    const note = 'session' in used ? touchSession(db, used.session) : touchKey(db, used.keyHash);
    note.catch(() => noted.delete(name));
  };
}
