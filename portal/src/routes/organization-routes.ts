import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { type Section, sectionOf } from '../pages/organizations/sections.ts';
import { type DifferenceKind, differenceKinds } from './difference-kinds.ts';
import { shellLayout } from './layouts.ts';
import { day, flag, oneOf, text } from './search.ts';
import { deliveryStates } from './webhook-states.ts';

const shell = { getParentRoute: () => shellLayout } as const;

/** Pages of an organization's manager: organizations, onboarding, invitations, applications, trail. */
export const organizationRoutes = [
  createRoute({
    ...shell,
    path: '/organizations',
    validateSearch: (raw): { search?: string | undefined } => ({ search: text(raw, 'search') }),
    component: lazyRouteComponent(
      () => import('../pages/organizations/OrganizationsPage.tsx'),
      'OrganizationsPage',
    ),
  }),
  createRoute({
    ...shell,
    path: '/organizations/$organizationId',
    validateSearch: (raw): { section?: Section | undefined } => ({ section: sectionOf(raw.section) }),
    component: lazyRouteComponent(
      () => import('../pages/organizations/OrganizationPage.tsx'),
      'OrganizationPage',
    ),
  }),
  createRoute({
    ...shell,
    path: '/onboard',
    validateSearch: (raw): { parentId?: string | undefined } => ({ parentId: text(raw, 'parentId') }),
    component: lazyRouteComponent(() => import('../pages/onboard/OnboardPage.tsx'), 'OnboardPage'),
  }),
  createRoute({
    ...shell,
    path: '/take-over',
    // `import`: one under way or done, to come back to
    validateSearch: (raw): { organizationId?: string | undefined; import?: string | undefined } => ({
      organizationId: text(raw, 'organizationId'),
      import: text(raw, 'import'),
    }),
    component: lazyRouteComponent(() => import('../pages/take-over/TakeOverPage.tsx'), 'TakeOverPage'),
  }),
  createRoute({
    ...shell,
    path: '/import-people',
    // `import`: one under way or done, to come back to
    validateSearch: (raw): { organizationId?: string | undefined; import?: string | undefined } => ({
      organizationId: text(raw, 'organizationId'),
      import: text(raw, 'import'),
    }),
    component: lazyRouteComponent(
      () => import('../pages/people-import/PeopleImportPage.tsx'),
      'PeopleImportPage',
    ),
  }),
  createRoute({
    ...shell,
    path: '/invitations',
    validateSearch: (
      raw,
    ): {
      organizationId?: string | undefined;
      state?: string | undefined;
      search?: string | undefined;
      cursor?: string | undefined;
    } => ({
      organizationId: text(raw, 'organizationId'),
      state: text(raw, 'state'),
      search: text(raw, 'search'),
      cursor: text(raw, 'cursor'),
    }),
    component: lazyRouteComponent(
      () => import('../pages/invitations/InvitationsPage.tsx'),
      'InvitationsPage',
    ),
  }),
  createRoute({
    ...shell,
    path: '/invitations/new',
    validateSearch: (
      raw,
    ): { organizationId?: string | undefined; way?: 'one' | 'many' | 'enrol' | undefined } => ({
      organizationId: text(raw, 'organizationId'),
      way: oneOf(raw, 'way', ['one', 'many', 'enrol']),
    }),
    component: lazyRouteComponent(() => import('../pages/invitations/InvitePage.tsx'), 'InvitePage'),
  }),
  createRoute({
    ...shell,
    path: '/applications',
    validateSearch: (raw): { search?: string | undefined; cursor?: string | undefined } => ({
      search: text(raw, 'search'),
      cursor: text(raw, 'cursor'),
    }),
    component: lazyRouteComponent(
      () => import('../pages/applications/ApplicationsPage.tsx'),
      'ApplicationsPage',
    ),
  }),
  createRoute({
    ...shell,
    path: '/applications/register',
    component: lazyRouteComponent(
      () => import('../pages/applications/RegisterApplicationPage.tsx'),
      'RegisterApplicationPage',
    ),
  }),
  createRoute({
    ...shell,
    path: '/applications/$applicationId',
    component: lazyRouteComponent(
      () => import('../pages/applications/ApplicationPage.tsx'),
      'ApplicationPage',
    ),
  }),
  createRoute({
    ...shell,
    path: '/access-roles',
    validateSearch: (raw): { search?: string | undefined; cursor?: string | undefined } => ({
      search: text(raw, 'search'),
      cursor: text(raw, 'cursor'),
    }),
    component: lazyRouteComponent(
      () => import('../pages/access-roles/AccessRolesPage.tsx'),
      'AccessRolesPage',
    ),
  }),
  createRoute({
    ...shell,
    path: '/trail',
    validateSearch: (
      raw,
    ): {
      organizationId?: string | undefined;
      subjectId?: string | undefined;
      actorId?: string | undefined;
      targetId?: string | undefined;
      type?: string | undefined;
      fromDay?: string | undefined;
      untilDay?: string | undefined;
      cursor?: string | undefined;
    } => ({
      organizationId: text(raw, 'organizationId'),
      subjectId: text(raw, 'subjectId'),
      actorId: text(raw, 'actorId'),
      targetId: text(raw, 'targetId'),
      type: text(raw, 'type'),
      fromDay: day(raw, 'fromDay'),
      untilDay: day(raw, 'untilDay'),
      cursor: text(raw, 'cursor'),
    }),
    component: lazyRouteComponent(() => import('../pages/trail/TrailPage.tsx'), 'TrailPage'),
  }),
  createRoute({
    ...shell,
    path: '/targets',
    component: lazyRouteComponent(() => import('../pages/targets/TargetsPage.tsx'), 'TargetsPage'),
  }),
  createRoute({
    ...shell,
    path: '/targets/$provisioningTargetId',
    component: lazyRouteComponent(() => import('../pages/targets/TargetPage.tsx'), 'TargetPage'),
  }),
  createRoute({
    ...shell,
    path: '/targets/$provisioningTargetId/differences',
    validateSearch: (
      raw,
    ): { kind?: DifferenceKind | undefined; settled?: boolean | undefined; after?: string | undefined } => ({
      kind: oneOf(raw, 'kind', differenceKinds),
      settled: flag(raw, 'settled'),
      after: text(raw, 'after'),
    }),
    component: lazyRouteComponent(() => import('../pages/targets/DifferencesPage.tsx'), 'DifferencesPage'),
  }),
  createRoute({
    ...shell,
    path: '/sources',
    component: lazyRouteComponent(() => import('../pages/sources/SourcesPage.tsx'), 'SourcesPage'),
  }),
  createRoute({
    ...shell,
    path: '/sources/$sourceId',
    component: lazyRouteComponent(() => import('../pages/sources/SourcePage.tsx'), 'SourcePage'),
  }),
  createRoute({
    ...shell,
    path: '/feeds/$clientId',
    component: lazyRouteComponent(() => import('../pages/feeds/FeedPage.tsx'), 'FeedPage'),
  }),
  createRoute({
    ...shell,
    path: '/webhooks',
    validateSearch: (raw): { organizationId?: string | undefined } => ({
      organizationId: text(raw, 'organizationId'),
    }),
    component: lazyRouteComponent(() => import('../pages/webhooks/WebhooksPage.tsx'), 'WebhooksPage'),
  }),
  createRoute({
    ...shell,
    path: '/webhooks/$webhookId',
    validateSearch: (
      raw,
    ): { state?: (typeof deliveryStates)[number] | undefined; cursor?: string | undefined } => ({
      state: oneOf(raw, 'state', deliveryStates),
      cursor: text(raw, 'cursor'),
    }),
    component: lazyRouteComponent(() => import('../pages/webhooks/WebhookPage.tsx'), 'WebhookPage'),
  }),
] as const;
