import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellLayout } from './layouts.ts';
import { text } from './search.ts';

const shell = { getParentRoute: () => shellLayout } as const;

/** Who approves what people ask for, and when an organization works. */
export const policyRoutes = [
  createRoute({
    ...shell,
    path: '/policies',
    validateSearch: (raw): { organizationId?: string | undefined } => ({
      organizationId: text(raw, 'organizationId'),
    }),
    component: lazyRouteComponent(() => import('../pages/policies/PoliciesPage.tsx'), 'PoliciesPage'),
  }),
  createRoute({
    ...shell,
    path: '/policies/edit',
    validateSearch: (raw): { organizationId?: string | undefined; policyId?: string | undefined } => ({
      organizationId: text(raw, 'organizationId'),
      policyId: text(raw, 'policyId'),
    }),
    component: lazyRouteComponent(() => import('../pages/policies/PolicyPage.tsx'), 'PolicyPage'),
  }),
];
