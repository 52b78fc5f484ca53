import { type Kysely, sql } from 'kysely';
import { newId } from '../src/platform/ids.ts';
import type { DB } from '../src/platform/schema.gen.ts';

const applications = 20;
const rolesEach = 5;

/**
 * What else stands in an instance of this size: applications of the root; an open request of every fifth person for one
 * of their roles; and as many mandates as people, drawn at random, so that some hold several and some none. Whoever
 * calls has put triggers, keys and further indexes away.
 */
export async function fillAsked(db: Kysely<DB>, rootId: string, people: number): Promise<void> {
  for (let at = 0; at < applications; at += 1) {
    const id = newId();
    await sql`insert into application (id, organization_id, key, name, client_id)
      values (${id}, ${rootId}, ${`app-${at}`}, ${`Application ${at}`}, ${`bench-${at}`})`.execute(db);
    await sql`insert into entitlement (id, application_id, key, name)
      select ${numbered('0190e000', sql`${at * rolesEach}::int + n`)}, ${id}, 'role-' || n, 'Role ' || n
      from generate_series(0, ${rolesEach - 1}::int) g (n)`.execute(db);
  }
  await sql`insert into request (id, requester_id, membership_id, organization_id, path, entitlement_id, entitlement_ids, created_at)
    select ${numbered('0190f000', sql`g.n`)}, m.user_id, m.id, m.organization_id, m.path, e.id, array[e.id],
      remit_now() - make_interval(mins => (${drawn(sql`g.n`, 21)} * 43200)::int)
    from generate_series(0, ${people - 1}::int, 5) g (n)
    join membership m on m.id = ${numbered('0190b000', sql`g.n`)}
    join entitlement e on e.id = ${numbered('0190e000', sql`floor(${drawn(sql`g.n`, 22)} * ${applications * rolesEach})::int`)}`.execute(
    db,
  );
  await sql`insert into delegation (id, kind, delegate_kind, delegate_user_id, delegate_membership_id, giver_user_id, giver_membership_id,
      represented_user_id, permissions, scope, entitlements, created_at)
    select ${numbered('0191a000', sql`d.n`)}, 'represent', 'user', ${numbered('0190a000', sql`d.holder`)}, ${numbered('0190b000', sql`d.holder`)},
      ${numbered('0190a000', sql`d.given`)}, ${numbered('0190b000', sql`d.given`)}, ${numbered('0190a000', sql`d.given`)},
      '{invoice.read}', '[]', '{"all": true}', remit_now()
    from (select g.n, floor(${drawn(sql`g.n`, 23)} * ${people})::int as holder, g.n as given from generate_series(0, ${people - 1}::int) g (n)) d
    where d.holder <> d.given`.execute(db);
}

type Fragment = ReturnType<typeof sql>;

/** A number in [0, 1) from a number, the same in every run. */
export const drawn = (n: Fragment, seed: number): Fragment =>
  sql`((hashint8extended(${n}, ${sql.lit(seed)}) & 1073741823) / 1073741824.0)`;

/** An id from a number: it looks like any other of version 7. */
export const numbered = (kind: string, n: Fragment): Fragment =>
  sql`(${sql.lit(`${kind}-0000-7000-8000-`)} || lpad(to_hex(${n}), 12, '0'))::uuid`;
