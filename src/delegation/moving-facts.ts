import { type Kysely, sql } from 'kysely';
import { chainIn } from '../authority/chain.ts';
import type { Chain, Link, Target } from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';
import { ancestorsOf, isAtOrBelow } from '../authority/place.ts';
import { selvesOf } from '../authority/self.ts';
import type { Context } from '../operation/operation.ts';
import type { DB } from '../platform/schema.gen.ts';
import { isAlive, type Relocation, relocated } from './moving.ts';
import type { Mover, Surroundings } from './moving-regive.ts';
import { limitsOf, loadApplicationOf, loadChain, loadChains } from './store.ts';

/** What goes where: the organizations that go, the topmost of them, and the place they go to. */
export type Journey = {
  /** the organization that is moved or merged */
  top: { id: string; path: string };
  /** everything below goes along; in a merger the children have gone before */
  below: boolean;
  /** paths of all organizations that go */
  paths: string[];
  /** where the topmost one stands afterwards; in a merger the other organization */
  destination: string;
  to: Relocation;
};

export type MovingFacts = {
  /** those that name what goes, those below them, standing ones around, and the mover's; each with all above it */
  links: Map<string, Link>;
  around: Surroundings;
  /** links that reach the new place, and relations that are read there, with their ancestors */
  above: { chains: Chain[]; relations: Chain[] };
};

/** Everything that deciding about a move needs of the links, by five statements however many there are. */
export async function loadMoving(
  { db, facts, actor, at }: Pick<Context, 'db' | 'facts' | 'actor' | 'at'>,
  journey: Journey,
): Promise<MovingFacts> {
  const { to, destination, top } = journey;
  const named = await linksNaming(db, journey);
  const aboveIds = await linksAbove(db, ancestorsOf(destination));
  const standings = await standingsAround(
    db,
    [...ancestorsOf(destination), ...ancestorsOf(top.path)],
    journey,
  );
  const mover = await moverOf({ db, facts, actor, at }, to);
  // The mover's too: what is given anew hangs below one of them, and so does all that hangs below that.
  const decided = [...named, ...standings.map(({ id }) => id), ...mover.chains.map(([held]) => held!.id)];
  const chains = await loadChains(db, [...new Set([...decided, ...aboveIds.map(({ id }) => id)])]);
  const links = new Map<string, Link>();
  for (const id of decided)
    for (const link of chains.get(id) ?? []) links.set(link.id, { ...link, offPlaces: [] });
  const limits = [...chains.values()].flatMap((chain) => limitsOf(chain.slice(0, 1)));
  limits.push(...mover.chains.flatMap(limitsOf));
  const alive = aboveIds.filter(({ id }) => {
    const chain = chains.get(id);
    return chain?.every((link) => link.delegateKind === 'root' || isAlive(link, at));
  });
  const chainsOf = (relation: boolean): Chain[] =>
    alive.filter((one) => one.relation === relation).map(({ id }) => chains.get(id)!);
  return {
    links,
    around: {
      to,
      mover,
      delegates: await delegatesOf(
        db,
        [...links.values()].filter((link) => isAlive(link, at)),
        to,
      ),
      standings,
      applicationOf: await loadApplicationOf(db, limits),
    },
    above: { chains: chainsOf(false), relations: chainsOf(true) },
  };
}

/** Links that name a place which goes: as place, as hole, or by a relation that is read there; and all below them. */
async function linksNaming(db: Kysely<DB>, { paths, top, below }: Journey): Promise<string[]> {
  const { rows: named } = await sql<{ id: string }>`
    select d.id from delegation d where d.place_paths && ${paths}::text[] and d.state <> 'ended'
    union select d.id from delegation d where d.delegate_kind = 'relation' and d.state <> 'ended' and ${
      below
        ? sql`d.relation_path >= ${top.path} and d.relation_path < ${`${top.path}/`}`
        : sql`d.relation_path = ${top.path}`
    }`.execute(db);
  const ids = named.map(({ id }) => id);
  if (ids.length === 0) return [];
  // In a statement of its own: with a list that it does not know beforehand the planner reads every link there is.
  const { rows: under } = await sql<{ id: string }>`
    select d.id from delegation d where d.chain && ${ids}::uuid[]`.execute(db);
  return [...new Set([...ids, ...under.map(({ id }) => id)])];
}

