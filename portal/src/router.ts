import { createRouter } from '@tanstack/react-router';
import { onRefusal } from './api/queries.ts';
import { renewSession, rereadSession } from './api/session.ts';
import { askingRoutes, registerRoutes } from './routes/asking-routes.ts';
import { delegationRoutes } from './routes/delegation-routes.ts';
import { publicLayout, rootRoute, shellLayout } from './routes/layouts.ts';
import { NotFound } from './routes/not-found.tsx';
import { organizationRoutes } from './routes/organization-routes.ts';
import { personRoutes, publicRoutes } from './routes/person-routes.ts';
import { policyRoutes } from './routes/policy-routes.ts';
import { requestRoutes } from './routes/request-routes.ts';

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    publicLayout.addChildren([...publicRoutes, ...registerRoutes]),
    shellLayout.addChildren([
      ...personRoutes,
      ...askingRoutes,
      ...organizationRoutes,
      ...delegationRoutes,
      ...requestRoutes,
      ...policyRoutes,
    ]),
  ]),
  defaultPreload: 'intent',
  defaultNotFoundComponent: NotFound,
  scrollRestoration: true,
});

onRefusal(async ({ status }) => {
  if (status === 403) await rereadSession();
  if (status !== 401) return;
  // signed out meanwhile, here or elsewhere: sign in, and come back to this very page
  const { href, pathname } = router.state.location;
  if (pathname === '/sign-in') return;
  await router.navigate({ to: '/sign-in', search: { next: href } });
  await renewSession();
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
