import { CompiledQuery, type Kysely, type RawBuilder, sql } from 'kysely';
import { prepared } from '../platform/database.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { FactsRow, MeRow, Proof, Stamped } from './facts.ts';
import { whoIs } from './facts-query.ts';

/**
 * The statement that most checks need: who it is, the links held with their ancestors, their admin roles, and what is
 * near (sql/0017). What came of it is enough where nothing but links has a say; its `more` asks for the whole one.
 *
 * It is built to start fast, for that is most of what it costs: few steps, no row carried whole from one to the next,
 * links as text with separators (JSON took three times as long to write), and the places to look at, which follow from
 * the links, handed in by whoever asked before.
 */
export type Quick = {
  row: FactsRow & Stamped;
  /** something else than links may have a say */
  more: boolean;
  /** the keys of `nearby` follow from this alone: while it is the same, those handed in were the right ones */
  ground: string;
  keys: string[];
};

type LinkFact = NonNullable<FactsRow['links']>[number];

export const fieldEnd = '\x1f';
export const linkEnd = '\x1e';

const textOrNull = (text: string): string | null => (text === '' ? null : text);
/** An array of ids, names or paths, none of which PostgreSQL ever quotes. */
const list = (text: string): string[] => (text === '{}' ? [] : text.slice(1, -1).split(','));
/** As JSON has it, which is how the whole statement gives it. */
export const stamped = (text: string): string =>
  text.endsWith('infinity') ? text : text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00');

const columns =
  'id kind parent_id chain giver_user_id giver_delegation_id delegate_kind delegate_user_id delegate_membership_id delegate_organization_id delegate_client_id relation relation_path giver_membership_id admin_role_id permissions place_paths scope entitlements starts_at ends_at may_pass_on seats state ended_at version';

export const linkText = columns
  .split(' ')
  .map((column) => `d.${column}`)
  .join(", E'\\x1f', ");

/** In the order of the columns; written out, since objects made by name are slow to make and slow to copy. */
export function linkOf(text: string): LinkFact {
  const v = text.split(fieldEnd) as [string, ...string[]] & Record<number, string>;
  return {
    id: v[0],
    kind: v[1] as LinkFact['kind'],
    parentId: textOrNull(v[2]!),
    chain: list(v[3]!),
    giverUserId: textOrNull(v[4]!),
    giverDelegationId: textOrNull(v[5]!),
    delegateKind: v[6] as LinkFact['delegateKind'],
    delegateUserId: textOrNull(v[7]!),
    delegateMembershipId: textOrNull(v[8]!),
    delegateOrganizationId: textOrNull(v[9]!),
    delegateClientId: textOrNull(v[10]!),
    relation: textOrNull(v[11]!) as LinkFact['relation'],
    relationPath: textOrNull(v[12]!),
    giverMembershipId: textOrNull(v[13]!),
    adminRoleId: textOrNull(v[14]!),
    own: list(v[15]!),
    places: list(v[16]!),
    scope: JSON.parse(v[17]!),
    entitlements: JSON.parse(v[18]!),
    startsAt: stamped(v[19]!),
    endsAt: stamped(v[20]!),
    mayPassOn: Number(v[21]),
    seats: v[22] === '' ? null : Number(v[22]),
    state: v[23] as LinkFact['state'],
    endedAt: v[24] === '' ? null : stamped(v[24]!),
    version: Number(v[25]),
  };
}

/** Permissions of admin roles, as `roleText` writes them. */
export const rolesOf = (text: string | null): Record<string, string[]> =>
  Object.fromEntries(
    (text?.split(linkEnd) ?? []).map((role) => {
      const [id, permissions] = role.split(fieldEnd) as [string, string];
      return [id, list(permissions)];
    }),
  );