/** Links over a place at or above the new one: whoever holds one may gain; and relations that are read there. */
async function linksAbove(db: Kysely<DB>, ancestors: string[]): Promise<{ id: string; relation: boolean }[]> {
  // A link over named people has no place of its own: it reaches them wherever the links above it do.
  const { rows } = await sql<{ id: string; relation: boolean }>`
    with above as materialized (
      select d.id, d.delegate_kind from delegation d where d.place_paths && ${ancestors}::text[] and d.kind = 'administer' and d.state <> 'ended'
    )
    select id, false as relation from above where delegate_kind in ('user', 'client', 'relation')
    union all
    select d.id, false from delegation d
    where d.place_paths = '{}' and d.kind = 'administer' and d.delegate_kind in ('user', 'client', 'relation') and d.state <> 'ended'
      and d.chain && (select array_agg(id) from above where delegate_kind = 'organization')
    union all
    select d.id, true from delegation d where d.delegate_kind = 'relation' and d.relation_path = any (${ancestors}::text[]) and d.state <> 'ended'`.execute(
    db,
  );
  return rows;
}

/** Standing delegations of organizations over themselves: above both places, and among those that go. */
async function standingsAround(
  db: Kysely<DB>,
  ancestors: string[],
  { paths }: Journey,
): Promise<{ path: string; id: string }[]> {
  const { rows } = await sql<{ path: string; id: string }>`
    select o.path, d.id from organization o join delegation d on d.delegate_organization_id = o.id
    where o.path = any (${[...new Set([...ancestors, ...paths])]}::text[]) and d.delegate_kind = 'organization' and d.kind = 'administer'
      and d.place_paths && path_ancestors(o.path)`.execute(db);
  return rows;
}

/** The chains under which the mover may give: none for a machine, the root row for the instance itself. */
async function moverOf(
  { db, facts, actor, at }: Pick<Context, 'db' | 'facts' | 'actor' | 'at'>,
  to: Relocation,
): Promise<Mover> {
  const exceptions = facts.exceptions.map((one) => ({ ...one, place: to.place(one.place) }));
  const moved = (chain: Chain): Chain => chain.map((link) => relocated(link, to));
  return {
    userId: actor.kind === 'user' ? actor.userId : null,
    membershipId: actor.kind === 'user' ? actor.membershipId : null,
    chains: (await chainsHeld(db, facts, actor)).map(moved),
    selves: selvesOf(facts),
    facts: { at, exceptions },
  };
}

export async function chainsHeld(db: Kysely<DB>, facts: Facts, actor: Context['actor']): Promise<Chain[]> {
  if (actor.kind === 'user')
    return facts.held.filter(({ kind }) => kind === 'administer').map((link) => chainIn(facts, link));
  if (actor.kind !== 'operator' && actor.kind !== 'system') return [];
  const { rows } = await sql<{ id: string }>`select id from delegation where delegate_kind = 'root'`.execute(
    db,
  );
  const chain = rows[0] && (await loadChain(db, rows[0].id));
  return chain ? [chain] : [];
}

/** Where the delegates of these links stand after the move, as `delegation.create` over them is asked. */
async function delegatesOf(db: Kysely<DB>, links: Link[], to: Relocation): Promise<Map<string, Target>> {
  const ids = (pick: (link: Link) => string | null): string[] => links.flatMap((link) => pick(link) ?? []);
  const { rows } = await sql<Target & { id: string }>`
    select 'membership' as kind, m.id, m.organization_id as "organizationId", m.path, false as off, m.user_id as "userId", m.line
      from membership m where m.id = any (${ids((link) => link.delegateMembershipId)}::uuid[])
    union all select 'organization', o.id, o.id, o.path, false, null, null
      from organization o where o.id = any (${ids((link) => link.delegateOrganizationId)}::uuid[])
    union all select 'client', c.id, o.id, o.path, false, null, null
      from client c join organization o on o.id = c.organization_id where c.id = any (${ids((link) => link.delegateClientId)}::uuid[])`.execute(
    db,
  );
  const known = new Map(rows.map((row) => [row.id, row]));
  return new Map(
    links.flatMap((link): [string, Target][] => {
      const found = known.get(
        link.delegateMembershipId ?? link.delegateOrganizationId ?? link.delegateClientId ?? '',
      );
      if (!found) return [];
      const { userId, line, ...rest } = found;
      return [
        [link.id, { ...rest, path: to.path(found.path), ...(userId ? { userId, line: line ?? [] } : {}) }],
      ];
    }),
  );
}

/** Does this place lie at or above both? Then a move between them changes nothing there. */
export const isCommon = (path: string, one: string, other: string): boolean =>
  isAtOrBelow(one, path) && isAtOrBelow(other, path);
