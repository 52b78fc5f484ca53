import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { type Facts, instant } from '../authority/facts.ts';
import { isAtOrBelow } from '../authority/place.ts';
import { type Broken, brokenAsSeen, type Part, refuseBroken } from '../authority/separation.ts';
import { prepared } from '../platform/database.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { Thing } from './things.ts';

/**
 * Separation of duties, looked at before it is tried: the same reckoning as the triggers make when something is written
 * (sql/0026-separation.sql), so that a page can warn and a giving can say it for one person of many.
 */
export type Asked = {
  membershipId: string;
  entitlementIds: readonly string[];
  /** absent: from now on, without an end */
  from?: Date | undefined;
  until?: Date | undefined;
};

/** A separation of duties that what is asked for is part of, and that counts in this membership. */
export type Touched = Broken & {
  tooMany: number;
  /** too many would come together at some instant of the asked period for which no exception stands */
  breaks: boolean;
  /** that instant, when it breaks */
  breaksAt: Date | null;
  /** an exception lets it stand from the start on, until this instant */
  exceptedUntil: Date | null;
};

type Set = Omit<Broken, 'roles'> & {
  tooMany: number;
  parts: { entitlementId: string; name: string; applicationName: string }[];
};
type Member = {
  id: string;
  userId: string;
  organizationId: string;
  path: string;
  line: string[] | null;
  startsAt: string;
  endsAt: string;
};
type Piece = Period & {
  setId: string;
  userId: string;
  membershipId: string | null;
  entitlementId: string;
};
type Period = { startsAt: Date; endsAt: Date };
type Way = Period & { setId: string; userId: string };

/**
 * Which separations of duties this access touches for this person, in this membership: every active set at or above it
 * that has one of these roles among its parts. For a bundle, name what it holds.
 *
 *     const touched = await separationsTouched(db, { membershipId, entitlementIds });
 *     touched.length > 0                 // the access is part of some set: the condition of an approval policy
 *     touched.some(({ breaks }) => breaks)           // it would be refused if it were given now
 *     touched.filter(({ exceptedUntil }) => exceptedUntil)   // it stands by an exception, until then
 *
 * Names in it are not yet what a reader may see: pass each through `brokenAsSeen(facts, one)` of
 * `authority/separation.ts` before showing it. Reads; asks one statement, and none without roles.
 */
export async function separationsTouched(db: Kysely<DB>, asked: Asked): Promise<Touched[]> {
  return (await separationsTouchedBy(db, [asked]))[0]!;
}

/** The same for many people, or many things, at once, in their order; one statement. */
export async function separationsTouchedBy(db: Kysely<DB>, asked: readonly Asked[]): Promise<Touched[][]> {
  const entitlementIds = [...new Set(asked.flatMap((one) => one.entitlementIds))];
  if (entitlementIds.length === 0) return asked.map(() => []);
  const { at, members, sets, pieces, ways } = await load(
    db,
    [...new Set(asked.flatMap((one) => (one.entitlementIds.length > 0 ? one.membershipId : [])))],
    entitlementIds,
  );
  const known = new Map(members.map((member) => [member.id, member]));
  return asked.map((one) => {
    const member = known.get(one.membershipId);
    if (!member) return [];
    const theirs = (setId: string) => (row: Piece | Way) =>
      row.setId === setId && row.userId === member.userId;
    return sets
      .filter(
        ({ path, parts }) =>
          isAtOrBelow(member.path, path) &&
          parts.some(({ entitlementId }) => one.entitlementIds.includes(entitlementId)),
      )
      .map((set) =>
        touchedOf(set, one, member, at, {
          members: known,
          pieces: pieces.filter(theirs(set.id)),
          ways: ways.filter(theirs(set.id)),
        }),
      );
  });
}

/** Does it break more than the end of the exception by which it stands, or is an end asked for beyond that? */
export const isRefused = (touched: Touched, until: Date | null | undefined): boolean =>
  touched.breaks && (!!until || touched.breaksAt?.getTime() !== touched.exceptedUntil?.getTime());

/** What a page says of something that would be refused: the set where the reader sees it, and the roles it goes with. */
export const wouldBreakView = z
  .object({
    name: z.string().nullable().describe('The separation of duties; null when out of sight.'),
    roles: z.array(z.string()).describe('What may not be held together, as far as the reader sees it.'),
  })
  .describe(
    'It may not be held together with what the person has (separation of duties), and would be refused.',
  );

/** By thing: what giving it to this person would break, as this reader may know it; absent where nothing. */
export async function wouldBreak(
  { db, facts }: { db: Kysely<DB>; facts: Facts },
  membershipId: string,
  things: readonly Thing[],
): Promise<Map<string, z.infer<typeof wouldBreakView>>> {
  const apart = things.filter(({ separated }) => separated);
  const touched = await separationsTouchedBy(
    db,
    apart.map(({ entitlements }) => ({ membershipId, entitlementIds: entitlements.map(({ id }) => id) })),
  );
  return new Map(
    apart.flatMap(({ id }, n) => {
      const first = touched[n]!.find((one) => isRefused(one, undefined));
      if (!first) return [];
      const { name, roles } = brokenAsSeen(facts, first);
      const names = [...new Set(roles.map((role) => `${role.applicationName}: ${role.name}`))].sort();
      return [[id, { name, roles: names }] as const];
    }),
  );
}

/**
 * Asking for what would be refused when it is given is refused at once, with the reason; with an exception it is asked.
 * @throws Refusal `separation.broken`
 */
export async function refuseApart(
  { db, facts }: { db: Kysely<DB>; facts: Facts },
  asked: Asked & { thing: Thing },
): Promise<void> {
  if (!asked.thing.separated) return;
  const touched = await separationsTouched(db, asked);
  const first = touched.find((one) => isRefused(one, asked.until));
  if (first) throw refuseBroken(facts, first);
}

