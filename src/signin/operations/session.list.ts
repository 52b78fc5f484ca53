import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';

export const sessionList = operation({
  name: 'session.list',
  summary: 'List where you are signed in.',
  http: 'GET /me/sessions',
  input: z.object({}),
  output: z.object({
    items: z.array(
      z.object({
        id: z.uuid(),
        current: z.boolean(),
        createdAt: z.string(),
        lastSeenAt: z.string(),
        expiresAt: z.string(),
        organizationName: z.string().nullable(),
        address: z.string(),
        userAgent: z.string(),
        applications: z.array(z.string()).describe('Applications signed on to in this session.'),
      }),
    ),
  }),
  needs: 'self',
  effect: 'reading',
  run: async (context) => {
    const { userId, sessionId } = context.user();
    const { rows } = await sql<Row>`
      select s.id, s.created_at as "createdAt", s.last_seen_at as "lastSeenAt", s.expires_at as "expiresAt",
        o.name as "organizationName", s.address, s.user_agent as "userAgent",
        array(select distinct a.name from sign_on n join application a on a.id = n.application_id where n.session_id = s.id order by 1) as applications
      from session s left join membership m on m.id = s.membership_id left join organization o on o.id = m.organization_id
      where s.user_id = ${userId} and s.ended_at is null and s.expires_at > remit_now()
      order by s.last_seen_at desc, s.id limit 200`.execute(context.db);
    return {
      items: rows.map((row) => ({
        ...row,
        current: row.id === sessionId,
        createdAt: row.createdAt.toISOString(),
        lastSeenAt: row.lastSeenAt.toISOString(),
        expiresAt: row.expiresAt.toISOString(),
      })),
    };
  },
});

type Row = {
  id: string;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
  organizationName: string | null;
  address: string;
  userAgent: string;
  applications: string[];
};
