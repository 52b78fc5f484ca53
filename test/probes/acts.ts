import { sql } from 'kysely';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { sealedPassword } from '../../src/enrolment/sources/store.ts';
import { newId } from '../../src/platform/ids.ts';
import { makeLinkSecret } from '../../src/platform/one-time-secrets.ts';
import { queuedRow } from '../../src/platform/password-queue.ts';
import { seal } from '../../src/platform/sealing.ts';
import { sealedSettings } from '../../src/provisioning/store.ts';
import type { Step } from '../../src/requests/policy.ts';
import type { Input, OperationName, Output } from '../../src/server/operations.gen.ts';
import type { OrganizationName } from '../harness/world.ts';
import { type ActorName, type Landscape, nameOf, type Things } from './landscape.ts';

/**
 * One long table: what each operation is asked, aimed at the things of one place; and its permitted twin: who may do it there, so that
 * a system that refuses everything fails. An operation that is missing here does not compile.
 */
export type Act<N extends OperationName> = {
  input: (at: Things, landscape: Landscape) => Input<N>;
  twin: {
    by: ActorName;
    at: OrganizationName;
    /** makes the moment that the twin needs: a paused link, a suspended person */
    before?: (landscape: Landscape, at: Things) => Promise<void>;
    /** input that differs from the aimed one, such as a token that works */
    input?: (at: Things, landscape: Landscape) => Input<N>;
    /** what must have come of it, besides not being refused */
    shows?: (output: Output<N>, at: Things, landscape: Landscape) => boolean;
    /** a table that must have been written; reading operations show something instead */
    writes?: string;
  };
  /** Its answer or effect concerns only the caller: what it is aimed at is not an object of somebody's. */
  own?: true;
};

const manager = adminRoleId('delegated-manager');
const south = { by: 'acmeManager', at: 'acmeSouth' } as const;
const byOwner = { by: 'owner', at: 'beta' } as const;
/** The account at hand was given up, and waits for a person. */
const deadLetter = async ({ world }: Landscape, { accountId }: Things): Promise<void> => {
  await sql`update account set dead_at = remit_now(), attempts = 10 where id = ${accountId}`.execute(
    world.services.db,
  );
};
/** The system at hand can be signed in to, as one that is on must be. */
const withSecrets = async ({ world }: Landscape, { provisioningTargetId }: Things): Promise<void> => {
  const sealed = sealedSettings(world.services.config, provisioningTargetId, { token: 'of an act' });
  await sql`update target set sealed = ${sealed} where id = ${provisioningTargetId}`.execute(
    world.services.db,
  );
};
const activeSource = async ({ world }: Landscape, { sourceId }: Things): Promise<void> => {
  await sql`update source set state = 'active' where id = ${sourceId}`.execute(world.services.db);
};
const sourcePassword = async ({ world }: Landscape, { sourceId }: Things): Promise<void> => {
  const sealed = sealedPassword(world.services.config, sourceId, 'of an act');
  await sql`update source set sealed = ${sealed} where id = ${sourceId}`.execute(world.services.db);
};
const has = (value: unknown, ...parts: string[]): boolean =>
  parts.every((part) => JSON.stringify(value).includes(part));

const aReading = { columns: { key: 'key', name: 'name' }, dates: 'iso' as const };

const ofTheDeputy = '00000000-0000-7000-8000-0000000000d1';

/** The peer's deputy, so that there is one to see and to end. */
async function nameDeputy({ world }: Landscape, at: Things): Promise<void> {
  const { people, organizations } = world;
  const scope = [{ places: [{ id: organizations.acme.id, path: 'r.1', below: true }] }];
  await sql`insert into delegation (id, kind, giver_user_id, giver_membership_id, delegate_kind, delegate_user_id, delegate_membership_id,
      permissions, scope, place_paths, entitlements)
    select ${ofTheDeputy}, 'approve', ${people.acmePeer.userId}, ${people.acmePeer.membershipId}, 'user', user_id, id,
      '{request.decide}', ${JSON.stringify(scope)}::jsonb, '{r.1}', '{"all": true}' from membership where id = ${at.membershipId}`.execute(
    world.services.db,
  );
}

let proof = '';
const openRegistration = async (db: Landscape['world']['db'], organizationId: string): Promise<void> => {
  await sql`insert into registration_page (organization_id, open) values (${organizationId}, true)`.execute(
    db,
  );
};
const reportToManager = async ({ world }: Landscape, at: Things): Promise<void> => {
  await sql`update membership set line_manager_id = ${world.people.acmeManager.membershipId} where id = ${at.membershipId}`.execute(
    world.services.db,
  );
};

/** What a file has to begin with to be taken for a PDF. */
const aPdf = Buffer.from('%PDF-1.7').toString('base64');

/** The request of one place, asked by a member of it. */
async function asksItself({ world }: Landscape, at: Things): Promise<void> {
  await sql`update request set requester_id = ${world.people.acmeMember.userId} where id = ${at.requestId}`.execute(
    world.services.db,
  );
}

/** A first password at the system of one place, for a member of it. */
async function firstPassword({ world }: Landscape, at: Things): Promise<void> {
  const { userId } = world.people.acmeMember;
  const sealed = seal(
    world.services.config.secretKeys,
    'queued-password',
    queuedRow(at.provisioningTargetId, userId),
    'First-Password-1',
  );
  await sql`insert into queued_password (target_id, user_id, kind, form, sealed, sent_at, expires_at)
    values (${at.provisioningTargetId}, ${userId}, 'initial', 'clear', ${sealed}, remit_now(), remit_now() + interval '1 day')`.execute(
    world.services.db,
  );
}

/** A step of a policy that asks the person of one place. */
/** What came before the set: given while it was not there. */
async function tooManyTogether({ world }: Landscape, at: Things): Promise<void> {
  const { db } = world.services;
  const stands = (state: string) =>
    sql`update separation set state = ${state} where id = ${at.separationId}`.execute(db);
  await stands('retired');
  await sql`insert into assignment (id, membership_id, entitlement_id, why)
    select gen_random_uuid(), ${at.membershipId}, p.entitlement_id, 'direct' from separation_part p
    where p.separation_id = ${at.separationId} on conflict do nothing`.execute(db);
  await stands('active');
}

const scimUser = 'urn:ietf:params:scim:schemas:core:2.0:User';
const scimGroup = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const patched = (...operations: unknown[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: operations,
});

const inAWeek = (): string => new Date(Date.now() + 7 * 86_400_000).toISOString();

const aStep = (at: Things): Step => ({
  name: 'made by an act',
  approvers: [{ kind: 'people', membershipIds: [at.membershipId] }],
  quorum: 'one',
  due: { hours: 5 },
  remind: [],
  escalation: [],
  atEnd: 'refuse',
});

/** A question of AuthZEN about the person and the organization of one place. */
const asks = (at: Things) => ({
  subject: { type: 'user', id: at.userId },
  action: { name: 'user.read' },
  resource: { type: 'organization', id: at.organizationId },
});

/** The smallest tree that can be taken over. */
const takeOver = {
  'organizations.csv': 'id,parent,name\nsmall,,made by an act\n',
  'users.csv': 'username,displayName,email\nsam,Sam Small,sam.small@example.org\n',
  'memberships.csv': 'user,organization\nsam,small\n',
};
let planned = '';

const suspendPerson = async ({ world }: Landscape, at: Things): Promise<void> => {
  await sql`update membership set state = 'suspended' where id = ${at.membershipId}`.execute(
    world.services.db,
  );
};

