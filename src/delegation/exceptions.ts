import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { isInstance } from '../access/rules.ts';
import { chainIn } from '../authority/chain.ts';
import { decide } from '../authority/decide.ts';
import { hasEntitlement, type Target } from '../authority/delegation.ts';
import { isOwners } from '../authority/exception.ts';
import type { Facts } from '../authority/facts.ts';
import { inReach } from '../authority/reach.ts';
import { say } from '../authority/say.ts';
import { permissionWords } from '../authority/words.ts';
import { firstDayIn, firstDayOut, lastDayIn, lastDayOut } from '../directory/by-day.ts';
import type { Context } from '../operation/operation.ts';
import { decodeCursor, toPage } from '../platform/paging.ts';
import type { DB } from '../platform/schema.gen.ts';
import { levelAbove } from './view.ts';

const named = z.object({ id: z.string(), name: z.string() });

/** An exception as people read it: what nobody below may do here, whatever was delegated to them. */
export const exceptionView = z
  .object({
    id: z.string(),
    organizationId: z.string(),
    organizationName: z.string(),
    below: z.boolean(),
    permissions: z.array(z.string()).describe('What nobody may do; empty: anything.'),
    permissionWords: z.array(z.string()),
    application: named.nullable().describe('Only where it is about this application.'),
    entitlement: named.nullable().describe('Only where it is about this role.'),
    person: z
      .object({ userId: z.string(), name: z.string() })
      .nullable()
      .describe('Only where it is about this person.'),
    from: z.string().nullable(),
    until: z.string().nullable(),
    firstDay: firstDayOut,
    lastDay: lastDayOut,
    reason: z.string(),
    setBy: z.string().describe('Who set it; "a level above" when out of reach.'),
    state: z.enum(['active', 'lifted', 'over']),
    mayLift: z.boolean().describe('The reader holds the delegation it was set under, or one above that.'),
    version: z.number().int(),
  })
  .meta({ id: 'Exception' });
export type ExceptionView = z.infer<typeof exceptionView>;

type Row = Omit<
  ExceptionView,
  'permissionWords' | 'setBy' | 'mayLift' | 'person' | 'application' | 'entitlement'
> & {
  path: string;
  applicationId: string | null;
  applicationName: string | null;
  applicationPath: string | null;
  entitlementId: string | null;
  entitlementName: string | null;
  ofApplication: string | null;
  userId: string | null;
  userName: string | null;
  setBy: string | null;
  setterName: string | null;
  setterPath: string | null;
  free: string[];
};

const instantOf = (column: ReturnType<typeof sql>) => sql`
  case when ${column} in ('-infinity', 'infinity') then null else to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end`;

const columns = sql`
  e.id, e.organization_id as "organizationId", o.name as "organizationName", e.path, e.below, e.permissions, e.reason, e.version,
  ${instantOf(sql`e.starts_at`)} as "from", ${instantOf(sql`e.ends_at`)} as "until", ${firstDayIn(sql`e.starts_at`, sql`o.time_zone`)} as "firstDay",
  ${lastDayIn(sql`e.ends_at`, sql`o.time_zone`)} as "lastDay",
  case when e.state = 'active' and e.ends_at <= remit_now() then 'over' else e.state end as state,
  e.application_id as "applicationId", e.entitlement_id as "entitlementId", a.name as "applicationName", ao.path as "applicationPath",
  a.id as "ofApplication", n.name as "entitlementName", e.user_id as "userId", u.display_name as "userName",
  e.set_by as "setBy", s.display_name as "setterName", so.path as "setterPath",
  coalesce((select array_append(d.chain, d.id) from delegation d where d.id = e.set_under), '{}') as free`;

const from = sql`
  exception e join organization o on o.id = e.organization_id
  left join entitlement n on n.id = e.entitlement_id
  left join application a on a.id = coalesce(e.application_id, n.application_id)
  left join organization ao on ao.id = a.organization_id
  left join app_user u on u.id = e.user_id
  left join app_user s on s.id = e.set_by left join organization so on so.id = s.home_organization_id`;

