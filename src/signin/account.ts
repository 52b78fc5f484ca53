import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { definitionsAt } from '../directory/attribute-store.ts';
import { type Attributes, attributeKinds, isSeenBy, mayWrite } from '../directory/attributes.ts';
import { attributeValue } from '../directory/fields.ts';
import type { DB } from '../platform/schema.gen.ts';

/** What a person sees of their own account. */
export const accountOutput = z.object({
  userId: z.uuid(),
  displayName: z.string(),
  userName: z.string().nullable(),
  email: z.string().nullable(),
  emailProved: z.boolean(),
  language: z.string(),
  home: z.object({ id: z.uuid(), name: z.string() }),
  hasPassword: z.boolean(),
  passwordChangedAt: z.string().nullable(),
  stay: z
    .object({
      organization: z.string(),
      firstDay: z.string().nullable(),
      lastDay: z.string().nullable(),
    })
    .nullable()
    .describe(
      'From when until when you are at the organization that you act for; null before you are anywhere.',
    ),
  fields: z
    .array(
      z.object({
        key: z.string(),
        label: z.string(),
        kind: z.enum(attributeKinds),
        choices: z.array(z.string()),
        required: z.boolean(),
        value: attributeValue,
        mayChange: z.boolean().describe('You fill it in yourself.'),
      }),
    )
    .describe('What your organization records of you, as far as it shows you.'),
  version: z.int(),
});

export type Account = z.infer<typeof accountOutput>;

/** @param membershipId the one whose organization's fields are shown */
export async function readAccount(
  db: Kysely<DB>,
  userId: string,
  membershipId: string | null,
): Promise<Account | undefined> {
  const { rows } = await sql<
    Omit<Account, 'passwordChangedAt' | 'stay' | 'fields'> & { passwordChangedAt: Date | null }
  >`
    select u.id as "userId", u.display_name as "displayName", u.user_name as "userName", u.email,
      u.email_proved_at is not null as "emailProved", u.language,
      jsonb_build_object('id', o.id, 'name', o.name) as home, c.user_id is not null as "hasPassword",
      c.changed_at as "passwordChangedAt", u.version
    from app_user u join organization o on o.id = u.home_organization_id left join credential c on c.user_id = u.id
    where u.id = ${userId}`.execute(db);
  const [row] = rows;
  if (!row) return undefined;
  const fields = membershipId === null ? [] : await ownFields(db, membershipId);
  const stay = membershipId === null ? null : await stayOf(db, membershipId);
  return { ...row, passwordChangedAt: row.passwordChangedAt?.toISOString() ?? null, stay, fields };
}

async function stayOf(db: Kysely<DB>, membershipId: string): Promise<Account['stay']> {
  const { rows } = await sql<NonNullable<Account['stay']>>`
    select o.name as organization, m.first_day as "firstDay", m.last_day as "lastDay"
    from membership m join organization o on o.id = m.organization_id where m.id = ${membershipId}`.execute(
    db,
  );
  return rows[0] ?? null;
}

async function ownFields(db: Kysely<DB>, membershipId: string): Promise<Account['fields']> {
  const { rows } = await sql<{ path: string; attributes: Attributes }>`
    select m.path, m.attributes from membership m where m.id = ${membershipId}`.execute(db);
  const [{ path, attributes }] = rows as [(typeof rows)[0]];
  const definitions = await definitionsAt(db, path);
  return definitions
    .filter((field) => isSeenBy(field, 'self'))
    .map((field) => ({
      ...field,
      value: attributes[field.key] ?? null,
      mayChange: mayWrite(field, 'self'),
    }));
}
