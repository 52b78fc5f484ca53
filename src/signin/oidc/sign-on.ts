import { type Kysely, sql } from 'kysely';
import { type Ceilings, loadCeilings, loadHoldings } from '../../authority/holds.ts';
import { definitionsAt } from '../../directory/attribute-store.ts';
import type { Attributes } from '../../directory/attributes.ts';
import { appendEvents } from '../../operation/events.ts';
import { databaseNow } from '../../platform/clock.ts';
import type { DB } from '../../platform/schema.gen.ts';
import type { LiveSession } from './live-session.ts';

/** Who is signed on to an application, as a member of which organization: what tokens say of a person. */
export type SignOn = {
  grantId: string;
  userId: string;
  displayName: string;
  provedEmail: string | null;
  language: string;
  membershipId: string;
  organizationId: string;
  organizationName: string;
  applicationId: string;
};

/**
 * The sign-on that a token rests on, while everything it stands on is live: session, person, membership, the
 * organizations above, application. Undefined ends the token, whatever date it carries (I15, I19, I20).
 */
export async function findLiveSignOn(db: Kysely<DB>, grantId: string): Promise<SignOn | undefined> {
  const { rows } = await sql<SignOn>`
    select n.grant_id as "grantId", u.id as "userId", u.display_name as "displayName", case when u.email_proved_at is not null then u.proved_email end as "provedEmail",
      u.language, m.id as "membershipId", o.id as "organizationId", o.name as "organizationName", a.id as "applicationId"
    from sign_on n join session s on s.id = n.session_id join app_user u on u.id = n.user_id and u.id = s.user_id
    join membership m on m.id = n.membership_id and m.user_id = u.id join organization o on o.id = m.organization_id
    join application a on a.id = n.application_id
    where n.grant_id = ${grantId} and s.ended_at is null and s.expires_at > remit_now() and u.state = 'active'
      and m.state = 'active' and m.starts_at <= remit_now() and m.ends_at > remit_now() and not place_is_off(m.path)
      and a.state = 'active'`.execute(db);
  return rows[0];
}

/** Keys of the application's roles that this membership holds now, in order. */
export async function rolesOf(db: Kysely<DB>, { membershipId, applicationId }: SignOn): Promise<string[]> {
  const { holdings } = await loadHoldings(db, { membershipIds: [membershipId], applicationId });
  const held = holdings.filter((holding) => holding.held).map(({ entitlementKey }) => entitlementKey);
  return [...new Set(held)].sort();
}

/** What stands in the fields of which the organization, or one above, says that applications are told them. */
export async function attributesOf(db: Kysely<DB>, { membershipId }: SignOn): Promise<Attributes> {
  const { rows } = await sql<{ path: string; attributes: Attributes }>`
    select m.path, m.attributes from membership m where m.id = ${membershipId}`.execute(db);
  const [{ path, attributes }] = rows as [(typeof rows)[0]];
  if (Object.keys(attributes).length === 0) return {};
  const told = new Set(
    (await definitionsAt(db, path)).flatMap(({ key, claim, seenBy }) =>
      claim && seenBy !== 'managers' ? [key] : [],
    ),
  );
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => told.has(key)));
}

/** True when this sign-on was made in that session, as a member of the organization that is active in it now. */
export async function isSignOnOf(db: Kysely<DB>, grantId: string, session: LiveSession): Promise<boolean> {
  const { rows } = await sql`select 1 from sign_on
    where grant_id = ${grantId} and session_id = ${session.sessionId} and membership_id = ${session.membershipId}`.execute(
    db,
  );
  return rows.length > 0;
}

/** Keeps what a grant rests on, and says in the trail that the person signed on. */
export async function keepSignOn(
  db: Kysely<DB>,
  { grantId, clientId, session }: { grantId: string; clientId: string; session: LiveSession },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ applicationId: string }>`
      insert into sign_on (grant_id, session_id, user_id, membership_id, application_id, created_at)
      select ${grantId}, ${session.sessionId}, ${session.userId}, ${session.membershipId}, a.id, remit_now()
      from application a where a.client_id = ${clientId} and a.state = 'active'
      returning application_id as "applicationId"`.execute(trx);
    const [row] = rows;
    if (!row) throw new Error('signing on to an application that is not there');
    await appendEvents(trx, eventSource(session, 'oidc.authorize', await databaseNow(trx)), [
      {
        type: 'sign-on.created',
        targetKind: 'application',
        targetId: row.applicationId,
        organizationId: session.organizationId,
        path: session.path,
        subjectId: session.userId,
        after: {
          userId: session.userId,
          membershipId: session.membershipId,
          sessionId: session.sessionId,
          applicationId: row.applicationId,
        },
      },
    ]);
  });
}

/** Ends the portal's session when somebody signs out of everything from an application. */
export async function endLiveSession(db: Kysely<DB>, session: LiveSession): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { numAffectedRows } = await sql`update session set ended_at = remit_now()
      where id = ${session.sessionId} and ended_at is null`.execute(trx);
    if (Number(numAffectedRows ?? 0) === 0) return;
    const at = await databaseNow(trx);
    await appendEvents(trx, eventSource(session, 'oidc.end-session', at), [
      {
        type: 'session.ended',
        targetKind: 'session',
        targetId: session.sessionId,
        organizationId: session.organizationId,
        path: session.path,
        subjectId: session.userId,
        after: { id: session.sessionId, userId: session.userId, endedAt: at.toISOString() },
      },
    ]);
  });
}

const eventSource = (session: LiveSession, operation: string, at: Date) => ({
  operation,
  at,
  requestId: '',
  because: [],
  actor: {
    kind: 'user' as const,
    userId: session.userId,
    membershipId: session.membershipId,
    sessionId: session.sessionId,
    displayName: '',
    organizationId: session.organizationId,
    path: session.path,
    language: 'en',
  },
});

/** Stands for whatever role an application without roles may get one day. */
const anyRole = '00000000-0000-7000-8000-000000000000';

/**
 * True when the organization may use the application at all: its ceiling allows one role of it or more. Somebody
 * without any role still signs on, and asks for one there.
 */
export async function mayUseApplication(db: Kysely<DB>, path: string, clientId: string): Promise<boolean> {
  const { rows } = await sql<{ applicationId: string; roles: string[] }>`
    select a.id as "applicationId", array(select e.id::text from entitlement e where e.application_id = a.id and e.state = 'active') as roles
    from application a where a.client_id = ${clientId} and a.state = 'active'`.execute(db);
  const [row] = rows;
  if (!row) return false;
  const ceilings: Ceilings = await loadCeilings(db, [path]);
  return [anyRole, ...row.roles].some(
    (id) => ceilings.allows(path, { id, applicationId: row.applicationId }).allowed,
  );
}
