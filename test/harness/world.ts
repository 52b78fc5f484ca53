import { type Kysely, sql } from 'kysely';
import type { Chain, EntitlementLimit } from '../../src/authority/delegation.ts';
import { alwaysAfter, alwaysBefore } from '../../src/authority/facts.ts';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { appointOwner, createInstance } from '../../src/delegation/instance.ts';
import { type Delegate, insertDelegations, loadChain } from '../../src/delegation/store.ts';
import { type Call, run, type Services } from '../../src/operation/pipeline.ts';
import { readConfig } from '../../src/platform/config.ts';
import { newId } from '../../src/platform/ids.ts';
import type { DB } from '../../src/platform/schema.gen.ts';
import type { Input, OperationName, Output } from '../../src/server/operations.gen.ts';
import { operations } from '../../src/server/operations.gen.ts';
import { filledTemplate, testDatabase } from './database.ts';
import { testSecretKeys } from './secret-keys.ts';

/**
 * Two branches of a tree with a manager at each level, and a look-alike sibling: `acme` stands at r.1, `acme-2` at r.10,
 * so that a bare prefix would take one in with the other. Written by SQL, so that what is tested does not make it.
 */
export type Place = { id: string; path: string };
export type Person = { userId: string; membershipId: string; name: string };

const tree = {
  root: ['r', undefined],
  acme: ['r.1', 'root'],
  acmeNorth: ['r.1.1', 'acme'],
  acmeNorthSite: ['r.1.1.1', 'acmeNorth'],
  acmeSouth: ['r.1.2', 'acme'],
  acme2: ['r.10', 'root'],
  acme2North: ['r.10.1', 'acme2'],
  beta: ['r.2', 'root'],
} as const satisfies Record<string, readonly [string, string | undefined]>;

const people = {
  owner: 'root',
  secondOwner: 'root',
  auditor: 'root',
  rootMember: 'root',
  acmeManager: 'acme',
  acmePeer: 'acme',
  acmeHelpDesk: 'acme',
  acmeApplicationManager: 'acme',
  acmeMember: 'acme',
  northManager: 'acmeNorth',
  northMember: 'acmeNorth',
  siteMember: 'acmeNorthSite',
  southMember: 'acmeSouth',
  acme2Manager: 'acme2',
  acme2Member: 'acme2',
  acme2NorthMember: 'acme2North',
  betaMember: 'beta',
} as const satisfies Record<string, keyof typeof tree>;

export type OrganizationName = keyof typeof tree;
export type PersonName = keyof typeof people;

export type World = {
  db: Kysely<DB>;
  services: Services;
  organizations: Record<OrganizationName, Place>;
  people: Record<PersonName, Person>;
  delegations: Record<
    | 'rootRow'
    | 'owner'
    | 'acmeStanding'
    | 'acme2Standing'
    | 'acmeManager'
    | 'acmePeer'
    | 'northManager'
    | 'acme2Manager',
    string
  >;
  applications: Record<'parts' | 'notes' | 'ledger', string>;
  entitlements: Record<'partsViewer' | 'partsBuyer' | 'notesReader' | 'notesAuthor' | 'ledgerClerk', string>;
  url: string;
  /** Runs an operation as a person, in their membership. Throws its refusal. */
  as: <N extends OperationName>(
    person: PersonName | Person,
    name: N,
    input: Input<N>,
    options?: Partial<Call>,
  ) => Promise<Output<N>>;
  close: () => Promise<void>;
};

type Made = Pick<World, 'organizations' | 'people' | 'delegations' | 'applications' | 'entitlements'>;