/** The admin roles with these ids. */
export const roleText = (ids: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`(select string_agg(concat(r.id, E'\\x1f', r.permissions), E'\\x1e') from admin_role r where r.id = any (${ids})) as roles`;

/** What stands near by these keys; see sql/0017. */
export const nearText = (keys: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`array(select concat(y.what, ' ', y.key) from nearby y where y.key = any (${keys}) limit ${sql.lit(mostNear)}) as near`;

export const hasMore = (near: string[]): boolean =>
  near.length === mostNear || near.some((one) => !one.startsWith('off '));

export const offOf = (near: string[]): string[] =>
  near.flatMap((one) => (one.startsWith('off ') ? [one.slice(4)] : []));

/** More than this near somebody is answered by the whole statement. */
const mostNear = 50;

const queries = new Map<string, string>();

/** The statement's text. Parameters: the proof; and the keys, where they are known. */
export function quickQuery(
  db: Kysely<DB>,
  kind: Proof['kind'],
  withStamps: boolean,
  keysKnown: boolean,
): string {
  const name = `${kind} ${withStamps} ${keysKnown}`;
  const known = queries.get(name);
  if (known) return known;
  const isHeld = (alias: string) =>
    sql.raw(
      kind === 'key'
        ? `${alias}.delegate_kind = 'client' and ${alias}.delegate_client_id = me."clientId"`
        : `${alias}.delegate_kind = 'user' and ${alias}.delegate_membership_id = me."membershipId"`,
    );
  // A place above another one of them adds nothing to the places at and above that one.
  const keys = sql`
    cross join lateral (
      select array(
        select array_to_string((string_to_array(p, '.'))[1:n], '.')
        from unnest(string_to_array(l.places, ',')) p, generate_series(1, cardinality(string_to_array(p, '.'))) n
        where p <> '' and strpos(l.places, concat(',', p, '.')) = 0
        union all select '>' || p from unnest(string_to_array(l.own, ',')) p where p <> ''
        union all select me."membershipId"::text where me."membershipId" is not null
      ) as keys offset 0
    ) a`;
  const stamps = sql`
    cross join lateral (
      select array(
        select 'r' union select stamp_person(me."userId") where me."userId" is not null
        union select stamp_branch(p) from unnest(string_to_array(l.places, ',')) p where p <> ''
      ) as keys offset 0
    ) k`;
  const places = sql`string_agg(array_to_string(d.place_paths, ','), ',')`;
  const built = sql`${prepared}
    select n.at, me."sessionId", me."userId", me."displayName", me."userState", me.language, me."membershipId",
      me."membershipState", me."startsAt"::text as "startsAt", me."endsAt"::text as "endsAt", me."organizationId", me.path,
      me."clientId", l.links,
      ${roleText(sql`l.roles`)}, ${nearText(keysKnown ? sql`${null}::text[]` : sql`a.keys`)}
      ${keysKnown ? sql`` : sql`, a.keys`}
      ${withStamps ? sql`, k.keys as "stampKeys", (select coalesce(sum(t.value), 0)::bigint from stamp t where t.key = any (k.keys)) as stamp` : sql``}
    from (select remit_now() as at offset 0) n
    cross join lateral (${whoIs(kind, sql`n.at`)} offset 0) me
    cross join lateral (
      select string_agg(concat(${sql.raw(linkText)}), E'\\x1e') as links, array_agg(d.admin_role_id) as roles
        ${keysKnown && !withStamps ? sql`` : sql`, concat(',', me.path, ',', ${places}) as places`}
        ${keysKnown ? sql`` : sql`, concat(me.path, ',', ${places} filter (where ${isHeld('d')})) as own`}
      from delegation d where d.id = any (array(
        select unnest(array_append(h.chain, h.id)) from delegation h
        where ${isHeld('h')} and h.kind in ('administer', 'approve') and h.state <> 'ended'))
      offset 0
    ) l
    ${keysKnown ? sql`` : keys} ${withStamps ? stamps : sql``}`.compile(db).sql;
  // The keys stand before the proof in the text, so their numbers are given here.
  const numbered = keysKnown ? built.replace(/\$([12])/g, (_, n) => (n === '1' ? '$2' : '$1')) : built;
  queries.set(name, numbered);
  return numbered;
}

type Found = MeRow & {
  at: Date;
  links: string | null;
  roles: string | null;
  near: string[];
  keys?: string[];
  stampKeys: string[];
  stamp: number;
};

/** Undefined where the proof is nobody's. One statement. */
export async function loadQuick(
  db: Kysely<DB>,
  kind: Proof['kind'],
  proof: unknown,
  withStamps: boolean,
  keys: string[] | undefined,
): Promise<Quick | undefined> {
  const text = quickQuery(db, kind, withStamps, keys !== undefined);
  const { rows } = await db.executeQuery<Found>(CompiledQuery.raw(text, keys ? [proof, keys] : [proof]));
  const [found] = rows;
  if (!found) return undefined;
  const { at, links: linkTexts, roles, near, keys: asked, stampKeys, stamp, ...me } = found;
  const links = (linkTexts?.split(linkEnd) ?? []).map(linkOf);
  const isOwn = (link: LinkFact): boolean =>
    link.delegateKind === 'client'
      ? link.delegateClientId === me.clientId
      : link.delegateKind === 'user' && link.delegateMembershipId === me.membershipId;
  return {
    row: {
      at,
      me: {
        ...me,
        startsAt: me.startsAt && stamped(me.startsAt),
        endsAt: me.endsAt && stamped(me.endsAt),
        off: null,
      },
      links,
      roles: rolesOf(roles),
      off: offOf(near),
      standers: null,
      exceptions: null,
      stampKeys,
      stamp,
    },
    more:
      hasMore(near) ||
      links.some(
        (link) =>
          link.kind !== 'administer' || link.relation !== null || (isOwn(link) && link.places.length === 0),
      ),
    ground: `${me.membershipId} ${me.path} ${links.map((link) => `${isOwn(link) ? '!' : ''}${link.places}`).join(' ')}`,
    keys: asked ?? keys!,
  };
}
