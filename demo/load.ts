import { type Kysely, sql } from 'kysely';
import { adminRoleId } from '../src/authority/permissions.ts';
import { appointOwner, createInstance } from '../src/delegation/instance.ts';
import { addMembership, membershipState } from '../src/directory/store.ts';
import { appendEvents } from '../src/operation/events.ts';
import type { Change } from '../src/operation/operation.ts';
import { run, type Services } from '../src/operation/pipeline.ts';
import { databaseNow } from '../src/platform/clock.ts';
import { newId } from '../src/platform/ids.ts';
import { hashPassword } from '../src/platform/passwords.ts';
import type { DB } from '../src/platform/schema.gen.ts';
import { type Input, type OperationName, type Output, operations } from '../src/server/operations.gen.ts';
import { demoApplications } from './applications.ts';
import { type DemoName, demoPassword, demoPeople } from './people.ts';

type Member = { userId: string; membershipId: string };

/**
 * Fills an empty instance with the demo: an owner, a power user, two partners with managers, people, and two
 * applications. What people can do goes through the same operations as in the portal, and stands in the trail.
 * @param urls addresses of the two demo applications
 */
export async function loadDemo(services: Services, urls: Record<string, string>): Promise<void> {
  const { db } = services;
  const passwordHash = await hashPassword(demoPassword);
  const { root, olga, people } = await firstRows(db, passwordHash);
  const as = async <N extends OperationName>(
    member: Member,
    name: N,
    input: Input<N>,
  ): Promise<Output<N>> => {
    const call = {
      credential: { kind: 'membership' as const, membershipId: member.membershipId },
      input,
      requestId: `demo-${newId()}`,
    };
    return (await run(services, operations[name], call)).output as Output<N>;
  };
  const join = (name: DemoName, organizationId: string): Promise<Member> => people(name, organizationId);

  const petra = await join('petra', root);
  const aaron = await join('aaron', root);
  await as(olga, 'delegation.create', {
    organizationId: root,
    delegate: { membershipId: petra.membershipId },
    adminRoleId: adminRoleId('power-user'),
    mayPassOn: 'same',
  });
  await as(olga, 'delegation.create', {
    organizationId: root,
    delegate: { membershipId: aaron.membershipId },
    adminRoleId: adminRoleId('auditor'),
  });

  const registered: Output<'application.register'>[] = [];
  for (const { key, name, description, roles } of demoApplications) {
    const url = urls[key]!;
    registered.push(
      await as(petra, 'application.register', {
        organizationId: root,
        key,
        name,
        description,
        homeUrl: url,
        redirectUris: [`${url}/callback`],
        postLogoutRedirectUris: [`${url}/`],
        roles: [...roles],
      }),
    );
  }
  const [parts, notes] = registered as [Output<'application.register'>, Output<'application.register'>];
  const entitlement = (of: Output<'application.register'>, key: string): string =>
    of.roles.find((role) => role.key === key)!.entitlementId;
  await as(petra, 'access-role.create', {
    organizationId: root,
    name: 'Field crew',
    description: 'What somebody on a site needs.',
    entitlementIds: [entitlement(parts, 'buyer'), entitlement(notes, 'author')],
  });

  const both = { applicationIds: [parts.id, notes.id] };
  const partner = async (name: string, manager: DemoName): Promise<{ id: string; manager: Member }> => {
    const { id } = await as(petra, 'organization.create', { parentId: root, name });
    await as(petra, 'delegation.create', {
      organizationId: id,
      delegate: 'organization',
      entitlements: both,
    });
    const member = await join(manager, id);
    await as(petra, 'delegation.create', {
      organizationId: id,
      delegate: { membershipId: member.membershipId },
      adminRoleId: adminRoleId('delegated-manager'),
      mayPassOn: 3,
    });
    return { id, manager: member };
  };
  const acme = await partner('Acme Solar', 'mara');
  const bright = await partner('Bright Installers', 'bea');
  // What comes with belonging to the partner.
  await as(petra, 'assignment.grant', {
    organizationId: acme.id,
    entitlementIds: [entitlement(parts, 'viewer')],
  });
  await as(petra, 'assignment.grant', {
    organizationId: bright.id,
    entitlementIds: [entitlement(notes, 'reader')],
  });

  const north = await as(acme.manager, 'organization.create', {
    parentId: acme.id,
    name: 'Acme Solar North',
  });
  await as(acme.manager, 'organization.create', { parentId: acme.id, name: 'Acme Solar South' });
  const nils = await join('nils', north.id);
  await as(acme.manager, 'delegation.create', {
    organizationId: north.id,
    delegate: { membershipId: nils.membershipId },
    adminRoleId: adminRoleId('delegated-manager'),
    entitlements: { applicationIds: [parts.id] },
  });
  await join('sam', north.id);
  const tess = await join('tess', acme.id);
  await alsoBelongs(db, tess.userId, 'Tess Two', bright.id);

  // Accounts follow access: a file that another system could fetch, and what is recorded of people gives access.
  await as(petra, 'access-rule.create', {
    organizationId: acme.id,
    name: 'Technicians buy parts',
    title: 'Technician',
    entitlementId: entitlement(parts, 'buyer'),
  });
  const directory = await as(petra, 'target.create', {
    organizationId: root,
    name: 'Company directory',
    connector: 'csv',
    settings: { folder: 'company-directory', columns: 'login,name,mail' },
    mapping: [
      { to: 'login', pieces: [{ field: 'displayName', how: ['ascii', 'lower', 'login'] }] },
      { to: 'name', pieces: [{ field: 'displayName' }] },
      { to: 'mail', pieces: [{ field: 'email' }] },
    ],
    roles: [
      { entitlementId: entitlement(parts, 'viewer') },
      { entitlementId: entitlement(parts, 'buyer'), name: 'buyers' },
    ],
  });
  await as(petra, 'target.activate', { provisioningTargetId: directory.id });
}

