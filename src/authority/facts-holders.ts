import { CompiledQuery, type Kysely, sql } from 'kysely';
import { prepared } from '../platform/database.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { FactsRow, StanderRow } from './facts.ts';
import {
  fieldEnd,
  hasMore,
  linkEnd,
  linkOf,
  linkText,
  nearText,
  offOf,
  rolesOf,
  roleText,
  stamped,
} from './facts-quick.ts';
import { isAtOrBelow } from './place.ts';

/** Everybody whose links name a place of these or none, and those links with their ancestors. */
export type QuickHolders = {
  row: FactsRow;
  people: StanderRow[];
  /** a relation or an exception has a say: then the whole statement answers */
  more: boolean;
};

let text: string | undefined;

/**
 * As `facts-quick.ts` has it for one actor: links only. Of each person only the links that name a place at or above the
 * target, or no place; by no other can anybody do something to it.
 */
function holdersQuery(db: Kysely<DB>): string {
  const named = sql`select d.id, d.chain, d.delegate_membership_id from delegation d
    where d.kind = 'administer' and d.delegate_kind = 'user' and d.state <> 'ended' and d.state = 'active'`;
  const first = sql`d.place_paths[1] collate "C"`;
  // Hidden from the planner, which would otherwise find each new plan a little cheaper than the one it has.
  const given = sql`(select ${null}::text[])::text[]`;
  text ??= sql`${prepared}
    with named as materialized (
      ${named} and ${first} = any (${given})
      union all ${named} and ${first} is null
      union all ${named} and cardinality(d.place_paths) > 1 and d.place_paths && ${given} and ${first} <> all (${given})
    )
    select n.at, l.links, ${roleText(sql`l.roles`)}, ${nearText(sql`'2'::text[]`)},
      (select string_agg(concat(m.id, E'\\x1f', u.id, E'\\x1f', u.state, E'\\x1f', u.language, E'\\x1f', m.state, E'\\x1f', m.starts_at,
          E'\\x1f', m.ends_at, E'\\x1f', m.organization_id, E'\\x1f', m.path, E'\\x1f',
          exists (select 1 from credential k where k.user_id = u.id), E'\\x1f', translate(u.display_name, E'\\x1e\\x1f', '')), E'\\x1e')
        from membership m join app_user u on u.id = m.user_id
        where m.id = any (array(select w.delegate_membership_id from named w))) as people,
      array(select y.key from nearby y where y.what = 'off' and y.key = any (array(
        select above from membership m, unnest(path_ancestors(m.path)) above
        where m.id = any (array(select w.delegate_membership_id from named w)) and m.path <> all (${null}::text[])))) as "offElsewhere"
    from (select remit_now() as at offset 0) n
    cross join lateral (
      select string_agg(concat(${sql.raw(linkText)}), E'\\x1e') as links, array_agg(d.admin_role_id) as roles
      from delegation d where d.id = any (array(select unnest(array_append(w.chain, w.id)) from named w))
      offset 0
    ) l`
    .compile(db)
    .sql.replace(/\$\d/g, '$1')
    .replace("'2'", '$2');
  return text;
}

type Found = {
  at: Date;
  links: string | null;
  roles: string | null;
  near: string[];
  people: string | null;
  offElsewhere: string[];
};

/** `places`: those at and above the target. One statement. */
export async function loadQuickHolders(db: Kysely<DB>, places: string[]): Promise<QuickHolders> {
  const keys = [...places, '@', ...places.map((place) => `@${place}`)];
  const { rows } = await db.executeQuery<Found>(CompiledQuery.raw(holdersQuery(db), [places, keys]));
  const { at, links: linkTexts, roles, near, people, offElsewhere } = rows[0]!;
  const links = (linkTexts?.split(linkEnd) ?? []).map(linkOf);
  const off = [...offOf(near), ...offElsewhere];
  return {
    row: { at, me: null, links, roles: rolesOf(roles), off, standers: null, exceptions: null },
    people: (people?.split(linkEnd) ?? []).map((one) => personOf(one, off)),
    more: hasMore(near) || links.some(({ relation }) => relation !== null),
  };
}

function personOf(text: string, off: string[]): StanderRow {
  const v = text.split(fieldEnd) as [string, ...string[]] & Record<number, string>;
  const path = v[8]!;
  return {
    membershipId: v[0],
    userId: v[1]!,
    userState: v[2]!,
    language: v[3]!,
    membershipState: v[4]!,
    startsAt: stamped(v[5]!),
    endsAt: stamped(v[6]!),
    organizationId: v[7]!,
    path,
    off: off.some((above) => isAtOrBelow(path, above)),
    canSignIn: v[9] === 't',
    displayName: v[10]!,
    reportsUntil: null,
    guardianships: null,
  };
}
