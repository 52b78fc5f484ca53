import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { type AccessItem, accessItem, effectiveAccess } from '../effective.ts';
import { instantOut } from '../fields.ts';

export const accessMine = operation({
  name: 'access.mine',
  summary: 'Show your applications, what you may do in each, and why.',
  http: 'GET /me/access',
  input: z.object({}),
  output: z.object({
    membershipId: z.uuid().nullable().describe('The membership in which you act now.'),
    applications: z.array(
      z.object({
        applicationId: z.uuid(),
        key: z.string(),
        name: z.string(),
        description: z.string(),
        homeUrl: z.string().nullable().describe('Opens it; you are signed on already.'),
        held: z.boolean().describe('At least one of its roles is in force now.'),
        roles: z.array(
          z.object({
            entitlementId: z.uuid(),
            key: z.string(),
            name: z.string(),
            held: z.boolean(),
            until: instantOut,
            words: z.string().describe('Why you have it.'),
            stop: z.string().nullable().describe('Why you do not have it at this moment.'),
            sources: z.array(accessItem).describe('Every way in which it comes to you.'),
          }),
        ),
      }),
    ),
  }),
  needs: 'self',
  effect: 'reading',
  run: async (context) => {
    const { membershipId } = context.user();
    // Only the membership that is active in this session: rights of two organizations do not mix.
    if (!membershipId) return { membershipId: null, applications: [] };
    const all = await effectiveAccess(context.db, { membershipIds: [membershipId] }, undefined);
    // What has run out is history; what is stopped for now may come back, and says why.
    const items = all.filter((item) => item.stoppedBy !== 'ended');
    const ids = [...new Set(items.map((item) => item.applicationId))];
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
      membershipId,
      applications: applications.map((application) => {
        const roles = rolesOf(items.filter((item) => item.applicationId === application.applicationId));
        return { ...application, held: roles.some((role) => role.held), roles };
      }),
    };
  },
});

/** Each role once: the source that holds it longest speaks for it. */
function rolesOf(items: AccessItem[]) {
  const byRole = Map.groupBy(items, (item) => item.entitlementId);
  return [...byRole.values()].map((sources) => {
    const [best] = [...sources].sort((one, other) => rank(other) - rank(one));
    const { entitlementId, entitlementKey: key, entitlementName: name, held, until, words, stop } = best!;
    return { entitlementId, key, name, held, until, words, stop, sources };
  });
}

const rank = (item: AccessItem): number =>
  (item.held ? 1 : 0) * 1e16 + (item.until === null ? 9e15 : Date.parse(item.until));
