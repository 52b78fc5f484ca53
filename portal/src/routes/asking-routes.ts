import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { publicLayout, shellLayout } from './layouts.ts';
import { day, flag, id, oneOf, text } from './search.ts';

const shell = { getParentRoute: () => shellLayout } as const;
const open = { getParentRoute: () => publicLayout } as const;

/** What can be asked for in a dialog of its own, beside the access of the catalogue. */
export const askKinds = ['account', 'organization', 'last-day', 'delegation'] as const;
export type AskKind = (typeof askKinds)[number];

export type AskSearch = {
  q?: string | undefined;
  after?: string | undefined;
  /** memberships, with commas between; absent: the reader */
  for?: string | undefined;
  /** role or access role, by id */
  access?: string | undefined;
  /** the same by names, as applications link here */
  application?: string | undefined;
  role?: string | undefined;
  until?: string | undefined;
  reason?: string | undefined;
  /** something else than access */
  kind?: AskKind | undefined;
  /** the organization that it is about, or the person whose organization it is */
  at?: string | undefined;
  about?: string | undefined;
  /** what one wants to be let do */
  permission?: string | undefined;
};

export type TeamSearch = { q?: string | undefined; all?: true | undefined; after?: string | undefined };

/** Asking, and for line managers their people. A link says all that is asked for. */
export const askingRoutes = [
  createRoute({
    ...shell,
    path: '/ask',
    validateSearch: (raw): AskSearch => ({
      q: text(raw, 'q'),
      after: text(raw, 'after'),
      for: text(raw, 'for'),
      access: text(raw, 'access'),
      application: text(raw, 'application'),
      role: text(raw, 'role'),
      until: day(raw, 'until'),
      reason: text(raw, 'reason'),
      kind: oneOf(raw, 'kind', askKinds),
      at: id(raw, 'at'),
      about: id(raw, 'about'),
      permission: text(raw, 'permission'),
    }),
    component: lazyRouteComponent(() => import('../pages/ask/AskPage.tsx'), 'AskPage'),
  }),
  createRoute({
    ...shell,
    path: '/team',
    validateSearch: (raw): TeamSearch => ({
      q: text(raw, 'q'),
      all: flag(raw, 'all'),
      after: text(raw, 'after'),
    }),
    component: lazyRouteComponent(() => import('../pages/team/TeamPage.tsx'), 'TeamPage'),
  }),
] as const;

/** Where strangers ask to join, and where the mailed link leads. */
export const registerRoutes = [
  createRoute({
    ...open,
    path: '/register/confirm',
    component: lazyRouteComponent(() => import('../pages/register/ConfirmPage.tsx'), 'ConfirmPage'),
  }),
  createRoute({
    ...open,
    path: '/register/$organizationId',
    component: lazyRouteComponent(() => import('../pages/register/RegisterPage.tsx'), 'RegisterPage'),
  }),
] as const;
