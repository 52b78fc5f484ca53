import type { useRouter } from '@tanstack/react-router';
import { renewSession } from '../../api/session.ts';
import { safeNext } from './safe-next.ts';

/** Reads the new session, then goes on: to a page of ours, or back to the sign-on of an application. */
export async function goOn(router: ReturnType<typeof useRouter>, next: string | undefined): Promise<void> {
  const target = safeNext(next, location.origin);
  await renewSession();
  if (/^\/(oidc|interaction)\b/.test(target)) location.assign(target);
  else await router.navigate({ href: target });
}
