import { type Kysely, sql } from 'kysely';
import { affectedBy } from '../authority/affected.ts';
import { type Chain, hasEntitlement, type Link, reachesTarget, stopOf } from '../authority/delegation.ts';
import { type Facts, loadFactsOf } from '../authority/facts.ts';
import { loadCeilings, loadHoldings } from '../authority/holds.ts';
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

const ending = ['delegation.ended', 'delegation.resigned'];

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
  const below = await endedBelow(db, roots, at);
  const gone = [...roots, ...below.map(({ id }) => id)];
  const invitations = await invitationsUnder(db, gone, at);
  const focus = focusOf(roots.map((targetId) => ({ targetKind: 'delegation', targetId }) as Change));
  const affected = await affectedBy(db, focus);
  const deputies = await deputiesOf(db, [...affected.members], gone, at);
  const requests = await undecidable(db, gone, at);
  const access = [
    ...(await lostUnder(db, [...affected.people], ended, at)),
    ...(await heldBy(db, also.assignments)),
  ];
  const holders = await delegatesOf(db, gone);
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

/** Links below that stood until now; what hung below a link that had ended before is not this one's doing. */
async function endedBelow(db: Kysely<DB>, roots: readonly string[], at: Date): Promise<{ id: string }[]> {
  const { rows } = await sql<{ id: string }>`
    with below as materialized (select d.id, d.chain, d.state, d.ends_at from delegation d where d.chain && ${roots}::uuid[]),
    dead as (
      select array_agg(id) as ids from below where state = 'ended' and id <> all (${roots}::uuid[])
    ),
    dead_above as (
      select array_agg(a.id) as ids from delegation a
      where a.state = 'ended' and a.id <> all (${roots}::uuid[])
        and a.id in (select unnest(r.chain) from delegation r where r.id = any (${roots}::uuid[]))
    )
    select b.id from below b, dead, dead_above
    where b.state <> 'ended' and b.ends_at > ${at} and b.id <> all (${roots}::uuid[])
      and not b.chain && coalesce(dead.ids, '{}') and not b.chain && coalesce(dead_above.ids, '{}')
    order by b.id`.execute(db);
  return rows;
}

async function invitationsUnder(db: Kysely<DB>, gone: readonly string[], at: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select i.id from invitation i where i.state = 'open' and i.expires_at > ${at} and i.invited_under = any (${gone}::uuid[])
    order by i.id`.execute(db);
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
    select d.id, d.giver_membership_id as giver,
      exists (select 1 from delegation o where o.delegate_membership_id = d.giver_membership_id and o.delegate_kind = 'user'
          and o.state = 'active' and o.id <> all (${gone}::uuid[]))
        or exists (select 1 from membership m join delegation r on r.relation_path = any (path_ancestors(m.path))
          where m.id = d.giver_membership_id and r.delegate_kind = 'relation' and r.state = 'active' and r.id <> all (${gone}::uuid[])) as other
    from delegation d
    where d.kind = 'approve' and d.state = 'active' and d.ends_at > ${at} and d.giver_membership_id = any (${members}::uuid[])
    order by d.id`.execute(db);
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
  path: string;
  userId: string;
  line: string[];
  entitlements: { id: string; app: string }[];
};

/** Open requests where one of these links decided, and that nobody who belongs to those places can decide now. */
async function undecidable(db: Kysely<DB>, gone: readonly string[], at: Date): Promise<string[]> {
  const { rows: requests } = await sql<OpenRequest>`
    with places as materialized (
      select distinct p.path collate "C" as path from delegation d left join admin_role r on r.id = d.admin_role_id, unnest(d.place_paths) p (path)
      where d.id = any (${gone}::uuid[]) and d.delegate_kind in ('user', 'relation') and 'request.decide' = any (d.permissions || coalesce(r.permissions, '{}'))
    ),
    tops as materialized (
      select t.path from places t where not exists (
        select 1 from places o where o.path <> t.path and o.path = any (path_ancestors(t.path)))
    )
    select q.id, m.path, m.user_id as "userId", m.line,
      (select coalesce(json_agg(json_build_object('id', e.id, 'app', e.application_id)), '[]') from entitlement e where e.id = any (q.entitlement_ids)) as entitlements
    from tops t join access_request q on q.path >= t.path and q.path < t.path || '/' and q.state = 'open'
    join membership m on m.id = q.membership_id
    order by q.id`.execute(db);
  if (requests.length === 0) return [];
  const left = await decidersWithin(db, gone, requests, at);
  const byPlace = new Map<string, Piece[]>();
  for (const piece of left) byPlace.set(piece.place.path, [...(byPlace.get(piece.place.path) ?? []), piece]);
  return requests.flatMap(({ id, ...asked }) => {
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
  const part0 = {
    access: `e:${entitlement.id}`,
    user: asked.userId,
    reports: [...asked.line.map((of) => `${of}:all`), ...asked.line.slice(0, 1).map((of) => `${of}:direct`)],
  };
  const applicationOf = (id: string): string | undefined =>
    id === entitlement.id ? entitlement.app : undefined;
  return (
    partWithin(part0, part, applicationOf) &&
    !without.some((one) => placeCovers(one.place, asked.path) && partWithin(part0, one.part, applicationOf))
  );
}

/** What members of the requests' organizations, and of those above them up to the ended links' places, still decide. */
async function decidersWithin(
  db: Kysely<DB>,
  gone: readonly string[],
  requests: readonly OpenRequest[],
  at: Date,
): Promise<Piece[]> {
  const paths = [...new Set(requests.map(({ path }) => path))];
  const { rows } = await sql<{ id: string }>`
    with tops as materialized (
      select distinct p.path collate "C" as path from delegation d, unnest(d.place_paths) p (path) where d.id = any (${gone}::uuid[])
    )
    select distinct m.id from delegation d join membership m on m.id = d.delegate_membership_id
    where d.delegate_kind = 'user' and d.kind in ('administer', 'approve') and d.state = 'active' and d.ends_at > ${at}
      and d.id <> all (${gone}::uuid[])
      and (d.place_paths && array(select distinct a.path from unnest(${paths}::text[]) p (path), unnest(path_ancestors(p.path)) a (path)) or d.kind = 'approve')
      and exists (select 1 from tops t where t.path = any (path_ancestors(m.path)))`.execute(db);
  const pieces: Piece[] = [];
  for (const facts of await loadFactsOf(
    db,
    rows.map(({ id }) => id),
  ))
    for (const bundle of powersOf(facts, () => undefined).get('request.decide *') ?? [])
      pieces.push(...bundle.pieces);
  return pieces;
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

async function delegatesOf(db: Kysely<DB>, links: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct delegate_membership_id as id from delegation
    where id = any (${links}::uuid[]) and delegate_membership_id is not null`.execute(db);
  return rows.map(({ id }) => id);
}

async function sessionsOf(db: Kysely<DB>, members: readonly string[], at: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select s.id from membership m join session s on s.user_id = m.user_id and s.membership_id = m.id
    where m.id = any (${members}::uuid[]) and s.ended_at is null and s.expires_at > ${at} order by s.id`.execute(
    db,
  );
  return rows.map(({ id }) => id);
}