type Had = { members: ReadonlyMap<string, Member>; pieces: readonly Piece[]; ways: readonly Way[] };

function touchedOf(
  { parts, ...set }: Set,
  asked: Asked,
  member: Member,
  now: Date,
  { members, pieces, ways }: Had,
): Touched {
  const latest = (...all: (Date | undefined)[]): Date =>
    new Date(Math.max(...all.flatMap((one) => one?.getTime() ?? [])));
  const startsAt = latest(now, asked.from, instant(member.startsAt));
  const endsAt = new Date(Math.min(asked.until?.getTime() ?? 8.64e15, instant(member.endsAt).getTime()));
  const added = parts.flatMap(({ entitlementId }) =>
    asked.entitlementIds.includes(entitlementId) && startsAt < endsAt
      ? [{ entitlementId, membershipId: null, startsAt, endsAt }]
      : [],
  );
  const lasts = (at: Date) => (one: Period) => one.startsAt <= at && one.endsAt > at;
  const together = (at: Date) => [...added, ...pieces].filter(lasts(at));
  const tooManyAt = (at: Date): boolean =>
    new Set(together(at).map(({ entitlementId }) => entitlementId)).size >= set.tooMany;
  const excepted = (at: Date): boolean => ways.some(lasts(at));
  const instants = [
    ...[...added, ...pieces].map((one) => latest(now, one.startsAt)),
    ...ways.map((way) => way.endsAt),
  ]
    .filter((at) => at >= startsAt && at < endsAt && tooManyAt(at))
    .sort((one, other) => one.getTime() - other.getTime());
  const breaksAt = instants.find((at) => !excepted(at)) ?? null;
  const first = instants[0];
  // Where never too many come together, what there is of the set at the start.
  const at = breaksAt ?? first ?? startsAt;
  const roles = together(at).map(({ entitlementId, membershipId }): Part => {
    const part = parts.find((one) => one.entitlementId === entitlementId)!;
    const through = membershipId === null ? undefined : members.get(membershipId);
    return {
      ...part,
      membershipId,
      organizationId: (through ?? member).organizationId,
      path: (through ?? member).path,
      userId: member.userId,
      line: (through ?? member).line,
    };
  });
  return {
    ...set,
    roles,
    breaks: breaksAt !== null,
    breaksAt,
    exceptedUntil:
      first && excepted(first)
        ? latest(...ways.filter(lasts(first)).map(({ endsAt: until }) => until))
        : null,
  };
}

type Loaded = { at: Date; members: Member[]; sets: Set[]; pieces: Piece[]; ways: Way[] };

async function load(
  db: Kysely<DB>,
  membershipIds: readonly string[],
  entitlementIds: readonly string[],
): Promise<Loaded> {
  type Raw<T> = Omit<T, 'startsAt' | 'endsAt'> & { startsAt: string; endsAt: string };
  const { rows } = await sql<{
    at: Date;
    members: Member[] | null;
    sets: Set[] | null;
    pieces: Raw<Piece>[] | null;
    ways: Raw<Way>[] | null;
  }>`
    ${prepared} with asked as (select m.* from membership m where m.id = any (${membershipIds}::uuid[])),
    sets as (
      select s.id, s.name, s.organization_id, s.too_many, o.path from separation s join organization o on o.id = s.organization_id
      where s.state = 'active' and exists (select 1 from asked a where o.path = any (path_ancestors(a.path)))
        and exists (select 1 from separation_part p where p.separation_id = s.id and p.entitlement_id = any (${entitlementIds}::uuid[]))
    ),
    people as (select a.user_id from asked a where exists (select 1 from sets)),
    members as (
      select m.id, m.user_id as "userId", m.organization_id as "organizationId", m.path, m.line, m.starts_at as "startsAt", m.ends_at as "endsAt"
      from membership m where m.user_id in (select user_id from people) and m.state <> 'ended'
    )
    select remit_now() as at, (select jsonb_agg(to_jsonb(m)) from members m) as members,
      (select jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name, 'organizationId', s.organization_id, 'path', s.path, 'tooMany', s.too_many,
        'parts', (select jsonb_agg(jsonb_build_object('entitlementId', e.id, 'name', e.name, 'applicationName', ap.name) order by e.id)
          from separation_part p join entitlement e on e.id = p.entitlement_id join application ap on ap.id = e.application_id
          where p.separation_id = s.id)) order by s.name, s.id) from sets s) as sets,
      (select jsonb_agg(jsonb_build_object('setId', p.separation_id, 'userId', p.user_id, 'membershipId', p.membership_id,
          'entitlementId', p.entitlement_id, 'startsAt', p.starts_at, 'endsAt', p.ends_at))
        from separation_pieces(array(select user_id from people), array(select id from sets)) p) as pieces,
      (select jsonb_agg(jsonb_build_object('setId', x.separation_id, 'userId', x.user_id, 'startsAt', x.starts_at, 'endsAt', x.ends_at))
        from separation_exception x where x.user_id in (select user_id from people) and x.separation_id in (select id from sets)
          and x.state = 'active' and x.ends_at > remit_now()) as ways`.execute(db);
  const { at, members, sets, pieces, ways } = rows[0]!;
  const dated = <T extends { startsAt: string; endsAt: string }>(one: T) => ({
    ...one,
    startsAt: instant(one.startsAt),
    endsAt: instant(one.endsAt),
  });
  return {
    at,
    members: members ?? [],
    sets: sets ?? [],
    pieces: (pieces ?? []).map(dated),
    ways: (ways ?? []).map(dated),
  };
}