async function firstRows(db: Kysely<DB>, passwordHash: string) {
  return await db.transaction().execute(async (trx) => {
    await sql`insert into instance (demo) values (true)`.execute(trx);
    const instance = (await createInstance(trx, { name: 'Lumen Energy', timeZone: 'Europe/Amsterdam' }))!;
    const olga = await addPerson(trx, 'olga', instance.organizationId, passwordHash);
    const owner = await appointOwner(trx, olga, adminRoleId('owner'));
    await record(trx, [...instance.changes, owner]);
    const people = (name: DemoName, organizationId: string): Promise<Member> =>
      db.transaction().execute((own) => addPerson(own, name, organizationId, passwordHash));
    return { root: instance.organizationId, olga, people };
  });
}

/** Somebody who could sign in before the demo began: the one thing no operation makes, because people do it. */
async function addPerson(
  db: Kysely<DB>,
  name: DemoName,
  organizationId: string,
  passwordHash: string,
): Promise<Member> {
  const { name: displayName, email, title } = demoPeople[name];
  const userId = newId();
  await sql`insert into app_user (id, home_organization_id, display_name, email, proved_email, email_proved_at)
    values (${userId}, ${organizationId}, ${displayName}, ${email}, ${email}, remit_now())`.execute(db);
  await sql`insert into credential (user_id, password_hash) values (${userId}, ${passwordHash})`.execute(db);
  const membership = await addMembership(db, { userId, displayName, organizationId, title });
  await record(db, [
    {
      type: 'user.enrolled',
      targetKind: 'user',
      targetId: userId,
      organizationId,
      path: membership.path,
      subjectId: userId,
      after: { id: userId, homeOrganizationId: organizationId, state: 'active' },
      personal: { displayName, email },
    },
    membershipCreated(membership),
  ]);
  return { userId, membershipId: membership.id };
}

async function alsoBelongs(
  db: Kysely<DB>,
  userId: string,
  displayName: string,
  organizationId: string,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await record(trx, [membershipCreated(await addMembership(trx, { userId, displayName, organizationId }))]);
  });
}

const membershipCreated = (membership: Awaited<ReturnType<typeof addMembership>>): Change => ({
  type: 'membership.created',
  targetKind: 'membership',
  targetId: membership.id,
  organizationId: membership.organizationId,
  path: membership.path,
  subjectId: membership.userId,
  after: membershipState(membership),
});

async function record(db: Kysely<DB>, changes: Change[]): Promise<void> {
  await appendEvents(
    db,
    {
      operation: 'demo.load',
      actor: { kind: 'system' },
      at: await databaseNow(db),
      requestId: 'demo',
      because: [],
    },
    changes,
  );
}
