import { type Kysely, sql } from 'kysely';
import { decide } from '../authority/decide.ts';
import type { Holder } from '../authority/holders.ts';
import { loadFactsOf } from '../authority/load-facts.ts';
import type { StoredEvent } from '../operation/events.ts';
import type { DB } from '../platform/schema.gen.ts';
import { calendarOf } from '../requests/calendar.ts';
import { whoMayDecide } from '../requests/deciders.ts';
import { levelEnd } from '../requests/progress.ts';
import { progressOf, type RequestRow, readRequest, targetOf } from '../requests/store.ts';
import { decisionsOf } from '../requests/votes.ts';
import type { Recipient } from './deliver.ts';
import type { Letter } from './letter.ts';
import { links } from './links.ts';
import { untilIn, type WordKey, type Words, whenIn, wordsIn } from './words.ts';

type Db = Kysely<DB>;

/**
 * What the letters about a request say of it: `access` is what is asked for, `what` the same with whom it is for, `own`
 * whichever of them tells more.
 */
export function namesIn(asked: RequestRow, t: Words): Record<string, string> {
  const thing = asked.applicationName
    ? t('asked.role', { name: asked.name, application: asked.applicationName })
    : asked.name;
  const { displayName: subject, requesterName: requester, organizationName: organization } = asked;
  const access = t(`asked.${asked.kind}`, { thing, organization });
  const what = asked.kind === 'organization' ? access : t('asked.for', { access, subject });
  return { subject, requester, organization, access, what, own: isOwn(asked) ? access : what };
}

/** Somebody asks for themselves, or somebody who has no account yet for a place. */
export const isOwn = ({ requesterId, userId }: RequestRow): boolean =>
  requesterId === null || requesterId === userId;

/** The text of a letter by its place in the catalogue; `more` fills what the request itself does not say. */
export function requestLetter(
  url: string,
  asked: RequestRow,
  { name, address, language, timeZone }: Recipient,
  letter: string,
  {
    text = `${letter}.what`,
    subject = `${letter}.subject`,
    button = `${letter}.button`,
    more = {},
    also = [],
    due,
    answerBy,
    quote,
    footer = 'footer.concerned',
  }: {
    text?: string;
    subject?: string;
    button?: string;
    more?: Record<string, string>;
    /** sentences after the first, as they are */
    also?: readonly string[];
    due?: Date | undefined;
    /** until when it stands still for an answer */
    answerBy?: Date | null;
    quote?: Letter['quote'];
    footer?: WordKey;
  } = {},
): Letter {
  const t = wordsIn(language);
  const names = { name, ...namesIn(asked, t), ...more };
  return {
    to: { name, address },
    subject: t(subject as WordKey, names),
    paragraphs: [t('greeting', names), t(text as WordKey, names), ...also],
    quote,
    facts: [
      // The one thing about somebody new that is more than their own word.
      ...(typeof asked.payload.email === 'string'
        ? [{ label: t('fact.email'), value: asked.payload.email }]
        : []),
      ...(quote || !asked.reason ? [] : [{ label: t('fact.reason'), value: asked.reason }]),
      ...(asked.endsAt ? [{ label: t('fact.until'), value: untilIn(language, asked.endsAt, timeZone) }] : []),
      ...(due ? [{ label: t('fact.due'), value: whenIn(language, due, timeZone) }] : []),
      ...(answerBy ? [{ label: t('fact.answer-by'), value: whenIn(language, answerBy, timeZone) }] : []),
    ],
    button: { label: t(button as WordKey), url: links.request(url, asked.id) },
    footer: t(footer, { url }),
  };
}

/**
 * The request as it stands when nobody is changing it: an undo that began within its ten seconds may commit after them,
 * and what follows from the decision must not leave the building before (ruling 12). Two statements, so that the second
 * sees what the first waited for.
 */
export async function readSettled(db: Db, requestId: string): Promise<RequestRow | undefined> {
  await sql`select 1 from request where id = ${requestId} for share`.execute(db);
  return await readRequest(db, requestId);
}

/** Until when those who are asked now may take their time. */
export async function dueOf(db: Db, asked: RequestRow): Promise<Date | undefined> {
  if (asked.state !== 'open' || asked.pausedAt) return undefined;
  return levelEnd(asked.plan, progressOf(asked), await calendarOf(db, asked.path));
}

/** More people than this at one level are not all written to; each of them sees it in their list. */
const mostDeciders = 20;

/**
 * Whom the open level asks, of those who may decide now: the nearest of them, where one of them is enough; all whose
 * votes are wanted otherwise. Nobody who said what they think already.
 */