/** Those that this reader sees, by the delegations that they may read there: at a place, above it, and below if asked. */
export async function listExceptions(
  context: Context,
  { path, below, lifted }: { path: string; below: boolean; lifted: boolean },
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<{ items: ExceptionView[]; next?: string }> {
  const after = decodeCursor(cursor, ['uuid']);
  const { rows } = await sql<Row>`
    select ${columns} from ${from}
    where (e.path = ${path} or (e.below and e.path = any (path_ancestors(${path})))
        ${below ? sql`or (e.path >= ${path} and e.path < ${`${path}/`})` : sql``})
      and ${inReach(context.reach('delegation.read'), sql`e.path`, sql`e.user_id`)}
      ${lifted ? sql`` : sql`and e.state = 'active' and e.ends_at > remit_now()`}
      ${after ? sql`and e.id > ${after[0]}::uuid` : sql``}
    order by e.id limit ${limit + 1}`.execute(context.db);
  const page = toPage(rows, limit, ({ id }) => [id]);
  return { ...page, items: page.items.map((row) => toView(row, context.facts)) };
}

export async function readException(context: Context, exceptionId: string): Promise<ExceptionView> {
  const { rows } = await sql<Row>`select ${columns} from ${from} where e.id = ${exceptionId}`.execute(
    context.db,
  );
  return toView(rows[0]!, context.facts);
}

/** Names only of what the reader sees besides (ruling 9). */
function toView(row: Row, facts: Facts): ExceptionView {
  const sees = (permission: 'user.read' | 'application.read', path: string, userId?: string): boolean =>
    isInstance(facts) ||
    decide(facts, permission, { kind: 'place', id: null, organizationId: '', path, off: false, userId })
      .effect === 'permit';
  const handsOut = (entitlement: { id: string; applicationId: string }): boolean =>
    facts.held.some((held) => hasEntitlement(chainIn(facts, held), entitlement));
  const application = row.ofApplication ?? '';
  const knows =
    row.applicationPath !== null &&
    (sees('application.read', row.applicationPath) ||
      handsOut({ id: row.entitlementId ?? '', applicationId: application }));
  const setterSeen =
    row.setBy !== null &&
    (facts.actor.kind === 'user' && facts.actor.userId === row.setBy
      ? true
      : row.setterPath !== null && sees('user.read', row.setterPath, row.setBy));
  return {
    id: row.id,
    organizationId: row.organizationId,
    organizationName: row.organizationName,
    below: row.below,
    permissions: row.permissions,
    permissionWords: row.permissions.map(permissionWords),
    application: row.applicationId && knows ? { id: row.applicationId, name: row.applicationName! } : null,
    entitlement:
      row.entitlementId && knows
        ? {
            id: row.entitlementId,
            name: say('access.role', { role: row.entitlementName!, application: row.applicationName! }),
          }
        : null,
    person:
      row.userId && sees('user.read', row.path, row.userId)
        ? { userId: row.userId, name: row.userName! }
        : null,
    from: row.from,
    until: row.until,
    firstDay: row.firstDay,
    lastDay: row.lastDay,
    reason: row.reason,
    setBy: setterSeen ? row.setterName! : levelAbove(),
    state: row.state,
    mayLift:
      row.state === 'active' &&
      facts.held.some((held) => row.free.includes(held.id) || isOwners(chainIn(facts, held))),
    version: row.version,
  };
}

/** Where an exception stands, and the person whom it is about. */
export async function exceptionTarget(db: Kysely<DB>, exceptionId: string): Promise<Target | undefined> {
  const { rows } = await sql<Target & { userId: string | null }>`
    select 'exception' as kind, e.id, e.organization_id as "organizationId", e.path, place_is_off(e.path) as off, e.user_id as "userId",
      coalesce(line_of(e.user_id, e.path), '{}') as line
    from exception e where e.id = ${exceptionId}`.execute(db);
  const [row] = rows;
  return row && { ...row, userId: row.userId ?? undefined };
}

/** The whole row, as the trail keeps it; somebody's own words stand outside of what it seals. */
export async function exceptionState(db: Kysely<DB>, exceptionId: string): Promise<Record<string, unknown>> {
  const { rows } = await sql<{ state: Record<string, unknown> }>`
    select to_jsonb(e) - 'reason' as state from exception e where e.id = ${exceptionId}`.execute(db);
  return rows[0]!.state;
}
