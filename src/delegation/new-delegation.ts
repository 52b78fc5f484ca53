import { sql } from 'kysely';
import { z } from 'zod';
import { type Box, type RelationKind, relationKinds, type Target } from '../authority/delegation.ts';
import { adminRoleId, permissionNames } from '../authority/permissions.ts';
import { isAtOrBelow, type Place } from '../authority/place.ts';
import { isSelf } from '../authority/self.ts';
import { byDay } from '../directory/by-day.ts';
import type { Context } from '../operation/operation.ts';
import {
  membershipTarget,
  membershipTargets,
  organizationTarget,
  organizationTargets,
} from '../operation/targets.ts';
import { prepared } from '../platform/database.ts';
import { instantText } from '../platform/dates.ts';
import { invalid } from '../platform/problems.ts';
import { refuse } from '../platform/refusals.ts';
import { entitlementsInput, mayPassOnInput } from './appoint.ts';
import type { Delegate } from './store.ts';

export const placeInput = z.object({ organizationId: z.uuid(), below: z.boolean().default(true) }).strict();

/** What one says to make a delegation: who, what, where, which access, from and until, may it be passed on. */
export const newDelegationInput = z.object({
  organizationId: z.uuid().describe('Where: this organization'),
  below: z.boolean().default(true).describe('and those below it'),
  places: z
    .array(placeInput)
    .max(100)
    .default([])
    .describe('More organizations, with or without those below.'),
  holes: z.array(placeInput).max(100).default([]).describe('Taken out of it again.'),
  membershipIds: z
    .array(z.uuid())
    .min(1)
    .max(500)
    .optional()
    .describe('Only these people there, by a membership of theirs.'),
  reports: z
    .object({
      of: z.uuid().optional().describe('Whose: a membership. Absent: of whoever it is given to.'),
      depth: z.enum(['direct', 'all']).default('direct'),
    })
    .strict()
    .optional()
    .describe('Only the people there who report to somebody.'),
  whereRelation: z.boolean().default(false).describe('Only where the relation holds for whoever uses it.'),
  delegate: z
    .union([
      z.object({ membershipId: z.uuid() }).strict(),
      z.literal('organization'),
      z.object({ organizationId: z.uuid() }).strict(),
      z.object({ relation: z.enum(relationKinds), organizationId: z.uuid() }).strict(),
    ])
    .describe(
      'Who: a person by their membership; `organization`, its standing delegation: what may be handed out and held there; another organization (a further parent); or everybody who stands in a relation to an organization and those below.',
    ),
  adminRoleId: z.uuid().optional().describe('What: an admin role, and'),
  permissions: z
    .array(z.enum(permissionNames))
    .max(permissionNames.length)
    .default([])
    .describe('single permissions.'),
  entitlements: entitlementsInput.default('same'),
  from: instantText.optional(),
  until: instantText.optional().describe('Absent: as long as your own.'),
  ...byDay,
  mayPassOn: mayPassOnInput
    .optional()
    .describe(
      'How many levels of managers may follow; `same`: as many as you may. Absent: none for a person, `same` for an organization.',
    ),
  seats: z
    .number()
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .describe('How many people and open invitations there may be; for `organization` only.'),
  reason: z.string().max(500).default(''),
});

export type NewDelegationInput = z.infer<typeof newDelegationInput>;

/** What the managers of an organization can be let do at most, unless its standing delegation says otherwise. */
export const standingRoleId = adminRoleId('delegated-manager');

export const chosenRole = (input: NewDelegationInput): string | null =>
  input.adminRoleId ??
  (input.delegate === 'organization' && input.permissions.length === 0 ? standingRoleId : null);

/**
 * The delegate, found once. A person must be seen by the actor, and no administrative act targets its actor.
 */
