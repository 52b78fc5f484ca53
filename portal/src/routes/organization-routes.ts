/** Pages of an organization's manager: organizations, onboarding, invitations, requests, applications, trail. */
export const organizationRoutes = [] as const;
