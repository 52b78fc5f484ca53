import { movingEvents } from '../../move-member.ts';

/** What changing somebody may record, whichever part of them a feed changed. */
export const userEvents = [
  ...movingEvents,
  'membership.suspended',
  'membership.resumed',
  'group.member-added',
  'user.updated',
] as const;
