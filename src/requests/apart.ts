import { type Kysely, sql } from 'kysely';
import { isRefused, separationsTouchedBy, type Touched } from '../access/separations.ts';
import { isAtOrBelow } from '../authority/place.ts';
import { brokenAsSeen } from '../authority/separation.ts';
import type { Context } from '../operation/operation.ts';
import type { DB } from '../platform/schema.gen.ts';

/** Separation of duties beside what is asked for: with what its person has, and with what is asked for them besides. */

export type AskedFor = {
  /** absent: not asked yet */
  requestId?: string;
  membershipId: string;
  entitlementIds: readonly string[];
  until?: Date | undefined;
};

export type Apart = {
  name: string | null;
  /** what may not be held together, as far as the reader sees it */
  roles: string[];
  /** it would be refused as things stand */
  breaks: boolean;
  /** it would stand in the way of what is asked for besides, or that in its */
  breaksWithAsked: boolean;
  exceptedUntil: string | null;
};

/** Of each, in their order: two looks at the sets, and one for what is asked for besides. */
export async function apartBeside(
  { db, facts }: Pick<Context, 'db' | 'facts'>,
  asked: readonly AskedFor[],
): Promise<Apart[][]> {
  const touched = await separationsTouchedBy(db, asked);
  const concerned = asked.filter((_, n) => touched[n]!.length > 0);
  if (concerned.length === 0) return asked.map(() => []);
  const others = await askedBesides(db, concerned);
  const pairs = asked.flatMap((one, n) =>
    touched[n]!.map((alone) => ({ one, alone, besides: besidesIn(alone, one, others) })),
  );
  const together = await separationsTouchedBy(
    db,
    pairs.map(({ one, besides }) => ({
      ...one,
      entitlementIds:
        besides.length > 0 ? [...one.entitlementIds, ...besides.flatMap((o) => o.entitlementIds)] : [],
    })),
  );
  const both = new Map(
    pairs.map(({ alone, besides }, n) => {
      const found = together[n]!.find(({ id }) => id === alone.id);
      return [alone, { found, besides }];
    }),
  );
  return asked.map((one, n) =>
    touched[n]!.map((alone) => {
      const breaks = isRefused(alone, one.until);
      const { found, besides } = both.get(alone)!;
      const breaksWithAsked = !breaks && found !== undefined && isRefused(found, one.until);
      const { name, roles } = brokenAsSeen(facts, breaksWithAsked ? asHeld(found, one, besides) : alone);
      return {
        name,
        roles: [...new Set(roles.map((role) => `${role.applicationName}: ${role.name}`))].sort(),
        breaks,
        breaksWithAsked,
        exceptedUntil: alone.exceptedUntil?.toISOString() ?? null,
      };
    }),
  );
}

/** What is asked for where this separation counts: in another branch it stands in nobody's way. */
const besidesIn = (
  { path }: Touched,
  { membershipId, requestId }: AskedFor,
  others: ReadonlyMap<string, Other[]>,
): Other[] =>
  (others.get(membershipId) ?? []).filter((other) => other.id !== requestId && isAtOrBelow(other.path, path));

/** Who asks for what, and where, is known to whoever may know who has it there. */
const asHeld = (touched: Touched, { entitlementIds }: AskedFor, besides: readonly Other[]): Touched => ({
  ...touched,
  roles: touched.roles.flatMap((role) =>
    role.membershipId === null && !entitlementIds.includes(role.entitlementId)
      ? besides
          .filter((other) => other.entitlementIds.includes(role.entitlementId))
          .map(({ through, organizationId, path, line }) => ({
            ...role,
            ...{ membershipId: through, organizationId, path, line },
          }))
      : [role],
  ),
});

type Other = {
  id: string;
  entitlementIds: string[];
  /** the membership that it is asked for */
  through: string;
  organizationId: string;
  path: string;
  line: string[] | null;
};

/** What is asked for the same people, in whichever membership, and waits; by membership of whoever is looked at. */
async function askedBesides(db: Kysely<DB>, asked: readonly AskedFor[]): Promise<Map<string, Other[]>> {
  const { rows } = await sql<Other & { membershipId: string }>`
    select m.id as "membershipId", q.id, q.entitlement_ids as "entitlementIds", x.id as through, x.organization_id as "organizationId",
      x.path, x.line
    from membership m join membership x on x.user_id = m.user_id join request q on q.membership_id = x.id
    where m.id = any (${[...new Set(asked.map(({ membershipId }) => membershipId))]}::uuid[])
      and q.state = 'open' and q.kind in ('access', 'extension')`.execute(db);
  return Map.groupBy(rows, ({ membershipId }) => membershipId);
}
