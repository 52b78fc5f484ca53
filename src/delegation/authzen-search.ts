import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import { isInstance } from '../access/rules.ts';
import { chainIn } from '../authority/chain.ts';
import { hasPermission, type Target } from '../authority/delegation.ts';
import { holders } from '../authority/holders.ts';
import { isPermission, type Permission, permissionNames } from '../authority/permissions.ts';
import { inReach, reach } from '../authority/reach.ts';
import type { Context } from '../operation/operation.ts';
import { invalid } from '../platform/problems.ts';
import { type Action, Asker, type Member, memberColumns, type Resource, type Subject } from './authzen.ts';

/**
 * The three searches of AuthZEN. Each finds candidates by the engine's own predicates, and keeps those that the
 * evaluation of the same question permits: what is found is what a check permits, one by one (I07). Bounded: after
 * so many candidates a page ends, be it empty, and the next one goes on (I59). Recorded by its operation.
 */
export const searching: Permission[] = ['decision.search', 'decision.ask'];

export const pageInput = z
  .object({
    token: z.string().max(2000).optional().describe('`next_token` of the page before.'),
    limit: z.number().int().min(0).max(1000).optional().describe('At most 200; 50 when absent.'),
    properties: z.record(z.string(), z.unknown()).optional(),
  })
  .optional();

export const pageView = z.object({
  next_token: z.string().describe('Empty on the last page.'),
  count: z.number().int(),
});

type Page<T> = { page: { next_token: string; count: number }; results: T[] };
type Paging = z.infer<typeof pageInput>;

const batch = 200;
const mostCandidates = 2000;
/** It is recorded, so whoever ends something meanwhile waits for it: a page takes about this long at most (law 4). */
const mostMilliseconds = 500;

/** Where a page starts, and how long it is; a token belongs to the question that it was given for. */
type From = { after: string; limit: number; question: string };

/** What candidates are in order of: a token of anything else would be a fault of the database. */
const keys = { id: z.uuid(), name: z.string().max(200) };

const shape = z.object({
  after: z.string().max(200),
  limit: z.number().int().min(1).max(batch),
  question: z.string(),
});

function startOf(asked: unknown, paging: Paging, key: keyof typeof keys): From {
  const question = createHash('sha256').update(JSON.stringify(asked)).digest('base64url').slice(0, 22);
  const limit = Math.min(Math.max(paging?.limit ?? 50, 1), batch);
  if (!paging?.token) return { after: '', limit, question };
  const made = z
    .string()
    .transform((token) => JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as unknown)
    .pipe(shape);
  let from: From | undefined;
  try {
    from = made.parse(paging.token);
  } catch {
    // Not JSON, or not of our shape: made up.
  }
  const known = from && (from.after === '' || keys[key].safeParse(from.after).success);
  if (!from || !known || from.question !== question || (paging.limit !== undefined && from.limit !== limit))
    throw invalid('page.token', 'page-token.unknown');
  return from;
}

const tokenFor = (from: From, after: string): string =>
  Buffer.from(JSON.stringify({ ...from, after })).toString('base64url');

/** Walks candidates in order of their key until the page is full, they are over, or enough were looked at. */
async function walk<C, T>(
  from: From,
  next: (after: string) => Promise<C[]>,
  keyOf: (candidate: C) => string,
  permitted: (candidate: C) => Promise<T | undefined>,
): Promise<Page<T>> {
  const results: T[] = [];
  let { after } = from;
  const stopAt = performance.now() + mostMilliseconds;
  for (let seen = 0; ; ) {
    const candidates = await next(after);
    for (const candidate of candidates) {
      // One more than fits: there is a next page only when there is something on it.
      const found = await permitted(candidate);
      if (found !== undefined && results.length === from.limit)
        return { page: { next_token: tokenFor(from, after), count: results.length }, results };
      if (found !== undefined) results.push(found);
      after = keyOf(candidate);
      seen += 1;
      if (performance.now() > stopAt)
        return { page: { next_token: tokenFor(from, after), count: results.length }, results };
    }
    if (candidates.length < batch) return { page: { next_token: '', count: results.length }, results };
    if (seen >= mostCandidates)
      return { page: { next_token: tokenFor(from, after), count: results.length }, results };
  }
}

