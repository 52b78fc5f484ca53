import { sql } from 'kysely';
import { z } from 'zod';
import { permissionNames } from '../../authority/permissions.ts';
import { reach } from '../../authority/reach.ts';
import { operation, userOf } from '../../operation/operation.ts';
import { noPlace } from '../sign-in.ts';
import { usableMemberships } from '../store.ts';

const membership = z.object({ id: z.uuid(), organizationId: z.uuid(), organizationName: z.string() });

export const sessionRead = operation({
  name: 'session.read',
  summary: 'Read who is signed in, and as a member of which organization.',
  http: 'GET /session',
  input: z.object({}),
  output: z.discriminatedUnion('signedIn', [
    z.object({
      signedIn: z.literal(false),
      why: z.string().optional().describe('Of whoever was signed in: why nothing can be done any more.'),
    }),
    z.object({
      signedIn: z.literal(true),
      sessionId: z.uuid().nullable(),
      user: z.object({
        id: z.uuid(),
        displayName: z.string(),
        email: z.string().nullable(),
        language: z.string(),
      }),
      membership: membership.extend({
        usable: z.boolean().describe('False when nothing can be done in it any more: switch to another.'),
      }),
      memberships: z.array(membership).describe('Where one may switch to, the current one included.'),
      may: z.array(z.enum(permissionNames)).describe('What one may do anywhere in this membership.'),
    }),
  ]),
  needs: 'public',
  effect: 'reading',
  run: async (context) => {
    const { db, facts } = context;
    const user = userOf(context);
    if (!user?.membershipId || facts.noStanding === 'user-off') return { signedIn: false as const };
    const { rows } = await sql<{ email: string | null; organizationId: string; organizationName: string }>`
      select u.email, o.id as "organizationId", o.name as "organizationName"
      from app_user u, membership m join organization o on o.id = m.organization_id
      where u.id = ${user.userId} and m.id = ${user.membershipId}`.execute(db);
    const usable = await usableMemberships(db, user.userId);
    if (usable.length === 0)
      return { signedIn: false as const, why: (await noPlace(db, user.userId)).message };
    const { email, ...organization } = rows[0]!;
    return {
      signedIn: true as const,
      sessionId: user.sessionId,
      user: { id: user.userId, displayName: user.displayName, email, language: user.language },
      membership: {
        id: user.membershipId,
        ...organization,
        usable: usable.some(({ id }) => id === user.membershipId),
      },
      memberships: usable.map(({ id, organizationId, organizationName }) => ({
        id,
        organizationId,
        organizationName,
      })),
      may: permissionNames.filter((name) => reach(facts, name).regions.length > 0),
    };
  },
});
