import { type Kysely, sql } from 'kysely';
import type { Permit } from '../authority/decide.ts';
import type { RelationKind, Target } from '../authority/delegation.ts';
import { instant } from '../authority/facts.ts';
import { type Holding, loadCeilings, loadHoldings } from '../authority/holds.ts';
import { isAtOrBelow } from '../authority/place.ts';
import { selvesOf } from '../authority/self.ts';
import { describeExcess } from '../authority/words.ts';
import { definitionsAt } from '../directory/attribute-store.ts';
import { problemOf } from '../directory/attributes.ts';
import { type Days, daysKept, readIn, timeZoneOf } from '../directory/by-day.ts';
import { groupTarget, readGroup } from '../directory/groups.ts';
import { writable } from '../directory/store.ts';
import { type Context, userOf } from '../operation/operation.ts';
import { membershipTargets, organizationTarget } from '../operation/targets.ts';
import { invalid } from '../platform/problems.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { type AccessRule, type FieldCondition, lockRule, readRule, ruleState } from './access-rules.ts';
import { inSight, whyNot } from './give.ts';
import { type Act, type Period, periodOfGift, permitFor } from './rules.ts';
import { loadThings, type Thing } from './things.ts';

/** The steps of saving a rule and of taking one away, each with one reason to refuse. */

/** What somebody wants a rule to say. */
export type Wanted = {
  name: string;
  inOrganizationId: string | null;
  below: boolean;
  title: string | null;
  fields: readonly FieldCondition[];
  relation: RelationKind | null;
  groupId: string | null;
  exceptMembershipIds: readonly string[];
  firstDay: string | null;
  lastDay: string | null;
  entitlementId: string | undefined;
  accessRoleId: string | undefined;
};

export type Gift = { thing: Thing; permit: Permit; period: Period & Required<Days> };

/**
 * May the actor give what this rule would, to everybody whom it could ever be about there? By one delegation, and for as
 * long as that lasts (I01); so nobody gains more by a rule that was saved than whoever saved it could give by hand.
 * @param begun when the rule begins as it was saved before; absent for a new one
 * @throws Refusal of the first thing that stands in the way
 */
export async function requireMaySave(context: Context, wanted: Wanted, begun?: Date): Promise<Gift> {
  const { db, target, facts } = context;
  const place = await requirePlace(context, wanted.inOrganizationId);
  const thing = await requireThing(context, place, wanted);
  await requireFields(context, place, wanted.fields);
  if (wanted.groupId) await requireGroup(context, place, wanted.groupId);
  await requirePeople(context, wanted.exceptMembershipIds);
  const act = giving(thing, wanted.below);
  const permit = permitFor(facts, act, place);
  if (!permit) throw whyNot(facts, act, place);
  if (!thing.live) throw refuse('entitlement.retired');
  if (thing.kind === 'access-role' && !isAtOrBelow(target.path, thing.path))
    throw refuse('access-role.too-high');
  const ceilings = await loadCeilings(db, [...new Set([target.path, place.path])]);
  for (const entitlement of thing.entitlements)
    if (!ceilings.ofRule(place.path, target.path, entitlement).allowed)
      throw refuse('entitlement.above-ceiling', {
        organization: await nameOf(db, place.organizationId),
        access: `${entitlement.applicationName}: ${entitlement.name}`,
      });
  return { thing, permit, period: await requirePeriod(context, permit, wanted, begun) };
}

/**
 * The days in the zone of the organization in which the rule stands, and the instants they mean. It never begins before
 * it was saved, and one that has begun does not begin again.
 */
async function requirePeriod(
  { db, at, target }: Context,
  permit: Permit,
  wanted: Wanted,
  begun: Date | undefined,
): Promise<Gift['period']> {
  const timeZone = await timeZoneOf(db, target.organizationId);
  const asked = readIn(wanted, timeZone);
  const earliest = begun && begun <= at && !(asked.from && asked.from > at) ? begun : at;
  const period = periodOfGift({ from: asked.from, until: asked.until }, permit.because, earliest);
  if (period === 'backwards') throw invalid('lastDay', 'after-start');
  if (period === 'beyond')
    throw refuse('delegation.outside', { missing: describeExcess({ piece: 'period' }) });
  if (period.endsAt <= at) throw invalid('lastDay', 'after-start');
  return { ...period, ...daysKept(wanted, period, timeZone) };
}

