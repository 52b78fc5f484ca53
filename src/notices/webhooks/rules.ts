import type { Permission } from '../../authority/permissions.ts';

/** What a webhook can be told, and what its maker must be allowed to see for it to be told. */
export const eventTypes = {
  'request.created': 'request.decide',
  'request.voted': 'request.decide',
  'request.approved': 'request.decide',
  'request.refused': 'request.decide',
  'request.lapsed': 'request.decide',
  'request.withdrawn': 'request.decide',
  'request.reminded': 'request.decide',
  'request.escalated': 'request.decide',
  'request.questioned': 'request.decide',
  'request.answered': 'request.decide',
  'request.attached': 'request.decide',
  'assignment.given': 'access.read',
  'assignment.ended': 'access.read',
  'membership.created': 'user.read',
  'membership.suspended': 'user.read',
  'membership.resumed': 'user.read',
  'membership.ended': 'user.read',
  'organization.created': 'organization.read',
  'organization.suspended': 'organization.read',
  'organization.resumed': 'organization.read',
  'organization.closed': 'organization.read',
  'delegation.created': 'delegation.read',
  'delegation.ended': 'delegation.read',
  'target.braked': 'target.read',
  'target.alarmed': 'target.read',
} as const satisfies Record<string, Permission>;

export type EventType = keyof typeof eventTypes;
export const eventTypeNames = Object.keys(eventTypes) as [EventType, ...EventType[]];
/** Told under another name: how it came about is the trail's to say. */
const toldAs: Record<string, EventType> = { 'request.rule-approved': 'request.approved' };
/** Every event that may be told. */
export const toldEvents: readonly string[] = [...eventTypeNames, ...Object.keys(toldAs)];
/** As what an event is told; undefined when it is not. */
export const toldTypeOf = (type: string): EventType | undefined =>
  isEventType(type) ? type : Object.hasOwn(toldAs, type) ? toldAs[type] : undefined;

const isEventType = (name: string): name is EventType => Object.hasOwn(eventTypes, name);

/** A test by hand: it tells of nothing. */
export const testType = 'webhook.test';

/** What undoes what: told neither of the one nor of the other (ruling 12). */
export const undoneBy: Partial<Record<EventType, string>> = {
  'assignment.given': 'assignment.withdrawn',
  'assignment.ended': 'assignment.restored',
};

const minute = 60;
const hour = 3600;

/** Seconds to wait after each failed attempt: some three days in all, as the specification advises. */
export const waits = [
  5,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
] as const;

/** An endpoint that accepts nothing for so long is switched off once a message was given up; seconds. */
export const patience = 72 * hour;

/** While an endpoint fails it is left in peace between attempts, whatever waits for it; seconds. */
export const rest = minute;

/** Longest that an endpoint may ask us to wait (Retry-After); seconds. */
const longestAsked = 24 * hour;

export type Outcome =
  | { what: 'sent' }
  /** tried again after so many seconds; `peace`: nothing else is sent to it before, either */
  | { what: 'again'; after: number; peace: boolean }
  /** a dead letter: kept, and sent again by hand only */
  | { what: 'dead' }
  /** the endpoint has said that it wants nothing any more */
  | { what: 'gone' };

/**
 * What follows from an answer, or from none (`status` null).
 * @param attempts those made, this one included
 * @param chance from 0 to 1: spreads the attempts of many messages, a fifth each way
 */
export function outcomeOf(
  answer: { status: number | null; retryAfter?: string | undefined },
  attempts: number,
  at: Date,
  chance: number,
): Outcome {
  const { status, retryAfter } = answer;
  if (status !== null && status >= 200 && status < 300) return { what: 'sent' };
  if (status === 410) return { what: 'gone' };
  const wait = waits[attempts - 1];
  if (wait === undefined) return { what: 'dead' };
  const asked = status === 429 || status === 503 ? secondsAsked(retryAfter, at) : undefined;
  const after = Math.round(wait * (0.8 + 0.4 * chance));
  return { what: 'again', after: Math.max(after, asked ?? 0), peace: asked !== undefined };
}

/** Retry-After (RFC 9110, section 10.2.3): seconds, or an instant. */
function secondsAsked(text: string | undefined, at: Date): number | undefined {
  if (text === undefined) return undefined;
  const seconds = /^\d{1,9}$/.test(text.trim()) ? Number(text) : (Date.parse(text) - at.getTime()) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), longestAsked) : undefined;
}

/** What an organization may put into its own words for an event. */
export const placeholders = ['person', 'organization', 'access', 'by', 'until', 'link'] as const;
export type Placeholder = (typeof placeholders)[number];

const inBraces = /\{\{([^{}]*)\}\}/g;

/** The first thing between double braces that stands for nothing; undefined when all do. */
export function unknownPlaceholder(template: string): string | undefined {
  for (const [whole, name] of template.matchAll(inBraces))
    if (!(placeholders as readonly string[]).includes(name!.trim())) return whole;
  const rest = template.replaceAll(inBraces, '');
  return /\{\{|\}\}/.exec(rest)?.[0];
}

/** Fills a template in one pass: braces in a name stay what they are. */
export const filled = (
  template: string,
  values: Record<Placeholder, string>,
  safe: (value: string) => string,
): string =>
  template.replaceAll(inBraces, (_, name: string) => safe(values[name.trim() as Placeholder] ?? ''));
