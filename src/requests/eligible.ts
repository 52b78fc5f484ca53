import { sql } from 'kysely';
import type { Target } from '../authority/delegation.ts';
import { permissionWords } from '../authority/words.ts';
import type { Context } from '../operation/operation.ts';
import { membershipTargets, organizationTargets } from '../operation/targets.ts';
import { whoMayDecide } from './deciders.ts';
import type { Eligible, WhoIsEligible } from './hang.ts';
import type { Approver, Conditions, Step } from './policy.ts';
import { planned } from './policy.ts';
import { say } from './say.ts';
import type { RequestRow } from './store.ts';

/** Who could decide by the steps of a policy today, so that one which would hang is refused when it is saved. */

const nobodyId = '00000000-0000-0000-0000-000000000000';

/** Those whom the saver names have to be in the saver's sight. */
export async function requireNamed(context: Context, steps: readonly Step[]): Promise<void> {
  const approvers = approversOf(steps);
  const memberships = approvers.flatMap((one) => (one.kind === 'people' ? one.membershipIds : []));
  const organizations = approvers.flatMap((one) => (one.kind === 'members' ? one.organizationId : []));
  const people = await membershipTargets(context.db, memberships);
  for (const id of memberships) context.require('user.read', people.get(id), 'user.read');
  const places = await organizationTargets(context.db, organizations);
  for (const id of organizations) context.require('user.read', places.get(id), 'organization.read');
}

const approversOf = (steps: readonly Step[]): Approver[] =>
  steps.flatMap(({ approvers, escalation }) => [
    ...approvers,
    ...escalation.flatMap((level) => level.approvers),
  ]);

/** Looked up for what is asked at one place, by nobody in particular. */
export async function whoIsEligibleAt(
  { db }: Pick<Context, 'db'>,
  place: Target,
  applies: Conditions,
  steps: readonly Step[],
): Promise<WhoIsEligible> {
  const { name, below } = await placeOf(db, place);
  const applications = await applicationsOf(db, applies);
  const named = await namesOf(db, approversOf(steps));
  const found = new Map<string, Eligible>();
  for (const one of approversOf(steps)) {
    const key = JSON.stringify(one);
    if (!found.has(key)) found.set(key, await eligible(one));
  }
  return (one) => found.get(JSON.stringify(one))!;

  async function eligible(one: Approver): Promise<Eligible> {
    switch (one.kind) {
      case 'people':
        return {
          userIds: one.membershipIds.flatMap((id) => named.get(id)?.userIds ?? []),
          nobody: say('nobody.people'),
        };
      case 'members': {
        const group = named.get(one.organizationId);
        return {
          userIds: group?.userIds ?? [],
          nobody: say('nobody.members', { group: group?.name ?? say('nobody.thatGroup') }),
        };
      }
      case 'line-manager':
        return {
          userIds: await lineManagersAt(db, place.path),
          atMost: 1,
          nobody: say('nobody.line-manager', { place: name }),
        };
      case 'managers':
        return { userIds: await byRight([one]), nobody: say('nobody.managers', { place: name }) };
      case 'level-above':
        // For those below, whoever looks after this one is a level above.
        return {
          userIds: await byRight(below ? [one, { kind: 'managers' }] : [one]),
          nobody: say('nobody.level-above', { place: name }),
        };
      case 'application-managers':
        return { userIds: await byRight([one]), nobody: say('nobody.application-managers', { place: name }) };
      case 'holders':
        return {
          userIds: await byRight([one]),
          nobody: say('nobody.holders', { place: name, what: permissionWords(one.permission) }),
        };
      case 'owners':
        return { userIds: await byRight([one]), nobody: say('nobody.owners') };
    }
  }

  async function byRight(approvers: Approver[]): Promise<string[]> {
    const able = await whoMayDecide(db, somebodyAsks(place, approvers, applications));
    return able.filter(({ because }) => because[0]?.kind !== 'approve').map(({ userId }) => userId);
  }
}

