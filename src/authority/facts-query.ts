import { type Kysely, type RawBuilder, sql } from 'kysely';
import { prepared } from '../platform/database.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { Proof } from './facts.ts';

export const linkColumns = sql`
  d.id, d.kind, d.parent_id as "parentId", d.chain, d.giver_user_id as "giverUserId",
  d.giver_delegation_id as "giverDelegationId", d.delegate_kind as "delegateKind",
  d.delegate_user_id as "delegateUserId", d.delegate_membership_id as "delegateMembershipId",
  d.delegate_organization_id as "delegateOrganizationId", d.delegate_client_id as "delegateClientId",
  d.relation, d.relation_path as "relationPath", d.giver_membership_id as "giverMembershipId",
  d.admin_role_id as "adminRoleId",
  d.permissions || coalesce((select r.permissions from admin_role r where r.id = d.admin_role_id), '{}') as permissions,
  d.scope, array(select p from unnest(d.place_paths) p where place_is_off(p)) as "offPlaces",
  d.entitlements, d.starts_at as "startsAt", d.ends_at as "endsAt", d.may_pass_on as "mayPassOn", d.seats,
  d.state, d.ended_at as "endedAt", d.version`;

/** A link as the statements give it: names in our code, columns of `delegation d`. */
const linkFields = {
  id: 'id',
  kind: 'kind',
  parentId: 'parent_id',
  chain: 'chain',
  giverUserId: 'giver_user_id',
  giverDelegationId: 'giver_delegation_id',
  delegateKind: 'delegate_kind',
  delegateUserId: 'delegate_user_id',
  delegateMembershipId: 'delegate_membership_id',
  delegateOrganizationId: 'delegate_organization_id',
  delegateClientId: 'delegate_client_id',
  relation: 'relation',
  relationPath: 'relation_path',
  giverMembershipId: 'giver_membership_id',
  adminRoleId: 'admin_role_id',
  own: 'permissions',
  places: 'place_paths',
  scope: 'scope',
  entitlements: 'entitlements',
  startsAt: 'starts_at',
  endsAt: 'ends_at',
  mayPassOn: 'may_pass_on',
  seats: 'seats',
  state: 'state',
  endedAt: 'ended_at',
  version: 'version',
} as const;

const linkObject = sql.raw(
  Object.entries(linkFields)
    .map(([name, column]) => `'${name}', d.${column}`)
    .join(', '),
);

/** Whose facts: one proof's, those of named members, those that links give, or of everybody who might act on a target. */
type Subject = Proof['kind'] | 'members' | 'links' | 'holders' | 'deciders';

const queries = new Map<string, string>();

/**
 * The statement's text, its one parameter the proof. Building it anew took a third of a check. `people` are the actor
 * and, where the actor is a deputy, those who named them, up to four deep; `standers` adds the givers below relations.
 * The laterals with `limit 1` and `offset 0` keep the planner on the indexes: it takes an array for a hundred rows, and
 * then read all memberships for the eight that were asked for.
 */
