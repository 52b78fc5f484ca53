import { type Kysely, type RawBuilder, sql } from 'kysely';
import { inReach, type Reach } from '../../authority/reach.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { say } from '../say.ts';

/**
 * What is worth a look at a row that comes in all the same: its address is somebody else's here, or stands in the file twice.
 * Addresses of a file are unproved, claim nothing and block nothing (I40): the row stays what it is, and whoever accepts the
 * invitation that goes there, signed in, has one account in the end.
 *
 * NO ORACLE. Only people whom the importer sees anyhow, with their addresses, count. Of everybody beyond that nothing is said,
 * nothing counted and nothing written: the same statement runs, and the row reads like one with an address that nobody has.
 */
export type Note = { code: 'address-known' } | { code: 'address-twice'; line: number };

/** Somebody who is here under the address of a row, and is not that person. */
const known = (people: Reach): RawBuilder<unknown> => sql`
  from app_user u join membership m on m.user_id = u.id and m.state <> 'ended' and m.ends_at > remit_now()
  where lower(u.email) = lower(r.email) and u.id <> r.user_id and u.state <> 'erased'
    and ${inReach(people, sql`m.path`, sql`m.user_id`)}`;

/** Rows whose address is new here by this file. */
const brought = sql`r.email is not null and r.problem is null and (r.verdict = 'new' or 'email' = any (r.changes))`;

export async function noteAddresses(db: Kysely<DB>, importId: string, people: Reach): Promise<void> {
  await sql`
    update people_import_row r set note = '{"code": "address-known"}'
    where r.import_id = ${importId} and ${brought} and exists (select 1 ${known(people)})`.execute(db);
  await sql`
    update people_import_row r set note = jsonb_build_object('code', 'address-twice', 'line', d.first)
    from (
      select line, first_value(line) over (partition by lower(email) order by line) as first from people_import_row
      where import_id = ${importId} and email is not null and problem is null
    ) d
    where r.import_id = ${importId} and r.line = d.line and d.first <> d.line and r.note is null and ${brought}`.execute(
    db,
  );
}

/** Whom the address of a row belongs to, of those whom the reader sees today: beside each row `r`, as `other`. */
export const otherOf = (people: Reach): RawBuilder<unknown> => sql`
  left join lateral (
    select u.display_name as name, (select o.name from organization o where o.id = m.organization_id) as organization
    ${known(people)} and r.note ->> 'code' = 'address-known' order by m.path, u.id limit 1
  ) other on true`;

/** Nothing where whoever it is about is out of the reader's sight by now. */
export function sayNote(
  note: Note | null,
  other: { name: string | null; organization: string | null },
): { code: Note['code']; text: string } | null {
  if (!note) return null;
  const { code } = note;
  if (code === 'address-twice')
    return { code, text: say('people-import.address-twice', { line: note.line }) };
  const { name, organization } = other;
  if (name === null || organization === null) return null;
  return { code, text: say('people-import.address-known', { name, organization }) };
}
