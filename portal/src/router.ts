import { createRouter } from '@tanstack/react-router';
import { publicLayout, rootRoute, shellLayout } from './routes/layouts.ts';
import { NotFound } from './routes/not-found.tsx';
import { organizationRoutes } from './routes/organization-routes.ts';
import { personRoutes, publicRoutes } from './routes/person-routes.ts';

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    publicLayout.addChildren(publicRoutes),
    shellLayout.addChildren([...personRoutes, ...organizationRoutes]),
  ]),
  defaultPreload: 'intent',
  defaultNotFoundComponent: NotFound,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