export function factsQuery(db: Kysely<DB>, kind: Subject, withEnded: boolean, stamped = false): string {
  const key = `${kind} ${withEnded} ${stamped}`;
  const known = queries.get(key);
  if (known) return known;
  const alive = withEnded ? sql`` : sql`and d.state <> 'ended'`;
  // The delegate's kind is named because the indexes on delegates are partial.
  const held =
    kind === 'links'
      ? sql`select d.id, d.chain, d.place_paths, d.kind from delegation d where d.id = any (${null}::uuid[])`
      : kind === 'key'
        ? sql`select d.id, d.chain, d.place_paths, d.kind from me join delegation d
          on d.delegate_kind = 'client' and d.delegate_client_id = me."clientId" and d.kind <> 'represent' ${alive}`
        : sql`select d.* from people p cross join lateral (select d.id, d.chain, d.place_paths, d.kind from delegation d
          where d.delegate_kind = 'user' and d.delegate_membership_id = p.id and d.kind in ('administer', 'approve') ${alive} offset 0) d`;
  const built = sql`${prepared}
    with recursive me as materialized (${whoIs(kind, sql`(select remit_now())`)}),${kind === 'holders' || kind === 'deciders' ? candidates(kind === 'deciders') : sql``}
    people (id, deep) as (
      ${firstPeople(kind)}
      union
      select d.giver_membership_id, p.deep + 1 from people p join delegation d
        on d.delegate_kind = 'user' and d.delegate_membership_id = p.id and d.kind = 'approve' and d.state <> 'ended'
      where p.deep < ${sql.lit(mostDeputies + (isProof(kind) ? 0 : 1))}
    ),
    held as materialized (${held}),
    own as materialized (
      select me.path from me where me.path is not null
      union select m.path from people p cross join lateral (select m.path from membership m where m.id = p.id limit 1) m where p.deep > 0
      union select unnest(h.place_paths) from held h where h.kind = 'administer'
      ${guarded}
    ),
    around as materialized (
      select distinct array_to_string((string_to_array(o.path, '.'))[1:n], '.') collate "C" as path
      from own o, generate_series(1, cardinality(string_to_array(o.path, '.'))) n
    ),
    related as materialized (
      select d.* from around a cross join lateral (select d.id, d.chain from delegation d
        where d.delegate_kind = 'relation' and d.relation_path = a.path ${alive} ${kind === 'links' ? sql`and false` : sql``} offset 0) d
    ),
    rows as materialized (
      select d.* from (
        select unnest(array_append(h.chain, h.id)) as id from held h
        union select unnest(array_append(r.chain, r.id)) from related r
      ) x cross join lateral (select d.* from delegation d where d.id = x.id limit 1) d
    ),
    givers as materialized (
      select distinct c.giver_membership_id as id from rows c join rows r on r.id = c.parent_id
      where r.delegate_kind = 'relation' and c.giver_membership_id is not null
    ),
    theirs as materialized (
      select d.* from (
        select unnest(array_append(g.chain, g.id)) as id from givers v cross join lateral (select g.id, g.chain from delegation g
          where g.delegate_kind = 'user' and g.delegate_membership_id = v.id and g.kind = 'administer' and g.state <> 'ended' offset 0) g
        except select r.id from rows r
      ) x cross join lateral (select d.* from delegation d where d.id = x.id limit 1) d
    ),
    links as (select * from rows union all select * from theirs),
    stand as (
      select p.id from people p where p.deep > 0 or exists (select 1 from related) union select id from givers
    ),
    reached as (
      select path from own
      union select unnest(d.place_paths) from related r join delegation d on d.id = r.id
      union select unnest(n.place_paths) from rows x cross join lateral (
          select c.place_paths from rows c where c.id = any (x.chain) and c.place_paths <> '{}' order by array_position(x.chain, c.id) limit 1) n
        where x.place_paths = '{}' and (exists (select 1 from held h where h.id = x.id) or exists (select 1 from related r where r.id = x.id))
      union select o.path from stand s join guardian g on g.membership_id = s.id and g.state = 'active'
        join organization o on o.id = g.organization_id
    ),
    places as (
      select path from around
      union select array_to_string((string_to_array(p, '.'))[1:n], '.') collate "C"
      from links d, unnest(d.place_paths) p, generate_series(1, cardinality(string_to_array(p, '.'))) n
    )
    select remit_now() as at, (select row_to_json(me) from me) as me,${stamped ? stamps : sql``}
      (select json_agg(json_build_object(${linkObject})) from links d) as links,
      (select json_object_agg(r.id, r.permissions) from admin_role r where r.id in (select d.admin_role_id from links d)) as roles,
      array(select o.path from places a join organization o on o.path = a.path and o.state <> 'active') as off,
      (select json_agg(json_build_object('membershipId', m.id, 'userId', u.id, 'userState', u.state, 'displayName', u.display_name,
        'language', u.language, 'membershipState', m.state, 'startsAt', m.starts_at, 'endsAt', m.ends_at,
        'organizationId', m.organization_id, 'path', m.path, 'off', place_is_off(m.path),
        'canSignIn', exists (select 1 from credential k where k.user_id = u.id),
        'reportsUntil', (select max(r.ends_at) from membership r where r.line_manager_id = m.id and r.user_id <> m.user_id
          and r.state <> 'ended'),
        'guardianships', (select json_agg(json_build_object('path', o.path, 'startsAt', g.starts_at, 'endsAt', g.ends_at))
          from guardian g join organization o on o.id = g.organization_id where g.membership_id = m.id and g.state = 'active')))
        from stand s cross join lateral (select m.* from membership m where m.id = s.id limit 1) m
        cross join lateral (select u.* from app_user u where u.id = m.user_id limit 1) u) as standers,
      (select json_agg(json_build_object('id', e.id, 'organizationId', e.organization_id, 'path', e.path, 'below', e.below,
        'permissions', e.permissions, 'applicationId', e.application_id, 'entitlementId', e.entitlement_id, 'userId', e.user_id,
        'free', array_append(u.chain, u.id), 'startsAt', e.starts_at, 'endsAt', e.ends_at))
        from exception e left join delegation u on u.id = e.set_under
        where e.state = 'active' and (e.path in (select path from places)
          or exists (select 1 from reached o where e.path >= o.path and e.path < o.path || '/'))
          and exists (select 1 from held h where u.id is null or h.id <> u.id and h.id <> all (u.chain)
            union all select 1 from related h where u.id is null or h.id <> u.id and h.id <> all (u.chain))) as exceptions
    ${stamped ? stampKeysOfAll : sql``}`.compile(db).sql;
  queries.set(key, built);
  return built;
}

