import { type Kysely, sql } from 'kysely';
import { spoken } from '../../../platform/language.ts';
import {
  type Details,
  fill,
  type Refusal,
  type RefusalCode,
  refusalCodes,
  textIn,
} from '../../../platform/refusals.ts';
import type { DB } from '../../../platform/schema.gen.ts';
import { errorOf } from '../protocol/problem-answer.ts';
import { readId } from './door.ts';

/** Of one client; the one seen longest ago goes first. */
const mostKept = 50;

/** What a feed was refused: `about` is the id that it named, if any. */
export type Refused = { operation: string; refusal: Refusal; about?: string | undefined };

/**
 * Keeps what a feed was refused, for whoever looks after it. Of faults nothing: those are ours, and stand in the log. A
 * client that is not there, or whose key is not known, has nobody to look after it.
 */
export async function keepRefused(
  db: Kysely<DB>,
  client: { id: string } | { keyHash: Buffer },
  { operation, refusal, about }: Refused,
): Promise<void> {
  if (refusal.kind === 'fault' || refusal.kind === 'unavailable' || refusal.kind === 'unauthenticated')
    return;
  const which =
    'id' in client
      ? sql`select ${client.id}::uuid as id`
      : sql`select id from client where key_hash = ${client.keyHash}
          union all select client_id from client_former_key where key_hash = ${client.keyHash} and until > remit_now()`;
  await sql`
    with who as (${which}),
    kept as (
      insert into scim_refusal as r (client_id, operation, code, about, details, status)
      select id, ${operation}, ${refusal.code}, ${readId(about ?? '') ?? ''}, ${JSON.stringify(keepable(refusal))}::jsonb, ${errorOf(refusal).status}::int
      from who
      on conflict (client_id, operation, code, about) do update
        set times = r.times + 1, last_at = remit_now(), details = excluded.details, status = excluded.status
      returning client_id)
    delete from scim_refusal d using (
      select r.client_id, r.operation, r.code, r.about from scim_refusal r join kept k on k.client_id = r.client_id
      order by r.last_at desc offset ${mostKept}) old
    where (d.client_id, d.operation, d.code, d.about) = (old.client_id, old.operation, old.code, old.about)`.execute(
    db,
  );
}

/** Plain words and numbers that the sentence names; long ones are cut. */
const keepable = ({ details }: Refusal): Details => {
  const kept: Details = {};
  for (const [name, value] of Object.entries(details)) {
    if (typeof value === 'string') kept[name] = value.slice(0, 500);
    if (typeof value === 'number') kept[name] = value;
  }
  return kept;
};

export type KeptRefusal = {
  operation: string;
  status: number;
  text: string;
  about: string;
  times: number;
  firstAt: string;
  lastAt: string;
};

/** The latest first, each with the sentence that the feed got, in the reader's language. */
export async function readRefused(db: Kysely<DB>, clientId: string, limit = 20): Promise<KeptRefusal[]> {
  const { rows } = await sql<Omit<KeptRefusal, 'text'> & { code: string; details: Details }>`
    select operation, code, about, details, status, times,
      to_char(first_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "firstAt",
      to_char(last_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "lastAt"
    from scim_refusal where client_id = ${clientId} order by last_at desc, operation, code limit ${limit}`.execute(
    db,
  );
  return rows.map(({ code, details, ...row }) => ({
    ...row,
    text: isCode(code) ? fill(textIn(spoken(), code), details) : code,
  }));
}

const isCode = (code: string): code is RefusalCode => (refusalCodes as string[]).includes(code);
