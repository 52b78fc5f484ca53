import { type RawBuilder, sql } from 'kysely';
import { loadFacts } from '../authority/load-facts.ts';
import { type Permission, permissionNames } from '../authority/permissions.ts';
import { inReach, type Reach, reach } from '../authority/reach.ts';
import { isSelf } from '../authority/self.ts';
import { permissionWords } from '../authority/words.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';

/** A glance, not a list: the reader's own lists show the rest. */
const most = 100;

type Named = { id: string; name: string };
export type SeenAs = {
  displayName: string;
  organizations: Named[];
  people: { membershipId: string; displayName: string; organizationName: string }[];
  mayDo: { permission: string; words: string; organizations: Named[] }[];
  more: boolean;
};

/**
 * What somebody sees and may do, where the reader sees it too: the intersection of both reaches, without inbox, security
 * or mandates (ruling 9). It is recorded, and the person is told.
 */
export async function seeAs(context: Context, membershipId: string): Promise<SeenAs> {
  const { db, target } = context;
  if (isSelf(context.facts, target.userId)) throw refuse('user.self');
  context.require('user.read', target, 'user.read');
  const facts = await loadFacts(db, { kind: 'membership', membershipId });
  const theirs = (permission: Permission): Reach => reach(facts, permission);
  const places = both(theirs('organization.read'), context.reach('organization.read'), sql`o.path`);
  const { rows: organizations } = await sql<Named>`
    select o.id, o.name from organization o where ${places} and o.state <> 'closed' order by o.name, o.id limit ${most + 1}`.execute(
    db,
  );
  const { rows: people } = await sql<SeenAs['people'][number]>`
    select m.id as "membershipId", u.display_name as "displayName", o.name as "organizationName"
    from membership m join app_user u on u.id = m.user_id join organization o on o.id = m.organization_id
    where m.state <> 'ended' and ${both(theirs('user.read'), context.reach('user.read'), sql`m.path`, sql`m.user_id`, sql`m.line`)}
    order by m.sort_name, m.id limit ${most + 1}`.execute(db);
  const mayDo = await acts(context, theirs);
  const { rows } = await sql<{ name: string }>`
    select display_name as name from app_user where id = ${target.userId}`.execute(db);
  context.record({
    type: 'user.viewed',
    targetKind: 'membership',
    targetId: membershipId,
    organizationId: target.organizationId,
    path: target.path,
    subjectId: target.userId ?? null,
  });
  return {
    displayName: rows[0]!.name,
    organizations: organizations.slice(0, most),
    people: people.slice(0, most),
    mayDo,
    more: organizations.length > most || people.length > most,
  };
}

/** What lies in one reach and in the other. */
const both = (
  one: Reach,
  other: Reach,
  path: RawBuilder<unknown>,
  userId?: RawBuilder<unknown>,
  line?: RawBuilder<unknown>,
): RawBuilder<boolean> =>
  sql<boolean>`(${inReach(one, path, userId, line)} and ${inReach(other, path, userId, line)})`;

/** Places shown for each act. */
const fewPlaces = 5;

/** Each act that they may do somewhere that the reader sees delegations, with the first places, by one statement. */
async function acts(context: Context, theirs: (permission: Permission) => Reach): Promise<SeenAs['mayDo']> {
  const mine = context.reach('delegation.read');
  const seen = context.reach('organization.read');
  const able = permissionNames.filter((permission) => theirs(permission).regions.length > 0);
  if (able.length === 0) return [];
  const parts = able.map(
    (permission) => sql`
      select ${permission}::text as permission, exists (
          select 1 from membership m where m.state <> 'ended' and ${both(theirs(permission), mine, sql`m.path`, sql`m.user_id`, sql`m.line`)}) as someone,
        (select coalesce(jsonb_agg(f), '[]') from (select o.id, o.name from organization o
          where o.state <> 'closed' and ${both(theirs(permission), mine, sql`o.path`)} and ${inReach(seen, sql`o.path`)}
          order by o.path limit ${fewPlaces}) f) as organizations`,
  );
  const { rows } = await sql<{
    permission: string;
    someone: boolean;
    organizations: Named[];
  }>`${sql.join(parts, sql` union all `)}`.execute(context.db);
  return rows
    .filter(({ someone, organizations }) => someone || organizations.length > 0)
    .map(({ permission, organizations }) => ({
      permission,
      words: permissionWords(permission),
      organizations,
    }));
}
