import { type Kysely, sql } from 'kysely';
import type { DB } from '../../src/platform/schema.gen.ts';

/** A group of a place with somebody in it, and a rule that fits nobody, so that nobody's access is other by it. */
export async function addRules(
  db: Kysely<DB>,
  at: {
    groupId: string;
    accessRuleId: string;
    organizationId: string;
    membershipId: string;
    entitlementId: string;
    giver: string;
    link: string;
  },
  named: (what: string) => string,
): Promise<void> {
  await sql`insert into people_group (id, organization_id, name, description)
    values (${at.groupId}, ${at.organizationId}, ${named('group')}, ${named('description')})`.execute(db);
  await sql`insert into group_member (group_id, membership_id) values (${at.groupId}, ${at.membershipId})`.execute(
    db,
  );
  await sql`insert into access_rule (id, organization_id, name, title, entitlement_id, given_by, given_under)
    values (${at.accessRuleId}, ${at.organizationId}, ${named('rule')}, 'Held by nobody', ${at.entitlementId}, ${at.giver}, ${at.link})`.execute(
    db,
  );
}
