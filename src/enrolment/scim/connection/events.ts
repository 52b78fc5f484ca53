/** What changing somebody may record, whichever part of them a feed changed. */
export const userEvents = [
  'membership.updated',
  'membership.suspended',
  'membership.resumed',
  'user.updated',
  'invitation.revoked',
] as const;