const giving = (thing: Thing, below: boolean): Act => ({
  permissions: ['access-rule.configure', 'access.grant'],
  entitlements: thing.entitlements,
  below,
});

/** Whoever pauses, ends or changes a rule takes what it gave: from everybody there, as by hand. */
export async function requireMayTake(context: Context, rule: AccessRule): Promise<void> {
  const { db, facts } = context;
  const place = (await organizationTarget(db, rule.inId))!;
  const things = await loadThings(
    db,
    rule.entitlementId ? [rule.entitlementId] : [],
    rule.accessRoleId ? [rule.accessRoleId] : [],
  );
  const entitlements = [...things.values()].flatMap((thing) => thing.entitlements);
  const act: Act = { permissions: ['access-rule.configure', 'access.end'], entitlements, below: rule.below };
  if (!permitFor(facts, act, place)) throw whyNot(facts, act, place);
}

async function requirePlace({ db, target, require }: Context, inId: string | null): Promise<Target> {
  if (inId === null) return target;
  const place = await organizationTarget(db, inId);
  require('organization.read', place, 'organization.read');
  if (!isAtOrBelow(place!.path, target.path)) throw refuse('access-rule.elsewhere');
  return place!;
}

async function requireThing({ db, facts }: Context, place: Target, wanted: Wanted): Promise<Thing> {
  const { entitlementId, accessRoleId } = wanted;
  if ((entitlementId === undefined) === (accessRoleId === undefined))
    throw invalid('entitlementId', 'rule-gives-one');
  const things = await loadThings(
    db,
    entitlementId ? [entitlementId] : [],
    accessRoleId ? [accessRoleId] : [],
  );
  const thing = things.get((entitlementId ?? accessRoleId)!);
  if (!thing || !inSight(facts, thing, place.path)) throw refuse('not-found');
  return thing;
}

/**
 * Fields that are defined there, that the actor may read of everybody (otherwise who gains would tell what stands in
 * them), and that nobody fills in for themselves (ruling 2).
 */
async function requireFields(
  context: Context,
  place: Target,
  fields: readonly FieldCondition[],
): Promise<void> {
  if (fields.length === 0) return;
  const definitions = await definitionsAt(context.db, place.path);
  const mayReadAll = context.decide('membership.update', place).effect === 'permit';
  const named = new Set<string>();
  for (const { key, in: values } of fields) {
    const field = definitions.find((one) => one.key === key);
    if (!field || (field.seenBy !== 'everybody' && !mayReadAll) || named.has(key))
      throw invalid('fields', 'attribute.unknown', { key });
    named.add(key);
    if (field.changedBy === 'self') throw refuse('attribute.own', { field: field.label });
    for (const value of values) {
      const wrong = problemOf(field, value);
      if (wrong) throw refuse('input.invalid', { problem: wrong, field: 'fields' });
    }
  }
}

/** A group that the actor sees, with people who can be there. */
async function requireGroup({ db, require }: Context, place: Target, groupId: string): Promise<void> {
  require('user.read', await groupTarget(db, groupId), 'user.read');
  const group = (await readGroup(db, groupId))!;
  if (group.state === 'ended') throw refuse('group.ended');
  if (!isAtOrBelow(place.path, group.path) && !isAtOrBelow(group.path, place.path))
    throw refuse('group.elsewhere');
}

async function requirePeople({ db, require }: Context, membershipIds: readonly string[]): Promise<void> {
  const targets = await membershipTargets(db, [...membershipIds]);
  for (const id of membershipIds) require('user.read', targets.get(id), 'user.read');
}

async function nameOf(db: Kysely<DB>, organizationId: string): Promise<string> {
  const { rows } = await sql<{ name: string }>`
    select name from organization where id = ${organizationId}`.execute(db);
  return rows[0]!.name;
}

/**
 * Makes `change`, which writes this rule, and refuses when it gives its maker something that they do not have as long in
 * another way (I02). The refusal abandons the transaction with the change in it.
 */
