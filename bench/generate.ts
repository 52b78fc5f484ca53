import { type Kysely, sql } from 'kysely';
import type { Chain } from '../src/authority/delegation.ts';
import { alwaysAfter, alwaysBefore } from '../src/authority/facts.ts';
import { adminRoleId } from '../src/authority/permissions.ts';
import { appointOwner, createInstance } from '../src/delegation/instance.ts';
import { insertDelegations, loadChain, type NewDelegation } from '../src/delegation/store.ts';
import { newId } from '../src/platform/ids.ts';
import type { DB } from '../src/platform/schema.gen.ts';
import { hashSessionToken } from '../src/platform/sessions.ts';
import { seeded } from './random.ts';

/** The planned sizes of the design, section 7; the bench generates S. */
export const sizes = { S: { organizations: 1_000, people: 10_000, depth: 8 } } as const;

export type Place = { id: string; path: string; parent: number | undefined };
export type Manager = {
  membershipId: string;
  userId: string;
  delegationId: string;
  token: string;
  place: Place;
};
export type Generated = { organizations: Place[]; managers: Manager[] };

const firstNames =
  'Anna Bram Chloé Daan Emma Finn Greta Hugo Ilse Jan Karin Lars Mila Noor Otto Petra Ruth Sven Tess Willem'.split(
    ' ',
  );
const lastNames =
  'Jansen Müller Dubois Visser Bakker Schmidt Leroy Peeters Novak Rossi Silva Kowalski Nagy Lund Ek'.split(
    ' ',
  );

/**
 * Fills an empty instance: a tree grown at random to `depth` levels, people spread over it unevenly (some large
 * organizations, many small), and in every organization with people below it one manager, appointed by the manager
 * above, so that chains are as deep as the tree. Everybody can sign in, which is the dear case for a list.
 */
export async function generate(
  db: Kysely<DB>,
  size: { organizations: number; people: number; depth: number },
): Promise<Generated> {
  const random = seeded(1);
  const instance = (await createInstance(db, { name: 'Bench', timeZone: 'UTC' }))!;
  const organizations = growTree(instance.organizationId, size, random);
  await insertRows(
    db,
    'organization',
    organizations.slice(1).map(({ id, path, parent }, index) => ({
      id,
      path,
      parent_id: organizations[parent!]!.id,
      next_code: 0,
      name: `Organization ${index + 1}`,
      description: '',
      state: 'active',
      time_zone: 'UTC',
      domains: [],
      version: 1,
      created_at: 'now',
    })),
  );
  const people = settle(organizations, size.people, random);
  const at = 'now';
  await insertRows(
    db,
    'app_user',
    people.map((person) => ({
      id: person.userId,
      home_organization_id: person.place.id,
      user_name: person.userName,
      display_name: person.name,
      email: `${person.userName}@bench.example`,
      proved_email: `${person.userName}@bench.example`,
      email_proved_at: at,
      language: 'en',
      state: 'active',
      version: 1,
      created_at: at,
    })),
  );
  await insertRows(
    db,
    'membership',
    people.map((person) => ({
      id: person.membershipId,
      user_id: person.userId,
      organization_id: person.place.id,
      path: person.place.path,
      sort_name: person.name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase(),
      title: 'Member',
      attributes: {},
      starts_at: '-infinity',
      ends_at: 'infinity',
      state: 'active',
      version: 1,
      created_at: at,
    })),
  );
  await insertRows(
    db,
    'credential',
    people.map(({ userId }) => ({ user_id: userId, password_hash: 'x', must_change: false, changed_at: at })),
  );
  const managers = await appoint(db, organizations, people);
  await sql`vacuum analyze`.execute(db);
  return { organizations, managers };
}

function growTree(
  rootId: string,
  { organizations: count, depth }: { organizations: number; depth: number },
  random: () => number,
): Place[] {
  const tree: (Place & { level: number; children: number })[] = [
    { id: rootId, path: 'r', parent: undefined, level: 1, children: 0 },
  ];
  while (tree.length < count) {
    // Half of the time below one of the newest, which makes the tree deep; else anywhere, which makes it wide.
    const from = random() < 0.5 ? Math.max(0, tree.length - 20) : 0;
    const parent = from + Math.floor(random() * (tree.length - from));
    const above = tree[parent]!;
    if (above.level >= depth) continue;
    tree.push({
      id: newId(),
      path: `${above.path}.${(above.children++).toString(36)}`,
      parent,
      level: above.level + 1,
      children: 0,
    });
  }
  return tree;
}

type Person = { userId: string; membershipId: string; userName: string; name: string; place: Place };

function settle(organizations: Place[], count: number, random: () => number): Person[] {
  const any = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  return Array.from({ length: count }, (_, index) => ({
    userId: newId(),
    membershipId: newId(),
    userName: `person${index}`,
    name: `${any(firstNames)} ${any(lastNames)} ${index}`,
    // the first ones give every organization somebody; the square favours the older, larger organizations
    place:
      index < organizations.length
        ? organizations[index]!
        : organizations[Math.floor(random() ** 2 * organizations.length)]!,
  }));
}

/** A manager for each organization, below the one above; and a session for each of them. */
async function appoint(db: Kysely<DB>, organizations: Place[], people: Person[]): Promise<Manager[]> {
  const owner = await appointOwner(db, people[0]!, adminRoleId('owner'));
  const chains = new Map<number, Chain>([[0, (await loadChain(db, owner.targetId!))!]]);
  const links: NewDelegation[] = [];
  for (const [index, place] of organizations.entries()) {
    if (place.parent === undefined) continue;
    const parent = chains.get(place.parent)!;
    const id = newId();
    const manager = people[index]!;
    const link: NewDelegation = {
      id,
      parent,
      giverUserId: people[place.parent]!.userId,
      giverDelegationId: parent[0]!.id,
      delegate: { kind: 'user', userId: manager.userId, membershipId: manager.membershipId },
      adminRoleId: adminRoleId('delegated-manager'),
      permissions: [],
      scope: [{ places: [{ id: place.id, path: place.path, below: true }] }],
      entitlements: { all: true },
      startsAt: alwaysBefore,
      endsAt: alwaysAfter,
      mayPassOn: 100 - parent.length,
    };
    links.push(link);
    // Only ids of it are read when the next one is hung below.
    chains.set(index, [{ id } as Chain[number], ...parent]);
  }
  await insertDelegations(db, links);
  const managers = organizations.map((place, index) => ({
    ...people[index]!,
    place,
    delegationId: chains.get(index)![0]!.id,
    token: `bench-${index}`,
  }));
  await insertRows(
    db,
    'session',
    managers.map(({ userId, membershipId, token }) => ({
      id: newId(),
      token_hash: `\\x${hashSessionToken(token).toString('hex')}`,
      user_id: userId,
      membership_id: membershipId,
      created_at: 'now',
      last_seen_at: 'now',
      expires_at: '2100-01-01',
      ends_at: '2100-01-01',
      user_agent: '',
      address: '',
    })),
  );
  return managers;
}

async function insertRows(db: Kysely<DB>, table: keyof DB, rows: Record<string, unknown>[]): Promise<void> {
  const columns = Object.keys(rows[0]!);
  const names = sql.join(columns.map((column) => sql.ref(column)));
  await sql`insert into ${sql.table(table)} (${names}) select ${names} from jsonb_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(rows)}::jsonb)`.execute(
    db,
  );
}
