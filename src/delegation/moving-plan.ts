import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { EntitlementRef, Link, Target } from '../authority/delegation.ts';
import { ancestorsOf } from '../authority/place.ts';
import { selvesOf } from '../authority/self.ts';
import { describeExcess, describeMissing } from '../authority/words.ts';
import { childPath, deepest, levelOf } from '../directory/rules.ts';
import { lockOrganizationToChange, type OrganizationRow } from '../directory/store.ts';
import { requireMayLift } from '../operation/lifted.ts';
import type { Context } from '../operation/operation.ts';
import { organizationTarget } from '../operation/targets.ts';
import { newId } from '../platform/ids.ts';
import { refuse } from '../platform/refusals.ts';
import { type Fate, fatesOf, movedTo } from './moving.ts';
import { type AccessLost, accessMoved } from './moving-access.ts';
import { type Journey, loadMoving } from './moving-facts.ts';
import { accessBeyond, excessOfMove } from './moving-gains.ts';
import { invitationsLost } from './moving-invitations.ts';
import { regiverOf } from './moving-regive.ts';

/** What a move would do: decided, and not written. */
export type MovePlan = {
  journey: Journey;
  parent: { id: string; path: string };
  fates: Fate[];
  after: Map<string, Link>;
  lost: AccessLost[];
  gained: EntitlementRef[];
  /** open invitations that stop working */
  invitationsDead: number;
  organizations: number;
  fingerprint: string;
};

type Node = { id: string; name: string; parentId: string; path: string };

/**
 * Decides a move: may it be, and what becomes of what hangs on the old place. Nothing is written.
 * @returns undefined where it stands there already
 * @throws Refusal when the mover may not, when it cannot be, or when others would gain what the mover cannot give
 */
export async function planMove(context: Context, top: Node, parentId: string): Promise<MovePlan | undefined> {
  const parent = await requireParents(context, top, parentId);
  if (parent.organizationId === top.parentId) return undefined;
  if (parent.path === top.path || parent.path.startsWith(`${top.path}.`))
    throw refuse('organization.inside-itself');
  if (parent.off) throw refuse('organization.off');
  await requireMayLiftAbove(context, top, parent.path);
  const { paths, destination } = await requireRoom(context, top, parent);
  await refuseOwn(context, paths);
  const journey: Journey = {
    top,
    below: true,
    paths,
    destination,
    to: movedTo(top.path, destination),
  };
  return {
    ...(await decideJourney(context, journey)),
    parent: { id: parent.organizationId, path: parent.path },
  };
}

/** What a move or merger comes to, once it may be: who gains, what becomes of the links, which access is lost. */
export async function decideJourney(context: Context, journey: Journey): Promise<Omit<MovePlan, 'parent'>> {
  const { db, at } = context;
  const facts = await loadMoving(context, journey);
  const excess = await excessOfMove(context, journey, facts);
  if (excess) throw refuse('organization.move-gains', { missing: describeExcess(excess) });
  const { fates, after } = fatesOf({ links: facts.links, at }, journey.to, regiverOf(facts.around), () =>
    newId(at.getTime()),
  );
  const { lost, gained } = await accessMoved(db, journey, facts, after, at);
  const here: Target = {
    kind: 'organization',
    id: journey.top.id,
    organizationId: journey.top.id,
    path: journey.top.path,
    off: false,
  };
  if (await accessBeyond(context, journey, gained, here))
    throw refuse('organization.move-gains', { missing: describeExcess({ piece: 'entitlement' }) });
  return {
    journey,
    fates,
    after,
    lost,
    gained,
    // In a merger they go along by themselves, or are taken back.
    invitationsDead: journey.below ? await invitationsLost(db, journey, after, at) : 0,
    organizations: journey.paths.length,
    fingerprint: fingerprintOf(journey, fates, lost),
  };
}

/** `organization.move` over the old parent and the new one; over the organization itself the pipeline asked it. */
async function requireParents(context: Context, top: Node, parentId: string): Promise<Target> {
  const permission = 'organization.move';
  const parent = await organizationTarget(context.db, parentId);
  context.require(permission, parent, 'organization.read');
  const old = (await organizationTarget(context.db, top.parentId))!;
  const decision = context.decide(permission, old);
  if (decision.effect === 'deny')
    throw refuse('not-permitted', { permission, missing: describeMissing(decision.because) });
  return parent!;
}

