import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellLayout } from './layouts.ts';
import { oneOf, text } from './search.ts';

const shell = { getParentRoute: () => shellLayout } as const;

/** Who may do what, where: the map, making a delegation, and what is asked about delegations. */
export const delegationRoutes = [
  createRoute({
    ...shell,
    path: '/map',
    validateSearch: (raw): { organizationId?: string | undefined; view?: 'list' | undefined } => ({
      organizationId: text(raw, 'organizationId'),
      view: oneOf(raw, 'view', ['list']),
    }),
    component: lazyRouteComponent(() => import('../pages/map/MapPage.tsx'), 'MapPage'),
  }),
  createRoute({
    ...shell,
    path: '/delegate',
    validateSearch: (raw): { organizationId?: string | undefined; membershipId?: string | undefined } => ({
      organizationId: text(raw, 'organizationId'),
      membershipId: text(raw, 'membershipId'),
    }),
    component: lazyRouteComponent(() => import('../pages/delegation/DelegatePage.tsx'), 'DelegatePage'),
  }),
  createRoute({
    ...shell,
    path: '/arrangements',
    validateSearch: (raw): { parentId?: string | undefined; key?: string | undefined } => ({
      parentId: text(raw, 'parentId'),
      key: text(raw, 'key'),
    }),
    component: lazyRouteComponent(
      () => import('../pages/arrangements/ArrangementsPage.tsx'),
      'ArrangementsPage',
    ),
  }),
] as const;
