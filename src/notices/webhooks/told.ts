import { type Kysely, sql } from 'kysely';
import { decide } from '../../authority/decide.ts';
import type { EntitlementRef, Target } from '../../authority/delegation.ts';
import type { Facts } from '../../authority/facts.ts';
import { linkUseKey, loadLinkFacts } from '../../authority/load-facts.ts';
import { isAtOrBelow } from '../../authority/place.ts';
import type { StoredEvent } from '../../operation/events.ts';
import { membershipTarget, organizationTarget } from '../../operation/targets.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { type RequestKind, requestKinds } from '../../requests/policy.ts';
import { links } from '../links.ts';
import type { Told } from './message.ts';
import { eventTypes, testType, toldTypeOf, undoneBy } from './rules.ts';
import type { HookRow } from './store.ts';

type Db = Kysely<DB>;
type Hook = Pick<HookRow, 'organizationId' | 'path' | 'off' | 'savedIn' | 'savedUnder'>;

/**
 * What may be told of an event at this moment, under the delegation that the webhook was saved under; undefined when
 * nothing: it has been undone, lies outside, the link is not effective any more, the place is closed (ruling 16, I19).
 */
export async function toldNow(
  db: Db,
  hook: Hook,
  event: StoredEvent,
  url: string,
): Promise<Told | undefined> {
  const facts = await standingBehind(db, hook);
  const type = toldTypeOf(event.type);
  if (!facts || !type) return undefined;
  const target = await targetOf(db, event);
  if (!target || !isAtOrBelow(target.path, hook.path)) return undefined;
  const state = event.after ?? event.before ?? {};
  const concerned = await entitlementsOf(db, state);
  const allowed = (of: Target): boolean => decide(facts, eventTypes[type], of).effect === 'permit';
  if (!allowed(target) || !concerned.every((entitlement) => allowed({ ...target, entitlement })))
    return undefined;
  if (await wasUndone(db, event)) return undefined;
  const organization = await placeOf(db, target.organizationId);
  const sees = (of: Target | undefined): boolean =>
    of !== undefined && decide(facts, 'user.read', of).effect === 'permit';
  const person = event.subjectId && sees(target) ? await nameOf(db, event.subjectId) : undefined;
  const actor =
    event.actorKind === 'user' && event.actorMembershipId
      ? await membershipTarget(db, event.actorMembershipId)
      : undefined;
  return {
    type,
    at: event.at,
    organization,
    person: person
      ? {
          userId: event.subjectId!,
          membershipId: target.kind === 'membership' ? target.id : null,
          name: person,
        }
      : null,
    by: (sees(actor) && (await nameOf(db, event.actorId!))) || null,
    access: await accessOf(db, state),
    request:
      event.targetKind === 'request'
        ? { id: event.targetId!, kind: kindOf(state), state: text(state.state) ?? 'open' }
        : null,
    until: untilOf(state),
    link: event.targetKind === 'request' ? links.request(url, event.targetId!) : links.home(url),
  };
}

/** A test tells of the webhook's own place, and only while it may tell anything. */
export async function testNow(db: Db, hook: Hook, at: Date, url: string): Promise<Told | undefined> {
  if (!(await standingBehind(db, hook))) return undefined;
  const organization = await placeOf(db, hook.organizationId);
  const nothing = { person: null, by: null, access: null, request: null, until: null };
  return { type: testType, at, organization, ...nothing, link: links.home(url) };
}

/** What the webhook's maker may do now, while that link still lets them have webhooks there. */
async function standingBehind(
  db: Db,
  { organizationId, path, off, savedIn, savedUnder }: Hook,
): Promise<Facts | undefined> {
  const use = { linkId: savedUnder, membershipId: savedIn };
  const facts = (await loadLinkFacts(db, [use])).get(linkUseKey(use));
  const place: Target = { kind: 'organization', id: organizationId, organizationId, path, off };
  return facts && decide(facts, 'webhook.configure', place).effect === 'permit' ? facts : undefined;
}

const kindOf = ({ kind }: Record<string, unknown>): RequestKind =>
  requestKinds.find((one) => one === kind) ?? 'access';
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The membership that it is about, or the organization; as they stand now. */
async function targetOf(db: Db, event: StoredEvent): Promise<Target | undefined> {
  const state = event.after ?? event.before ?? {};
  const membershipId =
    event.targetKind === 'membership'
      ? event.targetId
      : (text(state.membershipId) ?? text(state.membership_id));
  const member = membershipId && event.subjectId ? await membershipTarget(db, membershipId) : undefined;
  // A request to look after another place names somebody of elsewhere: where it happened counts.
  if (member && (!event.organizationId || member.organizationId === event.organizationId)) return member;
  if (!event.organizationId) return undefined;
  const place = await organizationTarget(db, event.organizationId);
  return place && { ...place, userId: event.subjectId ?? undefined };
}

async function entitlementsOf(db: Db, state: Record<string, unknown>): Promise<EntitlementRef[]> {
  const ids = Array.isArray(state.entitlementIds) ? state.entitlementIds : [text(state.entitlement_id)];
  const { rows } = await sql<EntitlementRef>`
    select id, application_id as "applicationId" from entitlement
    where id = any (${ids.filter((id) => typeof id === 'string')}::uuid[])`.execute(db);
  return rows;
}

/** A decision that was taken back takes with it all that followed from it in the same moment. */
async function wasUndone(
  db: Db,
  { targetKind, targetId, type, at, position }: StoredEvent,
): Promise<boolean> {
  const told = toldTypeOf(type);
  const undo = told && undoneBy[told];
  const { rows } = await sql`
    select 1 where ${targetKind === 'request'} and exists (select 1 from request_decision d
        where d.request_id = ${targetId} and d.undone_at is not null and d.decided_at = ${at})
      or exists (select 1 from event e where e.target_id = ${targetId} and e.type = ${undo ?? ''} and e.position > ${position})`.execute(
    db,
  );
  return rows.length > 0;
}

async function nameOf(db: Db, userId: string): Promise<string | undefined> {
  const { rows } = await sql<{ name: string }>`
    select display_name as name from app_user where id = ${userId} and state <> 'erased'`.execute(db);
  return rows[0]?.name;
}

async function placeOf(db: Db, organizationId: string): Promise<Told['organization']> {
  const { rows } = await sql<Told['organization']>`
    select id, name, time_zone as "timeZone" from organization where id = ${organizationId}`.execute(db);
  return rows[0]!;
}

async function accessOf(db: Db, state: Record<string, unknown>): Promise<Told['access']> {
  const entitlementId = text(state.entitlementId) ?? text(state.entitlement_id) ?? null;
  const accessRoleId = text(state.accessRoleId) ?? text(state.access_role_id) ?? null;
  const { rows } = await sql<NonNullable<Told['access']>>`
    select 'entitlement' as kind, e.id, e.name, a.name as "applicationName"
      from entitlement e join application a on a.id = e.application_id where e.id = ${entitlementId}::uuid
    union all select 'access-role', r.id, r.name, null from access_role r where r.id = ${accessRoleId}::uuid limit 1`.execute(
    db,
  );
  return rows[0] ?? null;
}

function untilOf(state: Record<string, unknown>): Date | null {
  const end = text(state.endsAt) ?? text(state.ends_at);
  return end && end !== 'infinity' && Number.isFinite(Date.parse(end)) ? new Date(end) : null;
}
