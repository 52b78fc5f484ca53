import { createRootRoute, createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { isSignedIn, loadSession } from '../api/session.ts';
import { loadTextsOfPages } from '../i18n/catalogue.ts';
import { speakTo } from '../shell/language.ts';
import { Failed } from './failed.tsx';

export const rootRoute = createRootRoute({ errorComponent: Failed });

/** Pages for strangers: one card in the middle. */
export const publicLayout = createRoute({
  getParentRoute: () => rootRoute,
  id: 'public',
  component: lazyRouteComponent(() => import('../shell/PublicFrame.tsx'), 'PublicFrame'),
});

/** Pages for signed-in people. Others sign in first and come back to where they wanted to go. */
export const shellLayout = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  beforeLoad: async ({ location }) => {
    const [session] = await Promise.all([loadSession(), loadTextsOfPages()]);
    if (!isSignedIn(session)) {
      const next = location.href === '/' ? undefined : location.href;
      throw redirect({ to: '/sign-in', search: { next } });
    }
    await speakTo(session);
  },
  component: lazyRouteComponent(() => import('../shell/Shell.tsx'), 'Shell'),
  errorComponent: Failed,
});
