import { type Kysely, sql } from 'kysely';
import type { Target } from '../authority/delegation.ts';
import { holders } from '../authority/holders.ts';
import { say } from '../authority/say.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';

/**
 * Nobody may leave an organization without anybody who can look after it (I38): each place that these members
 * manage keeps another manager who can sign in, there or above, beyond `from`. The endings' exclusive lock makes
 * two managers who remove each other follow one another.
 * @throws Refusal `delegation.last-manager`
 */
export async function requireOtherManagers(
  context: Context,
  membershipIds: readonly string[],
  { from, outside }: { from?: Date; outside?: string } = {},
): Promise<void> {
  await requireOwnersAct(context, membershipIds);
  const found = await lastManagedBy(context.db, membershipIds, { from, outside });
  if (!found) return;
  // Somebody may manage a place that whoever ends them cannot see.
  const seen = context.decide('organization.read', found.target).effect === 'permit';
  throw refuse('delegation.last-manager', { organization: seen ? found.name : say('anOrganization') });
}

/**
 * An owner is taken out by another owner only, who thereby remains; by the instance itself only while one remains.
 * Whoever holds less could otherwise leave the instance without anybody above them (I38).
 * @throws Refusal `membership.owner-only`
 */
async function requireOwnersAct(
  { db, facts }: Pick<Context, 'db' | 'facts'>,
  membershipIds: readonly string[],
): Promise<void> {
  const owners = await ownersAmong(db, membershipIds);
  if (owners.length === 0) return;
  const { actor } = facts;
  const root = (await db
    .selectFrom('organization')
    .select(['id', 'path'])
    .where('parent_id', 'is', null)
    .executeTakeFirst())!;
  const place: Target = {
    kind: 'organization',
    id: root.id,
    organizationId: root.id,
    path: root.path,
    off: false,
  };
  const remaining = (await holders(db, 'delegation.create', place)).filter(
    ({ because, membershipId, canSignIn }) =>
      because.length === 2 && !membershipIds.includes(membershipId) && (canSignIn || actor.kind === 'user'),
  );
  const byOwner =
    actor.kind === 'operator' ||
    actor.kind === 'system' ||
    (actor.kind === 'user' && remaining.some(({ membershipId }) => membershipId === actor.membershipId));
  if (!byOwner || remaining.length === 0) throw refuse('membership.owner-only');
}

/** The same for everybody in an organization that is switched off: what they manage elsewhere keeps a manager. */
export async function requireOtherManagersOutside(context: Context, path: string): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select distinct m.id from membership m join delegation d on d.delegate_membership_id = m.id
    where m.path >= ${path} and m.path < ${`${path}/`} and m.state <> 'ended' and d.state = 'active'`.execute(
    context.db,
  );
  await requireOtherManagers(
    context,
    rows.map(({ id }) => id),
    { outside: path },
  );
}

/** The first place that nobody could manage without these members; undefined when there is none. */
export async function lastManagedBy(
  db: Kysely<DB>,
  membershipIds: readonly string[],
  { from, outside }: { from?: Date | undefined; outside?: string | undefined } = {},
): Promise<{ target: Target; name: string } | undefined> {
  if (membershipIds.length === 0) return undefined;
  const { rows } = await sql<Target & { name: string }>`
    select distinct 'organization' as kind, o.id, o.id as "organizationId", o.path, false as off, o.name
    from delegation d cross join unnest(d.place_paths) as p (path) join organization o on o.path = p.path
    where d.delegate_membership_id = any (${membershipIds}::uuid[]) and d.delegate_kind = 'user' and d.kind = 'administer'
      and d.state = 'active' and not place_is_off(o.path)
      ${outside ? sql`and not (o.path >= ${outside} and o.path < ${`${outside}/`})` : sql``}
    order by o.path`.execute(db);
  for (const { name, ...target } of rows) {
    const able = (await holders(db, 'user.invite', target)).filter((holder) => holder.canSignIn);
    if (!able.some((holder) => membershipIds.includes(holder.membershipId))) continue;
    const others = able.filter(
      (holder) =>
        !membershipIds.includes(holder.membershipId) &&
        (!from || holder.because.every((link) => link.endsAt > from)),
    );
    if (others.length === 0 || (from && !(await anyStaysBeyond(db, others, from)))) return { target, name };
  }
  return undefined;
}

/** Two who leave on the same day are no cover for each other. */
async function anyStaysBeyond(
  db: Kysely<DB>,
  others: { membershipId: string }[],
  from: Date,
): Promise<boolean> {
  const ids = others.map(({ membershipId }) => membershipId);
  const { rows } = await sql<{ stays: boolean }>`
    select exists (select 1 from membership m where m.id = any (${ids}::uuid[]) and m.ends_at > ${from}) as stays`.execute(
    db,
  );
  return rows[0]!.stays;
}

/** Owners hold theirs directly below the root row. They have no last day. */
export const isOwner = async (db: Kysely<DB>, membershipId: string): Promise<boolean> =>
  (await ownersAmong(db, [membershipId])).length > 0;

async function ownersAmong(db: Kysely<DB>, membershipIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct d.delegate_membership_id as id from delegation d join delegation r on r.id = d.parent_id
    where d.delegate_membership_id = any (${membershipIds}::uuid[]) and r.delegate_kind = 'root' and d.state <> 'ended'`.execute(
    db,
  );
  return rows.map(({ id }) => id);
}
