/**
 * Operations that the portal uses and whose server side has not landed yet, as the contract describes them.
 * Each entry goes when the generated registry has it (the generated one wins already).
 */
export type Expected = {
  'access.explain': {
    input: { membershipId: string; entitlementId: string };
    output: { held: boolean; sentence: string; because: string[] };
  };
  'home.read': {
    input: object;
    output: { items: { kind: string; count: number; sentence: string; link: string }[] };
  };
};

export const expectedRoutes: Record<keyof Expected, { method: string; path: string }> = {
  'access.explain': { method: 'GET', path: '/memberships/{membershipId}/access/{entitlementId}/why' },
  'home.read': { method: 'GET', path: '/me/home' },
};
