import { type Kysely, type RawBuilder, sql } from 'kysely';
import { chainIn } from '../authority/chain.ts';
import { type Chain, type EntitlementRef, hasEntitlement, hasPermission } from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';
import { permissionNames } from '../authority/permissions.ts';
import { inReach } from '../authority/reach.ts';
import type { Context } from '../operation/operation.ts';
import { decodeCursor, encodeCursor } from '../platform/paging.ts';
import type { DB } from '../platform/schema.gen.ts';
import { deciding, mayDecide } from './rules.ts';
import { askingOf, listRequests, type RequestRow, whoBroughtActors } from './store.ts';

export type Box = 'mine' | 'inbox' | 'decided';
type Page = { items: RequestRow[]; next?: string };

/** Text of an instant with all its microseconds: a cursor of milliseconds would skip or repeat rows. */
const exact = (column: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/**
 * A page of requests. What one may decide is a matter of places, which SQL filters by, and of what is asked for,
 * which the same rule as the decision's judges in memory: pages are filled until full, so none has gaps (I07).
 */
export async function pageOfRequests(
  context: Context,
  box: Box,
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<Page> {
  const me = context.user();
  const broughtMe = await whoBroughtActors(context.db, [context.facts]);
  const judge = (row: RequestRow): boolean =>
    box === 'mine' ||
    mayDecide(context.facts, askingOf(row, box === 'decided' ? row.step : undefined), broughtMe).may;
  const { where, column, descending } = await boxes(context, box, me.userId);
  const items: RequestRow[] = [];
  let after = decodeCursor(cursor, ['instant', 'uuid']);
  for (;;) {
    const beyond = after
      ? sql`and (${column}, q.id) ${sql.raw(descending ? '<' : '>')} (${after[0]}::timestamptz, ${after[1]}::uuid)`
      : sql``;
    const direction = sql.raw(descending ? 'desc' : 'asc');
    const batch = await listRequests(
      context.db,
      sql`${where} ${beyond}`,
      sql`${column} ${direction}, q.id ${direction}`,
      limit + 1,
      exact(column),
    );
    for (const row of batch) {
      if (!judge(row)) continue;
      if (items.length === limit) {
        const last = items[limit - 1]!;
        return { items, next: encodeCursor([last.position, last.id]) };
      }
      items.push(row);
    }
    const last = batch.at(-1);
    if (!last || batch.length <= limit) return { items };
    after = [last.position, last.id];
  }
}

/**
 * What the held delegations let somebody give, as SQL: wider than the check, so it decides nothing, but whoever
 * looks after one application does not walk through everybody's requests to find theirs.
 */
async function withinLimits(db: Kysely<DB>, facts: Facts): Promise<RawBuilder<unknown>> {
  const chains = chainsOf(facts).filter((chain) =>
    deciding.every((permission) => hasPermission(chain, permission)),
  );
  if (chains.some((chain) => chain.every(({ entitlements }) => entitlements.all))) return sql`true`;
  const limits = chains.flat().flatMap(({ entitlements }) => (entitlements.all ? [] : [entitlements]));
  const { rows: named } = await sql<EntitlementRef>`
    select e.id, e.application_id as "applicationId" from entitlement e
    where e.application_id = any (${limits.flatMap(({ applications }) => applications)}::uuid[])
      or e.id = any (${limits.flatMap(({ entitlements }) => entitlements)}::uuid[])`.execute(db);
  const sets = chains.map((chain) =>
    named.filter((entitlement) => hasEntitlement(chain, entitlement)).map(({ id }) => id),
  );
  if (sets.length === 0) return sql`false`;
  return sql`(${sql.join(
    sets.map((ids) => sql`q.entitlement_ids <@ ${ids}::uuid[]`),
    sql` or `,
  )})`;
}

/** Their own, and those of whom they decide for as a deputy. */
const chainsOf = (facts: Facts): Chain[] => [
  ...facts.held.map((held) => chainIn(facts, held)),
  ...facts.deputyFor.flatMap(({ giver }) => chainsOf(giver)),
];

/** Asked by a policy: as somebody's line manager, by name, as a member, for a permission, or for an application. */
function askedOtherwise({ facts, reach }: Context): RawBuilder<unknown> {
  const approvers = approversOf(facts);
  const memberships = approvers.map(({ membershipId }) => membershipId);
  const organizations = approvers.map(({ organizationId }) => organizationId);
  const permitted = permissionNames
    .filter((permission) => reach(permission).regions.length > 0)
    .map((permission) => `holders ${permission}`);
  return sql`('line-manager' = any (q.asks) and m.line && ${memberships}::uuid[]
    or q.asks_members && ${memberships}::uuid[] or q.asks_organizations && ${organizations}::uuid[]
    or q.asks && ${permitted}::text[]
    or 'application-managers' = any (q.asks) and ${reach('request.decide').regions.length > 0})`;
}

/** The actor, and those whom the actor decides for: each in one membership. */
function approversOf(facts: Facts): { membershipId: string; organizationId: string }[] {
  const { actor } = facts;
  const self =
    actor.kind === 'user' && actor.membershipId && actor.organizationId
      ? [{ membershipId: actor.membershipId, organizationId: actor.organizationId }]
      : [];
  return [...self, ...facts.deputyFor.flatMap(({ giver }) => approversOf(giver))];
}

async function boxes(context: Context, box: Box, userId: string) {
  if (box === 'mine')
    return {
      where: sql`(q.requester_id = ${userId} or m.user_id = ${userId})`,
      column: sql`q.created_at`,
      descending: true,
    };
  const managed = sql`${inReach(context.reach('request.decide'), sql`q.path`, sql`m.user_id`)}
    and ${await withinLimits(context.db, context.facts)}`;
  const notOwn = sql`${userId}::uuid not in (q.requester_id, m.user_id)`;
  return box === 'inbox'
    ? {
        where: sql`q.state = 'open' and m.state <> 'ended' and ${notOwn}
          and ((q.asks && '{managers,level-above,owners}' and ${managed}) or ${askedOtherwise(context)})`,
        column: sql`q.created_at`,
        descending: false,
      }
    : {
        where: sql`q.state in ('approved', 'refused') and ${notOwn} and (${managed}
          or exists (select 1 from request_decision d where d.request_id = q.id and d.user_id = ${userId} and d.undone_at is null))`,
        column: sql`q.decided_at`,
        descending: true,
      };
}
