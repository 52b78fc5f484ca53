import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Box, EntitlementLimit } from '../../src/authority/delegation.ts';
import { alwaysAfter, alwaysBefore, type Credential } from '../../src/authority/facts.ts';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { type Delegate, insertDelegations, loadChain } from '../../src/delegation/store.ts';
import { newId } from '../../src/platform/ids.ts';
import { makeLinkSecret, makePrintedCode } from '../../src/platform/one-time-secrets.ts';
import { hashPassword } from '../../src/platform/passwords.ts';
import { addMembership, addPerson, makeWorld, type OrganizationName, type World } from '../harness/world.ts';
import { makeActors } from './actors.ts';
import { addImports } from './landscape-imports.ts';
import { addRules } from './landscape-rules.ts';
import { addSource } from './landscape-sources.ts';

/**
 * A long file: each kind of thing once, with all that may be told of it.
 *
 * The world with one of each thing at each place, each named after its place (`canary-acme2-invitation`), so that
 * whatever reaches out of a boundary can be seen in an answer by its name or id.
 */
export type Things = {
  organizationId: string;
  membershipId: string;
  userId: string;
  /** a manager's link for that place */
  delegationId: string;
  /** one whose holder has left */
  vacantDelegationId: string;
  applicationId: string;
  entitlementId: string;
  accessRoleId: string;
  assignmentId: string;
  invitationId: string;
  requestId: string;
  policyId: string;
  webhookId: string;
  provisioningTargetId: string;
  accountId: string;
  taskId: string;
  differenceId: string;
  deliveryId: string;
  clientId: string;
  sessionId: string;
  adminRoleId: string;
  exceptionId: string;
  separationId: string;
  separationExceptionId: string;
  groupId: string;
  accessRuleId: string;
  importId: string;
  importMappingId: string;
  sourceId: string;
  sourceRunId: string;
  proposalId: string;
  eventId: string;
};

export const places = [
  'root',
  'acme',
  'acmeNorth',
  'acmeNorthSite',
  'acmeSouth',
  'acme2',
  'acme2North',
  'beta',
] as const satisfies readonly OrganizationName[];

export type Area = { path: string; below: boolean };
export type ActorName = (typeof actorNames)[number];
export type Actor = {
  name: ActorName;
  credential: Credential;
  /** undefined for strangers and clients */
  userId: string | undefined;
  membershipId: string | undefined;
  /** another one of theirs, whose rights do not mix with those of this one */
  otherMembershipId?: string;
  otherHome?: OrganizationName;
  /** where it stands; `root` for a stranger, who stands nowhere */
  home: OrganizationName;
  /** where the things are that it would start from: inside its boundary if it has one */
  base: OrganizationName;
  /** what its links give, worked out by hand here and not by what is tested */
  areas: Area[];
  holes: Area[];
  /** only these people, in its areas */
  people: string[] | undefined;
  /** a link that it holds by standing in a relation: one's own, like any other */
  related?: string;
};

export const actorNames = [
  'owner',
  'auditor',
  'acmeManager',
  'acmePeer',
  'acmeHelpDesk',
  'acmeApplicationManager',
  'northManager',
  'acme2Manager',
  'holedManager',
  'guardian',
  'lineManager',
  'severalManager',
  'mixedManager',
  'leaver',
  'suspendedManager',
  'pausedManager',
  'expiredManager',
  'scheduledManager',
  'acmeMember',
  'siteMember',
  'betaMember',
  'acmeKey',
  'stranger',
] as const;

export type Landscape = {
  world: World;
  things: Record<OrganizationName, Things>;
  actors: Record<ActorName, Actor>;
  /** membership here, home there: the account is not theirs who have only the membership in reach */
  visitor: { userId: string; homeMembershipId: string; membershipId: string };
  tokens: { invitation: string; recovery: string; spent: string; code: string };
  codeUser: { organizationId: string; userName: string };
  /** where the person who acts as a mere member of beta is a manager */
  mixedMembershipId: string;
  password: string;
};

export const password = 'a long enough sentence';
export const sessionTokenOf = (name: ActorName): string => `session-of-${name}`;
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
export const keyOf = (name: ActorName): string => `remit_key_of_${name}`;

/** Names of things: `canary-<place>-<what>`, lower case, because people are sorted and found by it. */
export const nameOf = (place: OrganizationName, what: string): string =>
  `canary-${place.toLowerCase()}-${what}`;

