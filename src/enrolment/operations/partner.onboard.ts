import { sql } from 'kysely';
import { z } from 'zod';
import type { EntitlementLimit } from '../../authority/delegation.ts';
import { adminRoleId } from '../../authority/permissions.ts';
import {
  appoint,
  entitlementsInput,
  mayPassOnInput,
  prepare,
  rolePermissions,
  toLimit,
} from '../../delegation/appoint.ts';
import { endSaid, lastDay } from '../../directory/by-day.ts';
import { requireDomains } from '../../directory/domains.ts';
import { description, domain, name, timeZone } from '../../directory/fields.ts';
import {
  addOrganization,
  changeOrganization,
  type OrganizationRow,
  organizationState,
} from '../../directory/store.ts';
import { type Context, operation, userOf } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { instantText } from '../../platform/dates.ts';
import { readEmailAddress } from '../../platform/email-address.ts';
import { invalid } from '../../platform/problems.ts';
import { emailText, personName } from '../fields.ts';
import { asGiver, decideOffer } from '../offer.ts';
import { sendEvents, sendInvitations } from '../send.ts';

const managerRole = adminRoleId('delegated-manager');

export const partnerOnboard = operation({
  name: 'partner.onboard',
  summary:
    'Onboard a partner: its organization, what it may hand out, and an invitation to its first manager.',
  http: 'POST /partners',
  input: z.object({
    name: name.describe('The partner’s name.'),
    managerName: personName.min(1),
    managerEmail: emailText,
    parentId: z.uuid().optional().describe('The organization it stands below; your own when absent.'),
    description: description.optional(),
    timeZone: timeZone.optional(),
    domains: z.array(domain).max(100).default([]).describe('Mail domains of its people.'),
    entitlements: entitlementsInput
      .optional()
      .describe(
        'What the partner may hand out. When absent: the applications that there are now, and none that is registered later.',
      ),
    adminRoleId: z.uuid().default(managerRole).describe('What the manager may do: an admin role.'),
    mayPassOn: mayPassOnInput
      .default('same')
      .describe('How many levels of managers may follow below the first one.'),
    until: instantText.optional().describe('When all of it ends; absent, as `lastDay`: as long as your own.'),
    lastDay: lastDay.optional(),
    message: z.string().trim().max(2000).optional().describe('Stands in the mail to the manager.'),
  }),
  output: z.object({
    organizationId: z.uuid(),
    delegationId: z.uuid().describe('What the partner may hand out.'),
    invitationId: z.uuid(),
  }),
  needs: { permission: 'organization.create', within: 'reach' },
  effect: 'changing',
  events: ['organization.created', 'delegation.created', ...sendEvents],
  run: async (context, input) => {
    const email = readEmailAddress(input.managerEmail);
    if (!email) throw invalid('managerEmail', 'not-an-email');
    const organization = await addPartner(context, input);
    const target = (await organizationTarget(context.db, organization.id))!;
    const until = await endSaid(context.db, input, organization.id);
    const giver = await asGiver(context);

    const standing = await prepare(giver, {
      target,
      below: true,
      delegate: { kind: 'organization', organizationId: organization.id },
      delegateTarget: undefined,
      adminRoleId: managerRole,
      permissions: await rolePermissions(giver, input.adminRoleId, target.path),
      entitlements: input.entitlements
        ? toLimit(input.entitlements)
        : await applicationsOfNow(context, organization),
      endsAt: until,
      mayPassOn: 'same',
    });
    const { id: delegationId } = await appoint(giver, standing);

    const { because } = context.require('user.invite', target, 'organization.read');
    const offer = await decideOffer(context, target, {
      entitlementIds: [],
      accessRoleIds: [],
      manager: { adminRoleId: input.adminRoleId, entitlements: 'same', mayPassOn: input.mayPassOn, until },
    });
    const manager = { email, displayName: input.managerName };
    const [sent] = await sendInvitations(
      context,
      target,
      [manager],
      { message: input.message },
      offer,
      because,
    );
    if (!sent?.ok) throw sent!.refusal;
    return { organizationId: organization.id, delegationId, invitationId: sent.invitation.id };
  },
});

type NewPartner = {
  name: string;
  parentId?: string | undefined;
  description?: string | undefined;
  timeZone?: string | undefined;
  domains: string[];
};

async function addPartner(context: Context, input: NewPartner): Promise<OrganizationRow> {
  const parentId = input.parentId ?? userOf(context)?.organizationId ?? (await topmost(context));
  const parent = parentId ? await organizationTarget(context.db, parentId) : undefined;
  const { because } = context.require('organization.create', parent, 'organization.read');
  const added = await addOrganization(context.db, { ...input, parentId: parentId! });
  const row = { ...added, domains: [...new Set(input.domains)].sort() };
  if (row.domains.length > 0) {
    await requireDomains(context, added, row.domains);
    await changeOrganization(context.db, row);
  }
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
  return row;
}

/** The operator's own command names no organization of its own. */
async function topmost(context: Context): Promise<string | undefined> {
  if (context.actor.kind !== 'operator' && context.actor.kind !== 'system') return undefined;
  const { rows } = await sql<{ id: string }>`select id from organization where parent_id is null`.execute(
    context.db,
  );
  return rows[0]?.id;
}

/**
 * The live applications at or above the partner, as far as the giver may hand them out. Not "all", which would
 * open every application of tomorrow to every partner of today.
 */
async function applicationsOfNow(
  context: Context,
  { path }: OrganizationRow,
): Promise<EntitlementLimit | 'same'> {
  const all = context.facts.held.some((link) =>
    [link, ...link.chain.flatMap((id) => context.facts.links.get(id) ?? [])].every(
      (one) => one.entitlements.all,
    ),
  );
  const instance = context.actor.kind === 'operator' || context.actor.kind === 'system';
  // Whoever was given a list hands out that list at most.
  if (!all && !instance) return 'same';
  const { rows } = await sql<{ id: string }>`
    select a.id from application a join organization o on o.id = a.organization_id
    where a.state = 'active' and o.path = any (path_ancestors(${path})) order by a.id`.execute(context.db);
  return { applications: rows.map(({ id }) => id), entitlements: [] };
}
