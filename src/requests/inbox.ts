import { type Kysely, type RawBuilder, sql } from 'kysely';
import { chainIn } from '../authority/chain.ts';
import type { Permit } from '../authority/decide.ts';
import { type Chain, type EntitlementRef, hasEntitlement, hasPermission } from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';
import { type Permission, permissionNames } from '../authority/permissions.ts';
import { inReach, reach } from '../authority/reach.ts';
import type { Context } from '../operation/operation.ts';
import { decodeCursor, encodeCursor } from '../platform/paging.ts';
import type { DB } from '../platform/schema.gen.ts';
import { mayDecide } from './rules.ts';
import { askingOf, listRequests, type RequestRow, whoBroughtActors } from './store.ts';

export type Box = 'mine' | 'inbox' | 'decided';
/** With what lets the reader decide it; absent among one's own. */
type Judged = RequestRow & { permit?: Permit | undefined };
type Page = { items: Judged[]; next?: string };

/** What a reader wants to see of a box. */
export type Narrowed = { where?: RawBuilder<unknown>; keep?: (permit: Permit | undefined) => boolean };

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
  { where: narrowed = sql`true`, keep = () => true }: Narrowed = {},
): Promise<Page> {
  const me = context.user();
  const broughtMe = await whoBroughtActors(context.db, [context.facts]);
  const judge = (row: RequestRow): Judged | undefined => {
    if (box === 'mine') return row;
    const verdict = mayDecide(
      context.facts,
      askingOf(row, box === 'decided' ? row.step : undefined),
      broughtMe,
    );
    return verdict.may && keep(verdict.permit) ? { ...row, permit: verdict.permit } : undefined;
  };
  const { where, column, descending } = await boxes(context, box, me.userId);
  const items: Judged[] = [];
  let after = decodeCursor(cursor, ['instant', 'uuid']);
  for (;;) {
    const beyond = after
      ? sql`and (${column}, q.id) ${sql.raw(descending ? '<' : '>')} (${after[0]}::timestamptz, ${after[1]}::uuid)`
      : sql``;
    const direction = sql.raw(descending ? 'desc' : 'asc');
    const batch = await listRequests(
      context.db,
      sql`${where} and ${narrowed} ${beyond}`,
      sql`${column} ${direction}, q.id ${direction}`,
      limit + 1,
      exact(column),
    );
    for (const row of batch) {
      const judged = judge(row);
      if (!judged) continue;
      if (items.length === limit) {
        const last = items[limit - 1]!;
        return { items, next: encodeCursor([last.position, last.id]) };
      }
      items.push(judged);
    }
    const last = batch.at(-1);
    if (!last || batch.length <= limit) return { items };
    after = [last.position, last.id];
  }
}

/**
 * What the held delegations let somebody give, as SQL: wider than the check, so it decides nothing, but whoever
 * looks after one application, or may do few things, does not walk through everybody's requests to find theirs.
 */
async function withinLimits(db: Kysely<DB>, facts: Facts): Promise<RawBuilder<unknown>> {
  const chains = chainsOf(facts).filter((chain) => hasPermission(chain, 'request.decide'));
  if (chains.length === 0) return sql`false`;
  const isOpen = (chain: Chain): boolean => chain.every(({ entitlements }) => entitlements.all);
  const limits = chains.flat().flatMap(({ entitlements }) => (entitlements.all ? [] : [entitlements]));
  const { rows: named } =
    limits.length === 0
      ? { rows: [] }
      : await sql<EntitlementRef>`
    select e.id, e.application_id as "applicationId" from entitlement e
    where e.application_id = any (${limits.flatMap(({ applications }) => applications)}::uuid[])
      or e.id = any (${limits.flatMap(({ entitlements }) => entitlements)}::uuid[])`.execute(db);
  const parts = new Map(
    chains.map((chain) => {
      const gives = permissionNames.filter((permission) => hasPermission(chain, permission));
      const ids = isOpen(chain)
        ? undefined
        : named.filter((entitlement) => hasEntitlement(chain, entitlement)).map(({ id }) => id);
      const may = sql`q.gives <@ ${gives}::text[]`;
      return [
        JSON.stringify([gives, ids]),
        ids ? sql`(${may} and q.entitlement_ids <@ ${ids}::uuid[])` : sql`(${may})`,
      ];
    }),
  );
  return sql`(${sql.join([...parts.values()], sql` or `)})`;
}

/** Their own, and those of whom they decide for as a deputy. */
const chainsOf = (facts: Facts): Chain[] => [
  ...facts.held.map((held) => chainIn(facts, held)),
  ...facts.deputyFor.flatMap(({ giver }) => chainsOf(giver)),
];

/** Asked by a policy: as somebody's line manager, by name, as a member, for a permission, or for an application. */
function askedOtherwise({ facts }: Context): RawBuilder<unknown> {
  const everybody = withGivers(facts);
  const reaches = (permission: Permission): boolean =>
    everybody.some((one) => reach(one, permission).regions.length > 0);
  const approvers = approversOf(facts);
  const memberships = approvers.map(({ membershipId }) => membershipId);
  const organizations = approvers.map(({ organizationId }) => organizationId);
  const permitted = permissionNames.filter(reaches).map((permission) => `holders ${permission}`);
  return sql`('line-manager' = any (q.asks) and m.line && ${memberships}::uuid[]
    or q.asks_members && ${memberships}::uuid[] or q.asks_organizations && ${organizations}::uuid[]
    or q.asks && ${permitted}::text[]
    or 'application-managers' = any (q.asks) and ${reaches('request.decide')})`;
}

const withGivers = (facts: Facts): Facts[] => [
  facts,
  ...facts.deputyFor.flatMap(({ giver }) => withGivers(giver)),
];

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
  const notOwn = sql`(q.requester_id is distinct from ${userId}::uuid and m.user_id is distinct from ${userId}::uuid)`;
  return box === 'inbox'
    ? {
        where: sql`q.state = 'open' and m.state is distinct from 'ended' and ${notOwn}
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
