import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { accessRow, effectiveAccess } from '../effective.ts';

export const accessMine = operation({
  name: 'access.mine',
  summary: 'Show your applications, what you may do in each, and why.',
  http: 'GET /me/access',
  input: z.object({}),
  output: z.object({
    applications: z.array(
      z.object({
        applicationId: z.uuid(),
        key: z.string(),
        name: z.string(),
        description: z.string(),
        homeUrl: z.string().nullable().describe('Opens it; you are signed on already.'),
        held: z.boolean().describe('At least one of its roles is in force now.'),
        roles: z.array(accessRow),
      }),
    ),
  }),
  needs: 'self',
  effect: 'reading',
  run: async (context) => {
    const { membershipId } = context.user();
    // Only the membership that is active in this session: rights of two organizations do not mix.
    if (!membershipId) return { applications: [] };
    const rows = await effectiveAccess(context.db, { membershipIds: [membershipId] }, undefined);
    const ids = [...new Set(rows.map((row) => row.applicationId))];
    const { rows: applications } = await sql<{
      applicationId: string;
      key: string;
      name: string;
      description: string;
      homeUrl: string | null;
    }>`
      select ap.id as "applicationId", ap.key, ap.name, ap.description, ap.home_url as "homeUrl"
      from application ap where ap.id = any (${ids}::uuid[]) order by lower(ap.name), ap.id`.execute(
      context.db,
    );
    return {
      applications: applications.map((application) => {
        const roles = rows.filter((row) => row.applicationId === application.applicationId);
        return { ...application, held: roles.some((row) => row.held), roles };
      }),
    };
  },
});