/** A world of one's own. All of a run have the same identifiers: it is made once, and cloned, in a third of the time. */
export async function makeWorld(subscribers: Services['subscribers'] = []): Promise<World> {
  made ??= filledTemplate('remit_world', ({ db }) => make(db));
  const things = structuredClone(await made);
  const everyone = things.people;
  const database = await testDatabase({ like: 'remit_world' });
  const { db } = database;
  const config = {
    ...readConfig({ REMIT_LOG_LEVEL: 'silent', REMIT_SECRET_KEYS: testSecretKeys }),
    databaseUrl: database.url,
  };
  const services: Services = { db, config, subscribers };
  const world: World = {
    db,
    services,
    ...things,
    url: database.url,
    as: async (person, name, input, options) => {
      const who = typeof person === 'string' ? everyone[person] : person;
      const call: Call = {
        credential: { kind: 'membership', membershipId: who.membershipId },
        input,
        requestId: 'test',
        ...options,
      };
      return (await run(services, operations[name], call)).output as never;
    },
    close: async () => {
      const cut = await cutChains(db).catch(() => []);
      await database.drop();
      if (cut.length > 0) throw new Error(`chain is not the walk by parents: delegation ${cut.join(', ')}`);
    },
  };
  return world;
}

/** Links whose `chain` is not what stands above them: whatever a test did, there are none (I04). A server gone away says nothing. */
export async function cutChains(db: Kysely<DB>): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from delegation where chain <> delegation_above(id) order by id`.execute(db);
  return rows.map(({ id }) => id);
}

let made: Promise<Made> | undefined;

async function make(db: Kysely<DB>): Promise<Made> {
  const instance = (await createInstance(db, { name: 'Lumen Energy', timeZone: 'Europe/Amsterdam' }))!;
  const organizations = await growTree(db, instance.organizationId);
  const everyone = await settle(db, organizations);
  const { applications, entitlements } = await register(db, organizations.root.id);
  const delegations = await delegate(db, organizations, everyone, applications, instance.delegationId);
  return { organizations, people: everyone, delegations, applications, entitlements };
}

async function growTree(db: Kysely<DB>, rootId: string): Promise<World['organizations']> {
  const organizations = { root: { id: rootId, path: 'r' } } as World['organizations'];
  for (const [name, [path, parent]] of Object.entries(tree) as [
    OrganizationName,
    readonly [string, OrganizationName | undefined],
  ][]) {
    if (!parent) continue;
    const id = newId();
    await sql`insert into organization (id, parent_id, path, name, time_zone)
      values (${id}, ${organizations[parent].id}, ${path}, ${name}, 'Europe/Amsterdam')`.execute(db);
    organizations[name] = { id, path };
  }
  // Codes are given away in base 36: the next child of the root comes after r.10.
  await sql`update organization set next_code = 100`.execute(db);
  return organizations;
}

async function settle(db: Kysely<DB>, organizations: World['organizations']): Promise<World['people']> {
  const everyone = {} as World['people'];
  for (const [name, home] of Object.entries(people) as [PersonName, OrganizationName][]) {
    everyone[name] = await addPerson(db, name, organizations[home]);
  }
  return everyone;
}

/** Somebody with a proved address `<name>@example.org`, at home in one organization. */
export async function addPerson(db: Kysely<DB>, name: string, home: Place): Promise<Person> {
  const userId = newId();
  const email = `${name.toLowerCase()}@example.org`;
  await sql`insert into app_user (id, home_organization_id, display_name, email, proved_email, email_proved_at)
    values (${userId}, ${home.id}, ${name}, ${email}, ${email}, remit_now())`.execute(db);
  return { userId, name, membershipId: await addMembership(db, userId, name, home) };
}

export async function addMembership(
  db: Kysely<DB>,
  userId: string,
  name: string,
  organization: Place,
): Promise<string> {
  const id = newId();
  await sql`insert into membership (id, user_id, organization_id, path, sort_name)
    values (${id}, ${userId}, ${organization.id}, ${organization.path}, ${name.toLowerCase()})`.execute(db);
  return id;
}

async function register(
  db: Kysely<DB>,
  organizationId: string,
): Promise<Pick<World, 'applications' | 'entitlements'>> {
  const applications = {} as World['applications'];
  const entitlements = {} as World['entitlements'];
  const roles = { parts: ['viewer', 'buyer'], notes: ['reader', 'author'], ledger: ['clerk'] } as const;
  for (const [key, keys] of Object.entries(roles) as [keyof typeof roles, readonly string[]][]) {
    const id = newId();
    applications[key] = id;
    await sql`insert into application (id, organization_id, key, name, client_id, redirect_uris)
      values (${id}, ${organizationId}, ${key}, ${key}, ${key}, ${[`http://127.0.0.1:9/${key}`]})`.execute(
      db,
    );
    for (const role of keys) {
      const entitlementId = newId();
      const name = `${key}${role[0]!.toUpperCase()}${role.slice(1)}` as keyof World['entitlements'];
      entitlements[name] = entitlementId;
      await sql`insert into entitlement (id, application_id, key, name) values (${entitlementId}, ${id}, ${role}, ${role})`.execute(
        db,
      );
    }
  }
  return { applications, entitlements };
}

async function delegate(
  db: Kysely<DB>,
  organizations: World['organizations'],
  everyone: World['people'],
  applications: World['applications'],
  rootRow: string,
): Promise<World['delegations']> {
  const owner = (await appointOwner(db, everyone.owner, adminRoleId('owner'))).targetId!;
  await appointOwner(db, everyone.secondOwner, adminRoleId('owner'));
  const ownerChain = (await loadChain(db, owner))!;
  const limited: EntitlementLimit = {
    applications: [applications.parts, applications.notes],
    entitlements: [],
  };
  const give = async (
    parent: Chain,
    giver: Person,
    delegateTo: Delegate,
    role: string | null,
    place: Place,
    entitlements: EntitlementLimit,
    mayPassOn: number,
  ): Promise<string> => {
    const [state] = await insertDelegations(db, [
      {
        parent,
        giverUserId: giver.userId,
        giverDelegationId: owner,
        delegate: delegateTo,
        adminRoleId: role ? adminRoleId(role) : null,
        permissions: role ? [] : parent[0]!.permissions,
        scope: [{ places: [{ ...place, below: true }] }],
        entitlements,
        startsAt: alwaysBefore,
        endsAt: alwaysAfter,
        mayPassOn,
      },
    ]);
    return state!.id;
  };
  const user = ({ userId, membershipId }: Person): Delegate => ({ kind: 'user', userId, membershipId });
  const organization = ({ id }: Place): Delegate => ({ kind: 'organization', organizationId: id });
  const { owner: giver } = everyone;
  const acmeStanding = await give(
    ownerChain,
    giver,
    organization(organizations.acme),
    null,
    organizations.acme,
    limited,
    5,
  );
  const acme2Standing = await give(
    ownerChain,
    giver,
    organization(organizations.acme2),
    null,
    organizations.acme2,
    limited,
    5,
  );
  const acmeChain = (await loadChain(db, acmeStanding))!;
  const acme2Chain = (await loadChain(db, acme2Standing))!;
  const acmeManager = await give(
    acmeChain,
    giver,
    user(everyone.acmeManager),
    'delegated-manager',
    organizations.acme,
    limited,
    3,
  );
  const acmePeer = await give(
    acmeChain,
    giver,
    user(everyone.acmePeer),
    'delegated-manager',
    organizations.acme,
    limited,
    3,
  );
  await give(acmeChain, giver, user(everyone.acmeHelpDesk), 'help-desk', organizations.acme, limited, 0);
  await give(
    acmeChain,
    giver,
    user(everyone.acmeApplicationManager),
    'application-manager',
    organizations.acme,
    { applications: [applications.parts], entitlements: [] },
    0,
  );
  const acme2Manager = await give(
    acme2Chain,
    giver,
    user(everyone.acme2Manager),
    'delegated-manager',
    organizations.acme2,
    limited,
    3,
  );
  await give(ownerChain, giver, user(everyone.auditor), 'auditor', organizations.root, { all: true }, 0);
  const managerChain = (await loadChain(db, acmeManager))!;
  const northManager = await give(
    managerChain,
    everyone.acmeManager,
    user(everyone.northManager),
    'delegated-manager',
    organizations.acmeNorth,
    { applications: [applications.parts], entitlements: [] },
    0,
  );
  return { rootRow, owner, acmeStanding, acme2Standing, acmeManager, acmePeer, northManager, acme2Manager };
}
