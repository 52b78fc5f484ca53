import { describe, expect, it } from 'vitest';
import { mindedEvents } from '../../src/provisioning/sending/marks.ts';
import { operations } from '../../src/server/operations.gen.ts';

/**
 * Events that change neither what anybody holds nor what is known of them, each group with its reason. Whatever is new has
 * to be put here or among those that are minded: forgotten, accounts would stay as they were.
 */
const harmless: Record<string, readonly string[]> = {
  'tells of what was done, and does nothing itself': [
    'audit.read',
    'decision.searched',
    'import.started',
    'user.viewed',
  ],
};
const nouns: Record<string, string> = {
  'access-request': 'asking gives nothing; what is given is an event of its own',
  account: 'what is at a target follows from what is held, not the other way round',
  'approval-policy': 'who decides about requests holds nothing by it',
  calendar: 'when requests are due',
  credential: 'signing in',
  deputy: 'decisions only (I29)',
  difference: 'what is at a target',
  'import-mapping': 'how a file is read',
  proposal: 'a question; what follows is an event of its own',
  source: 'how a directory is read; what it brings are events of their own',
  'initial-password': 'signing in there',
  invitation: 'who accepts one is an event of its own',
  'last-day-notice': 'mails',
  'last-day-warning': 'mails',
  'notice-preferences': 'mails',
  password: 'signing in',
  'people-import': 'what it does to people are events of its own',
  recovery: 'signing in',
  registration: 'who joins is an event of its own',
  request: 'asking gives nothing; what is given is an event of its own',
  session: 'signing in',
  succession: 'it gives nothing; what is handed over is events of its own',
  target: 'its own settings: marked where they are written',
  task: 'what people do at a target, after what is held',
  webhook: 'what is told',
  'webhook-delivery': 'what is told',
};
/** Made, but empty yet; or never of anybody. */
const empty = [
  'access-role.created',
  'admin-role.created',
  'admin-role.retired',
  'application.registered',
  'client.created',
  'client.rotated',
  'entitlement.created',
  'group.created',
  'group.updated',
];

describe('what connected systems are marked for', () => {
  const events = [...new Set(Object.values(operations).flatMap((one) => one.events ?? []))].sort();
  const excused = (type: string): boolean =>
    empty.includes(type) ||
    Object.values(harmless).some((types) => types.includes(type)) ||
    Object.hasOwn(nouns, type.split('.')[0]!);

  it('is every event that may change what is held or known, and no other is left out without a reason', () => {
    const minded: readonly string[] = mindedEvents;
    expect(events.filter((type) => !minded.includes(type) && !excused(type))).toEqual([]);
  });

  it('is said once, one way or the other', () => {
    expect(new Set(mindedEvents).size).toBe(mindedEvents.length);
    expect(mindedEvents.filter((type) => type !== 'registration.confirmed' && excused(type))).toEqual([]);
  });
});
