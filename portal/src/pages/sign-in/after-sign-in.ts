import type { useRouter } from '@tanstack/react-router';
import { renewSession } from '../../api/session.ts';

/** Where to go after signing in: only a path of this very site, so that no link can lead a person astray. */
export function safeNext(next: string | undefined): string {
  if (!next?.startsWith('/') || next.startsWith('//') || next.includes('\\')) return '/';
  const url = new URL(next, location.origin);
  return url.origin === location.origin ? `${url.pathname}${url.search}${url.hash}` : '/';
}

/** Reads the new session, then goes on: to a page of ours, or back to the sign-on of an application. */
export async function goOn(router: ReturnType<typeof useRouter>, next: string | undefined): Promise<void> {
  const target = safeNext(next);
  await renewSession();
  if (/^\/(oidc|interaction)\b/.test(target)) location.assign(target);
  else await router.navigate({ href: target });
}