export async function makeLandscape(): Promise<Landscape> {
  const world = await makeWorld();
  const { db } = world;
  await renameEverything(world);
  const passwordHash = await hashPassword(password);
  const things = {} as Landscape['things'];
  for (const place of places) things[place] = await furnish(world, place);
  const actors = await makeActors(world, passwordHash);
  await addWhatReachesAcross(world, things);
  const visitor = await addPerson(db, 'visitor', world.organizations.acme2);
  const membershipId = await addMembership(db, visitor.userId, 'visitor', world.organizations.acmeSouth);
  const south = things.acmeSouth;
  const recovery = await makeLinkSecret(db, 'recovery', south.userId, 3600);
  const invitation = await makeLinkSecret(db, 'invitation', south.invitationId, 3600);
  const spent = await makeLinkSecret(db, 'recovery', south.userId, 3600);
  await sql`update one_time_secret set used_at = remit_now() where hash = ${sha256(`recovery\n\n${spent}`)}`.execute(
    db,
  );
  const code = await makePrintedCode(db, south.userId, 3600, null);
  // All of it is a day old, so that one can ask what was an hour ago: the rehearsal’s clock stands still.
  for (const table of ['organization', 'app_user', 'membership', 'delegation', 'assignment', 'access_role'])
    await sql`update ${sql.table(table)} set created_at = created_at - interval '1 day'`.execute(db);
  await sql`update event set at = at - interval '1 day'`.execute(db);
  return {
    world,
    things,
    actors,
    visitor: { userId: visitor.userId, homeMembershipId: visitor.membershipId, membershipId },
    tokens: { invitation, recovery, spent, code },
    mixedMembershipId: actors.mixedManager.otherMembershipId!,
    codeUser: { organizationId: south.organizationId, userName: nameOf('acmeSouth', 'user') },
    password,
  };
}

/**
 * Things inside acme that were done by, or name, somebody outside: the likeliest ways for a name to cross. The link
 * over two places is at home in acme; its other place is not acme's business.
 */
async function addWhatReachesAcross(world: World, things: Landscape['things']): Promise<void> {
  const { db, organizations, people, entitlements } = world;
  const { acmeSouth } = things;
  const byOwner = { under: world.delegations.owner };
  const overseer = await addPerson(db, nameOf('beta', 'overseer'), organizations.beta);
  await give(world, 'acmeSouth', { kind: 'user', ...overseer }, { ...byOwner, role: 'help-desk' });
  const straddler = await addPerson(db, nameOf('acmeSouth', 'straddler'), organizations.acmeSouth);
  const both = [organizations.acmeSouth, organizations.beta].map((place) => ({ ...place, below: true }));
  await give(
    world,
    'acmeSouth',
    { kind: 'user', ...straddler },
    { ...byOwner, role: 'help-desk', scope: [{ places: both }] },
  );
  await sql`update membership set line_manager_id = ${things.beta.membershipId} where id = ${acmeSouth.membershipId}`.execute(
    db,
  );
  const owner = people.owner.userId;
  await sql`insert into assignment (id, membership_id, entitlement_id, why, given_by, given_under)
    values (${newId()}, ${acmeSouth.membershipId}, ${entitlements.notesReader}, 'direct', ${owner}, ${world.delegations.owner})`.execute(
    db,
  );
  await sql`insert into invitation (id, organization_id, path, email, email_normal, invited_by, invited_under, expires_at)
    values (${newId()}, ${organizations.acmeSouth.id}, ${organizations.acmeSouth.path}, 'from.above@example.org', 'from.above@example.org',
      ${owner}, ${world.delegations.owner}, remit_now() + interval '7 days')`.execute(db);
  await sql`insert into request (id, requester_id, membership_id, organization_id, path, entitlement_id, entitlement_ids, state,
      decided_by, decided_under, decided_at)
    values (${newId()}, ${people.southMember.userId}, ${people.southMember.membershipId}, ${organizations.acmeSouth.id},
      ${organizations.acmeSouth.path}, ${entitlements.notesAuthor}, ${[entitlements.notesAuthor]}::uuid[], 'refused', ${owner},
      ${world.delegations.owner}, remit_now())`.execute(db);
  await sql`insert into event (id, type, operation, actor_kind, actor_id, actor_membership_id, delegations, organization_id, path,
      target_kind, target_id, subject_id, after)
    values (${newId()}, 'membership.updated', 'membership.update', 'user', ${owner}, ${people.owner.membershipId},
      ${[world.delegations.owner]}::uuid[], ${organizations.acmeSouth.id}, ${organizations.acmeSouth.path}, 'membership',
      ${acmeSouth.membershipId}, ${acmeSouth.userId}, ${{ id: acmeSouth.membershipId }})`.execute(db);
}

