import type { Item } from '../../api/types.ts';

export type EventType = Item<'webhook.list'>['types'][number];

/** What a webhook can be told, in groups as one would look for it. */
export const eventGroups = {
  request: [
    'request.created',
    'request.voted',
    'request.approved',
    'request.refused',
    'request.lapsed',
    'request.withdrawn',
    'request.reminded',
    'request.escalated',
    'request.questioned',
    'request.answered',
    'request.attached',
  ],
  assignment: ['assignment.given', 'assignment.ended'],
  membership: ['membership.created', 'membership.suspended', 'membership.resumed', 'membership.ended'],
  organization: [
    'organization.created',
    'organization.suspended',
    'organization.resumed',
    'organization.closed',
  ],
  delegation: ['delegation.created', 'delegation.ended'],
  target: ['target.braked', 'target.alarmed'],
} as const satisfies Record<string, readonly EventType[]>;

export const groupNames = Object.keys(eventGroups) as (keyof typeof eventGroups)[];

type Listed = (typeof eventGroups)[keyof typeof eventGroups][number];
/** A type that the server knows and no group holds does not compile. */
export const nothingForgotten: Exclude<EventType, Listed> extends never ? true : never = true;