/** Of everybody, of the person and of those behind whom or through whom they stand, and of the branches of every place above. */
export const stamps = sql`
  k.keys as "stampKeys", (select coalesce(sum(t.value), 0)::bigint from stamp t where t.key = any (k.keys)) as stamp,`;

const stampKeysOfAll = sql`
  from (select array(select 'r' union select stamp_person(me."userId") from me where me."userId" is not null
      union select stamp_branch(path) from places
      union select unnest(array[stamp_person(m.user_id), stamp_branch(m.path)]) from stand s
        cross join lateral (select m.user_id, m.path from membership m where m.id = s.id limit 1) m) as keys) k`;

/** How many people a relation is looked through for one target: all members of a large organization are no answer. */
export const mostCandidates = 200;

const isProof = (kind: Subject): kind is Proof['kind'] =>
  kind === 'session' || kind === 'key' || kind === 'membership';

/** Zero deep is whoever proved to be the actor; the others stand only behind somebody. */
function firstPeople(kind: Subject): RawBuilder<unknown> {
  if (kind === 'links' || kind === 'members') return sql`select unnest(${null}::uuid[]), 1`;
  if (kind === 'holders' || kind === 'deciders') return sql`select id, 1 from candidate`;
  return sql`select me."membershipId", 0 from me where me."membershipId" is not null`;
}

/** Households that somebody looks after from a membership elsewhere: "guardians in" is found by where these stand. */
const guarded = sql`
  union select o.path from people p join guardian g on g.membership_id = p.id and g.state = 'active'
    join organization o on o.id = g.organization_id`;

/** The deputy, and as many deputies of deputies as somebody may allow to follow. */
const mostDeputies = 4;

/** They and their deputies, and the deputies of these, as far as people() walks back again. */
export const deputies = sql`
  with recursive deciding (id, deep) as (
    select id, 0 from able
    union
    select d.delegate_membership_id, p.deep + 1 from deciding p join delegation d
      on d.giver_membership_id = p.id and d.kind = 'approve' and d.state = 'active'
    where p.deep < ${sql.lit(mostDeputies)}
  ) select distinct id from deciding`;