/** A list that is at hand whole. */
const listed =
  <C>(all: C[], keyOf: (candidate: C) => string) =>
  async (after: string): Promise<C[]> =>
    all
      .sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
      .filter((one) => keyOf(one) > after)
      .slice(0, batch);

type Found = { type: string; id: string };
const keyOfFound = ({ id }: Found): string => id;

export async function searchSubjects(
  context: Context,
  asked: { subject: Omit<Subject, 'id'>; action: Action; resource: Resource },
  paging: Paging,
): Promise<Page<Found & Pick<Subject, 'properties'>>> {
  const { subject, action, resource } = asked;
  const from = startOf(asked, paging, 'id');
  const asker = new Asker(context, searching);
  const { type, properties } = subject;
  const permitted = async (id: string) => {
    const found = { type, id, ...(properties ? { properties } : {}) };
    return (await asker.evaluate(found, action, resource)).decision ? spokenOf(found) : undefined;
  };
  const same = (id: string): string => id;
  if (type !== 'user' && type !== 'membership') return walk(from, listed<string>([], same), same, permitted);
  if (resource.type === 'application') {
    const id = type === 'user' ? sql<string>`m.user_id` : sql<string>`m.id`;
    const next = async (after: string): Promise<string[]> => {
      const { rows } = await sql<{ id: string }>`
          select distinct ${id} as id from membership m
          where m.state <> 'ended' and ${reachOf(context, sql`m.path`, sql`m.user_id`, sql`m.line`)}
            ${after ? sql`and ${id} > ${after}::uuid` : sql``}
          order by 1 limit ${batch}`.execute(context.db);
      const found = rows.map((row) => row.id);
      await asker.prepareHeld(type, found, properties, resource.id);
      return found;
    };
    return walk(from, next, same, permitted);
  }
  const target = isPermission(action.name) ? await asker.targetOf(resource) : undefined;
  // What the asker may not ask about costs as much as what is not there (ruling 14).
  const able =
    target && asker.chainFor([target]) ? await holders(context.db, action.name as Permission, target) : [];
  const ids = able.map(({ userId, membershipId }) => (type === 'user' ? userId : membershipId));
  const inOrder = listed([...new Set(ids)], same);
  const next = async (after: string): Promise<string[]> => {
    const found = await inOrder(after);
    await asker.prepareFacts(type, found, properties);
    return found;
  };
  return walk(from, next, same, permitted);
}

export async function searchResources(
  context: Context,
  asked: { subject: Subject; action: Action; resource: Omit<Resource, 'id'> },
  paging: Paging,
): Promise<Page<Found>> {
  const { subject, action, resource } = asked;
  const from = startOf(asked, paging, 'id');
  const asker = new Asker(context, searching);
  const members = await asker.members(subject);
  if (resource.type === 'application') {
    const held = (await asker.held(members)).filter(({ entitlementKey }) => entitlementKey === action.name);
    const ids = [...new Set(held.map(({ applicationId }) => applicationId))];
    const found = ids.map((id): Found => ({ type: 'application', id }));
    return walk(from, listed(found, keyOfFound), keyOfFound, async (one) => one);
  }
  const permission = action.name;
  if (!isPermission(permission) || members.length === 0)
    return walk(from, listed<Found>([], keyOfFound), keyOfFound, async (one) => one);
  const next = await targetsFor(context, asker, members, permission, resource.type);
  return walk<Target & { id: string }, Found>(
    from,
    next,
    ({ id }) => id,
    async (target) => {
      const meant = await asker.withEntitlement(target, resource.properties);
      const decided = meant && (await asker.administers(members, permission, meant));
      return decided?.decision ? { type: resource.type, id: target.id } : undefined;
    },
  );
}

