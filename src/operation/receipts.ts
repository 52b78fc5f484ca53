import { type Kysely, sql } from 'kysely';
import { affectedBy } from '../authority/affected.ts';
import { chainIn } from '../authority/chain.ts';
import { missingFrom } from '../authority/decide.ts';
import {
  type Chain,
  hasEntitlement,
  type Link,
  reachesTarget,
  scopeCovers,
  stopOf,
  type Target,
} from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';
import { loadCeilings, loadHoldings } from '../authority/holds.ts';
import { loadFactsOf } from '../authority/load-facts.ts';
import type { Permission } from '../authority/permissions.ts';
import { type Piece, partWithin, powersOf } from '../authority/pieces.ts';
import { ancestorsOf, placeCovers } from '../authority/place.ts';
import { newId } from '../platform/ids.ts';
import type { DB } from '../platform/schema.gen.ts';
import { type Change, type Context, userOf } from './operation.ts';
import { focusOf } from './rehearsal.ts';

/** How many of each kind ended with a delegation. */
export type ReceiptCounts = Record<
  'delegations' | 'invitations' | 'deputies' | 'requests' | 'access' | 'sessions',
  number
>;

/** A delegation that was just ended, and what it was before: what was paused gave nothing that could be lost. */
export type EndedLink = { id: string; stateBefore: string };

/** Assignments, requests, invitations and memberships that the same act ended by themselves. */
type AlsoEnded = { assignments: string[]; requests: string[]; invitations: string[]; memberships: string[] };

const nothingElse: AlsoEnded = { assignments: [], requests: [], invitations: [], memberships: [] };

const ending = ['delegation.ended', 'delegation.resigned', 'delegation.handed-over'];

/** Writes the receipt of whatever delegations these changes ended, in their transaction, unless that was done already. */
export async function receiptFor(
  context: Context,
  operation: string,
  changes: readonly Change[],
): Promise<void> {
  const ended = changes.flatMap(({ type, targetId, before }) =>
    ending.includes(type) && targetId ? [{ id: targetId, stateBefore: String(before?.state) }] : [],
  );
  if (ended.length === 0) return;
  const { rows } = await sql<{ id: string }>`
    select unnest(roots) as id from receipt where roots && ${ended.map(({ id }) => id)}::uuid[]`.execute(
    context.db,
  );
  const known = new Set(rows.map(({ id }) => id));
  const left = ended.filter(({ id }) => !known.has(id));
  if (left.length === 0) return;
  const ids = (type: string): string[] =>
    changes.flatMap((change) => (change.type === type && change.targetId ? [change.targetId] : []));
  await writeReceipt(context, operation, left, {
    assignments: ids('assignment.ended'),
    requests: ids('request.ended'),
    invitations: ids('invitation.revoked'),
    memberships: ids('membership.ended'),
  });
}

/**
 * Finds everything that ended with these delegations and keeps it: what was given from them, open invitations sent under
 * them, deputies of those who decide nothing any more, open requests that nobody of the place can decide, access that
 * rested on them as a ceiling, and sessions that have less from the next click on. Set-based: a fixed number of
 * statements for any number of dependents.
 */
export async function writeReceipt(
  context: Context,
  operation: string,
  ended: readonly EndedLink[],
  also: AlsoEnded = nothingElse,
): Promise<ReceiptCounts> {
  const { db, at } = context;
  const roots = ended.map(({ id }) => id);
  const links = await endedWith(db, roots, at);
  const below = links.filter(({ root }) => !root);
  const gone = links.map(({ id }) => id);
  const invitations = await invitationsUnder(db, gone, at);
  const focus = focusOf(roots.map((targetId) => ({ targetKind: 'delegation', targetId }) as Change));
  const affected = await affectedBy(db, focus);
  const deputies = await deputiesOf(db, [...affected.members], gone, at);
  const requests = await undecidable(db, links, deputies, at);
  const access = [
    ...(await lostUnder(db, [...affected.people], ended, at)),
    ...(await heldBy(db, also.assignments)),
  ];
  const holders = links.flatMap(({ membershipId }) => membershipId ?? []);
  const sessions = await sessionsOf(
    db,
    [...new Set([...holders, ...access.map(({ membershipId }) => membershipId), ...also.memberships])],
    at,
  );
  const all = {
    delegations: below.map(({ id }) => id),
    invitations: [...new Set([...invitations, ...also.invitations])],
    deputies,
    requests: [...new Set([...requests, ...also.requests])],
    sessions,
  };
  await sql`
    insert into receipt (id, at, operation, ended_by, roots, delegations, invitations, deputies, requests, access_members,
      access_entitlements, sessions)
    values (${newId(at.getTime())}, ${at}, ${operation}, ${userOf(context)?.userId ?? null}, ${roots}::uuid[], ${all.delegations}::uuid[],
      ${all.invitations}::uuid[], ${all.deputies}::uuid[], ${all.requests}::uuid[],
      ${access.map(({ membershipId }) => membershipId)}::uuid[], ${access.map(({ entitlementId }) => entitlementId)}::uuid[],
      ${all.sessions}::uuid[])`.execute(db);
  return {
    delegations: all.delegations.length,
    invitations: all.invitations.length,
    deputies: all.deputies.length,
    requests: all.requests.length,
    access: access.length,
    sessions: all.sessions.length,
  };
}

