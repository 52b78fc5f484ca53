import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
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
  version: z.int(),
});

export type Account = z.infer<typeof accountOutput>;

export async function readAccount(db: Kysely<DB>, userId: string): Promise<Account | undefined> {
  const { rows } = await sql<Omit<Account, 'passwordChangedAt'> & { passwordChangedAt: Date | null }>`
    select u.id as "userId", u.display_name as "displayName", u.user_name as "userName", u.email,
      u.email_proved_at is not null as "emailProved", u.language,
      jsonb_build_object('id', o.id, 'name', o.name) as home, c.user_id is not null as "hasPassword",
      c.changed_at as "passwordChangedAt", u.version
    from app_user u join organization o on o.id = u.home_organization_id left join credential c on c.user_id = u.id
    where u.id = ${userId}`.execute(db);
  const [row] = rows;
  return row && { ...row, passwordChangedAt: row.passwordChangedAt?.toISOString() ?? null };
}