/** Out of what is suspended or closed it would come to life: whoever takes it out there has to be able to open that. */
async function requireMayLiftAbove(context: Context, top: Node, parentPath: string): Promise<void> {
  const kept = ancestorsOf(parentPath);
  const left = ancestorsOf(top.path).filter((path) => path !== top.path && !kept.includes(path));
  const { rows } = await sql<Target & { state: string }>`
    select 'organization' as kind, o.id, o.id as "organizationId", o.path, true as off, o.state from organization o
    where o.path = any (${left}::text[]) and o.state <> 'active'`.execute(context.db);
  for (const { state, ...target } of rows) {
    const { because } = context.require('organization.suspend', target, 'organization.read');
    const type = state === 'closed' ? 'organization.closed' : 'organization.suspended';
    await requireMayLift(context, target.id!, type, because);
    if (state === 'closed') context.require('organization.close', target, 'organization.read');
  }
}

/** Where it goes, if there is room: depth, and a name that is free. */
async function requireRoom(
  context: Context,
  top: Node,
  parent: Target,
): Promise<{ paths: string[]; destination: string }> {
  const { rows } = await sql<{ paths: string[]; code: number; taken: boolean }>`
    select array(select o.path from organization o where o.path >= ${top.path} and o.path < ${`${top.path}/`}) as paths,
      p.next_code as code,
      exists (select 1 from organization c, organization o where o.id = ${top.id} and c.parent_id = p.id and c.id <> o.id
        and lower(c.name) = lower(o.name) and c.state <> 'closed' and o.state <> 'closed') as taken
    from organization p where p.id = ${parent.organizationId}`.execute(context.db);
  const { paths, code, taken } = rows[0]!;
  const deepestThere = levelOf(parent.path) + 1 + Math.max(...paths.map(levelOf)) - levelOf(top.path);
  if (deepestThere > deepest) throw refuse('organization.too-deep', { limit: deepest });
  if (taken) throw refuse('organization.name-taken', { name: top.name });
  return { paths, destination: childPath(parent.path, code) };
}

/** No administrative act targets its actor: nobody moves an organization that they belong to in any membership. */
export async function refuseOwn(context: Context, paths: readonly string[]): Promise<void> {
  const selves = selvesOf(context.facts);
  const { rows } = await sql`
    select 1 from membership m where m.user_id = any (${selves}::uuid[]) and m.state <> 'ended' and m.path = any (${paths}::text[]) limit 1`.execute(
    context.db,
  );
  if (rows.length > 0) throw refuse('user.self');
}

/**
 * The same for the same effects: the new place's code and the ids of new links are not yet settled when somebody looks,
 * so they do not count.
 */
function fingerprintOf(
  { top, destination, paths }: Journey,
  fates: readonly Fate[],
  lost: AccessLost[],
): string {
  const made = fates.flatMap((fate) => (fate.kind === 'split' && fate.given ? [fate.given.id] : []));
  const content = fates.map((fate) => [
    fate.kind,
    fate.before,
    'after' in fate ? fate.after : null,
    fate.kind === 'split' ? (fate.given ?? null) : null,
  ]);
  let text = JSON.stringify([top.id, top.path, paths, content, lost]);
  for (const [index, id] of made.entries()) text = text.replaceAll(id, `part ${index}`);
  return createHash('sha256')
    .update(text.replaceAll(`"${destination}`, '"there'))
    .digest('base64url');
}

/** What stands directly below an organization, by name; closed ones go along, with their history. */
export async function childrenOf(db: Context['db'], organizationId: string): Promise<OrganizationRow[]> {
  const { rows } = await sql<{ id: string }>`
    select id from organization where parent_id = ${organizationId} order by lower(name), id`.execute(db);
  const found: OrganizationRow[] = [];
  for (const { id } of rows) found.push(await lockOrganizationToChange(db, id));
  return found;
}
