import { sql } from 'kysely';
import { accessRoleState, readAccessRole, setContents } from '../access/access-roles.ts';
import { mayAdd } from '../access/edit-bundle.ts';
import { type EntitlementLimit, limitCovers, type Target } from '../authority/delegation.ts';
import { adminRoleId } from '../authority/permissions.ts';
import { appoint, prepare } from '../delegation/appoint.ts';
import { addOrganization, organizationState } from '../directory/store.ts';
import type { Context } from '../operation/operation.ts';
import { organizationTarget } from '../operation/targets.ts';
import { readEmailAddress } from '../platform/email-address.ts';
import { newId } from '../platform/ids.ts';
import { invalid } from '../platform/problems.ts';
import { refuse } from '../platform/refusals.ts';
import type { Arrangement } from './arrangements.ts';
import { asGiver, decideOffer } from './offer.ts';
import { say } from './say.ts';
import { sendInvitations } from './send.ts';

export type Part = { name: string; managerName?: string | undefined; managerEmail?: string | undefined };

/** What differs from case to case. */
export type Answers = {
  name?: string | undefined;
  managerName?: string | undefined;
  managerEmail?: string | undefined;
  parts: Part[];
  applicationIds: string[];
  everydayEntitlementIds: string[];
  seats?: number | undefined;
  until?: Date | undefined;
};

export type Loaded = {
  organizationId: string;
  organizationIds: string[];
  delegationIds: string[];
  accessRoleIds: string[];
  invitationIds: string[];
};

const managerRole = adminRoleId('delegated-manager');

/**
 * Makes what an arrangement says below one organization, by the rules of the ordinary operations under the actor's own
 * links: each piece is decided as if it were asked for alone, and the first refusal leaves nothing.
 */
export async function loadArrangement(
  context: Context,
  arrangement: Arrangement,
  parent: Target,
  answers: Answers,
): Promise<Loaded> {
  const made: Loaded = {
    organizationId: parent.organizationId,
    organizationIds: [],
    delegationIds: [],
    accessRoleIds: [],
    invitationIds: [],
  };
  const limit: EntitlementLimit = { applications: [...new Set(answers.applicationIds)], entitlements: [] };
  let place = parent;
  if (arrangement.newOrganization) {
    place = await addPlace(context, parent, answers.name!, made);
    made.organizationId = place.organizationId;
    await giveStanding(context, place, limit, answers, made);
  }
  if (arrangement.lineManagers) await letLineManagers(context, place, answers, made);
  if (answers.everydayEntitlementIds.length > 0)
    await bundle(context, place, answers.everydayEntitlementIds, limit, made);
  for (const part of answers.parts) {
    const there = await addPlace(context, place, part.name, made);
    if (arrangement.part.standing) await giveStanding(context, there, limit, answers, made);
    if (part.managerEmail)
      await inviteManager(context, there, part, arrangement.part.mayPassOn, answers, made);
  }
  if (answers.managerEmail) await inviteManager(context, place, answers, 'same', answers, made);
  return made;
}

async function addPlace(context: Context, parent: Target, name: string, made: Loaded): Promise<Target> {
  const { because } = context.require('organization.create', parent, 'organization.read');
  const row = await addOrganization(context.db, { parentId: parent.organizationId, name });
  context.record({
    type: 'organization.created',
    targetKind: 'organization',
    targetId: row.id,
    organizationId: row.id,
    path: row.path,
    after: organizationState(row),
    personal: { name: row.name, description: row.description },
    because,
  });
  made.organizationIds.push(row.id);
  return (await organizationTarget(context.db, row.id))!;
}

async function giveStanding(
  context: Context,
  target: Target,
  entitlements: EntitlementLimit,
  { seats, until }: Answers,
  made: Loaded,
): Promise<void> {
  const giver = await asGiver(context);
  const standing = await prepare(giver, {
    target,
    below: true,
    delegate: { kind: 'organization', organizationId: target.organizationId },
    delegateTarget: undefined,
    adminRoleId: managerRole,
    permissions: [],
    entitlements,
    endsAt: until,
    mayPassOn: 'same',
    seats,
  });
  made.delegationIds.push((await appoint(giver, standing)).id);
}

/** Whoever is a line manager there looks after all who report to them: one link, right also after people change. */
async function letLineManagers(
  context: Context,
  target: Target,
  { until }: Answers,
  made: Loaded,
): Promise<void> {
  context.require('delegation.create', target, 'organization.read');
  const { organizationId, path } = target;
  const giver = await asGiver(context);
  const prepared = await prepare(giver, {
    target,
    below: true,
    scope: [{ places: [{ id: organizationId, path, below: true }], reports: { depth: 'all' } }],
    delegate: { kind: 'relation', relation: 'line-managers', organizationId, path },
    delegateTarget: target,
    adminRoleId: adminRoleId('line-manager'),
    permissions: [],
    entitlements: 'same',
    endsAt: until,
    mayPassOn: 0,
  });
  made.delegationIds.push((await appoint(giver, prepared)).id);
}

async function bundle(
  context: Context,
  place: Target,
  entitlementIds: readonly string[],
  limit: EntitlementLimit,
  made: Loaded,
): Promise<void> {
  const { because } = context.require('access-role.configure', place, 'organization.read');
  const contents = [...new Set(entitlementIds)];
  const added = await mayAdd(context, place, contents);
  // Nobody there could be given what lies outside that which is handed out there.
  const beyond = added.flatMap((thing) => thing.entitlements).find((one) => !limitCovers(limit, one));
  if (beyond)
    throw invalid('everydayEntitlementIds', 'access-beyond-limit', {
      name: beyond.name,
      application: beyond.applicationName,
    });
  const id = newId(context.at.getTime());
  const { rows } = await sql`
    insert into access_role (id, organization_id, name, description)
    values (${id}, ${place.organizationId}, ${say('arrangement.everyday.name')}, ${say('arrangement.everyday.description')})
    on conflict (organization_id, name) do nothing returning 1`.execute(context.db);
  if (rows.length === 0) throw refuse('name-taken');
  await setContents(context.db, id, contents, []);
  context.record({
    type: 'access-role.created',
    targetKind: 'access-role',
    targetId: id,
    organizationId: place.organizationId,
    path: place.path,
    after: accessRoleState((await readAccessRole(context.db, id))!),
    because,
  });
  made.accessRoleIds.push(id);
}

async function inviteManager(
  context: Context,
  target: Target,
  who: Pick<Part, 'managerName' | 'managerEmail'>,
  mayPassOn: number | 'same',
  { until }: Answers,
  made: Loaded,
): Promise<void> {
  const email = readEmailAddress(who.managerEmail!);
  if (!email) throw invalid('managerEmail', 'not-an-email-given', { address: who.managerEmail! });
  const { because } = context.require('user.invite', target, 'organization.read');
  const offer = await decideOffer(context, target, {
    entitlementIds: [],
    accessRoleIds: [],
    manager: { adminRoleId: managerRole, entitlements: 'same', mayPassOn, until },
  });
  const [sent] = await sendInvitations(
    context,
    target,
    [{ email, displayName: who.managerName || email.address }],
    {},
    offer,
    because,
  );
  if (!sent?.ok) throw sent!.refusal;
  made.invitationIds.push(sent.invitation.id);
}
