import { z } from 'zod';
import { instantOut, instantText } from '../access/fields.ts';
import { loadHoldings } from '../authority/holds.ts';
import { lastDayAt, lastDayOut } from '../directory/by-day.ts';
import type { Context } from '../operation/operation.ts';
import type { RequestRow } from './store.ts';

/** What the person has already that a decision goes by, told to whoever may see their access. */
export const heldBeside = z
  .array(
    z.object({
      name: z.string(),
      applicationName: z.string(),
      until: instantOut.describe('Null: without an end.'),
      lastDay: lastDayOut,
      ends: z.boolean().describe('This request is to end it.'),
    }),
  )
  .nullable()
  .describe(
    'What they have now of the same applications, or all of it where it is about the last day; null where you do not see it.',
  );
export type HeldBeside = z.infer<typeof heldBeside>;

/** More is for the page of the person. */
const mostShown = 20;

export async function heldBesideOf(
  { db, decide }: Pick<Context, 'db' | 'decide'>,
  row: RequestRow,
): Promise<HeldBeside> {
  const { membershipId, userId, organizationId, path, off, line } = row;
  if (!membershipId || !userId || row.kind === 'delegation' || row.kind === 'organization') return null;
  const target = {
    kind: 'membership',
    id: membershipId,
    organizationId,
    path,
    off,
    userId,
    line: line ?? undefined,
  };
  if (decide('access.read', target).effect !== 'permit') return null;
  const { holdings } = await loadHoldings(db, { membershipIds: [membershipId] });
  const applications = new Set(row.applications.map(({ id }) => id));
  const whole = row.kind === 'last-day';
  const near = holdings.filter(
    ({ held, applicationId }) => held && (whole || applications.has(applicationId)),
  );
  // Of several sources of a role the one that lasts longest is told, apart from what is to end.
  const longest = new Map<string, { ends: boolean; one: (typeof near)[number] }>();
  for (const one of near.toSorted((first, next) => first.endsAt.getTime() - next.endsAt.getTime())) {
    const ends = row.kind === 'ending' && isAsked(row, one);
    longest.set(`${one.entitlementId} ${ends}`, { ends, one });
  }
  return [...longest.values()]
    .map(({ ends, one }) => ({
      name: one.entitlementName,
      applicationName: one.applicationName,
      until: instantText(one.endsAt),
      lastDay: lastDayAt(one.endsAt, one.timeZone),
      ends,
    }))
    .sort(
      (one, other) =>
        one.applicationName.localeCompare(other.applicationName) || one.name.localeCompare(other.name),
    )
    .slice(0, mostShown);
}

/** What the person has of their own, not through an organization or a rule: the rest stays. */
const isAsked = (
  { entitlementId, accessRoleId }: RequestRow,
  one: Awaited<ReturnType<typeof loadHoldings>>['holdings'][number],
): boolean =>
  one.throughOrganizationId === null &&
  one.ruleId === null &&
  (accessRoleId
    ? one.accessRoleId === accessRoleId
    : one.accessRoleId === null && one.entitlementId === entitlementId);
