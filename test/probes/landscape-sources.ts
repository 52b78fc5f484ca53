import { sql } from 'kysely';
import { newId } from '../../src/platform/ids.ts';
import type { OrganizationName, World } from '../harness/world.ts';

/** A source at a place, of the same manager wherever it stands; a reading of it that waits, and a proposal about the person there. */
export async function addSource(
  { services: { db }, organizations, people }: World,
  place: OrganizationName,
  ids: { sourceId: string; sourceRunId: string; proposalId: string; membershipId: string },
  named: (what: string) => string,
): Promise<void> {
  const actor = JSON.stringify({ kind: 'membership', membershipId: people.acmeManager.membershipId });
  // An address that may not be called: nothing is waited for.
  const settings = {
    host: '127.0.0.1',
    port: 636,
    security: 'tls',
    trust: '',
    account: 'cn=remit,dc=example',
  };
  const reading = {
    base: `ou=${named('base')},dc=example`,
    objectClass: 'person',
    columns: { name: 'cn' },
    places: { from: 'source' },
  };
  await sql`insert into source (id, organization_id, name, make, settings, reading, every_minutes, whole_hours, brake, actor)
    values (${ids.sourceId}, ${organizations[place].id}, ${named('source')}, 'ldap', ${JSON.stringify(settings)}::jsonb,
      ${JSON.stringify(reading)}::jsonb, 60, 24, '{"atLeast": 1, "share": 0.1}', ${actor}::jsonb)`.execute(
    db,
  );
  await sql`insert into source_run (id, source_id, state, counts) values (${ids.sourceRunId}, ${ids.sourceId}, 'held', '{"changed": 5}')`.execute(
    db,
  );
  await sql`insert into source_entry (source_id, external_id, key, key_there, dn, run_id)
    values (${ids.sourceId}, ${newId()}, ${named('key')}, '', '', ${ids.sourceRunId})`.execute(db);
  await sql`insert into import_key (top_organization_id, kind, key, id)
    select ${organizations[place].id}, 'user', ${named('key')}, m.user_id from membership m where m.id = ${ids.membershipId}`.execute(
    db,
  );
  await sql`insert into proposal (id, source_id, membership_id, why) values (${ids.proposalId}, ${ids.sourceId}, ${ids.membershipId}, 'missing')`.execute(
    db,
  );
}