/** A link that does not stand any more: one that was ended, or one below it. */
type Gone = { id: string; root: boolean; membershipId: string | null; decides: boolean; places: string[] };

/** The links that were ended, and those below that stood until now: what hung below one that had ended before is not this one's doing. */
async function endedWith(db: Kysely<DB>, roots: readonly string[], at: Date): Promise<Gone[]> {
  const { rows } = await sql<Gone>`
    with first as materialized (select d.id, d.chain from delegation d where d.id = any (${roots}::uuid[])),
    below as materialized (
      select distinct on (d.id) d.* from first f join delegation d on d.chain @> array[f.id] where d.id not in (select id from first)
    ),
    dead as materialized (
      select id from below where state = 'ended'
      union
      select a.id from delegation a where a.state = 'ended' and a.id in (select unnest(chain) from first) and a.id not in (select id from first)
    ),
    gone as (
      select d.*, true as root from delegation d where d.id in (select id from first)
      union all
      select b.*, false from below b where b.state <> 'ended' and b.ends_at > ${at}
        and not exists (select 1 from unnest(b.chain) c (id) where c.id in (select id from dead))
    )
    select g.id, g.root, g.delegate_membership_id as "membershipId", g.place_paths as places,
      g.delegate_kind in ('user', 'relation') and 'request.decide' = any (g.permissions || coalesce(r.permissions, '{}')) as decides
    from gone g left join admin_role r on r.id = g.admin_role_id order by g.id`.execute(db);
  return rows;
}

