import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Target } from '../authority/delegation.ts';
import { organizationTarget } from '../operation/targets.ts';
import { newId } from '../platform/ids.ts';
import type { Language } from '../platform/language.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';

/**
 * Asking to join an organization as a stranger. First the address is proved, by a link that was mailed to it; then it is
 * a request like any other, and nobody signs in before somebody there has said yes.
 */
export const registrationPage = z.object({
  organizationId: z.uuid(),
  open: z.boolean().describe('Whether strangers can ask to join here.'),
  words: z.string().describe('What stands on the page.'),
  url: z.string().describe('The page itself, to hand on.'),
  version: z.number().int(),
});

export type PageRow = { organizationId: string; open: boolean; words: string; version: number };

/** As the organization set it; closed where it never did. */
export async function readPage(db: Kysely<DB>, organizationId: string): Promise<PageRow> {
  const { rows } = await sql<PageRow>`
    select organization_id as "organizationId", open, words, version from registration_page where organization_id = ${organizationId}`.execute(
    db,
  );
  return rows[0] ?? { organizationId, open: false, words: '', version: 0 };
}

export const pageUrl = (url: string, organizationId: string): string => `${url}/register/${organizationId}`;

/**
 * The page that strangers see, with its organization.
 * @throws Refusal `registration.closed`, the same for organizations that there are not
 */
export async function openPage(
  db: Kysely<DB>,
  organizationId: string,
): Promise<{ page: PageRow; target: Target; name: string }> {
  const page = await readPage(db, organizationId);
  const target = await organizationTarget(db, organizationId);
  const { rows } = await sql<{
    name: string;
  }>`select name from organization where id = ${organizationId}`.execute(db);
  if (!page.open || !target || target.off) throw refuse('registration.closed');
  return { page, target, name: rows[0]!.name };
}

export type RegistrationRow = {
  id: string;
  organizationId: string;
  email: string;
  emailNormal: string;
  displayName: string;
  message: string;
  requestId: string | null;
  /** of the page they used */
  language: Language;
};

/** How long the link in the mail works. */
export const proofSeconds = 24 * 3600;
/** Mails to one address, and proofs that one organization waits for, in an hour: a stranger fills nobody's inbox. */
const mostToAddress = 3;
const mostInHour = 200;
const keptDays = 7;

/** Keeps what a stranger wrote until they have proved their address; undefined when there were too many lately. */
export async function keepRegistration(
  db: Kysely<DB>,
  at: Date,
  row: Omit<RegistrationRow, 'id' | 'requestId'>,
): Promise<string | undefined> {
  await sql`delete from registration where organization_id = ${row.organizationId} and request_id is null
    and created_at < ${at}::timestamptz - make_interval(days => ${keptDays})`.execute(db);
  // Counted one after the other: many at once would each find none yet.
  for (const counted of [row.emailNormal, row.organizationId])
    await sql`select pg_advisory_xact_lock(hashtextextended(${`registration ${counted}`}, 0))`.execute(db);
  const id = newId(at.getTime());
  const { rows } = await sql`
    insert into registration (id, organization_id, email, email_normal, display_name, message, language, created_at, expires_at)
    select ${id}, ${row.organizationId}, ${row.email}, ${row.emailNormal}, ${row.displayName}, ${row.message}, ${row.language}, ${at},
      ${at}::timestamptz + make_interval(secs => ${proofSeconds})
    where (select count(*) from registration r where r.email_normal = ${row.emailNormal}
        and r.created_at > ${at}::timestamptz - interval '1 hour') < ${mostToAddress}
      and (select count(*) from registration r where r.organization_id = ${row.organizationId}
        and r.created_at > ${at}::timestamptz - interval '1 hour') < ${mostInHour}
    returning 1`.execute(db);
  return rows.length > 0 ? id : undefined;
}

export async function readRegistration(db: Kysely<DB>, id: string): Promise<RegistrationRow | undefined> {
  const { rows } = await sql<RegistrationRow>`
    select id, organization_id as "organizationId", email, email_normal as "emailNormal", display_name as "displayName", message,
      request_id as "requestId", language from registration where id = ${id} for update`.execute(db);
  return rows[0];
}

/** In which the letters about a stranger's request speak; undefined for a request of anybody else. */
export async function strangersLanguage(db: Kysely<DB>, requestId: string): Promise<Language | undefined> {
  const { rows } = await sql<{ language: Language }>`
    select language from registration where request_id = ${requestId}`.execute(db);
  return rows[0]?.language;
}

/** The same for the invitation that such a request led to. */
export async function invitedStrangersLanguage(
  db: Kysely<DB>,
  invitation: { id: string; emailNormal: string },
): Promise<Language | undefined> {
  const { rows } = await sql<{ language: Language }>`
    select r.language from registration r join request q on q.id = r.request_id
    where r.email_normal = ${invitation.emailNormal} and q.made = ${invitation.id}`.execute(db);
  return rows[0]?.language;
}