export async function notForOneself<Made>(
  context: Context,
  ruleId: string,
  change: () => Promise<Made>,
): Promise<Made> {
  const selves = selvesOf(context.facts);
  const mine = async (): Promise<Holding[]> =>
    selves.length === 0 ? [] : (await loadHoldings(context.db, { userIds: [...selves] })).holdings;
  const before = await mine();
  const made = await change();
  for (const gift of await mine()) {
    if (gift.ruleId !== ruleId) continue;
    const had = before.some(
      (one) =>
        one.membershipId === gift.membershipId &&
        one.entitlementId === gift.entitlementId &&
        (one.ruleId === ruleId || one.held) &&
        one.endsAt >= gift.endsAt &&
        (one.startsAt <= gift.startsAt || one.startsAt <= context.at),
    );
    if (!had) throw refuse('access-rule.own');
  }
  return made;
}

/** Writes what somebody wants as the row of a rule, under the delegation that lets them. */
export async function writeRule(
  context: Context,
  id: string,
  organizationId: string,
  wanted: Wanted,
  { thing, permit, period: { startsAt, endsAt, firstDay, lastDay } }: Gift,
): Promise<void> {
  const one = wanted.fields.filter((field) => field.in.length === 1);
  const attributes = Object.fromEntries(one.map(({ key, in: [value] }) => [key, value]));
  const anyOf = wanted.fields.filter((field) => field.in.length > 1);
  await sql`
    insert into access_rule (id, organization_id, name, in_organization_id, below, title, attributes, any_of, relation, group_id,
      except_ids, entitlement_id, access_role_id, starts_at, ends_at, first_day, last_day, given_by, given_under)
    values (${id}, ${organizationId}, ${wanted.name}, ${wanted.inOrganizationId}, ${wanted.below}, ${wanted.title},
      ${JSON.stringify(attributes)}::jsonb, ${JSON.stringify(anyOf)}::jsonb, ${wanted.relation}, ${wanted.groupId},
      ${[...new Set(wanted.exceptMembershipIds)]}::uuid[], ${thing.kind === 'entitlement' ? thing.id : null},
      ${thing.kind === 'access-role' ? thing.id : null}, ${writable(startsAt)}, ${writable(endsAt)}, ${firstDay}, ${lastDay},
      ${userOf(context)?.userId ?? null}, ${permit.because[0]?.id ?? null})
    on conflict (id) do update set name = excluded.name, in_organization_id = excluded.in_organization_id, below = excluded.below,
      title = excluded.title, attributes = excluded.attributes, any_of = excluded.any_of, relation = excluded.relation,
      group_id = excluded.group_id, except_ids = excluded.except_ids, entitlement_id = excluded.entitlement_id,
      access_role_id = excluded.access_role_id, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
      first_day = excluded.first_day, last_day = excluded.last_day, given_by = excluded.given_by,
      given_under = excluded.given_under, changed_at = ${context.at}, version = access_rule.version + 1`.execute(
    context.db,
  );
}

/** What a rule says now, as somebody would want it. */
export const wantedOf = (rule: AccessRule, fields: readonly FieldCondition[]): Wanted => ({
  name: rule.name,
  inOrganizationId: rule.inOrganizationId,
  below: rule.below,
  title: rule.title,
  fields,
  relation: rule.relation,
  groupId: rule.groupId,
  exceptMembershipIds: rule.exceptIds,
  firstDay: rule.firstDay,
  lastDay: rule.lastDay,
  entitlementId: rule.entitlementId ?? undefined,
  accessRoleId: rule.accessRoleId ?? undefined,
});

/** @throws Refusal `access-rule.ended` */
export async function lockLiveRule(context: Context, ruleId: string): Promise<AccessRule> {
  const rule = await lockRule(context.db, ruleId);
  context.checkVersion(rule.version);
  if (rule.state === 'ended' || instant(rule.endsAt) <= context.at) throw refuse('access-rule.ended');
  return rule;
}

export async function recordRule(
  context: Context,
  type: string,
  before: AccessRule | null,
  ruleId: string,
): Promise<AccessRule> {
  const after = (await readRule(context.db, ruleId))!;
  context.record({
    type,
    targetKind: 'access-rule',
    targetId: after.id,
    organizationId: after.organizationId,
    path: after.path,
    before: before && ruleState(before),
    after: ruleState(after),
    personal: { name: after.name },
  });
  return after;
}
