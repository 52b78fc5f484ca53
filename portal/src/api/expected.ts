/**
 * Operations that the portal uses and whose server side has not landed yet, as the contract describes them.
 * Each entry goes when the generated registry has it (the generated one wins already).
 */
type Page<Row> = { items: Row[]; next?: string };
type MembershipRow = {
  membershipId: string;
  userId: string;
  displayName: string;
  userName: string | null;
  email: string | null;
  organizationId: string;
  organizationName: string;
  title: string | null;
  state: 'active' | 'suspended' | 'not-begun' | 'left' | 'no-sign-in';
  firstDay: string | null;
  lastDay: string | null;
  isManager: boolean;
};
type SignedIn = {
  signedIn: true;
  user: { id: string; displayName: string; email: string | null; language: string };
  membership: { id: string; organizationId: string; organizationName: string };
  memberships: { id: string; organizationId: string; organizationName: string }[];
  may: import('../../../src/authority/permissions.ts').Permission[];
};
type OrganizationRow = {
  id: string;
  parentId: string | null;
  name: string;
  description: string | null;
  state: 'active' | 'suspended' | 'closed';
  childCount: number;
  peopleCount: number;
  version: number;
};

export type Expected = {
  'session.read': { input: object; output: SignedIn | { signedIn: false } };
  'session.create': {
    input: { email: string; password: string } | { organization: string; userName: string; password: string };
    output: object;
  };
  'session.end': { input: object; output: object };
  'session.switch': { input: { membershipId: string }; output: object };
  'me.update': { input: { displayName?: string; language?: string }; output: object };
  'user.list': {
    input: {
      organizationId?: string;
      below?: boolean;
      search?: string;
      sort?: string;
      status?: string;
      entitlementId?: string;
      cursor?: string;
      limit?: number;
    };
    output: Page<MembershipRow>;
  };
  'organization.list': {
    input: { parentId?: string; search?: string; cursor?: string; limit?: number };
    output: Page<OrganizationRow>;
  };
  'decision.explain': {
    input: { permission: string; organizationId?: string; membershipId?: string; entitlementId?: string };
    output: { allowed: boolean; words: string[] };
  };
  'access.explain': {
    input: { membershipId: string; entitlementId: string };
    output: { allowed: boolean; words: string[] };
  };
};

export const expectedRoutes: Record<keyof Expected, { method: string; path: string }> = {
  'session.read': { method: 'GET', path: '/session' },
  'session.create': { method: 'POST', path: '/session' },
  'session.end': { method: 'DELETE', path: '/session' },
  'session.switch': { method: 'POST', path: '/session/membership' },
  'me.update': { method: 'PATCH', path: '/me' },
  'user.list': { method: 'GET', path: '/users' },
  'organization.list': { method: 'GET', path: '/organizations' },
  'decision.explain': { method: 'GET', path: '/why' },
  'access.explain': { method: 'GET', path: '/memberships/{membershipId}/access/{entitlementId}/why' },
};