async function renameEverything({ db, organizations, people, applications }: World): Promise<void> {
  for (const [name, { id }] of Object.entries(organizations))
    await sql`update organization set name = ${nameOf(name as OrganizationName, 'organization')} where id = ${id}`.execute(
      db,
    );
  const homes = new Map(
    Object.entries(organizations).map(([name, { id }]) => [id, name as OrganizationName]),
  );
  for (const [name, { userId, membershipId }] of Object.entries(people)) {
    const { rows } = await sql<{ home: string }>`
      select home_organization_id as home from app_user where id = ${userId}`.execute(db);
    const shown = nameOf(homes.get(rows[0]!.home)!, name.toLowerCase());
    const email = `${shown}@example.org`;
    await sql`update app_user set display_name = ${shown}, email = ${email}, proved_email = ${email} where id = ${userId}`.execute(
      db,
    );
    await sql`update membership set sort_name = ${shown} where id = ${membershipId}`.execute(db);
  }
  // In no limit of any partner: what its name and id appear in was not meant for them.
  await sql`update application set name = 'canary-root-ledger' where id = ${applications.ledger}`.execute(db);
}

/** The link that a place's own managers hang below, and who gave it. */
function managing(world: World, place: OrganizationName): { link: string; giver: string } {
  const { path } = world.organizations[place];
  if (path === 'r.1' || path.startsWith('r.1.'))
    return { link: world.delegations.acmeManager, giver: world.people.acmeManager.userId };
  if (path.startsWith('r.10'))
    return { link: world.delegations.acme2Manager, giver: world.people.acme2Manager.userId };
  return { link: world.delegations.owner, giver: world.people.owner.userId };
}

type LinkOptions = {
  role?: string;
  permissions?: string[];
  scope?: Box[];
  startsAt?: Date;
  endsAt?: Date;
  under?: string;
};

export async function give(
  world: World,
  place: OrganizationName,
  delegate: Delegate,
  options: LinkOptions = {},
): Promise<string> {
  const { link, giver } = managing(world, place);
  const parent = (await loadChain(world.db, options.under ?? link))!;
  const limit: EntitlementLimit = { applications: [world.applications.parts], entitlements: [] };
  const [state] = await insertDelegations(world.db, [
    {
      parent,
      giverUserId: giver,
      giverDelegationId: link,
      delegate,
      adminRoleId: options.permissions ? null : adminRoleId(options.role ?? 'delegated-manager'),
      permissions: options.permissions ?? [],
      scope: options.scope ?? [{ places: [{ ...world.organizations[place], below: true }] }],
      entitlements: limit,
      startsAt: options.startsAt ?? alwaysBefore,
      endsAt: options.endsAt ?? alwaysAfter,
      mayPassOn: 0,
    },
  ]);
  return state!.id;
}

