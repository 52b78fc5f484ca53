import { type Query, type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { Permission } from '../../../src/authority/permissions.ts';
import { call } from './client.ts';
import type { Problem } from './problem.ts';
import { keyOf, queryClient } from './queries.ts';
import type { Output } from './types.ts';

export type Session = Output<'session.read'>;
/** The session of somebody who is signed in. */
export type SignedIn = Extract<Session, { signedIn: true }>;

const sessionQuery = {
  queryKey: keyOf('session.read', {}),
  queryFn: (): Promise<Session> => call('session.read', {}),
  staleTime: 60_000,
};

/** For route guards, before anything is drawn. */
export const loadSession = (): Promise<Session> => queryClient.ensureQueryData(sessionQuery);

/** After signing in, out or switching: nothing that was read before may stay on the screen. */
export async function renewSession(): Promise<Session> {
  const session = await call('session.read', {});
  queryClient.setQueryData(sessionQuery.queryKey, session);
  const others = (query: Query): boolean => query.queryKey[0] !== 'session.read';
  queryClient.removeQueries({ predicate: others, type: 'inactive' });
  if (session.signedIn) await queryClient.resetQueries({ predicate: others, type: 'active' });
  return session;
}

/** The account speaks this language now; what was read of the session is not read again for it. */
export function rememberLanguage(language: string): void {
  queryClient.setQueryData<Session>(sessionQuery.queryKey, (session) =>
    session?.signedIn ? { ...session, user: { ...session.user, language } } : session,
  );
}

/** Inside the shell somebody is always signed in: the route's guard saw to it. */
export function useSession(): SignedIn {
  const query: UseQueryResult<Session, Problem> = useQuery<Session, Problem>(sessionQuery);
  if (!query.data || !isSignedIn(query.data))
    throw new Error('a page of the shell was drawn without a session');
  return query.data;
}

/** True when whoever was signed in is not any more. */
export function useLeft(): boolean {
  const { data } = useQuery<Session, Problem>(sessionQuery);
  return data !== undefined && !isSignedIn(data);
}

/** Why whoever was signed in here can go on no more; undefined for everybody else. */
export function useWhyLeft(): string | undefined {
  const { data } = useQuery<Session, Problem>(sessionQuery);
  return data && !isSignedIn(data) ? data.why : undefined;
}

/** What one may do has changed under one's feet: read it again, so that the navigation follows. */
export const rereadSession = (): Promise<void> =>
  queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });

export const isSignedIn = (session: Session): session is SignedIn => session.signedIn;

/** May the acting membership do this anywhere? Shapes navigation only; the server decides every act. */
export function useMay(): (permission: Permission) => boolean {
  const { may } = useSession();
  return (permission) => may.includes(permission);
}
