import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { shellLayout } from './layouts.ts';
import { type RequestKind, requestKinds } from './request-kinds.ts';
import { flag, oneOf, text } from './search.ts';

const shell = { getParentRoute: () => shellLayout } as const;

export type RequestsSearch = {
  /** absent: what waits for the reader to decide, or their own where they decide nothing */
  box?: 'inbox' | 'decided' | 'mine' | undefined;
  kind?: RequestKind | undefined;
  organizationId?: string | undefined;
  dueSoon?: true | undefined;
  highRisk?: true | undefined;
  asDeputy?: true | undefined;
  cursor?: string | undefined;
};

/** Requests, and who decides them for somebody. */
export const requestRoutes = [
  createRoute({
    ...shell,
    path: '/requests',
    validateSearch: (raw): RequestsSearch => ({
      box: oneOf(raw, 'box', ['inbox', 'decided', 'mine']),
      kind: oneOf(raw, 'kind', requestKinds),
      organizationId: text(raw, 'organizationId'),
      dueSoon: flag(raw, 'dueSoon'),
      highRisk: flag(raw, 'highRisk'),
      asDeputy: flag(raw, 'asDeputy'),
      cursor: text(raw, 'cursor'),
    }),
    component: lazyRouteComponent(() => import('../pages/requests/RequestsPage.tsx'), 'RequestsPage'),
  }),
  createRoute({
    ...shell,
    path: '/requests/$requestId',
    component: lazyRouteComponent(() => import('../pages/requests/RequestPage.tsx'), 'RequestPage'),
  }),
  createRoute({
    ...shell,
    path: '/me/deputies',
    component: lazyRouteComponent(() => import('../pages/deputies/DeputiesPage.tsx'), 'DeputiesPage'),
  }),
  // where mails lead
  createRoute({
    ...shell,
    path: '/deputies',
    beforeLoad: () => {
      throw redirect({ to: '/me/deputies', replace: true });
    },
  }),
] as const;
