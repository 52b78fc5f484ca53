import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { type Holding, type HoldingFilter, loadHoldings } from '../authority/holds.ts';
import { inReach, type Reach } from '../authority/reach.ts';
import { firstDayAt, firstDayOut, lastDayAt, lastDayOut } from '../directory/by-day.ts';
import type { DB } from '../platform/schema.gen.ts';
import { instantOut, instantText } from './fields.ts';
import { type Named, sourceWords, stopSentence } from './words.ts';

/** One way in which somebody has a role: where it comes from, and whether it is held now. */
export const accessItem = z.object({
  assignmentId: z.uuid(),
  entitlementId: z.uuid(),
  entitlementKey: z.string(),
  entitlementName: z.string(),
  applicationId: z.uuid(),
  applicationKey: z.string(),
  applicationName: z.string(),
  source: z.object({
    kind: z.enum(['direct', 'access-role', 'organization']),
    name: z
      .string()
      .nullable()
      .describe('Of the access role, or of the organization whose people all have it; null: a level above.'),
    accessRoleName: z.string().nullable(),
    organizationId: z.uuid().nullable(),
  }),
  why: z.enum(['direct', 'rule', 'request', 'invitation', 'import']),
  from: instantOut,
  until: instantOut,
  firstDay: firstDayOut,
  lastDay: lastDayOut,
  givenBy: z.string().nullable().describe('Who gave it, when you may know them.'),
  held: z.boolean().describe('In force at this moment.'),
  stoppedBy: z
    .enum([
      'membership',
      'person',
      'organization',
      'application',
      'not-begun',
      'ended',
      'ceiling',
      'separation',
    ])
    .nullable(),
  words: z.string().describe('Where it comes from, in one sentence.'),
  stop: z.string().nullable().describe('What stops it, in one sentence.'),
});
export type AccessItem = z.infer<typeof accessItem>;

/**
 * Everything that the memberships have, by application and role. Names of givers and of organizations above appear
 * as the reader's reach allows (ruling 9): pass `undefined` for people's own access, who are told who acted on them.
 */
export async function effectiveAccess(
  db: Kysely<DB>,
  filter: HoldingFilter,
  reader: { people: Reach; organizations: Reach } | undefined,
): Promise<AccessItem[]> {
  const { holdings } = await loadHoldings(db, filter);
  const givers = await namesOfPeople(
    db,
    holdings.flatMap(({ givenBy }) => givenBy ?? []),
    reader?.people,
  );
  const above = holdings.flatMap((holding) => [
    ...limitingOrganization(holding),
    ...(holding.throughOrganizationId ? [holding.throughOrganizationId] : []),
  ]);
  const names = reader && (await namesOfOrganizations(db, above, reader.organizations));
  const rules = await namesOfRules(db, holdings, reader?.organizations);
  return holdings
    .map((holding) => {
      const [limitingId] = limitingOrganization(holding);
      return toItem(holding, {
        giver: holding.givenBy ? givers.get(holding.givenBy) : undefined,
        limitedAt: limitingId ? names?.get(limitingId) : undefined,
        through: throughName(holding, names),
        rule: rules.get(holding.ruleId ?? ''),
      });
    })
    .sort(
      (one, other) =>
        one.applicationName.localeCompare(other.applicationName) ||
        one.entitlementName.localeCompare(other.entitlementName) ||
        (one.assignmentId < other.assignmentId ? -1 : 1),
    );
}

/** People know the organization that they belong to, and nothing of those above it; others as far as they reach. */
function throughName(holding: Holding, names: ReadonlyMap<string, string> | undefined): string | undefined {
  const id = holding.throughOrganizationId;
  if (!id) return undefined;
  if (names) return names.get(id);
  return id === holding.organizationId ? (holding.throughOrganizationName ?? undefined) : undefined;
}

const toItem = (holding: Holding, named: Named): AccessItem => ({
  assignmentId: holding.assignmentId,
  entitlementId: holding.entitlementId,
  entitlementKey: holding.entitlementKey,
  entitlementName: holding.entitlementName,
  applicationId: holding.applicationId,
  applicationKey: holding.applicationKey,
  applicationName: holding.applicationName,
  source: {
    kind: holding.throughOrganizationId ? 'organization' : holding.accessRoleId ? 'access-role' : 'direct',
    name: holding.throughOrganizationId ? (named.through ?? null) : holding.accessRoleName,
    accessRoleName: holding.accessRoleName,
    organizationId: holding.throughOrganizationId,
  },
  why: holding.why,
  from: instantText(holding.startsAt),
  until: instantText(holding.endsAt),
  firstDay: firstDayAt(holding.startsAt, holding.timeZone),
  lastDay: lastDayAt(holding.endsAt, holding.timeZone),
  givenBy: named.giver ?? null,
  held: holding.held,
  stoppedBy: holding.stoppedBy ?? null,
  words: sourceWords(holding, named),
  stop: stopSentence(holding, named) ?? null,
});

/** The organization whose standing delegation stops a holding, if that is what stops it. */
function limitingOrganization({ stoppedBy, ceiling }: Holding): string[] {
  if (stoppedBy !== 'ceiling' || ceiling.allowed) return [];
  const link = ceiling.reason === 'stopped' ? (ceiling.stop.link ?? ceiling.standing) : ceiling.standing;
  return link.delegateOrganizationId ? [link.delegateOrganizationId] : [];
}

/** Names of people, those in `reach` only, or all when it is absent. */
export async function namesOfPeople(
  db: Kysely<DB>,
  userIds: readonly string[],
  reach: Reach | undefined,
): Promise<Map<string, string>> {
  if (userIds.length === 0) return new Map();
  const { rows } = await sql<{ id: string; name: string }>`
    select u.id, u.display_name as name from app_user u where u.id = any (${[...new Set(userIds)]}::uuid[])
      ${reach ? sql`and exists (select 1 from membership m where m.user_id = u.id and ${inReach(reach, sql`m.path`, sql`m.user_id`)})` : sql``}`.execute(
    db,
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Rules of organizations in the reader's reach; of others, and to people about their own, it is "a rule" (ruling 9). */
async function namesOfRules(
  db: Kysely<DB>,
  holdings: readonly Holding[],
  reach: Reach | undefined,
): Promise<Map<string, string>> {
  const ids = [...new Set(holdings.flatMap(({ ruleId }) => ruleId ?? []))];
  if (ids.length === 0 || !reach) return new Map();
  const { rows } = await sql<{ id: string; name: string }>`
    select r.id, r.name from access_rule r join organization o on o.id = r.organization_id
    where r.id = any (${ids}::uuid[]) and r.name <> '' and ${inReach(reach, sql`o.path`)}`.execute(db);
  return new Map(rows.map(({ id, name }) => [id, name]));
}

async function namesOfOrganizations(
  db: Kysely<DB>,
  ids: readonly string[],
  reach: Reach,
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; name: string }>`
    select o.id, o.name from organization o where o.id = any (${[...new Set(ids)]}::uuid[]) and ${inReach(reach, sql`o.path`)}`.execute(
    db,
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}