export async function readDelegate(
  context: Context,
  input: NewDelegationInput,
): Promise<{ delegate: Delegate; delegateTarget: Target | undefined }> {
  if (input.seats !== undefined && input.delegate !== 'organization')
    throw invalid('seats', 'seats-only-organization');
  if (input.whereRelation && !(typeof input.delegate === 'object' && 'relation' in input.delegate))
    throw invalid('whereRelation', 'relation-needed');
  if (input.delegate === 'organization') {
    const { places, holes, membershipIds, reports } = input;
    if (places.length + holes.length > 0 || membershipIds || reports)
      throw invalid('delegate', 'standing-is-whole');
    await refuseSecondStanding(context, input.organizationId);
    return {
      delegate: { kind: 'organization', organizationId: input.organizationId },
      delegateTarget: undefined,
    };
  }
  if (!('membershipId' in input.delegate)) return readGroup(context, input, input.delegate);
  const { membershipId } = input.delegate;
  const delegateTarget = await membershipTarget(context.db, membershipId);
  context.require('user.read', delegateTarget, 'user.read');
  const userId = delegateTarget!.userId!;
  if (isSelf(context.facts, userId)) throw refuse('user.self');
  const { rows } = await sql<{ ended: boolean }>`${prepared}
    select m.state = 'ended' or m.ends_at <= remit_now() as ended from membership m where m.id = ${membershipId}`.execute(
    context.db,
  );
  if (rows[0]?.ended) throw refuse('membership.ended');
  return { delegate: { kind: 'user', userId, membershipId }, delegateTarget };
}

/** One organization has one standing delegation in force or to come: narrow that one, or end it first. */
async function refuseSecondStanding(context: Context, organizationId: string): Promise<void> {
  // In a statement of its own: of two at once the second finds what the first made.
  await sql`select 1 from organization where id = ${organizationId} for no key update`.execute(context.db);
  const { rows } = await sql`
    select 1 from delegation where delegate_organization_id = ${organizationId} and delegate_kind = 'organization' and kind = 'administer'
      and state <> 'ended' and ends_at > remit_now()
      and exists (select 1 from organization o where o.id = ${organizationId} and o.path = any (place_paths))`.execute(
    context.db,
  );
  if (rows.length > 0) throw refuse('delegation.standing-exists');
}

/** Another organization, or a relation to one: the giver must be able to pass something on there, too. */
async function readGroup(
  context: Context,
  input: NewDelegationInput,
  given: { organizationId: string; relation?: RelationKind },
): Promise<{ delegate: Delegate; delegateTarget: Target }> {
  const delegateTarget = await organizationTarget(context.db, given.organizationId);
  context.require('delegation.create', delegateTarget, 'organization.read');
  const { organizationId, path } = delegateTarget!;
  if (given.relation)
    return {
      delegate: { kind: 'relation', relation: given.relation, organizationId, path },
      delegateTarget: delegateTarget!,
    };
  const covered = [input.organizationId, ...input.places.map((place) => place.organizationId)];
  for (const target of (await organizationTargets(context.db, covered)).values())
    if (isAtOrBelow(target.path, path) || isAtOrBelow(path, target.path))
      throw refuse('delegation.further-parent', { field: 'delegate' });
  return { delegate: { kind: 'organization', organizationId }, delegateTarget: delegateTarget! };
}

/** The places that somebody names: each of them has to be seen by the actor. */
export async function readPlaces(
  context: Context,
  named: readonly z.infer<typeof placeInput>[],
): Promise<Place[]> {
  const found = await organizationTargets(
    context.db,
    named.map(({ organizationId }) => organizationId),
  );
  return named.map(({ organizationId, below }) => {
    const target = found.get(organizationId);
    context.require('organization.read', target, 'organization.read');
    return { id: organizationId, path: target!.path, below };
  });
}

/**
 * The boundary, found once: every organization and person named has to be seen by the actor.
 * @returns one box whose every part has to hold, and the organizations besides the first
 */
export async function readScope(
  context: Context,
  input: NewDelegationInput,
): Promise<{ scope: Box[]; morePlaces: Target[] }> {
  const holes = await readPlaces(context, input.holes);
  const more = await readPlaces(context, input.places);
  const targets = await organizationTargets(
    context.db,
    more.map(({ id }) => id),
  );
  const people = input.membershipIds && (await membershipTargets(context.db, input.membershipIds));
  for (const id of input.membershipIds ?? []) context.require('user.read', people!.get(id), 'user.read');
  const { reports } = input;
  if (reports?.of) context.require('user.read', await membershipTarget(context.db, reports.of), 'user.read');
  const own: Place = { id: input.organizationId, path: context.target.path, below: input.below };
  const box: Box = { places: [own, ...more] };
  if (holes.length > 0) box.holes = holes;
  if (people) box.users = [...new Set([...people.values()].map(({ userId }) => userId!))];
  if (reports) box.reports = reports.of ? { of: reports.of, depth: reports.depth } : { depth: reports.depth };
  if (input.whereRelation) box.where = 'relation';
  return {
    scope: [box],
    morePlaces: more.map(({ id }) => targets.get(id)!),
  };
}