type Applications = RequestRow['applications'];

/** As if somebody new in the place asked, for nothing in particular. */
function somebodyAsks(place: Target, approvers: Approver[], applications: Applications): RequestRow {
  const step = planned(null, {
    name: 'tried',
    approvers,
    quorum: 'one',
    due: { hours: 1 },
    remind: [],
    escalation: [],
    atEnd: 'refuse',
  });
  const row: Partial<RequestRow> = {
    requesterId: nobodyId,
    organizationId: place.organizationId,
    path: place.path,
    off: place.off,
    line: [],
    entitlements: [],
    applications,
    lineManager: null,
    plan: [step],
    step: 0,
    level: 0,
  };
  return {
    ...row,
    kind: 'access',
    gives: ['request.decide', 'access.grant'],
    membershipId: null,
    userId: null,
  } as unknown as RequestRow;
}

async function placeOf(db: Context['db'], place: Target): Promise<{ name: string; below: boolean }> {
  const { rows } = await sql<{ name: string; below: boolean }>`
    select o.name, exists (select 1 from organization b where b.parent_id = o.id and b.state = 'active') as below
    from organization o where o.id = ${place.organizationId}`.execute(db);
  return rows[0]!;
}

/** Those that the conditions name, with where they stand. */
async function applicationsOf(db: Context['db'], applies: Conditions): Promise<Applications> {
  const { rows } = await sql<Applications[number]>`
    select distinct a.id, a.organization_id as "organizationId", o.path from application a join organization o on o.id = a.organization_id
    where a.id = any (${applies.applications ?? []}::uuid[])
      or a.id in (select e.application_id from entitlement e where e.id = any (${applies.entitlements ?? []}::uuid[]))`.execute(
    db,
  );
  return rows;
}

/** More of a group need not be known: no policy asks for so many. */
const mostOfGroup = 100;

type Named = Map<string, { name: string; userIds: string[] }>;

/** By membership or organization: its name, and the people in it who can sign in and decide. */
async function namesOf(db: Context['db'], approvers: readonly Approver[]): Promise<Named> {
  const memberships = approvers.flatMap((one) => (one.kind === 'people' ? one.membershipIds : []));
  const organizations = approvers.flatMap((one) => (one.kind === 'members' ? one.organizationId : []));
  const there = sql`m.state = 'active' and u.state = 'active' and m.starts_at <= remit_now() and m.ends_at > remit_now()
    and not place_is_off(m.path)`;
  const { rows } = await sql<{ id: string; name: string; userId: string | null }>`
    select m.id, '' as name, m.user_id as "userId" from membership m join app_user u on u.id = m.user_id
    where m.id = any (${memberships}::uuid[]) and ${there}
    union all
    select o.id, o.name, t.user_id from organization o left join lateral (
      select m.user_id from membership m join app_user u on u.id = m.user_id
      where m.organization_id = o.id and ${there} limit ${mostOfGroup}) t on true
    where o.id = any (${organizations}::uuid[])`.execute(db);
  const named: Named = new Map();
  for (const { id, name, userId } of rows) {
    const one = named.get(id) ?? { name, userIds: [] };
    if (userId) one.userIds.push(userId);
    named.set(id, one);
  }
  return named;
}

/** Some of those to whom somebody at or below the place reports. */
async function lineManagersAt(db: Context['db'], path: string): Promise<string[]> {
  const { rows } = await sql<{ userId: string }>`
    select l.user_id as "userId" from membership m join membership l on l.id = m.line_manager_id join app_user u on u.id = l.user_id
    where m.path >= ${path} and m.path < ${path}::text || '/' and m.state = 'active'
      and l.state = 'active' and l.ends_at > remit_now() and u.state = 'active' limit 50`.execute(db);
  return [...new Set(rows.map(({ userId }) => userId))];
}
