import { type Kysely, type RawBuilder, sql } from 'kysely';
import { type Bringing, bringings, gathered, standingFor } from '../authority/brought.ts';
import { chainIn } from '../authority/chain.ts';
import { type Chain, type EntitlementRef, hasEntitlement, hasPermission } from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';
import { permissionNames } from '../authority/permissions.ts';
import { inReach, type Reach, reach } from '../authority/reach.ts';
import { withGivers } from '../authority/self.ts';
import type { Context } from '../operation/operation.ts';
import { prepared } from '../platform/database.ts';
import type { DB } from '../platform/schema.gen.ts';
import { type BroughtBy, membersAmong } from './rules.ts';

export type Box = 'mine' | 'inbox' | 'decided';

/**
 * Where the rows of a box are found: wider than the rule, which then decides. Each part goes by an index of its own, since
 * one statement over all of them walked every open request: with 200,000 of them 5 s for a manager of six people.
 */
export type Where = {
  /** over `request q left join membership m` */
  parts: RawBuilder<unknown>[];
  column: RawBuilder<unknown>;
  descending: boolean;
};

export async function whereToLook(context: Context, box: Box, userId: string, asked: Asked): Promise<Where> {
  const { db, facts } = context;
  if (box === 'mine')
    return {
      parts: [
        sql`q.requester_id = ${userId}`,
        sql`q.membership_id in (select x.id from membership x where x.user_id = ${userId})`,
      ],
      column: sql`q.created_at`,
      descending: true,
    };
  const inReachOf = context.reach('request.decide');
  const managed =
    inReachOf.regions.length > 0
      ? sql`${within(inReachOf)} and ${await withinLimits(db, facts)}`
      : sql`false`;
  // Without a look at each one's membership: what is found is many times what a page shows.
  const notOwn = sql`q.requester_id is distinct from ${userId}::uuid
    and coalesce(q.membership_id <> all (array(select x.id from membership x where x.user_id = ${userId})), true)`;
  if (box === 'decided')
    return {
      parts: [
        managed,
        sql`q.id in (select d.request_id from request_decision d where d.user_id = ${userId} and d.undone_at is null)`,
      ].map((part) => sql`q.state in ('approved', 'refused') and ${notOwn} and ${part}`),
      column: sql`q.decided_at`,
      descending: true,
    };
  return {
    parts: [
      ...asking(asked, ['managers', 'level-above', 'owners'], managed),
      ...(await askedByPolicy(context, asked, managed)),
    ].map((part) => sql`q.state = 'open' and ${notOwn} and ${part}`),
    column: sql`q.created_at`,
    descending: false,
  };
}

/**
 * The rule looks whether a place is closed or suspended, of those on the page: asked of every row before they are
 * sorted it took a second for 4,000 of them.
 */
const within = (of: Reach): RawBuilder<unknown> =>
  inReach({ ...of, reachesOff: true }, sql`q.path`, sql`m.user_id`);

/** Asked by a policy: as somebody's line manager, by name, as a member, for a permission, or for an application. */
async function askedByPolicy(
  { db, facts }: Context,
  asked: Asked,
  managed: RawBuilder<unknown>,
): Promise<RawBuilder<unknown>[]> {
  const everybody = withGivers(facts);
  const approvers = membersAmong(everybody);
  const memberships = approvers.map(({ membershipId }) => membershipId);
  const organizations = approvers.map(({ organizationId }) => organizationId);
  // Permissions that reach as far as each other are one part: mostly all of them.
  const byReach = new Map<string, { permissions: string[]; place: RawBuilder<unknown> }>();
  for (const permission of permissionNames) {
    if (!asked.some((set) => set.includes(`holders ${permission}`))) continue;
    const reaches = everybody
      .map((one) => reach(one, permission))
      .filter(({ regions }) => regions.length > 0);
    if (reaches.length === 0) continue;
    const key = JSON.stringify(reaches);
    const known = byReach.get(key) ?? {
      permissions: [],
      place: sql.join(reaches.map(within), sql` or `),
    };
    known.permissions.push(`holders ${permission}`);
    byReach.set(key, known);
  }
  const forThings = asked.some((set) => set.includes('application-managers'));
  const things = forThings ? await thingsLookedAfter(db, everybody) : [];
  return [
    open(sql`(x.asks_members && ${memberships}::uuid[] or x.asks_organizations && ${organizations}::uuid[])`),
    ...asking(
      asked,
      ['line-manager'],
      sql`q.membership_id = any (array(
        select x.id from membership x where x.state <> 'ended' and x.line && ${memberships}::uuid[]))`,
    ),
    ...asking(asked, ['application-managers'], managed),
    ...(things.length > 0
      ? asking(asked, ['application-managers'], sql`q.entitlement_ids && ${things}::uuid[]`)
      : []),
    ...[...byReach.values()].flatMap(({ permissions, place }) => asking(asked, permissions, sql`(${place})`)),
  ];
}

/**
 * Found by an index of its own, before anything is put in order: the planner takes every hundredth request to ask somebody
 * by name, and walked all of them in the order of the page to find the first.
 */
const open = (which: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`q.id = any (array(select x.id from request x where x.state = 'open' and ${which}))`;

/** The different sets of approvers that open requests ask. */
type Asked = readonly (readonly string[])[];

/**
 * What a box depends on besides the reader's rights, in one statement: who brought the reader, who then is no second
 * person, and whom open requests ask. The latter by stepping through the index from one to the next: how many requests
 * there are does not matter.
 */
export async function beforeLooking(
  db: Kysely<DB>,
  facts: Facts,
): Promise<{ asked: Asked; brought: BroughtBy }> {
  const people = standingFor([facts]);
  const next = (beyond: RawBuilder<unknown>): RawBuilder<unknown> =>
    sql`(select q.asks from request q where q.state = 'open' ${beyond} order by q.asks limit 1)`;
  const { rows } = await sql<{ asked: Asked; bringings: Bringing[] }>`
    ${prepared} with recursive step (asks) as (
      select ${next(sql``)} union all select ${next(sql`and q.asks > step.asks`)} from step where step.asks is not null)
    select (select coalesce(jsonb_agg(asks), '[]') from step where asks is not null) as asked,
      (select coalesce(jsonb_agg(b), '[]') from (${bringings(people)}) b) as bringings`.execute(db);
  const [found] = rows;
  return { asked: found!.asked, brought: gathered(people, found!.bringings) };
}

/** Requests that ask one of these, of those that a place or a person is right for; no part where none is asked. */
function asking(asked: Asked, whom: readonly string[], right: RawBuilder<unknown>): RawBuilder<unknown>[] {
  const sets = asked.filter((set) => set.some((one) => whom.includes(one)));
  if (sets.length === 0) return [];
  return [
    sql`q.asks in (${sql.join(
      sets.map((set) => sql`${set}::text[]`),
      sql`, `,
    )}) and ${right}`,
  ];
}

/** Roles of applications that stand where one of these decides. */
async function thingsLookedAfter(db: Kysely<DB>, everybody: readonly Facts[]): Promise<string[]> {
  const places = everybody
    .map((one) => reach(one, 'request.decide'))
    .filter(({ regions }) => regions.length > 0)
    .map((one) => inReach(one, sql`o.path`));
  if (places.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    select e.id from entitlement e join application a on a.id = e.application_id join organization o on o.id = a.organization_id
    where ${sql.join(places, sql` or `)}`.execute(db);
  return rows.map(({ id }) => id);
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
