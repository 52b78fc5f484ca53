import { sql } from 'kysely';
import { z } from 'zod';
import { listAdminRoles } from '../../delegation/admin-roles.ts';
import { operation } from '../../operation/operation.ts';
import { requestKinds as kinds } from '../policy.ts';
import { leading } from '../reports.ts';

export const requestKinds = operation({
  name: 'request.kinds',
  summary: 'Show which kinds of things you can ask for, and what there is to choose from.',
  http: 'GET /me/request-kinds',
  input: z.object({}),
  output: z.object({
    membershipId: z.uuid().describe('The membership in which you ask.'),
    organizationId: z.uuid(),
    organizationName: z.string(),
    kinds: z.array(z.enum(kinds)),
    lastDay: z.string().nullable().describe('Yours, there.'),
    reports: z.boolean().describe('Somebody reports to you.'),
    adminRoles: z
      .array(
        z.object({
          id: z.string(),
          name: z.string(),
          description: z.string(),
          permissions: z.array(z.string()),
          mayDo: z.array(z.string()).describe('The same in words.'),
        }),
      )
      .describe('What looking after an organization can mean.'),
  }),
  needs: 'self',
  effect: 'reading',
  run: async (context) => {
    const membershipId = leading(context);
    const { rows } = await sql<{
      organizationId: string;
      organizationName: string;
      path: string;
      lastDay: string | null;
      reports: boolean;
    }>`
      select o.id as "organizationId", o.name as "organizationName", o.path, m.last_day as "lastDay",
        exists (select 1 from membership r where r.line @> array[m.id] and r.state <> 'ended') as reports
      from membership m join organization o on o.id = m.organization_id where m.id = ${membershipId}`.execute(
      context.db,
    );
    const { path, ...mine } = rows[0]!;
    const sees = context.reach('user.read').regions.length > 0;
    const roles = await listAdminRoles(context, { path, retired: false }, { cursor: undefined, limit: 100 });
    return {
      membershipId,
      ...mine,
      kinds: kinds.filter(
        (kind) =>
          (kind !== 'last-day' || mine.lastDay !== null || mine.reports || sees) &&
          (kind !== 'account' || mine.reports || sees),
      ),
      adminRoles: roles.items.map(({ id, name, description, permissions, permissionWords }) => ({
        id,
        name,
        description,
        permissions,
        mayDo: permissionWords,
      })),
    };
  },
});
