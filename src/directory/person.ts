import { sql } from 'kysely';
import { inReach } from '../authority/reach.ts';
import { isSelf } from '../authority/self.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import { definitionsAt } from './attribute-store.ts';
import { type Attributes, shownAttributes } from './attributes.ts';
import { type MemberState, memberState, type Standing } from './rules.ts';

export type Person = {
  membershipId: string;
  user: {
    id: string;
    displayName: string;
    userName: string | null;
    email: string | null;
    emailProved: boolean;
    language: string;
    homeOrganizationId: string | null;
  };
  organization: { id: string; name: string };
  title: string;
  lineManager: { membershipId: string; displayName: string } | null;
  /** who takes over when they leave, if the actor sees them */
  successor: { membershipId: string; displayName: string } | null;
  attributes: Attributes;
  firstDay: string | null;
  lastDay: string | null;
  state: MemberState;
  signIn: { hasPassword: boolean; lastSignInAt: string | null };
  otherMemberships: {
    membershipId: string;
    organization: { id: string; name: string };
    title: string;
    state: MemberState;
  }[];
  version: number;
};

type Row = Standing & {
  membershipId: string;
  userId: string;
  displayName: string;
  userName: string | null;
  email: string | null;
  emailProved: boolean;
  language: string;
  homeOrganizationId: string | null;
  organizationId: string;
  organizationName: string;
  title: string;
  lineManagerId: string | null;
  lineManagerName: string | null;
  successor: Person['successor'];
  attributes: Attributes;
  firstDay: string | null;
  lastDay: string | null;
  lastSignInAt: Date | null;
  version: number;
};

/** One person in one organization; home, line manager and other organizations only as far as the actor sees them. */
export async function readPerson(context: Context, membershipId: string): Promise<Person> {
  const people = context.reach('user.read');
  const organizations = context.reach('organization.read');
  const { rows } = await sql<Row>`
    select m.id as "membershipId", u.id as "userId", u.display_name as "displayName", u.user_name as "userName", u.email,
      u.email is not null and u.email_proved_at is not null as "emailProved", u.language, h.id as "homeOrganizationId",
      o.id as "organizationId", o.name as "organizationName", m.title, l.id as "lineManagerId", lu.display_name as "lineManagerName",
      (select jsonb_build_object('membershipId', s.id, 'displayName', su.display_name)
        from succession n join membership s on s.id = n.successor_membership_id join app_user su on su.id = s.user_id
        where n.leaver_membership_id = m.id and n.state = 'named' and ${inReach(people, sql`s.path`, sql`s.user_id`)}) as successor,
      m.attributes, m.first_day as "firstDay", m.last_day as "lastDay", m.state, u.state as "userState",
      m.starts_at as "startsAt", m.ends_at as "endsAt", m.version,
      exists (select 1 from credential c where c.user_id = u.id) as "hasSignIn",
      (select max(s.created_at) from session s where s.user_id = u.id) as "lastSignInAt"
    from membership m
    join app_user u on u.id = m.user_id
    join organization o on o.id = m.organization_id
    left join organization h on h.id = u.home_organization_id and ${inReach(organizations, sql`h.path`)}
    left join membership l on l.id = m.line_manager_id and ${inReach(people, sql`l.path`, sql`l.user_id`)}
    left join app_user lu on lu.id = l.user_id
    where m.user_id = (select x.user_id from membership x where x.id = ${membershipId})
      and (m.id = ${membershipId} or m.state <> 'ended' and ${inReach(people, sql`m.path`, sql`m.user_id`)})
    order by o.name, m.id`.execute(context.db);
  const row = rows.find((found) => found.membershipId === membershipId);
  if (!row) throw refuse('not-found');
  const definitions = await definitionsAt(context.db, context.target.path);
  const reader = isSelf(context.facts, row.userId)
    ? 'self'
    : context.decide('membership.update', context.target).effect === 'permit'
      ? 'managers'
      : 'others';
  return {
    ...row,
    attributes: shownAttributes(definitions, row.attributes, reader),
    user: {
      id: row.userId,
      displayName: row.displayName,
      userName: row.userName,
      email: row.email,
      emailProved: row.emailProved,
      language: row.language,
      homeOrganizationId: row.homeOrganizationId,
    },
    organization: { id: row.organizationId, name: row.organizationName },
    lineManager: row.lineManagerId
      ? { membershipId: row.lineManagerId, displayName: row.lineManagerName! }
      : null,
    state: memberState(row, context.at),
    signIn: { hasPassword: row.hasSignIn, lastSignInAt: row.lastSignInAt?.toISOString() ?? null },
    otherMemberships: rows
      .filter((other) => other !== row)
      .map((other) => ({
        membershipId: other.membershipId,
        organization: { id: other.organizationId, name: other.organizationName },
        title: other.title,
        state: memberState(other, context.at),
      })),
  };
}
