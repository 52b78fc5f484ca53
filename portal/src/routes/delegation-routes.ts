import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { attentionKinds, endingDays } from '../pages/delegation/choices.ts';
import { shellLayout } from './layouts.ts';
import { flag, oneOf, text } from './search.ts';

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
  createRoute({
    ...shell,
    path: '/admin-roles',
    component: lazyRouteComponent(() => import('../pages/delegation/AdminRolesPage.tsx'), 'AdminRolesPage'),
  }),
  createRoute({
    ...shell,
    path: '/rules',
    validateSearch: (raw): { cursor?: string | undefined; ended?: true | undefined } => ({
      cursor: text(raw, 'cursor'),
      ended: flag(raw, 'ended'),
    }),
    component: lazyRouteComponent(() => import('../pages/rules/RulesPage.tsx'), 'RulesPage'),
  }),
  createRoute({
    ...shell,
    path: '/groups',
    validateSearch: (raw): { cursor?: string | undefined } => ({ cursor: text(raw, 'cursor') }),
    component: lazyRouteComponent(() => import('../pages/groups/GroupsPage.tsx'), 'GroupsPage'),
  }),
  createRoute({
    ...shell,
    path: '/separation',
    validateSearch: (raw): { cursor?: string | undefined } => ({ cursor: text(raw, 'cursor') }),
    component: lazyRouteComponent(() => import('../pages/separation/SeparationPage.tsx'), 'SeparationPage'),
  }),
  createRoute({
    ...shell,
    path: '/attention',
    validateSearch: (
      raw,
    ): { kind?: (typeof attentionKinds)[number] | undefined; cursor?: string | undefined } => ({
      kind: oneOf(raw, 'kind', attentionKinds),
      cursor: text(raw, 'cursor'),
    }),
    component: lazyRouteComponent(() => import('../pages/delegation/AttentionPage.tsx'), 'AttentionPage'),
  }),
  createRoute({
    ...shell,
    path: '/endings',
    validateSearch: (
      raw,
    ): { days?: (typeof endingDays)[number] | undefined; cursor?: string | undefined } => ({
      days: endingDays.find((one) => one === text(raw, 'days')),
      cursor: text(raw, 'cursor'),
    }),
    component: lazyRouteComponent(() => import('../pages/delegation/EndingsPage.tsx'), 'EndingsPage'),
  }),
  createRoute({
    ...shell,
    path: '/then',
    validateSearch: (raw): { membershipId?: string | undefined } => ({
      membershipId: text(raw, 'membershipId'),
    }),
    component: lazyRouteComponent(() => import('../pages/delegation/ThenPage.tsx'), 'ThenPage'),
  }),
  createRoute({
    ...shell,
    path: '/people/$membershipId/delegations',
    component: lazyRouteComponent(
      () => import('../pages/delegation/PersonDelegationsPage.tsx'),
      'PersonDelegationsPage',
    ),
  }),
  createRoute({
    ...shell,
    path: '/people/$membershipId/see-as',
    component: lazyRouteComponent(() => import('../pages/delegation/SeeAsPage.tsx'), 'SeeAsPage'),
  }),
  createRoute({
    ...shell,
    path: '/me/acting-on-me',
    component: lazyRouteComponent(() => import('../pages/delegation/ActingOnMePage.tsx'), 'ActingOnMePage'),
  }),
  createRoute({
    ...shell,
    path: '/delegations/$delegationId/receipt',
    component: lazyRouteComponent(() => import('../pages/delegation/ReceiptPage.tsx'), 'ReceiptPage'),
  }),
] as const;