/** What the asker may ask about and one of the memberships reaches with the permission, in order of id. */
async function targetsFor(
  context: Context,
  asker: Asker,
  members: readonly Member[],
  permission: Permission,
  type: string,
): Promise<(after: string) => Promise<(Target & { id: string })[]>> {
  const facts = await Promise.all(members.map(({ id }) => asker.factsOf(id)));
  const reaches = facts.map((one) => reach(one, permission));
  // Acts on an account are decided at its home, wherever the membership is that names it.
  const theirs = (...columns: Parameters<typeof reachOf> extends [unknown, ...infer Rest] ? Rest : never) =>
    permission.startsWith('credential.')
      ? sql<boolean>`true`
      : sql<boolean>`(${sql.join(
          reaches.map((one) => inReach(one, ...columns)),
          sql` or `,
        )})`;
  return async (after) => {
    const beyond = (id: ReturnType<typeof sql>) => (after ? sql`and ${id} > ${after}::uuid` : sql``);
    const query =
      type === 'organization'
        ? sql<Target & { id: string }>`
            select 'organization' as kind, o.id, o.id as "organizationId", o.path, place_is_off(o.path) as off from organization o
            where ${theirs(sql`o.path`)} and ${reachOf(context, sql`o.path`)} ${beyond(sql`o.id`)} order by o.id limit ${batch}`
        : type === 'membership'
          ? sql<Target & { id: string }>`
              select ${memberColumns} from membership m
              where m.state <> 'ended' and ${theirs(sql`m.path`, sql`m.user_id`, sql`m.line`)}
                and ${reachOf(context, sql`m.path`, sql`m.user_id`, sql`m.line`)} ${beyond(sql`m.id`)} order by m.id limit ${batch}`
          : type === 'user'
            ? sql<Target & { id: string }>`
                select 'user' as kind, u.id, u.home_organization_id as "organizationId", o.path, place_is_off(o.path) as off, u.id as "userId",
                  coalesce(line_of(u.id, o.path), '{}') as line
                from app_user u join organization o on o.id = u.home_organization_id
                where u.state <> 'erased' and ${theirs(sql`o.path`, sql`u.id`)} and ${reachOf(context, sql`o.path`, sql`u.id`)}
                  ${beyond(sql`u.id`)} order by u.id limit ${batch}`
            : undefined;
    return query ? (await query.execute(context.db)).rows : [];
  };
}

/** Where the asker may search, as a predicate; whether it may ask there, too, is decided for each. */
const reachOf = (
  { facts }: Context,
  ...columns: Parameters<typeof inReach> extends [unknown, ...infer R] ? R : never
) => (isInstance(facts) ? sql<boolean>`true` : inReach(reach(facts, 'decision.search'), ...columns));

export async function searchActions(
  context: Context,
  asked: { subject: Subject; resource: Resource },
  paging: Paging,
): Promise<Page<{ name: string }>> {
  const { subject, resource } = asked;
  const from = startOf(asked, paging, 'name');
  const asker = new Asker(context, searching);
  const members = await asker.members(subject);
  const names =
    resource.type === 'application'
      ? (await asker.held(members, resource.id)).map(({ entitlementKey }) => entitlementKey)
      : members.length > 0
        ? permissionNames
        : [];
  const keyOf = (name: string): string => name;
  return walk(from, listed<string>([...new Set(names)], keyOf), keyOf, async (name) =>
    (await asker.evaluate(subject, { name }, resource)).decision ? { name } : undefined,
  );
}

/**
 * Of something that an application asked about, what the answer may depend on: whatever else it says about it would be
 * said again for each one found, and kept in the trail (I59).
 */
function spokenOf<T extends object>(said: T): T {
  const { properties, ...rest } = said as T & { properties?: Record<string, unknown> };
  const { organizationId, entitlementId } = properties ?? {};
  const known = Object.entries({ organizationId, entitlementId }).filter(
    ([, value]) => typeof value === 'string' && value.length <= 100,
  );
  return (known.length > 0 ? { ...rest, properties: Object.fromEntries(known) } : rest) as T;
}

/** A search is in the trail: that it was made and how much it found; what was asked, outside the seal. */
export function recordSearch(
  context: Context,
  search: 'subject' | 'resource' | 'action',
  asked: Record<string, object>,
  found: number,
): void {
  const { actor } = context;
  const place = actor.kind === 'user' || actor.kind === 'client' ? actor : undefined;
  const chain = context.facts.held
    .map((held) => chainIn(context.facts, held))
    .find((one) => hasPermission(one, 'decision.search'));
  context.record({
    type: 'decision.searched',
    targetKind: 'decision',
    targetId: null,
    organizationId: place?.organizationId ?? null,
    path: place?.path ?? null,
    after: { search, found },
    personal: {
      question: Object.fromEntries(Object.entries(asked).map(([part, said]) => [part, spokenOf(said)])),
    },
    because: chain ?? [],
  });
}