/** Parameters: the places at and above the target; its person's line managers. */
function candidates(withDeputies: boolean): RawBuilder<unknown> {
  return sql`
    named as materialized (
      select d.delegate_membership_id, d.relation, d.relation_path from delegation d
      where d.kind = 'administer' and d.delegate_kind in ('user', 'relation') and d.state = 'active'
        and d.place_paths && ${null}::text[]
      union all
      select d.delegate_membership_id, d.relation, d.relation_path from delegation d
      where d.kind = 'administer' and d.delegate_kind in ('user', 'relation') and d.state = 'active' and d.place_paths = '{}'
    ),
    inside as (
      select m.id from (select distinct relation, relation_path from named where relation in ('members', 'line-managers')) n
      cross join lateral (
        select m.id from membership m
        where m.path >= n.relation_path and m.path < n.relation_path || '/' and m.state = 'active'
          and (n.relation = 'members' or exists (select 1 from membership r where r.line_manager_id = m.id and r.state <> 'ended'))
        limit ${sql.lit(mostCandidates)}) m
    ),
    able as materialized (
      select delegate_membership_id as id from named where relation is null
      union select id from inside
      union select unnest(${null}::uuid[]) where exists (select 1 from named where relation = 'line-managers')
      union select d.id from (select distinct relation_path from named where relation = 'managers') n cross join lateral (
        select d.delegate_membership_id as id from delegation d
        where d.kind = 'administer' and d.delegate_kind = 'user' and d.state <> 'ended'
          and d.place_paths[1] collate "C" >= n.relation_path and d.place_paths[1] collate "C" < n.relation_path || '/'
        union all
        select d.delegate_membership_id from delegation d
        where d.kind = 'administer' and d.delegate_kind = 'user' and d.state <> 'ended' and cardinality(d.place_paths) > 1
        offset 0) d
      union select g.membership_id from named n join organization o on n.relation = 'guardians'
        and o.path >= n.relation_path and o.path < n.relation_path || '/'
        join guardian g on g.organization_id = o.id and g.state = 'active'
    ),
    candidate as materialized (
      ${withDeputies ? deputies : sql`select id from able`}
    ),`;
}

/** Who a credential speaks for. A session that ended, or a key past its day, speaks for nobody; a key of before, for a while. */
export function whoIs(kind: Subject, at: RawBuilder<unknown>): RawBuilder<unknown> {
  const user = sql`
    u.id as "userId", u.display_name as "displayName", u.state as "userState", u.language, m.id as "membershipId",
    m.state as "membershipState", m.starts_at as "startsAt", m.ends_at as "endsAt", m.organization_id as "organizationId",
    m.path, null::uuid as "clientId"`;
  switch (kind) {
    case 'members':
    case 'links':
    case 'holders':
    case 'deciders':
      return sql`select null::uuid as "membershipId", null::text as path, null::uuid as "clientId" where false`;
    case 'session':
      return sql`select s.id as "sessionId", ${user}
        from session s join app_user u on u.id = s.user_id left join membership m on m.id = s.membership_id and m.user_id = u.id
        where s.token_hash = ${null} and s.ended_at is null and s.expires_at > ${at}`;
    case 'membership':
      return sql`select null::uuid as "sessionId", ${user}
        from membership m join app_user u on u.id = m.user_id where m.id = ${null}`;
    case 'key':
      return sql`select null::uuid as "sessionId", null::uuid as "userId", c.name as "displayName", c.state as "userState",
          'en' as language, null::uuid as "membershipId", null as "membershipState", c.starts_at as "startsAt",
          c.ends_at as "endsAt", c.organization_id as "organizationId", o.path, c.id as "clientId"
        from (select ${null}::bytea as hash) p
        cross join lateral (
          select c.* from client c where c.key_hash = p.hash
          union all
          select c.* from client_former_key f join client c on c.id = f.client_id where f.key_hash = p.hash and f.until > ${at}) c
        join organization o on o.id = c.organization_id`;
  }
}