export async function askedNow(db: Db, asked: RequestRow): Promise<Holder[]> {
  const step = asked.plan[asked.step];
  const level = step?.levels[asked.level];
  if (!step || !level) return [];
  const thisLevel = { ...asked, plan: [{ ...step, levels: [level] }], step: 0, level: 0 };
  const able = await whoMayDecide(db, thisLevel);
  const wanted = step.quorum === 'one' ? nearest(able) : able;
  const voted = await votersOf(db, asked);
  return wanted.filter(({ userId }) => !voted.has(userId)).slice(0, mostDeciders);
}

/** Those who decided the open step already. */
export async function votersOf(db: Db, asked: RequestRow): Promise<Set<string>> {
  const decisions = await decisionsOf(db, asked.id);
  return new Set(decisions.filter(({ step }) => step === asked.step).map(({ userId }) => userId));
}

/** Those whose yes to the open step was about other files than stand there now, and who have not decided since (I34). */
export async function askedAgain(db: Db, asked: RequestRow): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select distinct user_id as id from request_decision
    where request_id = ${asked.id} and step = ${asked.step} and undone_at is null and outdated_at is not null`.execute(
    db,
  );
  const voted = await votersOf(db, asked);
  return new Set(rows.flatMap(({ id }) => (voted.has(id) ? [] : id)));
}

const nearest = (able: Holder[]): Holder[] => able.filter((one) => depthOf(one) === depthOf(able[0]!));

/** Whom a policy names is nearest of all; a deputy is as near as whoever they decide for. */
function depthOf({ because }: Holder): number {
  const held = because.find(({ kind }) => kind !== 'approve');
  if (!held) return Number.POSITIVE_INFINITY;
  const places = held.scope.flatMap((box) => box.places ?? []);
  return Math.max(0, ...places.map(({ path }) => path.split('.').length));
}

/** Letters that tell somebody that they may decide. */
const asking = ['request-waiting', 'request-escalated', 'request-passed', 'request-attached'];

/** Who was told that they may decide this, at any step or since one was opened; `but` leaves out one event's letters. */
export async function toldOf(
  db: Db,
  requestId: string,
  { since = new Date(0), but = null }: { since?: Date; but?: string | null } = {},
): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select distinct n.recipient_id as id from event e join notice n on n.event_id = e.id
    where e.target_id = ${requestId} and e.target_kind = 'request' and n.recipient_kind = 'user' and n.state <> 'held'
      and n.letter = any (${asking}::text[]) and n.created_at >= ${since}
      and n.event_id is distinct from ${but}::uuid`.execute(db);
  return new Set(rows.map(({ id }) => id));
}

/** When the step began that is open: with the last word about another one. */
export async function openSince(db: Db, asked: RequestRow): Promise<Date> {
  const decisions = await decisionsOf(db, asked.id);
  return decisions.findLast(({ step }) => step !== asked.step)?.decidedAt ?? asked.createdAt;
}

/**
 * True while the last decision can be taken back: nothing that follows from it leaves the building (ruling 12). Its own
 * event comes round when it no longer can.
 */
export async function mayBeUndone(db: Db, requestId: string): Promise<boolean> {
  const { rows } = await sql<{ young: boolean }>`
    select coalesce(max(decided_at) > remit_now() - interval '10 seconds', false) as young
    from request_decision where request_id = ${requestId} and undone_at is null`.execute(db);
  return rows[0]!.young;
}

/** True when what the event tells of was taken back since: where nobody worked meanwhile, both came round at once. */
export async function wasUndone(db: Db, { targetId, position }: StoredEvent): Promise<boolean> {
  const { rows } = await sql`
    select 1 from event e where e.target_id = ${targetId} and e.position > ${position} and e.type = 'request.reopened' limit 1`.execute(
    db,
  );
  return rows.length > 0;
}

/**
 * The name of somebody who takes part in deciding, as this reader may know it: whoever sees the people there, and
 * nobody who merely asks (ruling 9).
 */
export async function nameFor(
  db: Db,
  asked: RequestRow,
  readerId: string,
  userId: string | null,
): Promise<string | undefined> {
  const { rows } = await sql<{ name: string; memberships: string[] }>`
    select u.display_name as name, array(select m.id from membership m where m.user_id = ${readerId} and m.state = 'active') as memberships
    from app_user u where u.id = ${userId} and u.state <> 'erased'`.execute(db);
  const [found] = rows;
  if (!found) return undefined;
  if (userId === asked.requesterId || userId === asked.userId) return found.name;
  const readers = await loadFactsOf(db, found.memberships);
  const sees = readers.some((facts) => decide(facts, 'delegation.read', targetOf(asked)).effect === 'permit');
  return sees ? found.name : undefined;
}
