import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { publicLayout, shellLayout } from './layouts.ts';
import { flag, oneOf, text } from './search.ts';

const shell = { getParentRoute: () => shellLayout } as const;
const open = { getParentRoute: () => publicLayout } as const;

export const peopleSorts = ['name', '-name', 'organization', '-organization', 'lastDay', '-lastDay'] as const;
export const peopleStates = ['active', 'no-sign-in', 'not-begun', 'suspended', 'left'] as const;

export type PeopleSearch = {
  q?: string | undefined;
  sort?: (typeof peopleSorts)[number] | undefined;
  status?: (typeof peopleStates)[number] | undefined;
  organizationId?: string | undefined;
  /** only the organization itself, not those below */
  only?: true | undefined;
  /** a field of the organization's own, and what has to stand in it: this, this somewhere, from and up to this */
  field?: string | undefined;
  is?: string | undefined;
  has?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  after?: string | undefined;
};

export const personRoutes = [
  createRoute({
    ...shell,
    path: '/',
    component: lazyRouteComponent(() => import('../pages/home/HomePage.tsx'), 'HomePage'),
  }),
  createRoute({
    ...shell,
    path: '/people',
    validateSearch: (raw): PeopleSearch => ({
      q: text(raw, 'q'),
      sort: oneOf(raw, 'sort', peopleSorts),
      status: oneOf(raw, 'status', peopleStates),
      organizationId: text(raw, 'organizationId'),
      only: flag(raw, 'only'),
      field: text(raw, 'field'),
      is: text(raw, 'is'),
      has: text(raw, 'has'),
      from: text(raw, 'from'),
      to: text(raw, 'to'),
      after: text(raw, 'after'),
    }),
    component: lazyRouteComponent(() => import('../pages/people/PeoplePage.tsx'), 'PeoplePage'),
  }),
  createRoute({
    ...shell,
    path: '/people/$membershipId',
    component: lazyRouteComponent(() => import('../pages/person/PersonPage.tsx'), 'PersonPage'),
  }),
  createRoute({
    ...shell,
    path: '/people/$membershipId/last-day',
    component: lazyRouteComponent(() => import('../pages/person/LastDayPage.tsx'), 'LastDayPage'),
  }),
  createRoute({
    ...shell,
    path: '/me',
    component: lazyRouteComponent(() => import('../pages/me/AccountPage.tsx'), 'AccountPage'),
  }),
  createRoute({
    ...shell,
    path: '/me/access',
    component: lazyRouteComponent(() => import('../pages/me/MyAccessPage.tsx'), 'MyAccessPage'),
  }),
  createRoute({
    ...shell,
    path: '/me/delegations',
    component: lazyRouteComponent(() => import('../pages/me/MyDelegationsPage.tsx'), 'MyDelegationsPage'),
  }),
  // where mails lead
  createRoute({
    ...shell,
    path: '/access',
    beforeLoad: () => {
      throw redirect({ to: '/me/access', replace: true });
    },
  }),
  createRoute({
    ...shell,
    path: '/account',
    beforeLoad: () => {
      throw redirect({ to: '/me', replace: true });
    },
  }),
  createRoute({
    ...shell,
    path: '/delegations',
    beforeLoad: () => {
      throw redirect({ to: '/me/delegations', replace: true });
    },
  }),
] as const;

export const publicRoutes = [
  createRoute({
    ...open,
    path: '/sign-in',
    // `next`: where to go afterwards, a path of this site
    validateSearch: (raw): { next?: string | undefined } => ({ next: text(raw, 'next') }),
    component: lazyRouteComponent(() => import('../pages/sign-in/SignInPage.tsx'), 'SignInPage'),
  }),
  createRoute({
    ...open,
    path: '/code',
    validateSearch: (raw): { organization?: string | undefined } => ({
      organization: text(raw, 'organization'),
    }),
    component: lazyRouteComponent(() => import('../pages/sign-in/PrintedCodePage.tsx'), 'PrintedCodePage'),
  }),
  createRoute({
    ...open,
    path: '/recover',
    component: lazyRouteComponent(() => import('../pages/sign-in/RecoverPage.tsx'), 'RecoverPage'),
  }),
  createRoute({
    ...open,
    path: '/recovery',
    component: lazyRouteComponent(() => import('../pages/sign-in/NewPasswordPage.tsx'), 'NewPasswordPage'),
  }),
  createRoute({
    ...open,
    path: '/invitation',
    component: lazyRouteComponent(() => import('../pages/invitation/InvitationPage.tsx'), 'InvitationPage'),
  }),
  createRoute({
    ...open,
    path: '/setup',
    component: lazyRouteComponent(() => import('../pages/setup/SetupPage.tsx'), 'SetupPage'),
  }),
] as const;