async function invitationsUnder(db: Kysely<DB>, gone: readonly string[], at: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select i.id from unnest(${gone}::uuid[]) g (id) join invitation i on i.invited_under = g.id
    where i.state = 'open' and i.expires_at > ${at} order by i.id`.execute(db);
  return rows.map(({ id }) => id);
}

/** Deputies of members who decide nothing any more. Only those who hold anything else are asked in full. */
async function deputiesOf(
  db: Kysely<DB>,
  members: readonly string[],
  gone: readonly string[],
  at: Date,
): Promise<string[]> {
  const { rows } = await sql<{ id: string; giver: string; other: boolean }>`
    with gone as materialized (select unnest(${gone}::uuid[]) as id),
    deputies as materialized (
      select d.id, d.giver_membership_id as giver, m.path from unnest(${members}::uuid[]) g (id)
      join delegation d on d.giver_membership_id = g.id and d.state <> 'ended' join membership m on m.id = g.id
      where d.kind = 'approve' and d.state = 'active' and d.ends_at > ${at}
    ),
    places as materialized (
      select distinct p.path from (select distinct path from deputies) p join delegation r on r.relation_path = any (path_ancestors(p.path))
      where r.delegate_kind = 'relation' and r.state = 'active' and r.id not in (select id from gone)
    )
    select d.id, d.giver, d.path in (select path from places) or exists (
      select 1 from delegation o where o.delegate_membership_id = d.giver and o.delegate_kind = 'user' and o.state = 'active'
        and o.id not in (select id from gone)) as other
    from deputies d order by d.id`.execute(db);
  const asked = [...new Set(rows.flatMap(({ giver, other }) => (other ? [giver] : [])))];
  const deciding = new Set(
    (await loadFactsOf(db, asked)).flatMap((facts) =>
      facts.actor.kind === 'user' && decidesSomething(facts) ? [facts.actor.membershipId] : [],
    ),
  );
  return rows.flatMap(({ id, giver }) => (deciding.has(giver) ? [] : [id]));
}

const decidesSomething = (facts: Facts): boolean => powersOf(facts, () => undefined).has('request.decide');

type OpenRequest = {
  id: string;
  kind: string;
  organizationId: string;
  path: string;
  /** null: about nobody who is there already, or about a place */
  userId: string | null;
  line: string[] | null;
  gives: Permission[];
  entitlements: { id: string; app: string }[];
};

/** Open requests where one of these links decided, and that nobody who belongs to those places can decide now. */
async function undecidable(
  db: Kysely<DB>,
  gone: readonly Gone[],
  deputies: readonly string[],
  at: Date,
): Promise<string[]> {
  const places = new Set(gone.flatMap((link) => (link.decides ? link.places : [])));
  const tops = [...places].filter(
    (path) => !ancestorsOf(path).some((above) => above !== path && places.has(above)),
  );
  const { rows: requests } = await sql<OpenRequest>`
    select q.id, q.kind, coalesce(m.organization_id, q.organization_id) as "organizationId", coalesce(m.path, q.path) as path,
      m.user_id as "userId", m.line, q.gives,
      (select coalesce(json_agg(json_build_object('id', e.id, 'app', e.application_id)), '[]') from entitlement e where e.id = any (q.entitlement_ids)) as entitlements
    from unnest(${tops}::text[]) t (path) join request q
      on q.path >= t.path collate "C" and q.path < (t.path || '/') collate "C" and q.state = 'open'
    left join membership m on m.id = q.membership_id and q.kind <> 'delegation'
    order by q.id`.execute(db);
  if (requests.length === 0) return [];
  const notThese = [...gone.map(({ id }) => id), ...deputies];
  const left = await decidersWithin(db, notThese, tops, requests, at);
  const byPlace = new Map<string, Piece[]>();
  for (const piece of left.flatMap(piecesOf))
    byPlace.set(piece.place.path, [...(byPlace.get(piece.place.path) ?? []), piece]);
  return requests.flatMap(({ id, ...asked }) => {
    if (!givesAccess.includes(asked.kind)) return left.some((facts) => mayDo(facts, asked)) ? [] : [id];
    const near = ancestorsOf(asked.path).flatMap((path) => byPlace.get(path) ?? []);
    return near.length > 0 &&
      asked.entitlements.every((one) => near.some((piece) => decides(piece, asked, one)))
      ? []
      : [id];
  });
}

function decides(
  piece: Piece,
  asked: Omit<OpenRequest, 'id'>,
  entitlement: { id: string; app: string },
): boolean {
  const { part, place, holes, without } = piece;
  if (!placeCovers(place, asked.path) || holes.some((hole) => placeCovers(hole, asked.path))) return false;
  const line = asked.line ?? [];
  const part0 = {
    access: `e:${entitlement.id}`,
    ...(asked.userId === null ? {} : { user: asked.userId }),
    reports: [...line.map((of) => `${of}:all`), ...line.slice(0, 1).map((of) => `${of}:direct`)],
  };
  const applicationOf = (id: string): string | undefined =>
    id === entitlement.id ? entitlement.app : undefined;
  return (
    partWithin(part0, part, applicationOf) &&
    !without.some((one) => placeCovers(one.place, asked.path) && partWithin(part0, one.part, applicationOf))
  );
}

/** Asked for by tens of thousands, and judged by pieces; the others, of which there are few, by the rule itself. */
const givesAccess = ['access', 'extension'];

/** One delegation lets them do all that a yes takes; or they decide for somebody whose own does. */
function mayDo(facts: Facts, asked: Omit<OpenRequest, 'id'>): boolean {
  if (facts.noStanding) return false;
  const target: Target = {
    kind: asked.userId === null ? 'organization' : 'membership',
    id: null,
    organizationId: asked.organizationId,
    path: asked.path,
    off: false,
    userId: asked.userId ?? undefined,
    line: asked.line ?? undefined,
  };
  const about = asked.entitlements.map(({ id, app }) => ({ id, applicationId: app }));
  const targets = about.length > 0 ? about.map((entitlement) => ({ ...target, entitlement })) : [target];
  return (
    facts.held.some((held) => {
      const chain = chainIn(facts, held);
      return asked.gives.every((name) => targets.every((one) => !missingFrom(chain, name, one, facts)));
    }) ||
    facts.deputyFor.some(
      ({ link, giver }) =>
        scopeCovers(link, target, false) &&
        about.every((one) => hasEntitlement([link], one)) &&
        mayDo(giver, asked),
    )
  );
}

const piecesOf = (facts: Facts): Piece[] =>
  (powersOf(facts, () => undefined).get('request.decide *') ?? []).flatMap(({ pieces }) => pieces);

/** Members of the requests' organizations, and of those above them up to the ended links' places, who may decide something. */
async function decidersWithin(
  db: Kysely<DB>,
  gone: readonly string[],
  tops: readonly string[],
  requests: readonly OpenRequest[],
  at: Date,
): Promise<Facts[]> {
  const above = new Set(requests.flatMap(({ path }) => ancestorsOf(path)));
  const { rows } = await sql<{ id: string }>`
    with gone as materialized (select unnest(${gone}::uuid[]) as id)
    select distinct x.member as id from (
      select d.id, d.delegate_membership_id as member from delegation d join membership m on m.id = d.delegate_membership_id
      where d.kind = 'administer' and d.place_paths && ${[...above]}::text[] and d.delegate_kind = 'user' and d.state = 'active'
        and d.ends_at > ${at} and path_ancestors(m.path) && ${tops}::text[]
      union all
      select d.id, m.id from unnest(${tops}::text[]) t (path)
      join membership m on m.path >= t.path collate "C" and m.path < (t.path || '/') collate "C" and m.state <> 'ended'
      cross join lateral (select d.id from delegation d where d.delegate_kind = 'user' and d.delegate_membership_id = m.id
        and d.kind = 'approve' and d.state = 'active' and d.ends_at > ${at} offset 0) d
    ) x where x.id not in (select id from gone)`.execute(db);
  return await loadFactsOf(
    db,
    rows.map(({ id }) => id),
  );
}

type Access = { membershipId: string; entitlementId: string };

/** Access that only a ceiling of these keeps from being held now, and that was held while it stood. */
async function lostUnder(
  db: Kysely<DB>,
  people: readonly string[],
  ended: readonly EndedLink[],
  at: Date,
): Promise<Access[]> {
  const was = new Map(ended.map(({ id, stateBefore }) => [id, stateBefore]));
  if (people.length === 0) return [];
  const { holdings } = await loadHoldings(db, { membershipIds: [...people] });
  const stopped = holdings.filter(
    ({ stoppedBy, ceiling }) =>
      stoppedBy === 'ceiling' &&
      !ceiling.allowed &&
      ceiling.reason === 'stopped' &&
      was.has(ceiling.stop.link?.id ?? ''),
  );
  if (stopped.length === 0) return [];
  const ceilings = await loadCeilings(db, [...new Set(stopped.map(({ path }) => path))]);
  const before = (link: Link): Link =>
    was.has(link.id) ? { ...link, state: was.get(link.id) as Link['state'] } : link;
  const known = new Map<string, boolean>();
  const allowed = (path: string, entitlement: { id: string; applicationId: string }): boolean => {
    const key = `${path} ${entitlement.id}`;
    let answer = known.get(key);
    if (answer === undefined) {
      answer = ceilings.standingOf(path).some((chain) => {
        const stood: Chain = chain.map(before);
        return (
          !stopOf(stood, at) &&
          hasEntitlement(stood, entitlement) &&
          reachesTarget(stood, { path, off: false }, true)
        );
      });
      known.set(key, answer);
    }
    return answer;
  };
  const lost = new Map<string, Access>();
  for (const { membershipId, entitlementId, applicationId, path } of stopped)
    if (allowed(path, { id: entitlementId, applicationId }))
      lost.set(`${membershipId} ${entitlementId}`, { membershipId, entitlementId });
  return [...lost.values()];
}

/** What ended assignments of single members gave. */
async function heldBy(db: Kysely<DB>, assignments: readonly string[]): Promise<Access[]> {
  if (assignments.length === 0) return [];
  const { rows } = await sql<Access>`
    select distinct a.membership_id as "membershipId", coalesce(a.entitlement_id, re.entitlement_id) as "entitlementId"
    from assignment a left join access_role_entitlement re on re.access_role_id = a.access_role_id
    where a.id = any (${assignments}::uuid[]) and a.membership_id is not null
      and coalesce(a.entitlement_id, re.entitlement_id) is not null`.execute(db);
  return rows;
}

async function sessionsOf(db: Kysely<DB>, members: readonly string[], at: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select s.id from unnest(${members}::uuid[]) i (id)
    cross join lateral (select m.user_id from membership m where m.id = i.id offset 0) m
    cross join lateral (select s.id from session s where s.user_id = m.user_id and s.ended_at is null
      and s.membership_id = i.id and s.expires_at > ${at} offset 0) s
    order by s.id`.execute(db);
  return rows.map(({ id }) => id);
}