async function furnish(world: World, place: OrganizationName): Promise<Things> {
  const { db, entitlements } = world;
  const organization = world.organizations[place];
  const name = (what: string): string => nameOf(place, what);
  const person = await addPerson(db, name('person'), organization);
  const { userId, membershipId } = person;
  await sql`update app_user set user_name = ${name('user')} where id = ${userId}`.execute(db);
  await sql`update membership set title = ${name('title')} where id = ${membershipId}`.execute(db);
  const keeper = await addPerson(db, name('keeper'), organization);
  const delegationId = await give(world, place, { kind: 'user', ...keeper });
  const gone = await addPerson(db, name('gone'), organization);
  const vacantDelegationId = await give(world, place, { kind: 'user', ...gone });
  await sql`update membership set state = 'ended', ended_at = remit_now(), ends_at = remit_now() where id = ${gone.membershipId}`.execute(
    db,
  );
  const { link, giver } = managing(world, place);
  const ids = Object.fromEntries(
    [
      'application',
      'entitlement',
      'accessRole',
      'assignment',
      'invitation',
      'request',
      'policy',
      'webhook',
      'provisioningTarget',
      'account',
      'task',
      'source',
      'sourceRun',
      'proposal',
      'difference',
      'delivery',
      'client',
      'session',
      'adminRole',
      'exception',
      'separation',
      'separationException',
      'group',
      'accessRule',
      'import',
      'importMapping',
      'event',
    ].map((what) => [`${what}Id`, newId()]),
  ) as Omit<Things, 'organizationId' | 'membershipId' | 'userId' | 'delegationId' | 'vacantDelegationId'>;
  await sql`insert into application (id, organization_id, key, name, client_id, redirect_uris)
    values (${ids.applicationId}, ${organization.id}, ${`own-${place.toLowerCase()}`}, ${name('application')}, ${name('client-id')},
      ${[`http://127.0.0.1:9/${place}`]})`.execute(db);
  await sql`insert into entitlement (id, application_id, key, name)
    values (${ids.entitlementId}, ${ids.applicationId}, 'user', ${name('entitlement')})`.execute(db);
  await sql`insert into access_role (id, organization_id, name) values (${ids.accessRoleId}, ${organization.id}, ${name('access-role')})`.execute(
    db,
  );
  await sql`insert into access_role_entitlement values (${ids.accessRoleId}, ${entitlements.partsViewer})`.execute(
    db,
  );
  await sql`insert into assignment (id, membership_id, entitlement_id, why, reason, given_by, given_under)
    values (${ids.assignmentId}, ${membershipId}, ${entitlements.partsViewer}, 'direct', ${name('assignment-reason')}, ${giver}, ${link})`.execute(
    db,
  );
  await sql`insert into invitation (id, organization_id, path, email, email_normal, display_name, message, invited_by, invited_under, expires_at)
    values (${ids.invitationId}, ${organization.id}, ${organization.path}, ${`${name('invited')}@example.org`},
      ${`${name('invited')}@example.org`}, ${name('invited')}, ${name('message')}, ${giver}, ${link}, remit_now() + interval '7 days')`.execute(
    db,
  );
  await sql`insert into request (id, requester_id, membership_id, organization_id, path, entitlement_id, entitlement_ids, reason)
    values (${ids.requestId}, ${userId}, ${membershipId}, ${organization.id}, ${organization.path}, ${entitlements.partsBuyer},
      ${[entitlements.partsBuyer]}::uuid[], ${name('request-reason')})`.execute(db);
  await sql`insert into approval_policy (id, organization_id, name, applies, steps, saved_by, saved_under)
    values (${ids.policyId}, ${organization.id}, ${name('policy')}, ${JSON.stringify({ risk: ['high'] })}::jsonb,
      ${JSON.stringify([{ name: name('step'), approvers: [{ kind: 'managers' }], quorum: 'one', due: { hours: 5 }, remind: [], escalation: [], atEnd: 'refuse' }])}::jsonb,
      ${giver}, ${link})`.execute(db);
  await sql`insert into webhook (id, organization_id, name, url, format, language, types, secret, saved_by, saved_under)
    values (${ids.webhookId}, ${organization.id}, ${name('webhook')}, ${`https://hooks.example.org/${name('address')}`}, 'standard', 'en',
      '{request.created}', ${`v1.probe.${name('secret')}`}, ${giver}, ${link})`.execute(db);
  await sql`insert into webhook_delivery (id, webhook_id, event_type, organization_id, state)
    values (${ids.deliveryId}, ${ids.webhookId}, 'webhook.test', ${organization.id}, 'failed')`.execute(db);
  await sql`insert into target (id, organization_id, name, connector, settings, sealed, mapping, state, saved_by, saved_under)
    values (${ids.provisioningTargetId}, ${organization.id}, ${name('target')}, 'scim', ${JSON.stringify({ url: `https://scim.example.org/${name('settings')}` })}::jsonb,
      '', '[{"to":"userName","pieces":[{"field":"userId"}]}]', 'paused', ${giver}, ${link})`.execute(db);
  await sql`insert into target_role (id, target_id, entitlement_id) values (${newId()}, ${ids.provisioningTargetId}, ${entitlements.partsViewer})`.execute(
    db,
  );
  await sql`insert into account (id, target_id, user_id, correlation, external_id, stands, wanted)
    values (${ids.accountId}, ${ids.provisioningTargetId}, ${userId}, ${userId}, ${name('account')}, 'enabled', 'enabled')`.execute(
    db,
  );
  await sql`insert into hand_task (id, target_id, account_id, what, wanted, digest, due_at, next_at)
    values (${ids.taskId}, ${ids.provisioningTargetId}, ${ids.accountId}, 'create',
      ${JSON.stringify({ enabled: true, fields: { displayName: name('task') }, roles: [] })}::jsonb, 'of a task', remit_now() + interval '1 day',
      remit_now() + interval '1 day')`.execute(db);
  const runId = newId();
  await sql`insert into reconcile_run (id, target_id, state, finished_at) values (${runId}, ${ids.provisioningTargetId}, 'done', remit_now())`.execute(
    db,
  );
  await sql`insert into difference (id, run_id, target_id, kind, account_id, fields)
    values (${ids.differenceId}, ${runId}, ${ids.provisioningTargetId}, 'drift', ${ids.accountId}, ${[name('field')]})`.execute(
    db,
  );
  await sql`insert into client (id, organization_id, name, key_hash) values (${ids.clientId}, ${organization.id}, ${name('client')}, ${sha256(ids.clientId)})`.execute(
    db,
  );
  await give(world, place, { kind: 'client', clientId: ids.clientId }, { permissions: ['user.read'] });
  await sql`insert into session (id, token_hash, user_id, membership_id, expires_at, user_agent)
    values (${ids.sessionId}, ${sha256(ids.sessionId)}, ${userId}, ${membershipId}, remit_now() + interval '1 hour', ${name('agent')})`.execute(
    db,
  );
  await sql`insert into admin_role (id, organization_id, name, permissions)
    values (${ids.adminRoleId}, ${organization.id}, ${name('admin-role')}, ${['organization.read', 'user.read']})`.execute(
    db,
  );
  await sql`insert into exception (id, organization_id, path, permissions, set_under, set_by, reason)
    values (${ids.exceptionId}, ${organization.id}, ${organization.path}, ${['organization.move']}, ${link}, ${giver}, ${name('exception')})`.execute(
    db,
  );
  await sql`insert into separation (id, organization_id, name, reason) values (${ids.separationId}, ${organization.id}, ${name('separation')}, ${name('reason')})`.execute(
    db,
  );
  await sql`insert into separation_part (separation_id, entitlement_id)
    select ${ids.separationId}, unnest(${[ids.entitlementId, entitlements.ledgerClerk]}::uuid[])`.execute(db);
  await sql`insert into separation_exception (id, separation_id, user_id, membership_id, starts_at, ends_at, asked_by, approved_by, reason)
    values (${ids.separationExceptionId}, ${ids.separationId}, ${userId}, ${membershipId}, remit_now(), remit_now() + interval '30 days',
      ${userId}, ${giver}, ${name('exception-reason')})`.execute(db);
  await addRules(
    db,
    {
      ...ids,
      organizationId: organization.id,
      membershipId,
      entitlementId: entitlements.partsViewer,
      giver,
      link,
    },
    name,
  );
  await sql`insert into attribute_definition (id, organization_id, key, label, kind)
    values (${newId()}, ${organization.id}, ${`badge_${place.toLowerCase()}`}, ${name('attribute')}, 'text')`.execute(
    db,
  );
  await sql`insert into import_run (id, organization_id, path, actor, started_by, plan_hash)
    values (${ids.importId}, ${organization.id}, ${organization.path}, '{}', ${giver}, ${name('plan')})`.execute(
    db,
  );
  await addImports(world, place, ids, name);
  await addSource(world, place, { ...ids, membershipId }, name);
  await sql`insert into event (id, type, operation, actor_kind, actor_id, organization_id, path, target_kind, target_id, subject_id, after, personal)
    values (${ids.eventId}, 'membership.updated', 'membership.update', 'user', ${keeper.userId}, ${organization.id}, ${organization.path},
      'membership', ${membershipId}, ${userId}, ${{ id: membershipId, title: name('event-title') }}, ${{ displayName: name('person') }})`.execute(
    db,
  );
  return { organizationId: organization.id, userId, membershipId, delegationId, vacantDelegationId, ...ids };
}
