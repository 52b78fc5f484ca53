import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { publicLayout, shellLayout } from './layouts.ts';
import { text } from './search.ts';

const shell = { getParentRoute: () => shellLayout } as const;
const open = { getParentRoute: () => publicLayout } as const;

export const personRoutes = [
  createRoute({
    ...shell,
    path: '/',
    component: lazyRouteComponent(() => import('../pages/home/HomePage.tsx'), 'HomePage'),
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
] as const;
