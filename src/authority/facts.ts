import { CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely';
import { prepared } from '../platform/database.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { Box, EntitlementLimit, Link } from './delegation.ts';

import { isAtOrBelow } from './place.ts';

/** Proof of who acts, as it came in: hashes only. `membership` is a named user of the CLI or of a job. */
export type Credential =
  | { kind: 'session'; tokenHash: Buffer }
  | { kind: 'key'; keyHash: Buffer }
  | { kind: 'membership'; membershipId: string }
  | { kind: 'none' };

/** Why an actor has no standing: nobody acts from an ended membership or a closed organization. */
export type NoStanding =
  | 'anonymous'
  | 'no-membership'
  | 'user-off'
  | 'membership-off'
  | 'not-begun'
  | 'left'
  | 'organization-off'
  | 'client-off';

export type Actor =
  | {
      kind: 'user';
      userId: string;
      membershipId: string | null;
      sessionId: string | null;
      displayName: string;
      organizationId: string | null;
      path: string | null;
      language: string;
    }
  | { kind: 'client'; clientId: string; name: string; organizationId: string; path: string }
  | { kind: 'anonymous' }
  /** the instance itself: set-up and sweepers */
  | { kind: 'system' }
  /** whoever runs the CLI on the server without naming a user */
  | { kind: 'operator' };

/** Everything that deciding needs, loaded by one statement. */
export type Facts = {
  /** database time of the statement */
  at: Date;
  actor: Actor;
  noStanding: NoStanding | undefined;
  /** the links that the actor holds, in this membership only: rights of two organizations do not mix */
  held: Link[];
  /** the held links and all their ancestors, by id */
  links: ReadonlyMap<string, Link>;
};

export const linkColumns = sql`
  d.id, d.kind, d.parent_id as "parentId", d.chain, d.giver_user_id as "giverUserId",
  d.giver_delegation_id as "giverDelegationId", d.delegate_kind as "delegateKind",
  d.delegate_user_id as "delegateUserId", d.delegate_membership_id as "delegateMembershipId",
  d.delegate_organization_id as "delegateOrganizationId", d.delegate_client_id as "delegateClientId",
  d.admin_role_id as "adminRoleId",
  d.permissions || coalesce((select r.permissions from admin_role r where r.id = d.admin_role_id), '{}') as permissions,
  d.scope, array(select p from unnest(d.place_paths) p where place_is_off(p)) as "offPlaces",
  d.entitlements, d.starts_at as "startsAt", d.ends_at as "endsAt", d.may_pass_on as "mayPassOn", d.seats,
  d.state, d.ended_at as "endedAt", d.version`;

/**
 * Loads an actor's facts in one statement: who it is, its standing, the links it holds and their chains.
 * `withEnded` adds its ended links, for answering "why not".
 *
 * Every request runs this, so it is built once, planned once a connection, and walks indexes only. What is off and
 * what admin roles hold is looked up once for all links together: asking for each of them took most of the time.
 */
export async function loadFacts(db: Kysely<DB>, credential: Credential, withEnded = false): Promise<Facts> {
  if (credential.kind === 'none') return anonymousFacts(db);
  const text = factsQuery(db, credential.kind, withEnded);
  const { rows } = await db.executeQuery<FactsRow>(CompiledQuery.raw(text, [proofOf(credential)]));
  const { at, me, links, roles, off } = rows[0]!;
  const isOff = (path: string): boolean => off.some((above) => isAtOrBelow(path, above));
  return toFacts(
    at,
    me && { ...me, off: me.path !== null && isOff(me.path) },
    (links ?? []).map(({ own, places, ...link }) => ({
      ...link,
      permissions: link.adminRoleId ? [...own, ...(roles?.[link.adminRoleId] ?? [])] : own,
      offPlaces: off.length === 0 ? [] : places.filter(isOff),
    })),
  );
}

type FactsRow = {
  at: Date;
  me: MeRow | null;
  links: (Omit<LinkRow, 'permissions' | 'offPlaces'> & { own: string[]; places: string[] })[] | null;
  /** permissions by admin role */
  roles: Record<string, string[]> | null;
  /** places at or above those of the links and of the actor that are suspended or closed */
  off: string[];
};

type Proof = Exclude<Credential, { kind: 'none' }>;

const proofOf = (credential: Proof): Buffer | string =>
  credential.kind === 'session'
    ? credential.tokenHash
    : credential.kind === 'key'
      ? credential.keyHash
      : credential.membershipId;

const queries = new Map<string, string>();

/** The statement's text, its one parameter the proof. Building it anew took a third of a check. */
function factsQuery(db: Kysely<DB>, kind: Proof['kind'], withEnded: boolean): string {
  const key = `${kind} ${withEnded}`;
  const known = queries.get(key);
  if (known) return known;
  // The delegate's kind is named because the indexes on delegates are partial.
  const delegate =
    kind === 'key'
      ? sql`d.delegate_kind = 'client' and d.delegate_client_id = me."clientId"`
      : sql`d.delegate_kind = 'user' and d.delegate_membership_id = me."membershipId"`;
  const built = sql`${prepared}
    with me as materialized (${whoIs(kind)}),
    held as materialized (
      select d.id, d.chain from me join delegation d on ${delegate} ${withEnded ? sql`` : sql`and d.state <> 'ended'`}
    ),
    rows as materialized (
      select d.* from delegation d where d.id in (select unnest(array_append(h.chain, h.id)) from held h)
    ),
    places as (
      select string_to_array(me.path, '.') as codes from me where me.path is not null
      union select string_to_array(p, '.') from rows d, unnest(d.place_paths) p
    ),
    above as (
      select distinct array_to_string(p.codes[1:n], '.') as path from places p, generate_series(1, cardinality(p.codes)) n
    )
    select remit_now() as at, (select row_to_json(me) from me) as me,
      (select json_agg(json_build_object('id', d.id, 'kind', d.kind, 'parentId', d.parent_id, 'chain', d.chain,
        'giverUserId', d.giver_user_id, 'giverDelegationId', d.giver_delegation_id, 'delegateKind', d.delegate_kind,
        'delegateUserId', d.delegate_user_id, 'delegateMembershipId', d.delegate_membership_id,
        'delegateOrganizationId', d.delegate_organization_id, 'delegateClientId', d.delegate_client_id,
        'adminRoleId', d.admin_role_id, 'own', d.permissions, 'places', d.place_paths, 'scope', d.scope,
        'entitlements', d.entitlements, 'startsAt', d.starts_at, 'endsAt', d.ends_at, 'mayPassOn', d.may_pass_on,
        'seats', d.seats, 'state', d.state, 'endedAt', d.ended_at, 'version', d.version,
        'held', exists (select 1 from held h where h.id = d.id))) from rows d) as links,
      (select json_object_agg(r.id, r.permissions) from admin_role r where r.id in (select d.admin_role_id from rows d)) as roles,
      array(select o.path from above a join organization o on o.path = a.path and o.state <> 'active') as off`.compile(
    db,
  ).sql;
  queries.set(key, built);
  return built;
}

async function anonymousFacts(db: Kysely<DB>): Promise<Facts> {
  const { rows } = await sql<{ at: Date }>`select remit_now() as at`.execute(db);
  return {
    at: rows[0]!.at,
    actor: { kind: 'anonymous' },
    noStanding: 'anonymous',
    held: [],
    links: new Map(),
  };
}

/** Who a credential speaks for. A session that ended, or a key past its day, speaks for nobody. */
function whoIs(kind: Proof['kind']): RawBuilder<unknown> {
  const user = sql`
    u.id as "userId", u.display_name as "displayName", u.state as "userState", u.language, m.id as "membershipId",
    m.state as "membershipState", m.starts_at as "startsAt", m.ends_at as "endsAt", m.organization_id as "organizationId",
    m.path, null::uuid as "clientId"`;
  switch (kind) {
    case 'session':
      return sql`select s.id as "sessionId", ${user}
        from session s join app_user u on u.id = s.user_id left join membership m on m.id = s.membership_id and m.user_id = u.id
        where s.token_hash = ${null} and s.ended_at is null and s.expires_at > (select remit_now())`;
    case 'membership':
      return sql`select null::uuid as "sessionId", ${user}
        from membership m join app_user u on u.id = m.user_id where m.id = ${null}`;
    case 'key':
      return sql`select null::uuid as "sessionId", null::uuid as "userId", c.name as "displayName", c.state as "userState",
          'en' as language, null::uuid as "membershipId", null as "membershipState", c.starts_at as "startsAt",
          c.ends_at as "endsAt", c.organization_id as "organizationId", o.path, c.id as "clientId"
        from client c join organization o on o.id = c.organization_id where c.key_hash = ${null}`;
  }
}

type MeRow = {
  sessionId: string | null;
  userId: string | null;
  displayName: string;
  userState: string;
  language: string;
  membershipId: string | null;
  membershipState: string | null;
  startsAt: string | null;
  endsAt: string | null;
  organizationId: string | null;
  path: string | null;
  off: boolean | null;
  clientId: string | null;
};

/** A link as `to_jsonb` writes it: instants are text, and the infinities are words. */
export type LinkRow = Omit<Link, 'startsAt' | 'endsAt' | 'endedAt' | 'scope' | 'entitlements'> & {
  startsAt: string;
  endsAt: string;
  endedAt: string | null;
  scope: Box[];
  entitlements: EntitlementLimit;
  held?: boolean;
};

/** JavaScript has no infinite date; these stand further out than any day that a person enters. */
export const alwaysBefore = new Date(-8.64e15);
export const alwaysAfter = new Date(8.64e15);

/** Reads an instant that PostgreSQL wrote as text, `infinity` included. */
export function instant(text: string): Date {
  if (text === 'infinity') return alwaysAfter;
  if (text === '-infinity') return alwaysBefore;
  return new Date(text);
}

export const toLink = (row: LinkRow): Link => ({
  ...row,
  startsAt: instant(row.startsAt),
  endsAt: instant(row.endsAt),
  endedAt: row.endedAt === null ? null : instant(row.endedAt),
});

function toFacts(at: Date, me: MeRow | null, rows: LinkRow[]): Facts {
  if (!me) return { at, actor: { kind: 'anonymous' }, noStanding: 'anonymous', held: [], links: new Map() };
  const links = new Map<string, Link>();
  const held: Link[] = [];
  for (const { held: isHeld, ...row } of rows) {
    const link = toLink(row as LinkRow);
    links.set(link.id, link);
    if (isHeld) held.push(link);
  }
  held.sort((one, other) => one.chain.length - other.chain.length || (one.id < other.id ? -1 : 1));
  return { at, actor: toActor(me), noStanding: standingOf(me, at), held, links };
}

function toActor(me: MeRow): Actor {
  if (me.clientId)
    return {
      kind: 'client',
      clientId: me.clientId,
      name: me.displayName,
      organizationId: me.organizationId!,
      path: me.path!,
    };
  return {
    kind: 'user',
    userId: me.userId!,
    membershipId: me.membershipId,
    sessionId: me.sessionId,
    displayName: me.displayName,
    organizationId: me.organizationId,
    path: me.path,
    language: me.language,
  };
}

/** An active user (or client), inside the membership it acts in, inside first and last day, from an open organization. */
function standingOf(me: MeRow, at: Date): NoStanding | undefined {
  if (me.clientId) {
    if (me.userState !== 'active' || at < instant(me.startsAt!) || at >= instant(me.endsAt!))
      return 'client-off';
    return me.off ? 'organization-off' : undefined;
  }
  if (me.userState !== 'active') return 'user-off';
  if (!me.membershipId) return 'no-membership';
  if (me.membershipState === 'ended' || at >= instant(me.endsAt!)) return 'left';
  if (me.membershipState !== 'active') return 'membership-off';
  if (at < instant(me.startsAt!)) return 'not-begun';
  return me.off ? 'organization-off' : undefined;
}