export const acts: { [N in OperationName]: Act<N> } = {
  'access-role.create': {
    input: (at, { world }) => ({
      organizationId: at.organizationId,
      name: 'made by an act',
      entitlementIds: [world.entitlements.partsViewer],
    }),
    twin: { ...byOwner, writes: 'access_role_entitlement' },
  },
  'access-role.list': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output, at) => has(output, at.accessRoleId) },
  },
  'access-role.retire': {
    input: (at) => ({ accessRoleId: at.accessRoleId }),
    twin: { ...byOwner, writes: 'access_role' },
  },
  'access-role.update': {
    input: (at, { world }) => ({
      accessRoleId: at.accessRoleId,
      name: 'renamed by an act',
      entitlementIds: [world.entitlements.partsBuyer],
    }),
    twin: { ...byOwner, writes: 'access_role_entitlement' },
  },
  'access-rule.create': {
    input: (at, { world }) => ({
      organizationId: at.organizationId,
      name: 'made by an act',
      inOrganizationId: at.organizationId,
      exceptMembershipIds: [at.membershipId],
      entitlementId: world.entitlements.partsViewer,
    }),
    twin: { ...south, writes: 'access_rule' },
  },
  'access-rule.end': {
    input: (at) => ({ accessRuleId: at.accessRuleId }),
    twin: { ...south, writes: 'access_rule' },
  },
  'access-rule.list': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output, at) => has(output, at.accessRuleId) },
  },
  'access-rule.pause': {
    input: (at) => ({ accessRuleId: at.accessRuleId }),
    twin: { ...south, writes: 'access_rule' },
  },
  'access-rule.read': {
    input: (at) => ({ accessRuleId: at.accessRuleId }),
    twin: { ...south, shows: (output) => has(output, nameOf('acmeSouth', 'rule')) },
  },
  'access-rule.resume': {
    input: (at) => ({ accessRuleId: at.accessRuleId }),
    twin: {
      ...south,
      before: async ({ world }, at) => {
        await sql`update access_rule set state = 'paused' where id = ${at.accessRuleId}`.execute(
          world.services.db,
        );
      },
      writes: 'access_rule',
    },
  },
  'access-rule.try': {
    input: (at, { world }) => ({
      organizationId: at.organizationId,
      title: 'nobody has this',
      groupId: at.groupId,
      entitlementId: world.entitlements.partsViewer,
    }),
    twin: { ...south, shows: (output) => has(output, '"count":0') },
  },
  'access-rule.update': {
    input: (at) => ({ accessRuleId: at.accessRuleId, title: 'nobody has this' }),
    twin: { ...south, writes: 'access_rule' },
  },
  'access.mine': {
    input: () => ({}),
    twin: {
      by: 'acmeMember',
      at: 'acme',
      before: async ({ world }) => {
        await sql`insert into assignment (id, membership_id, entitlement_id, why)
          values (gen_random_uuid(), ${world.people.acmeMember.membershipId}, ${world.entitlements.partsViewer}, 'direct')`.execute(
          world.services.db,
        );
      },
      shows: (output, _, { world }) => has(output, world.entitlements.partsViewer),
    },
    own: true,
  },
  'access.of': {
    input: (at) => ({ membershipId: at.membershipId }),
    twin: { ...south, shows: (output, _, { world }) => has(output, world.entitlements.partsViewer) },
  },
  'admin-role.create': {
    input: (at) => ({
      organizationId: at.organizationId,
      name: 'made by an act',
      permissions: ['user.read', 'user.invite'],
    }),
    twin: { ...south, writes: 'admin_role' },
  },
  'account.ask': {
    input: (at) => ({ organizationId: at.organizationId, email: 'somebody.new@example.org' }),
    twin: { ...south, writes: 'request' },
  },
  'acting.on-me': {
    input: () => ({}),
    twin: { by: 'acmeMember', at: 'acme', shows: (output) => has(output, 'record that somebody leaves') },
    own: true,
  },
  'admin-role.list': {
    input: () => ({}),
    twin: { ...south, shows: (output) => has(output, manager) },
    own: true,
  },
  'admin-role.retire': {
    input: (at) => ({ adminRoleId: at.adminRoleId }),
    twin: { ...south, writes: 'admin_role' },
  },
  'admin-role.update': {
    input: (at) => ({ adminRoleId: at.adminRoleId, name: 'renamed by an act', permissions: ['user.read'] }),
    twin: { ...south, writes: 'admin_role' },
  },
  'application.add-role': {
    input: (at) => ({ applicationId: at.applicationId, key: 'added', name: 'added' }),
    twin: { ...byOwner, writes: 'entitlement' },
  },
  'application.list': {
    input: () => ({}),
    twin: { ...byOwner, shows: (output, at) => has(output, at.applicationId) },
  },
  'application.read': {
    input: (at) => ({ applicationId: at.applicationId }),
    twin: { ...south, shows: (output, at) => has(output, at.applicationId, at.entitlementId) },
  },
  'application.register': {
    input: (at) => ({
      organizationId: at.organizationId,
      key: 'made-by-an-act',
      name: 'made by an act',
      redirectUris: ['http://127.0.0.1:9/made'],
      roles: [{ key: 'user', name: 'user' }],
    }),
    twin: { ...byOwner, writes: 'application' },
  },
  'application.retire': {
    input: (at) => ({ applicationId: at.applicationId }),
    twin: { ...byOwner, writes: 'application' },
  },
  'application.update': {
    input: (at) => ({ applicationId: at.applicationId, name: 'renamed by an act' }),
    twin: { ...byOwner, writes: 'application' },
  },
  'arrangement.list': {
    input: () => ({}),
    twin: { by: 'acmeMember', at: 'acme', shows: (output) => has(output, 'franchise') },
    own: true,
  },
  'arrangement.load': {
    input: (at, { world }) => ({
      key: 'partner-with-branches',
      parentId: at.organizationId,
      name: 'made by an act',
      managerName: 'Somebody New',
      managerEmail: 'somebody.new@example.org',
      parts: [{ name: 'a branch of it' }],
      applicationIds: [world.applications.parts],
      everydayEntitlementIds: [world.entitlements.partsViewer],
    }),
    twin: { ...byOwner, writes: 'invitation' },
  },
  'approval-policy.create': {
    input: (at) => ({
      organizationId: at.organizationId,
      name: 'made by an act',
      applies: {},
      steps: [aStep(at)],
    }),
    twin: { ...south, writes: 'approval_policy' },
  },
  'approval-policy.list': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output, at) => has(output, at.policyId) },
  },
  'approval-policy.retire': {
    input: (at) => ({ policyId: at.policyId }),
    twin: { ...south, writes: 'approval_policy' },
  },
  'approval-policy.try': {
    input: (at) => ({
      organizationId: at.organizationId,
      policyId: at.policyId,
      applies: {},
      steps: [aStep(at)],
      requestId: at.requestId,
    }),
    twin: { ...south, shows: (output) => has(output, 'nobodyActs', 'made by an act') },
  },
  'approval-policy.update': {
    input: (at) => ({ policyId: at.policyId, name: 'renamed by an act', steps: [aStep(at)] }),
    twin: { ...south, writes: 'approval_policy' },
  },
  'assignment.end': {
    input: (at) => ({ assignmentId: at.assignmentId }),
    twin: { ...south, writes: 'assignment' },
  },
  'assignment.end-many': {
    input: (at) => ({ assignmentIds: [at.assignmentId] }),
    twin: { ...south, writes: 'assignment' },
  },
  'assignment.grant': {
    input: (at, { world }) => ({
      membershipIds: [at.membershipId],
      entitlementIds: [world.entitlements.partsBuyer],
      accessRoleIds: [],
    }),
    twin: { ...south, writes: 'assignment' },
  },
  'assignment.list': {
    input: (at) => ({ membershipId: at.membershipId }),
    twin: { ...south, shows: (output, at) => has(output, at.assignmentId) },
  },
  'assignment.undo': {
    input: (at) => ({ assignmentIds: [at.assignmentId] }),
    twin: {
      ...south,
      before: async ({ world }, at) => {
        await world.as('acmeManager', 'assignment.end', { assignmentId: at.assignmentId });
      },
      writes: 'assignment',
    },
  },
  'attribute.define': {
    input: (at) => ({ organizationId: at.organizationId, key: 'made_by_act', label: 'made', kind: 'text' }),
    twin: { ...south, writes: 'attribute_definition' },
  },
  'attribute.list': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output) => has(output, nameOf('acmeSouth', 'attribute')) },
  },
  'attribute.remove': {
    input: (at) => ({ organizationId: at.organizationId, key: 'badge_acmesouth' }),
    twin: { ...south, writes: 'attribute_definition' },
  },
  'attention.list': {
    input: () => ({ kind: 'never-signed-in' }),
    twin: {
      by: 'owner',
      at: 'acme',
      shows: (output) => has(output, nameOf('acme', 'organization')),
    },
  },
  'calendar.read': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output) => has(output, '09:00') },
  },
  'calendar.update': {
    input: (at) => ({
      organizationId: at.organizationId,
      hours: { days: [1, 2, 3], from: '10:00', until: '12:00', holidays: ['2026-12-25'] },
    }),
    twin: { ...south, writes: 'calendar' },
  },
  'change.preview': {
    input: (at) => ({ operation: 'delegation.end', input: { delegationId: at.delegationId } }),
    twin: {
      ...south,
      shows: (output) => output.counts.loses.people > 0 && has(output, nameOf('acmeSouth', 'organization')),
    },
  },
  'client.create': {
    input: (at) => ({
      organizationId: at.organizationId,
      name: 'made by an act',
      permissions: ['user.read'],
    }),
    twin: { ...south, writes: 'delegation' },
  },
  'client.end': {
    input: (at) => ({ clientId: at.clientId }),
    twin: { ...south, writes: 'client' },
  },
  'client.list': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output, at) => has(output, at.clientId) },
  },
  'client.rotate': {
    input: (at) => ({ clientId: at.clientId }),
    twin: { ...south, writes: 'client' },
  },
  'code.redeem': {
    input: (at) => ({
      organization: at.organizationId,
      userName: 'nobody',
      code: 'AAAA-BBBB-CCCC',
      password: 'another long sentence',
    }),
    twin: {
      by: 'stranger',
      at: 'acmeSouth',
      input: (_, { codeUser, tokens }) => ({
        organization: codeUser.organizationId,
        userName: codeUser.userName,
        code: tokens.code,
        password: 'another long sentence',
      }),
      writes: 'credential',
    },
    own: true,
  },
  'credential.recover': {
    input: (at) => ({ membershipId: at.membershipId }),
    twin: { ...south, writes: 'event' },
  },
  'credential.reset': {
    input: (at) => ({ membershipId: at.membershipId }),
    twin: { ...south, writes: 'one_time_secret' },
  },
  'decision.at': {
    input: (at, { world }) => ({
      membershipId: at.membershipId,
      permission: 'access.grant',
      targetMembershipId: at.membershipId,
      entitlementId: world.entitlements.partsViewer,
      at: new Date(Date.now() - 3_600_000).toISOString(),
    }),
    twin: {
      ...south,
      input: (at) => ({
        membershipId: at.membershipId,
        permission: 'user.read',
        organizationId: at.organizationId,
        at: new Date(Date.now() - 3_600_000).toISOString(),
      }),
      shows: (output) => has(output, 'could not see people', nameOf('acmeSouth', 'organization')),
    },
  },
  'decision.describe': {
    input: () => ({}),
    twin: { by: 'stranger', at: 'beta', shows: (output) => has(output, '/access/v1/evaluation') },
  },
  'decision.evaluate': {
    input: (at) => asks(at),
    twin: { ...byOwner, shows: (output) => has(output, '"decision":false') },
  },
  'decision.evaluate-many': {
    input: (at) => ({ evaluations: [asks(at), { ...asks(at), action: { name: 'organization.read' } }] }),
    twin: { ...byOwner, shows: (output) => has(output, '"evaluations":[{"decision":false}') },
  },
  'decision.explain': {
    input: (at, { world }) => ({
      permission: 'access.grant',
      organizationId: at.organizationId,
      membershipId: at.membershipId,
      entitlementId: world.entitlements.partsViewer,
    }),
    twin: { ...south, shows: (output) => output.effect === 'permit' },
  },
  'decision.search-actions': {
    input: (at) => ({ subject: asks(at).subject, resource: asks(at).resource }),
    twin: { ...byOwner, writes: 'event' },
  },
  'decision.search-resources': {
    input: (at) => ({ ...asks(at), resource: { type: 'membership' } }),
    twin: { ...byOwner, writes: 'event' },
  },
  'decision.search-subjects': {
    input: (at) => ({ ...asks(at), subject: { type: 'user' } }),
    twin: {
      ...byOwner,
      writes: 'event',
      shows: (output, _, { world }) => has(output, world.people.owner.userId),
    },
  },
  'delegation.ask': {
    input: (at) => ({
      membershipId: at.membershipId,
      organizationId: at.organizationId,
      adminRoleId: manager,
      until: '2999-01-01T00:00:00Z',
    }),
    twin: { ...south, writes: 'request' },
  },
  'delegation.create': {
    input: (at, { world }) => ({
      organizationId: at.organizationId,
      delegate: { membershipId: at.membershipId },
      adminRoleId: manager,
      entitlements: {
        applicationIds: [world.applications.parts],
        entitlementIds: [world.entitlements.partsViewer],
      },
    }),
    twin: { ...south, writes: 'delegation' },
  },
  'delegation.end': {
    input: (at) => ({ delegationId: at.delegationId }),
    twin: { ...south, writes: 'delegation' },
  },
  'delegation.hand-over': {
    input: (at) => ({ delegationId: at.vacantDelegationId, membershipId: at.membershipId }),
    twin: { ...south, writes: 'delegation' },
  },
  'delegation.list': {
    input: (at) => ({ organizationId: at.organizationId, below: true }),
    twin: { ...south, shows: (output, at) => has(output, at.delegationId) },
  },
  'delegation.mine': {
    input: () => ({}),
    twin: { ...south, shows: (output, _, { world }) => has(output, world.delegations.acmeManager) },
    own: true,
  },
  'delegation.narrow': {
    input: (at, { world }) => ({
      delegationId: at.delegationId,
      entitlements: { applicationIds: [], entitlementIds: [world.entitlements.partsViewer] },
    }),
    twin: { ...south, writes: 'delegation' },
  },
  'delegation.pause': {
    input: (at) => ({ delegationId: at.delegationId }),
    twin: { ...south, writes: 'delegation' },
  },
  'delegation.preview': {
    input: (at) => ({
      organizationId: at.organizationId,
      delegate: { membershipId: at.membershipId },
      adminRoleId: manager,
    }),
    twin: { ...south, shows: (output) => has(output, nameOf('acmeSouth', 'organization')) },
  },
  'delegation.read': {
    input: (at) => ({ delegationId: at.delegationId }),
    twin: { ...south, shows: (output, at) => has(output, at.delegationId) },
  },
  'delegation.receipt': {
    input: (at) => ({ delegationId: at.delegationId }),
    twin: {
      ...south,
      before: async ({ world }, at) => {
        await sql`insert into receipt (id, at, operation, roots) values (${newId()}, remit_now(), 'delegation.end',
          ${[at.delegationId]}::uuid[])`.execute(world.services.db);
      },
      shows: (output, at) => has(output, at.delegationId),
    },
  },
  'delegation.resign': {
    input: (at) => ({ delegationId: at.delegationId }),
    twin: {
      by: 'acmePeer',
      at: 'acme',
      input: (_, { world }) => ({ delegationId: world.delegations.acmePeer }),
      writes: 'delegation',
    },
  },
  'delegation.resume': {
    input: (at) => ({ delegationId: at.delegationId }),
    twin: {
      ...south,
      before: async ({ world }, at) => {
        await world.as('acmeManager', 'delegation.pause', { delegationId: at.delegationId });
      },
      writes: 'delegation',
    },
  },
  'delegation.take-back': {
    input: (at) => ({ membershipId: at.membershipId, since: '2000-01-01T00:00:00Z' }),
    twin: {
      by: 'owner',
      at: 'acme',
      input: (_, { world }) => ({
        membershipId: world.people.acmeManager.membershipId,
        since: '2000-01-01T00:00:00Z',
      }),
      writes: 'delegation',
    },
  },
  'delegation.take-back-preview': {
    input: (at) => ({ membershipId: at.membershipId, since: '2000-01-01T00:00:00Z' }),
    twin: {
      by: 'owner',
      at: 'acme',
      input: (_, { world }) => ({
        membershipId: world.people.acmeManager.membershipId,
        since: '2000-01-01T00:00:00Z',
      }),
      shows: (output, _, { world }) => has(output.ends, world.delegations.northManager),
    },
  },
  'delegation.vacant': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output, at) => has(output, at.vacantDelegationId) },
  },
  'deputy.create': {
    input: (at) => ({ membershipId: at.membershipId, until: '2999-01-01T00:00:00Z' }),
    twin: { ...south, writes: 'delegation' },
  },
  'deputy.end': {
    input: (at) => ({ delegationId: at.delegationId }),
    twin: {
      by: 'acmePeer',
      at: 'acme',
      before: nameDeputy,
      input: () => ({ delegationId: ofTheDeputy }),
      writes: 'delegation',
    },
  },
  'deputy.list': {
    input: () => ({}),
    twin: { by: 'acmePeer', at: 'acme', before: nameDeputy, shows: (output) => has(output, ofTheDeputy) },
    own: true,
  },
  'ending.ask': {
    input: (at) => ({ assignmentId: at.assignmentId }),
    twin: { ...south, writes: 'request' },
  },
  'ending.list': {
    input: () => ({ days: 366 }),
    twin: { ...south, shows: (output) => has(output, 'invitation') },
  },
  'entitlement.grantable': {
    input: (at) => ({ organizationId: at.organizationId, membershipId: at.membershipId }),
    twin: { ...south, shows: (output, _, { world }) => has(output, world.entitlements.partsBuyer) },
  },
  'entitlement.retire': {
    input: (at) => ({ entitlementId: at.entitlementId }),
    twin: { ...byOwner, writes: 'entitlement' },
  },
  'entitlement.update': {
    input: (at) => ({ entitlementId: at.entitlementId, risk: 'high' as const }),
    twin: { ...byOwner, writes: 'entitlement' },
  },
  'event.export': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output, at) => has(output, at.eventId) || has(output, 'canary-acmesouth') },
  },
  'event.export-json': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output, at) => has(output, at.eventId) },
  },
  'event.list': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output, at) => has(output, at.eventId) },
  },
  'event.mine': {
    input: () => ({}),
    twin: {
      ...south,
      before: async ({ world }, at) => {
        await world.as('acmeManager', 'membership.update', { membershipId: at.membershipId, title: 'new' });
      },
      shows: (output) => has(output, 'membership.updated'),
    },
    own: true,
  },
  'event.read': {
    input: (at) => ({ eventId: at.eventId }),
    twin: { ...south, shows: (output, at) => has(output, at.eventId) },
  },
  'extension.ask': {
    input: (at) => ({ assignmentId: at.assignmentId, until: '2999-01-01T00:00:00Z' }),
    twin: {
      ...south,
      before: async ({ world }, at) => {
        await sql`update assignment set ends_at = '2998-01-01' where id = ${at.assignmentId}`.execute(
          world.services.db,
        );
      },
      writes: 'request',
    },
  },
  'exception.create': {
    input: (at) => ({
      organizationId: at.organizationId,
      permissions: ['user.invite'],
      reason: 'made by an act',
    }),
    twin: { ...byOwner, writes: 'exception' },
  },
  'exception.lift': {
    input: (at) => ({ exceptionId: at.exceptionId }),
    twin: { ...byOwner, writes: 'exception' },
  },
  'exception.list': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output, at) => has(output, at.exceptionId) },
  },
  'group.add-members': {
    input: (at) => ({ groupId: at.groupId, membershipIds: [at.membershipId] }),
    twin: {
      ...south,
      before: async ({ world }, at) => {
        await sql`delete from group_member where group_id = ${at.groupId}`.execute(world.services.db);
      },
      writes: 'group_member',
    },
  },
  'group.create': {
    input: (at) => ({ organizationId: at.organizationId, name: 'made by an act' }),
    twin: { ...south, writes: 'people_group' },
  },
  'group.end': {
    input: (at) => ({ groupId: at.groupId }),
    twin: { ...south, writes: 'people_group' },
  },
  'group.list': {
    input: (at) => ({ organizationId: at.organizationId, forOrganizationId: at.organizationId }),
    twin: { ...south, shows: (output, at) => has(output, at.groupId) },
  },
  'group.read': {
    input: (at) => ({ groupId: at.groupId }),
    twin: { ...south, shows: (output, at) => has(output, at.membershipId) },
  },
  'group.remove-members': {
    input: (at) => ({ groupId: at.groupId, membershipIds: [at.membershipId] }),
    twin: { ...south, writes: 'group_member' },
  },
  'group.update': {
    input: (at) => ({ groupId: at.groupId, name: 'renamed by an act' }),
    twin: { ...south, writes: 'people_group' },
  },
  'home.read': {
    input: () => ({}),
    twin: { ...south, shows: (output) => has(output, 'request') },
    own: true,
  },
  'import-mapping.create': {
    input: (at) => ({ organizationId: at.organizationId, name: 'made by an act', reading: aReading }),
    twin: { ...south, writes: 'import_mapping' },
  },
  'import-mapping.list': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output, at) => has(output, at.importMappingId) },
  },
  'import-mapping.retire': {
    input: (at) => ({ importMappingId: at.importMappingId }),
    twin: { ...south, writes: 'import_mapping' },
  },
  'import-mapping.update': {
    input: (at) => ({ importMappingId: at.importMappingId, name: 'renamed by an act' }),
    twin: { ...south, writes: 'import_mapping' },
  },
  'import.apply': {
    input: (at) => ({ organizationId: at.organizationId, files: takeOver, planHash: 'no such plan' }),
    twin: {
      ...byOwner,
      before: async ({ world }, at) => {
        const input = { organizationId: at.organizationId, files: takeOver };
        planned = (await world.as('owner', 'import.plan', input)).planHash ?? '';
      },
      input: (at) => ({ organizationId: at.organizationId, files: takeOver, planHash: planned }),
      writes: 'import_run',
    },
  },
  'import.plan': {
    input: (at) => ({ organizationId: at.organizationId, files: takeOver }),
    twin: { ...byOwner, shows: (output) => output.ok && !output.nothingToDo },
  },
  'import.read': {
    input: (at) => ({ importId: at.importId }),
    twin: { ...byOwner, shows: (output, at) => has(output, at.importId) },
  },
  'initial-password.list': {
    input: () => ({}),
    twin: {
      by: 'acmeMember',
      at: 'acme',
      before: firstPassword,
      shows: (output, at) => has(output, at.provisioningTargetId),
    },
    own: true,
  },
  'initial-password.take': {
    input: (at) => ({ provisioningTargetId: at.provisioningTargetId }),
    twin: { by: 'acmeMember', at: 'acme', before: firstPassword, writes: 'queued_password' },
  },
  'invitation.accept': {
    input: () => ({ token: 'no such token', displayName: 'somebody', password: 'another long sentence' }),
    twin: {
      by: 'stranger',
      at: 'acmeSouth',
      input: (_, { tokens }) => ({
        token: tokens.invitation,
        displayName: 'somebody',
        password: 'another long sentence',
      }),
      writes: 'membership',
    },
    own: true,
  },
  'invitation.ask-again': {
    input: () => ({ token: 'no such token' }),
    twin: {
      by: 'stranger',
      at: 'acmeSouth',
      before: async ({ world }, at) => {
        await sql`update invitation set expires_at = remit_now() - interval '1 hour' where id = ${at.invitationId}`.execute(
          world.services.db,
        );
      },
      input: (_, { tokens }) => ({ token: tokens.invitation }),
      writes: 'invitation',
    },
    own: true,
  },
  'invitation.check': {
    input: (at) => ({ organizationId: at.organizationId, text: 'Somebody New <somebody.new@example.org>' }),
    twin: { ...south, shows: (output) => has(output, 'will-invite') },
  },
  'invitation.create': {
    input: (at, { world }) => ({
      organizationId: at.organizationId,
      people: [{ email: 'somebody.new@example.org', displayName: 'Somebody New' }],
      entitlementIds: [world.entitlements.partsViewer],
      accessRoleIds: [],
      manager: {
        adminRoleId: manager,
        entitlements: { applicationIds: [world.applications.parts], entitlementIds: [] },
        mayPassOn: 0,
      },
    }),
    twin: { ...south, writes: 'invitation' },
  },
  'invitation.list': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output, at) => has(output, at.invitationId) },
  },
  'invitation.look-up': {
    input: () => ({ token: 'no such token' }),
    twin: {
      by: 'stranger',
      at: 'acmeSouth',
      input: (_, { tokens }) => ({ token: tokens.invitation }),
      shows: (output) => has(output, nameOf('acmeSouth', 'organization')),
    },
    own: true,
  },
  'invitation.read': {
    input: (at) => ({ invitationId: at.invitationId }),
    twin: { ...south, shows: (output, at) => has(output, at.invitationId) },
  },
  'invitation.readdress': {
    input: (at) => ({ invitationId: at.invitationId, email: 'other.address@example.org' }),
    twin: { ...south, writes: 'invitation' },
  },
  'invitation.resend': {
    input: (at) => ({ invitationId: at.invitationId }),
    twin: { ...south, writes: 'invitation' },
  },
  'invitation.revoke': {
    input: (at) => ({ invitationId: at.invitationId }),
    twin: { ...south, writes: 'invitation' },
  },
  'last-day.ask': {
    input: (at) => ({ membershipId: at.membershipId, lastDay: '2999-01-01' }),
    twin: {
      ...south,
      before: async ({ world }, at) => {
        await sql`update membership set last_day = '2998-01-01', ends_at = '2998-01-02' where id = ${at.membershipId}`.execute(
          world.services.db,
        );
      },
      writes: 'request',
    },
  },
  'map.read': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: {
      by: 'acmeManager',
      at: 'acme',
      shows: (output) => has(output, nameOf('acme', 'organization'), nameOf('acmeSouth', 'organization')),
    },
  },
  'me.read': {
    input: () => ({}),
    twin: { by: 'acmeMember', at: 'acme', shows: (output) => has(output, 'acmemember') },
    own: true,
  },
  'me.update': {
    input: () => ({ displayName: 'A new name', language: 'en' }),
    twin: { by: 'acmeMember', at: 'acme', writes: 'app_user' },
    own: true,
  },
  'membership.delegations': {
    input: (at) => ({ membershipId: at.membershipId }),
    twin: {
      by: 'owner',
      at: 'acme',
      input: (_, { world }) => ({ membershipId: world.people.acmePeer.membershipId }),
      shows: (output, _, { world }) => has(output, world.delegations.acmePeer),
    },
  },
  'membership.end': {
    input: (at) => ({ membershipId: at.membershipId }),
    twin: { ...south, writes: 'membership' },
  },
  'membership.end-preview': {
    input: (at) => ({ membershipId: at.membershipId }),
    twin: { ...south, shows: (output) => has(output, 'parts') },
  },
  'membership.invite': {
    input: (at) => ({ membershipIds: [at.membershipId] }),
    twin: { ...south, writes: 'invitation' },
  },
  'membership.read': {
    input: (at) => ({ membershipId: at.membershipId }),
    twin: { ...south, shows: (output, at) => has(output, at.membershipId, nameOf('acmeSouth', 'person')) },
  },
  'membership.resume': {
    input: (at) => ({ membershipId: at.membershipId }),
    twin: { ...south, before: suspendPerson, writes: 'membership' },
  },
  'membership.move': {
    input: (at, { world }) => ({
      membershipId: at.membershipId,
      organizationId: world.organizations.acmeNorth.id,
    }),
    twin: { ...south, writes: 'membership' },
  },
  'membership.extend': {
    input: (at) => ({ membershipId: at.membershipId, lastDay: '2999-01-01' }),
    twin: {
      ...south,
      before: async ({ world }, at) => {
        await sql`update membership set last_day = '2998-01-01', ends_at = '2998-01-02' where id = ${at.membershipId}`.execute(
          world.services.db,
        );
      },
      writes: 'membership',
    },
  },
  'last-day-notice.read': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output) => has(output, '30') },
  },
  'last-day-notice.update': {
    input: (at) => ({ organizationId: at.organizationId, days: [60, 14] }),
    twin: { ...south, writes: 'last_day_notice' },
  },
  'membership.left-behind': {
    input: (at) => ({ membershipId: at.membershipId }),
    twin: {
      ...south,
      before: async ({ world }, at) => {
        await sql`update membership set line_manager_id = ${at.membershipId} where id = ${world.people.acmePeer.membershipId}`.execute(
          world.services.db,
        );
      },
      shows: (output) => has(output, 'report'),
    },
  },
  'membership.name-successor': {
    input: (at, { world }) => ({
      membershipId: at.membershipId,
      successorId: world.people.acmeMember.membershipId,
    }),
    twin: { ...south, writes: 'succession' },
  },
  'membership.suspend': {
    input: (at) => ({ membershipId: at.membershipId }),
    twin: { ...south, writes: 'membership' },
  },
  'membership.update': {
    input: (at) => ({ membershipId: at.membershipId, title: 'a new title' }),
    twin: {
      ...south,
      input: (at, { world }) => ({
        membershipId: at.membershipId,
        title: 'a new title',
        lineManagerId: world.people.southMember.membershipId,
      }),
      writes: 'membership',
    },
  },
  'notice-preferences.read': {
    input: () => ({}),
    twin: { by: 'acmeMember', at: 'acme', shows: (output) => has(output, 'dailyHour') },
    own: true,
  },
  'notice-preferences.update': {
    input: () => ({ daily: true, quiet: { from: '22:00', until: '07:00' } }),
    twin: { by: 'acmeMember', at: 'acme', writes: 'notice_preference' },
    own: true,
  },
  'organization.ask': {
    input: (at) => ({ parentId: at.organizationId, name: 'asked for by an act' }),
    twin: { ...south, writes: 'request' },
  },
  'organization.close': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...byOwner, writes: 'organization' },
  },
  'organization.create': {
    input: (at) => ({ parentId: at.organizationId, name: 'made by an act' }),
    twin: { ...south, writes: 'organization' },
  },
  'organization.export': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: {
      ...south,
      shows: (output) => has(output, nameOf('acmeSouth', 'organization'), nameOf('acmeSouth', 'person')),
    },
  },
  'organization.list': {
    input: (at) => ({ parentId: at.organizationId }),
    twin: {
      by: 'acmeManager',
      at: 'acme',
      shows: (output) => has(output, nameOf('acmeSouth', 'organization')),
    },
  },
  'organization.merge': {
    input: (at) => ({ organizationId: at.organizationId, intoId: at.organizationId }),
    twin: {
      ...byOwner,
      input: (at, { world }) => ({
        organizationId: at.organizationId,
        intoId: world.organizations.acme2.id,
      }),
      writes: 'organization',
    },
  },
  'organization.move': {
    input: (at) => ({ organizationId: at.organizationId, parentId: at.organizationId }),
    twin: {
      ...byOwner,
      input: (at, { world }) => ({
        organizationId: at.organizationId,
        parentId: world.organizations.acme2.id,
      }),
      writes: 'former_place',
    },
  },
  'organization.move-preview': {
    input: (at) => ({ organizationId: at.organizationId, parentId: at.organizationId }),
    twin: {
      by: 'owner',
      at: 'acmeNorth',
      input: (at, { world }) => ({
        organizationId: at.organizationId,
        parentId: world.organizations.acme2.id,
      }),
      shows: (output) => has(output, 'given-again'),
    },
  },
  'organization.read': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output) => has(output, nameOf('acmeSouth', 'organization')) },
  },
  'organization.resume': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: {
      ...south,
      before: async ({ world }, at) => {
        await sql`update organization set state = 'suspended' where id = ${at.organizationId}`.execute(
          world.services.db,
        );
      },
      writes: 'organization',
    },
  },
  'organization.suspend': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, writes: 'organization' },
  },
  'organization.update': {
    input: (at) => ({ organizationId: at.organizationId, name: 'renamed by an act' }),
    twin: { ...south, writes: 'organization' },
  },
  'partner.onboard': {
    input: (at, { world }) => ({
      name: 'made by an act',
      managerName: 'Somebody New',
      managerEmail: 'somebody.new@example.org',
      parentId: at.organizationId,
      entitlements: {
        applicationIds: [world.applications.parts],
        entitlementIds: [world.entitlements.partsViewer],
      },
      adminRoleId: manager,
    }),
    twin: { ...byOwner, writes: 'invitation' },
  },
  'password.change': {
    input: (_, landscape) => ({
      currentPassword: landscape.password,
      newPassword: 'an entirely other sentence',
    }),
    twin: { by: 'acmeMember', at: 'acme', writes: 'credential' },
    own: true,
  },
  'people-import.apply': {
    input: (at) => ({ importId: at.importId, mode: 'rows' }),
    twin: {
      ...south,
      before: async ({ world }, at) => {
        await sql`update people_import set state = 'compared', counts = '{"new": 1, "changed": 0, "same": 0, "problem": 0, "missing": 0}'
          where id = ${at.importId}`.execute(world.services.db);
      },
      writes: 'people_import',
    },
  },
  'people-import.cancel': {
    input: (at) => ({ importId: at.importId }),
    twin: { ...south, writes: 'people_import' },
  },
  'people-import.check': {
    input: (at) => ({ importId: at.importId }),
    twin: { ...south, shows: (output) => has(output, 'headings', 'key') },
  },
  'people-import.create': {
    input: (at) => ({ organizationId: at.organizationId, fileName: 'by-an-act.csv' }),
    twin: { ...south, writes: 'people_import' },
  },
  'people-import.differ': {
    input: (at) => ({ importId: at.importId, reading: aReading }),
    twin: { ...south, writes: 'people_import' },
  },
  'people-import.errors': {
    input: (at) => ({ importId: at.importId }),
    twin: { ...south, shows: (output) => has(output, 'key') },
  },
  'people-import.put-part': {
    input: (at) => ({ importId: at.importId, n: 2, base64: 'YSxiCg==' }),
    twin: { ...south, writes: 'people_import_part' },
  },
  'people-import.read': {
    input: (at) => ({ importId: at.importId, after: 0, afterKey: '', limit: 50 }),
    twin: { ...south, shows: (output, at) => has(output, at.importId) },
  },
  'recovery.complete': {
    input: (_, { tokens }) => ({ token: tokens.spent, password: 'another long sentence' }),
    twin: {
      by: 'stranger',
      at: 'acmeSouth',
      input: (_, { tokens }) => ({ token: tokens.recovery, password: 'another long sentence' }),
      writes: 'credential',
    },
    own: true,
  },
  'recovery.start': {
    input: () => ({ email: 'nobody.at.all@example.org' }),
    twin: {
      by: 'stranger',
      at: 'acmeSouth',
      input: () => ({ email: `${nameOf('acme', 'acmemember')}@example.org` }),
      writes: 'event',
    },
    own: true,
  },
  'registration.confirm': {
    input: () => ({ token: 'no such token' }),
    twin: {
      by: 'stranger',
      at: 'acmeSouth',
      before: async ({ world }, at) => {
        await openRegistration(world.services.db, at.organizationId);
        const id = newId();
        await sql`insert into registration (id, organization_id, email, email_normal, display_name, expires_at)
          values (${id}, ${at.organizationId}, 'new@example.org', 'new@example.org', 'New', remit_now() + interval '1 day')`.execute(
          world.services.db,
        );
        proof = await makeLinkSecret(world.services.db, 'registration', id, 3600);
      },
      input: () => ({ token: proof }),
      writes: 'request',
    },
    own: true,
  },
  'registration.page': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: {
      by: 'stranger',
      at: 'acmeSouth',
      before: ({ world }, at) => openRegistration(world.services.db, at.organizationId),
      shows: (output) => has(output, nameOf('acmeSouth', 'organization')),
    },
  },
  'registration.read': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output, at) => has(output, `/register/${at.organizationId}`) },
  },
  'registration.start': {
    input: (at) => ({ organizationId: at.organizationId, email: 'new@example.org', displayName: 'New' }),
    twin: {
      by: 'stranger',
      at: 'acmeSouth',
      before: ({ world }, at) => openRegistration(world.services.db, at.organizationId),
      writes: 'registration',
    },
  },
  'registration.update': {
    input: (at) => ({ organizationId: at.organizationId, open: true }),
    twin: { ...south, writes: 'registration_page' },
  },
  'report.list': {
    input: () => ({ depth: 'all' }),
    twin: { ...south, before: reportToManager, shows: (output, at) => has(output, at.membershipId) },
    own: true,
  },
  'report.read': {
    input: (at) => ({ membershipId: at.membershipId }),
    twin: { ...south, before: reportToManager, shows: (output, at) => has(output, at.membershipId) },
  },
  'request.answer': {
    input: (at) => ({ requestId: at.requestId, words: 'said by an act' }),
    twin: {
      by: 'acmeMember',
      at: 'acme',
      before: async ({ world }, at) => {
        await sql`update request set requester_id = ${world.people.acmeMember.userId} where id = ${at.requestId}`.execute(
          world.services.db,
        );
      },
      writes: 'request_comment',
    },
  },
  'request.attach': {
    input: (at) => ({ requestId: at.requestId, name: 'plan.pdf', content: aPdf }),
    twin: { by: 'acmeMember', at: 'acme', before: asksItself, writes: 'request_attachment' },
  },
  'request.catalogue': {
    input: (at) => ({ membershipId: at.membershipId }),
    twin: { ...south, shows: (output, _, { world }) => has(output, world.entitlements.partsBuyer) },
  },
  'request.comment': {
    input: (at) => ({ requestId: at.requestId, words: 'said by an act' }),
    twin: { ...south, writes: 'request_comment' },
  },
  'request.create': {
    input: (at, { world }) => ({
      membershipId: at.membershipId,
      entitlementId: world.entitlements.notesAuthor,
    }),
    twin: { ...south, writes: 'request' },
  },
  'request.create-many': {
    input: (at, { world }) => ({
      membershipIds: [at.membershipId],
      entitlementId: world.entitlements.notesAuthor,
    }),
    twin: { ...south, writes: 'request' },
  },
  'request.decide': {
    input: (at) => ({ requestId: at.requestId, approve: true }),
    twin: { ...south, writes: 'assignment' },
  },
  'request.decide-many': {
    input: (at) => ({ requestIds: [at.requestId], approve: true }),
    twin: {
      ...south,
      // what can do harm is decided by itself
      before: async ({ world }, at) => {
        await sql`update entitlement e set risk = 'low' from request q where q.id = ${at.requestId} and e.id = any (q.entitlement_ids)`.execute(
          world.services.db,
        );
      },
      writes: 'assignment',
    },
  },
  'request.kinds': {
    input: () => ({}),
    twin: { ...south, shows: (output) => has(output, 'account', manager) },
    own: true,
  },
  'request.list': {
    input: () => ({ box: 'inbox' }),
    twin: { ...south, shows: (output, at) => has(output, at.requestId) },
    own: true,
  },
  'request.pass-on': {
    input: (at) => ({ requestId: at.requestId, membershipId: at.membershipId }),
    twin: {
      ...south,
      input: (at, { world }) => ({
        requestId: at.requestId,
        membershipId: world.people.acmePeer.membershipId,
      }),
      writes: 'request_comment',
    },
  },
  'request.question': {
    input: (at) => ({ requestId: at.requestId, words: 'asked by an act' }),
    twin: { ...south, writes: 'request_comment' },
  },
  'request.read': {
    input: (at) => ({ requestId: at.requestId }),
    twin: { ...south, shows: (output, at) => has(output, at.requestId) },
  },
  'request.read-attachment': {
    input: (at) => ({ requestId: at.requestId, attachmentId: at.requestId }),
    twin: {
      ...south,
      before: async ({ world }, at) => {
        await sql`insert into request_attachment (id, request_id, name, media_type, content, added_by)
          select id, id, 'plan.pdf', 'application/pdf', decode(${aPdf}, 'base64'), requester_id from request where id = ${at.requestId}`.execute(
          world.services.db,
        );
      },
      shows: (output) => has(output, aPdf),
    },
  },
  'request.undo': {
    input: (at) => ({ requestId: at.requestId }),
    twin: {
      ...south,
      before: async ({ world }, at) => {
        await world.as('acmeManager', 'request.decide', { requestId: at.requestId, approve: true });
      },
      writes: 'request',
    },
  },
  'request.withdraw': {
    input: (at) => ({ requestId: at.requestId }),
    twin: {
      by: 'acmeMember',
      at: 'acme',
      before: async ({ world }, at) => {
        await sql`update request set requester_id = ${world.people.acmeMember.userId} where id = ${at.requestId}`.execute(
          world.services.db,
        );
      },
      writes: 'request',
    },
  },
  'scim-config.read': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output) => has(output, 'oauthbearertoken') },
  },
  'scim-connection.read': {
    input: (at) => ({ clientId: at.clientId }),
    twin: { ...south, shows: (output, at) => has(output, at.clientId) },
  },
  'scim-group.create': {
    input: (at) => ({
      organizationId: at.organizationId,
      body: { schemas: [scimGroup], displayName: 'made by an act' },
    }),
    twin: { ...south, writes: 'people_group' },
  },
  'scim-group.end': {
    input: (at) => ({ organizationId: at.organizationId, groupId: at.groupId }),
    twin: { ...south, writes: 'people_group' },
  },
  'scim-group.list': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output, at) => has(output, at.groupId) },
  },
  'scim-group.read': {
    input: (at) => ({ organizationId: at.organizationId, groupId: at.groupId }),
    twin: { ...south, shows: (output, at) => has(output, at.groupId, at.membershipId) },
  },
  'scim-group.replace': {
    input: (at) => ({
      organizationId: at.organizationId,
      groupId: at.groupId,
      body: {
        schemas: [scimGroup],
        displayName: 'replaced by an act',
        members: [{ value: at.membershipId }],
      },
    }),
    twin: { ...south, writes: 'people_group' },
  },
  'scim-group.search': {
    input: (at) => ({
      organizationId: at.organizationId,
      body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], count: 10 },
    }),
    twin: { ...south, shows: (output, at) => has(output, at.groupId) },
  },
  'scim-group.update': {
    input: (at) => ({
      organizationId: at.organizationId,
      groupId: at.groupId,
      body: patched({ op: 'remove', path: `members[value eq "${at.membershipId}"]` }),
    }),
    twin: { ...south, writes: 'group_member' },
  },
  'scim-schema.list': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output) => has(output, scimGroup) },
  },
  'scim-schema.read': {
    input: (at) => ({ organizationId: at.organizationId, uri: scimUser }),
    twin: { ...south, shows: (output) => has(output, 'userName') },
  },
  'scim-type.list': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output) => has(output, 'User', 'Group') },
  },
  'scim-type.read': {
    input: (at) => ({ organizationId: at.organizationId, name: 'Group' }),
    twin: { ...south, shows: (output) => has(output, scimGroup) },
  },
  'scim-user.create': {
    input: (at) => ({
      organizationId: at.organizationId,
      body: { schemas: [scimUser], userName: 'made.by.an.act', displayName: 'made by an act' },
    }),
    twin: { ...south, writes: 'scim_user' },
  },
  'scim-user.end': {
    input: (at) => ({ organizationId: at.organizationId, membershipId: at.membershipId }),
    twin: { ...south, writes: 'membership' },
  },
  'scim-user.list': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output, at) => has(output, at.membershipId) },
  },
  'scim-user.read': {
    input: (at) => ({ organizationId: at.organizationId, membershipId: at.membershipId }),
    twin: { ...south, shows: (output, at) => has(output, at.membershipId) },
  },
  'scim-user.replace': {
    input: (at) => ({
      organizationId: at.organizationId,
      membershipId: at.membershipId,
      body: { schemas: [scimUser], userName: 'replaced.by.an.act', title: 'replaced by an act' },
    }),
    twin: { ...south, writes: 'scim_user' },
  },
  'scim-user.search': {
    input: (at) => ({
      organizationId: at.organizationId,
      body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], count: 10 },
    }),
    twin: { ...south, shows: (output, at) => has(output, at.membershipId) },
  },
  'scim-user.update': {
    input: (at) => ({
      organizationId: at.organizationId,
      membershipId: at.membershipId,
      body: patched({ op: 'replace', path: 'active', value: false }),
    }),
    twin: { ...south, writes: 'membership' },
  },
  'scim.bulk': {
    input: (at) => ({
      organizationId: at.organizationId,
      body: {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
        Operations: [
          {
            method: 'PATCH',
            path: `/Users/${at.membershipId}`,
            data: patched({ op: 'add', path: 'title', value: 'made by an act' }),
          },
          {
            method: 'POST',
            path: '/Groups',
            bulkId: 'g',
            data: {
              schemas: [scimGroup],
              displayName: 'made in bulk',
              members: [{ value: at.membershipId }],
            },
          },
          { method: 'DELETE', path: `/Groups/${at.groupId}` },
        ],
      },
    }),
    twin: {
      ...south,
      writes: 'people_group',
      shows: (output) => !has(output, 'scimType') && has(output, '"200"', '"201"', '"204"'),
    },
  },
  'separation.create': {
    input: (at, { world }) => ({
      organizationId: at.organizationId,
      name: 'made by an act',
      entitlementIds: [at.entitlementId, world.entitlements.partsViewer],
    }),
    twin: { ...byOwner, writes: 'separation' },
  },
  'separation.except': {
    input: (at) => ({
      separationId: at.separationId,
      membershipId: at.membershipId,
      until: inAWeek(),
      reason: 'made by an act',
    }),
    twin: { ...byOwner, writes: 'separation_exception' },
  },
  'separation.lift': {
    input: (at) => ({ separationExceptionId: at.separationExceptionId }),
    twin: { ...south, writes: 'separation_exception' },
  },
  'separation.list': {
    input: () => ({}),
    twin: { ...south, shows: (output, at) => has(output, at.separationId) },
  },
  'separation.list-conflicts': {
    input: (at) => ({ separationId: at.separationId }),
    twin: {
      ...south,
      before: tooManyTogether,
      shows: (output, at) => has(output, at.separationId),
    },
  },
  'separation.list-exceptions': {
    input: (at) => ({ separationId: at.separationId }),
    twin: { ...south, shows: (output, at) => has(output, at.separationExceptionId) },
  },
  'separation.retire': {
    input: (at) => ({ separationId: at.separationId }),
    twin: { ...byOwner, writes: 'separation' },
  },
  'separation.update': {
    input: (at) => ({ separationId: at.separationId, name: 'renamed by an act' }),
    twin: { ...byOwner, writes: 'separation' },
  },
  'session.create': {
    input: () => ({ email: 'nobody.at.all@example.org', password: 'a wrong sentence' }),
    twin: {
      by: 'stranger',
      at: 'acmeSouth',
      input: (_, landscape) => ({
        email: `${nameOf('acme', 'acmemember')}@example.org`,
        password: landscape.password,
      }),
      writes: 'session',
    },
    own: true,
  },
  'session.end': {
    input: () => ({}),
    twin: { by: 'acmeMember', at: 'acme', writes: 'session' },
    own: true,
  },
  'session.end-one': {
    input: (at) => ({ sessionId: at.sessionId }),
    twin: {
      by: 'acmeMember',
      at: 'acme',
      before: async ({ world }, at) => {
        await sql`update session set user_id = ${world.people.acmeMember.userId} where id = ${at.sessionId}`.execute(
          world.services.db,
        );
      },
      writes: 'session',
    },
  },
  'session.end-others': {
    input: () => ({}),
    twin: {
      by: 'acmeMember',
      at: 'acme',
      before: async ({ world }, at) => {
        await sql`update session set user_id = ${world.people.acmeMember.userId} where id = ${at.sessionId}`.execute(
          world.services.db,
        );
      },
      writes: 'session',
    },
    own: true,
  },
  'session.list': {
    input: () => ({}),
    twin: { by: 'acmeMember', at: 'acme', shows: (output) => has(output, '-') },
    own: true,
  },
  'session.read': {
    input: () => ({}),
    twin: { by: 'acmeMember', at: 'acme', shows: (output) => has(output, 'acmemember') },
    own: true,
  },
  'session.switch': {
    input: (at) => ({ membershipId: at.membershipId }),
    twin: {
      by: 'mixedManager',
      at: 'acmeSouth',
      input: (_, { mixedMembershipId }) => ({ membershipId: mixedMembershipId }),
      writes: 'session',
    },
  },
  'setup.complete': {
    input: () => ({
      token: 'no such token',
      organizationName: 'made by an act',
      displayName: 'Somebody New',
      email: 'somebody.new@example.org',
      password: 'another long sentence',
    }),
    // Works only in an empty instance: test/operations sets one up; here nobody may.
    twin: { by: 'stranger', at: 'root' },
    own: true,
  },
  'user.count': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output) => /[1-9]/.test(JSON.stringify(output)) },
  },
  'user.enrol': {
    input: (at, { world }) => ({
      organizationId: at.organizationId,
      userName: 'made.by.an.act',
      displayName: 'made by an act',
      entitlementIds: [world.entitlements.partsViewer],
      accessRoleIds: [],
    }),
    twin: { ...south, writes: 'app_user' },
  },
  'user.export': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output) => has(output, nameOf('acmeSouth', 'person')) },
  },
  'user.see-as': {
    input: (at) => ({ membershipId: at.membershipId }),
    twin: { ...south, writes: 'event' },
  },
  'user.list': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output, at) => has(output, at.membershipId) },
  },
  'source.create': {
    input: (at) => ({
      organizationId: at.organizationId,
      name: 'made by an act',
      make: 'ldap',
      settings: { host: 'ldap.example.org', account: 'cn=remit,dc=example', security: 'tls', trust: '' },
      base: 'ou=people,dc=example',
      objectClass: 'person',
      columns: { name: 'cn' },
      places: { from: 'map', map: [{ below: 'ou=x,dc=example', organizationId: at.organizationId }] },
      gives: [{ group: 'cn=x,dc=example', groupId: at.groupId }],
      everyMinutes: 60,
      wholeHours: 24,
      brake: { atLeast: 1, share: 0.1 },
    }),
    twin: { ...south, writes: 'source' },
  },
  'source.update': {
    input: (at) => ({ sourceId: at.sourceId, name: 'renamed by an act' }),
    twin: { ...south, writes: 'source' },
  },
  'source.list': {
    input: (at) => ({ organizationId: at.organizationId, membershipId: at.membershipId }),
    twin: { ...south, shows: (output, at) => has(output, at.sourceId) },
  },
  'source.read': {
    input: (at) => ({ sourceId: at.sourceId }),
    twin: { ...south, shows: (output, at) => has(output, at.sourceId) },
  },
  'source.try': {
    input: (at) => ({
      sourceId: at.sourceId,
      places: { from: 'map', map: [{ below: 'ou=x,dc=example', organizationId: at.organizationId }] },
      gives: [{ group: 'cn=x,dc=example', groupId: at.groupId }],
      password: 'of an act',
    }),
    twin: { ...south, before: sourcePassword, shows: (output) => has(output, 'problem') },
  },
  'source.try-new': {
    input: (at) => ({
      organizationId: at.organizationId,
      make: 'ldap',
      // An address that may not be called: nothing is waited for.
      settings: { host: '127.0.0.1', account: 'cn=remit,dc=example', security: 'tls', trust: '' },
      password: 'of an act',
      base: 'ou=people,dc=example',
      objectClass: 'person',
      columns: { name: 'cn' },
      places: { from: 'map', map: [{ below: 'ou=x,dc=example', organizationId: at.organizationId }] },
      gives: [{ group: 'cn=x,dc=example', groupId: at.groupId }],
    }),
    twin: { ...south, shows: (output) => has(output, 'problem') },
  },
  'source.activate': {
    input: (at) => ({ sourceId: at.sourceId }),
    twin: { ...south, before: sourcePassword, writes: 'source' },
  },
  'source.pause': {
    input: (at) => ({ sourceId: at.sourceId }),
    twin: { ...south, before: activeSource, writes: 'source' },
  },
  'source.retire': {
    input: (at) => ({ sourceId: at.sourceId }),
    twin: { ...south, writes: 'source' },
  },
  'source.read-now': {
    input: (at) => ({ sourceId: at.sourceId, changesOnly: false }),
    twin: { ...south, before: activeSource, writes: 'source_run' },
  },
  'source.agree': {
    input: (at) => ({ sourceId: at.sourceId, sourceRunId: at.sourceRunId }),
    twin: { ...south, before: activeSource, writes: 'source_run' },
  },
  'source-run.list': {
    input: (at) => ({ sourceId: at.sourceId }),
    twin: { ...south, shows: (output, at) => has(output, at.sourceRunId) },
  },
  'source-run.read': {
    input: (at) => ({ sourceRunId: at.sourceRunId }),
    twin: { ...south, shows: (output, at) => has(output, at.sourceRunId) },
  },
  'proposal.list': {
    input: (at) => ({ sourceId: at.sourceId, organizationId: at.organizationId }),
    twin: { ...south, shows: (output, at) => has(output, at.proposalId) },
  },
  'proposal.settle': {
    input: (at) => ({ proposalId: at.proposalId, how: 'end' }),
    twin: { ...south, writes: 'proposal' },
  },
  'target.create': {
    input: (at) => ({
      organizationId: at.organizationId,
      name: 'made by an act',
      connector: 'scim',
      settings: { url: 'https://scim.example.org/made-by-an-act' },
      roles: [{ entitlementId: at.entitlementId }],
    }),
    twin: { ...byOwner, writes: 'target_role' },
  },
  'target.list': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...byOwner, shows: (output, at) => has(output, at.provisioningTargetId) },
  },
  'target.read': {
    input: (at) => ({ provisioningTargetId: at.provisioningTargetId }),
    twin: { ...byOwner, shows: (output, at) => has(output, at.provisioningTargetId) },
  },
  'target.update': {
    input: (at) => ({ provisioningTargetId: at.provisioningTargetId, name: 'renamed by an act' }),
    twin: { ...byOwner, before: withSecrets, writes: 'target' },
  },
  'target.activate': {
    input: (at) => ({ provisioningTargetId: at.provisioningTargetId }),
    twin: { ...byOwner, before: withSecrets, writes: 'target' },
  },
  'target.pause': {
    input: (at) => ({ provisioningTargetId: at.provisioningTargetId }),
    twin: {
      ...byOwner,
      before: async ({ world }, at) => {
        await sql`update target set state = 'active' where id = ${at.provisioningTargetId}`.execute(
          world.services.db,
        );
      },
      writes: 'target',
    },
  },
  'target.retire': {
    input: (at) => ({ provisioningTargetId: at.provisioningTargetId }),
    twin: { ...byOwner, writes: 'target' },
  },
  'target.try': {
    input: (at) => ({ provisioningTargetId: at.provisioningTargetId }),
    twin: { ...byOwner, shows: (output) => has(output, 'findings') },
  },
  'account.list': {
    input: (at) => ({ provisioningTargetId: at.provisioningTargetId }),
    twin: { ...byOwner, shows: (output, at) => has(output, at.accountId) },
  },
  'account.read': {
    input: (at) => ({ accountId: at.accountId }),
    twin: { ...byOwner, shows: (output, at) => has(output, at.accountId) },
  },
  'account.retry': {
    input: (at) => ({ accountId: at.accountId }),
    twin: { ...byOwner, before: deadLetter, writes: 'account' },
  },
  'account.ignore': {
    input: (at) => ({ accountId: at.accountId, reason: 'left by an act' }),
    twin: { ...byOwner, before: deadLetter, writes: 'account' },
  },
  'task.list': {
    input: () => ({}),
    twin: { ...byOwner, shows: (output, at) => has(output, at.taskId) },
    own: true,
  },
  'task.read': {
    input: (at) => ({ taskId: at.taskId }),
    twin: { ...byOwner, shows: (output, at) => has(output, at.taskId) },
  },
  'task.done': {
    input: (at) => ({ taskId: at.taskId, accountName: `of ${at.taskId}` }),
    twin: { ...byOwner, writes: 'hand_task' },
  },
  'task.refuse': {
    input: (at) => ({ taskId: at.taskId, reason: 'refused by an act' }),
    twin: { ...byOwner, writes: 'hand_task' },
  },
  'account.retry-all': {
    input: (at) => ({ provisioningTargetId: at.provisioningTargetId }),
    twin: { ...byOwner, before: deadLetter, writes: 'account' },
  },
  'target.release': {
    input: (at) => ({ provisioningTargetId: at.provisioningTargetId }),
    twin: {
      ...byOwner,
      before: async ({ world }, at) => {
        await sql`update target set braked_at = remit_now() where id = ${at.provisioningTargetId}`.execute(
          world.services.db,
        );
      },
      writes: 'target',
    },
  },
  'target.show-held': {
    input: (at) => ({ provisioningTargetId: at.provisioningTargetId }),
    twin: { ...byOwner, shows: (output) => has(output, 'count') },
  },
  'target.reconcile': {
    input: (at) => ({ provisioningTargetId: at.provisioningTargetId }),
    twin: {
      ...byOwner,
      before: async ({ world }, at) => {
        await sql`update target set state = 'active' where id = ${at.provisioningTargetId}`.execute(
          world.services.db,
        );
      },
      writes: 'reconcile_run',
    },
  },
  'difference.list': {
    input: (at) => ({ provisioningTargetId: at.provisioningTargetId }),
    twin: { ...byOwner, shows: (output, at) => has(output, at.differenceId) },
  },
  'difference.settle': {
    input: (at) => ({ differenceId: at.differenceId, how: 'mend' }),
    twin: { ...byOwner, writes: 'difference' },
  },
  'difference.look': {
    input: (at) => ({ differenceId: at.differenceId }),
    twin: { ...byOwner, shows: (output) => has(output, 'sides') },
  },
  'difference.settle-all': {
    input: (at) => ({
      provisioningTargetId: at.provisioningTargetId,
      how: 'leave',
      differenceIds: [at.differenceId],
    }),
    twin: { ...byOwner, writes: 'difference' },
  },
  'account.of': {
    input: (at) => ({ membershipId: at.membershipId }),
    twin: { ...byOwner, shows: (output, at) => has(output, at.accountId) },
  },
  'mapping.try': {
    input: (at) => ({
      membershipId: at.membershipId,
      connector: 'scim',
      mapping: [{ to: 'userName', pieces: [{ field: 'userId' }] }],
    }),
    twin: { ...south, shows: (output, at) => has(output, at.userId) },
  },
  'connector.list': {
    input: () => ({}),
    twin: { ...south, shows: (output) => has(output, 'scim') },
    own: true,
  },
  'webhook.create': {
    input: (at) => ({
      organizationId: at.organizationId,
      name: 'made by an act',
      url: 'https://hooks.example.org/made',
      types: ['request.created'],
    }),
    twin: { ...south, writes: 'webhook' },
  },
  'webhook.list': {
    input: (at) => ({ organizationId: at.organizationId }),
    twin: { ...south, shows: (output, at) => has(output, at.webhookId) },
  },
  'webhook.read': {
    input: (at) => ({ webhookId: at.webhookId }),
    twin: { ...south, shows: (output, at) => has(output, at.webhookId) },
  },
  'webhook.retire': {
    input: (at) => ({ webhookId: at.webhookId }),
    twin: { ...south, writes: 'webhook' },
  },
  'webhook.rotate': {
    input: (at) => ({ webhookId: at.webhookId }),
    twin: { ...south, writes: 'webhook' },
  },
  'webhook.send-test': {
    input: (at) => ({ webhookId: at.webhookId }),
    twin: { ...south, writes: 'webhook_delivery' },
  },
  'webhook.update': {
    input: (at) => ({ webhookId: at.webhookId, types: ['request.approved'] }),
    twin: { ...south, writes: 'webhook' },
  },
  'webhook-delivery.list': {
    input: (at) => ({ webhookId: at.webhookId }),
    twin: { ...south, shows: (output, at) => has(output, at.deliveryId) },
  },
  'webhook-delivery.replay': {
    input: (at) => ({ webhookId: at.webhookId, deliveryIds: [at.deliveryId] }),
    twin: { ...south, writes: 'webhook_delivery' },
  },
};

/** Operations whose twin cannot run on this landscape, and the test that has it instead. May only shrink. */
export const twinElsewhere: Partial<Record<OperationName, string>> = {
  'setup.complete': 'test/operations: needs an instance without an owner',
};
