import { type Kysely, sql } from 'kysely';
import type { Holding } from '../authority/holds.ts';
import type { Difference, HolderId } from '../authority/measure.ts';
import type { Part } from '../authority/pieces.ts';
import { say } from '../authority/say.ts';
import type { DB } from '../platform/schema.gen.ts';

/** Who a difference is about, and where they stand. */
export type Someone = {
  kind: 'user' | 'client';
  membershipId: string | null;
  userId: string | null;
  clientId: string | null;
  name: string;
  organizationId: string;
  organizationName: string;
  path: string;
  line: string[];
};

/** A place that somebody belongs to, with their line managers there. */
export type Whereabouts = { path: string; line: string[] };

export type PreviewNames = {
  holders: Map<HolderId, Someone>;
  /** by path, as the tree is before the change */
  places: Map<string, { id: string; name: string; timeZone: string }>;
  /** those whom a boundary names, with where they belong */
  users: Map<string, { name: string; places: Whereabouts[] }>;
  applications: Map<string, string>;
  entitlements: Map<string, { name: string; applicationName: string }>;
};

/** The names of everything in a difference, each kind by one statement. */
export async function loadPreviewNames(db: Kysely<DB>, difference: Difference): Promise<PreviewNames> {
  const holders = [...difference.powers.keys(), ...difference.later.map(({ holder }) => holder)];
  const parts: Part[] = [];
  const paths = new Set<string>();
  for (const acts of difference.powers.values())
    for (const { gains, loses } of acts.values())
      for (const { part, but, areas } of [...gains, ...loses]) {
        parts.push(part, ...but);
        for (const { path, holes } of areas)
          for (const one of [path, ...holes.map((hole) => hole.path)]) paths.add(one);
      }
  for (const { before, after } of difference.later)
    for (const one of [before, after]) if (one?.place) paths.add(one.place);
  const ofKind = (prefix: string, ids: (string | undefined)[]): string[] => [
    ...new Set(ids.flatMap((id) => (id?.startsWith(prefix) ? [id.slice(2)] : []))),
  ];
  const members = [
    ...ofKind('m:', holders),
    ...[...difference.gained, ...difference.lost].map(({ membershipId }) => membershipId),
    ...parts.flatMap(({ reports }) => reports.map((one) => one.slice(0, one.lastIndexOf(':')))),
  ];
  const access = parts.map((part) => part.access);
  const { rows: people } = await sql<Someone>`
    select 'user' as kind, m.id as "membershipId", m.user_id as "userId", null as "clientId", u.display_name as name,
      o.id as "organizationId", o.name as "organizationName", m.path, m.line
    from membership m join app_user u on u.id = m.user_id join organization o on o.id = m.organization_id
    where m.id = any (${[...new Set(members)]}::uuid[])
    union all
    select 'client', null, null, c.id, c.name, o.id, o.name, o.path, '{}' from client c join organization o on o.id = c.organization_id
    where c.id = any (${ofKind('c:', holders)}::uuid[])`.execute(db);
  const known = new Set(people.map(({ membershipId }) => membershipId));
  people.push(
    ...(await newcomers(
      db,
      difference.gained.filter(({ membershipId }) => !known.has(membershipId)),
    )),
  );
  const { rows: named } = await sql<{ id: string; name: string; places: Whereabouts[] }>`
    select u.id, u.display_name as name, coalesce(jsonb_agg(jsonb_build_object('path', m.path, 'line', m.line)) filter (where m.id is not null), '[]') as places
    from app_user u left join membership m on m.user_id = u.id and m.state <> 'ended'
    where u.id = any (${parts.flatMap(({ user }) => user ?? [])}::uuid[]) group by u.id`.execute(db);
  const { rows } = await sql<{
    kind: string;
    id: string;
    name: string;
    more: string | null;
    zone: string | null;
  }>`
    select 'place' as kind, id::text, name, path::text as more, time_zone as zone from organization where path = any (${[...paths]}::text[])
    union all select 'application', id::text, name, null, null from application where id = any (${ofKind('a:', access)}::uuid[])
    union all select 'entitlement', e.id::text, e.name, a.name, null from entitlement e join application a on a.id = e.application_id
      where e.id = any (${ofKind('e:', access)}::uuid[])`.execute(db);
  const of = (kind: string) => rows.filter((row) => row.kind === kind);
  return {
    holders: new Map(
      people.map((one) => [one.kind === 'user' ? `m:${one.membershipId!}` : `c:${one.clientId!}`, one]),
    ),
    places: new Map(of('place').map(({ id, name, more, zone }) => [more!, { id, name, timeZone: zone! }])),
    users: new Map(named.map(({ id, name, places }) => [id, { name, places }])),
    applications: new Map(of('application').map(({ id, name }) => [id, name])),
    entitlements: new Map(
      of('entitlement').map(({ id, name, more }) => [id, { name, applicationName: more! }]),
    ),
  };
}

/** People by places that only the change makes: who they are, and where, is there already. */
async function newcomers(db: Kysely<DB>, gained: readonly Holding[]): Promise<Someone[]> {
  if (gained.length === 0) return [];
  const places = new Map(gained.map((one) => [one.membershipId, one]));
  const { rows } = await sql<Someone>`
    select 'user' as kind, n.membership_id as "membershipId", u.id as "userId", null as "clientId", u.display_name as name,
      o.id as "organizationId", o.name as "organizationName", o.path, '{}'::text[] as line
    from unnest(${[...places.keys()]}::uuid[], ${[...places.values()].map(({ userId }) => userId)}::uuid[],
      ${[...places.values()].map(({ organizationId }) => organizationId)}::uuid[]) n (membership_id, user_id, organization_id)
    join app_user u on u.id = n.user_id join organization o on o.id = n.organization_id`.execute(db);
  return rows;
}

/**
 * What access or people a part is about, in words; '' for everybody or for no access in particular.
 * @param knows whether the reader may know who somebody is that a boundary names (ruling 9)
 */
export function partWords(
  { access, user, reports }: Part,
  names: PreviewNames,
  knows: (userId: string, places: readonly Whereabouts[]) => boolean,
): { access: string; over: string } {
  const entitlement = access?.startsWith('e:') ? names.entitlements.get(access.slice(2)) : undefined;
  const found = user ? names.users.get(user) : undefined;
  const reported = reports.map((one) => {
    const [of, depth] = [one.slice(0, one.lastIndexOf(':')), one.slice(one.lastIndexOf(':') + 1)];
    const head = names.holders.get(`m:${of}`);
    const name = head && knows(head.userId!, [head]) ? head.name : say('somebody');
    return say(depth === 'direct' ? 'people.reports.direct' : 'people.reports.all', { whom: name });
  });
  return {
    access:
      access === undefined
        ? ''
        : access === '*'
          ? say('access.all')
          : entitlement
            ? say('access.role', { role: entitlement.name, application: entitlement.applicationName })
            : (names.applications.get(access.slice(2)) ?? ''),
    over: [
      ...(user ? [found && knows(user, found.places) ? found.name : say('somebody')] : []),
      ...reported,
    ].join(say('preview.whoAre')),
  };
}
