import { sql } from 'kysely';
import { z } from 'zod';
import { inReach } from '../authority/reach.ts';
import { say } from '../authority/say.ts';
import { lastDayOut } from '../directory/by-day.ts';
import type { ListedOrganization } from '../directory/organizations.ts';
import type { Context } from '../operation/operation.ts';
import { type DelegationView, viewDelegations } from './view.ts';

/** Marks beside an organization; all of them are read by `delegation.list`. */
const shownAtOnce = 6;

/** Who may do what at one organization, short enough for a page of a hundred organizations. */
export const mapMark = z.object({
  delegationId: z.string(),
  kind: z.enum(['user', 'organization', 'client', 'relation', 'root']),
  holder: z.string().describe('"a level above" when out of reach.'),
  what: z.string().describe('In words.'),
  below: z.boolean(),
  until: z.string().nullable(),
  lastDay: lastDayOut,
  inForce: z.boolean(),
  vacant: z.boolean(),
  sentence: z.string(),
});

export const mapNode = z
  .object({
    id: z.string(),
    parentId: z.string().nullable().describe('Absent when the one above lies outside your boundary.'),
    name: z.string(),
    state: z.enum(['active', 'suspended', 'closed']),
    childCount: z.number().int(),
    organizationsBelow: z.number().int().describe('At every depth, as far as you see them.'),
    peopleCount: z.number().int().describe('People here and below.'),
    delegations: z.array(mapMark).describe('The first of those that name it.'),
    delegationCount: z.number().int().describe('All of those that name it, as far as you see them.'),
    exceptionCount: z.number().int().describe('Exceptions that are set here.'),
  })
  .meta({ id: 'MapNode' });

export type MapNode = z.infer<typeof mapNode>;
type Listed = Pick<ListedOrganization, 'id' | 'parentId' | 'name' | 'state' | 'childCount' | 'peopleCount'>;
type Marks = {
  id: string;
  organizationsBelow: number;
  delegationIds: string[];
  delegationCount: number;
  exceptionCount: number;
};

/** Adds to organizations what the map shows beside them, by one statement and those that put links into words. */
export async function withMarks(context: Context, listed: readonly Listed[]): Promise<MapNode[]> {
  const organizations = context.reach('organization.read');
  const delegations = context.reach('delegation.read');
  const { rows } = await sql<Marks>`
    select o.id, below.count as "organizationsBelow", coalesce(links.ids[1:${shownAtOnce}], '{}') as "delegationIds",
      coalesce(cardinality(links.ids), 0) as "delegationCount", exceptions.count as "exceptionCount"
    from organization o
    cross join lateral (
      select count(*)::int from organization b
      where b.path > o.path and b.path < o.path || '/' and ${inReach(organizations, sql`b.path`)}) below
    cross join lateral (
      select array_agg(d.id order by (d.delegate_kind = 'organization') desc, d.id) as ids from delegation d
      where d.place_paths @> array[o.path collate "default"] and d.kind = 'administer' and d.delegate_kind <> 'root' and d.state <> 'ended'
        and d.ends_at > ${context.at} and ${inReach(delegations, sql`o.path`, sql`d.delegate_user_id`)}) links
    cross join lateral (
      select count(*)::int from exception e
      where e.path = o.path and e.state = 'active' and e.ends_at > ${context.at}
        and ${inReach(delegations, sql`o.path`, sql`e.user_id`)}) exceptions
    where o.id = any (${listed.map(({ id }) => id)}::uuid[])`.execute(context.db);
  const marks = new Map(rows.map((row) => [row.id, row]));
  const views = new Map(
    (
      await viewDelegations(
        context.db,
        context.facts,
        rows.flatMap((row) => row.delegationIds),
      )
    ).map((view) => [view.id, view]),
  );
  return listed.map(({ id, parentId, name, state, childCount, peopleCount }) => {
    const { organizationsBelow, delegationIds, delegationCount, exceptionCount } = marks.get(id)!;
    return {
      ...{ id, parentId, name, state, childCount, peopleCount },
      ...{ organizationsBelow, delegationCount, exceptionCount },
      delegations: delegationIds.flatMap((one) => (views.has(one) ? [markOf(views.get(one)!, id)] : [])),
    };
  });
}

function markOf(view: DelegationView, organizationId: string): z.infer<typeof mapMark> {
  return {
    delegationId: view.id,
    kind: view.delegate.kind,
    holder: view.delegate.name,
    what: whatOf(view),
    below: view.places.some((place) => place.id === organizationId && place.below),
    until: view.until,
    lastDay: view.lastDay,
    inForce: view.effective,
    vacant: view.vacant,
    sentence: view.sentence,
  };
}

/** The role's name, or the first acts and how many more. */
function whatOf({ adminRole, permissionWords }: DelegationView): string {
  if (adminRole) return adminRole.name;
  const [first = '', second, ...more] = permissionWords;
  return [first, second, more.length > 0 ? say('andMore', { count: more.length }) : undefined]
    .filter(Boolean)
    .join(', ');
}
