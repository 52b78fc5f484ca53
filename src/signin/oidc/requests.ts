import type { IncomingMessage } from 'node:http';
import type { LiveSession } from './live-session.ts';

/** The portal's session of each request under way, looked up once before the provider sees the request. */
const sessions = new WeakMap<IncomingMessage, LiveSession>();

export const keepLiveSession = (request: IncomingMessage, session: LiveSession | undefined): void => {
  if (session) sessions.set(request, session);
};

export const liveSessionOf = (request: IncomingMessage): LiveSession | undefined => sessions.get(request);
