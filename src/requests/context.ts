import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { namesOfPeople } from '../access/effective.ts';
import { instantOut } from '../access/fields.ts';
import type { Permit } from '../authority/decide.ts';
import type { Permission } from '../authority/permissions.ts';
import { lastDayAt, lastDayOut } from '../directory/by-day.ts';
import type { Context } from '../operation/operation.ts';
import { prepared } from '../platform/database.ts';
import { apartBeside } from './apart.ts';
import { type RiskClass, riskClasses } from './policy.ts';
import type { RequestRow } from './store.ts';

/** What stands beside a request that waits, so that nobody has to open anything to decide it. */
export const beside = z.object({
  risk: z.enum(riskClasses).describe('The highest of what is asked for.'),
  due: z
    .object({ at: z.string(), next: z.enum(['escalates', 'approve', 'refuse', 'continues']) })
    .nullable()
    .describe('When something happens though nobody does anything, and what.'),
  asDeputyFor: z.string().nullable().describe('You would decide it for them.'),
  alsoHave: z
    .object({ count: z.number().int(), names: z.array(z.string()) })
    .nullable()
    .describe(
      'Who has it in the same organization, of those whose access you see; null where there are too many people to count.',
    ),
  separations: z
    .array(
      z.object({
        name: z.string().nullable().describe('Null when out of sight.'),
        roles: z.array(z.string()).describe('What may not be held together, as far as you see it.'),
        breaks: z.boolean().describe('It would be refused as things stand.'),
        breaksWithAsked: z
          .boolean()
          .describe('Too many would come together with what is asked for the same person besides.'),
        exceptedUntil: instantOut,
        exceptedLastDay: lastDayOut,
      }),
    )
    .describe('Separations of duties that it is part of.'),
  lastSignIn: instantOut.describe('Of whom it is for; null when it is not known, or not to you.'),
  lastUse: instantOut.describe('When they last opened the application from there.'),
});
export type Beside = z.infer<typeof beside>;

/** People of one organization that are looked through for who has it, too: the page has to come at once. */
const mostPeople = 300;
const mostNames = 3;

/** What was found around a request, for nobody in particular. */
export type Around = {
  id: string;
  /** whom it is for, where it is decided about at another place than theirs */
  of: Near | null;
  /** where their account is looked after */
  home: string | null;
  /** their account there, where that is another place than the request's */
  account: Near | null;
  tooMany: boolean;
  also: (Near & { name: string })[] | null;
  lastSignIn: string | null;
  lastUse: string | null;
};

type Judged = RequestRow & { permit?: Permit | undefined };

/**
 * By request id.
 * @param around what was found around them, and maybe others
 */
export async function besideOf(
  context: Context,
  rows: readonly Judged[],
  around: ReadonlyMap<string, Around>,
): Promise<Map<string, Beside>> {
  const giverOf = ({ permit }: Judged): string | null =>
    (permit?.because[0]?.kind === 'approve' && permit.because[0].giverUserId) || null;
  const givers = rows.flatMap((row) => giverOf(row) ?? []);
  // None waits for another, where there are connections enough.
  const [names, separations] = await Promise.all([
    namesOfPeople(context.db, givers, undefined),
    separationsOf(context, rows),
  ]);
  const sees = (permission: Permission, one: Near): boolean =>
    context.decide(permission, { kind: 'membership', ...one }).effect === 'permit';
  return new Map(
    rows.map((row) => {
      const found = around.get(row.id);
      const giver = giverOf(row);
      const subject = found?.of ?? subjectOf(row);
      // Signing in tells of their other organizations, too: for whoever sees them where the account is looked after (I06).
      const account =
        found?.account ??
        (subject && found?.home === subject.organizationId ? { ...subject, id: subject.userId } : null);
      const uses = subject && sees('user.read', subject) && sees('access.read', subject);
      // Who has what is for whoever may see access, wherever it is told.
      const also = (found?.also ?? []).filter((one) => sees('user.read', one) && sees('access.read', one));
      return [
        row.id,
        {
          risk: riskOf(row),
          due: dueOf(row),
          asDeputyFor: giver ? (names.get(giver) ?? null) : null,
          alsoHave:
            found && !found.tooMany
              ? { count: also.length, names: also.slice(0, mostNames).map(({ name }) => name) }
              : null,
          separations: separations.get(row.id) ?? [],
          lastSignIn: account && sees('user.read', account) ? (found?.lastSignIn ?? null) : null,
          lastUse: found && uses ? found.lastUse : null,
        },
      ];
    }),
  );
}

/** Which separations of duties each of them touches: a warning now, before giving refuses it. */
async function separationsOf(
  context: Pick<Context, 'db' | 'facts'>,
  rows: readonly RequestRow[],
): Promise<Map<string, Beside['separations']>> {
  const giving = rows.filter(
    ({ kind, separated }) => separated && (kind === 'access' || kind === 'extension'),
  );
  const apart = await apartBeside(
    context,
    giving.map(({ id, membershipId, entitlements, endsAt }) => ({
      requestId: id,
      membershipId: membershipId!,
      entitlementIds: entitlements.map((one) => one.id),
      until: endsAt ?? undefined,
    })),
  );
  return new Map(
    giving.map(({ id, timeZone }, n) => [
      id,
      apart[n]!.map((one) => ({
        ...one,
        exceptedLastDay: one.exceptedUntil && lastDayAt(new Date(one.exceptedUntil), timeZone),
      })),
    ]),
  );
}

/** What carries no risk of its own, such as an account, is like most. */
export function riskOf({ entitlements }: Pick<RequestRow, 'entitlements'>): RiskClass {
  const highest = Math.max(...entitlements.map(({ risk }) => riskClasses.indexOf(risk)));
  return riskClasses[highest] ?? 'normal';
}

/** When something happens to it by itself, and what that is. */
export function dueOf(row: RequestRow): Beside['due'] {
  const step = row.plan[row.step];
  if (row.state !== 'open' || !step) return null;
  if (row.pausedAt)
    return { at: new Date(row.pausedAt.getTime() + row.pauseLeft).toISOString(), next: 'continues' };
  const end = row.dueAt ?? row.deadline!;
  const isLast = row.level >= step.levels.length - 1 || end >= row.deadline!;
  return { at: end.toISOString(), next: isLast ? step.atEnd : 'escalates' };
}

/** A person beside a request, as the reader's reach is asked about them. */
type Near = {
  id: string;
  organizationId: string;
  path: string;
  userId: string;
  line: string[];
  off: boolean;
};

const near = (alias: string, off: RawBuilder<unknown>): RawBuilder<unknown> => {
  const of = (column: string) => sql.ref(`${alias}.${column}`);
  return sql`'id', ${of('id')}, 'organizationId', ${of('organization_id')}, 'path', ${of('path')}, 'userId', ${of('user_id')},
    'line', ${of('line')}, 'off', ${off}`;
};

/** Whom it is for: known from the request, but where that is decided about at another place than theirs. */
const subjectOf = (row: RequestRow): Near | null =>
  row.membershipId && row.kind !== 'delegation'
    ? {
        id: row.membershipId,
        organizationId: row.organizationId,
        path: row.path,
        userId: row.userId!,
        line: row.line!,
        off: row.off,
      }
    : null;

/** One shape for everybody, planned once: whom of those found the reader sees is asked in memory. */
export async function lookAround(
  { db, at }: Pick<Context, 'db' | 'at'>,
  requestIds: readonly string[],
): Promise<Map<string, Around>> {
  if (requestIds.length === 0) return new Map();
  const { rows } = await sql<Around>`${prepared}
    with asked as (select * from request where id = any (${requestIds}::uuid[])),
    places as materialized (
      select o.id, place_is_off(o.path) as off, (select count(*) from (
        select 1 from membership x where x.organization_id = o.id limit ${mostPeople + 1}) x) > ${mostPeople} as too_many
      from organization o where o.id in (select organization_id from asked))
    select q.id,
      case when q.kind = 'delegation' and m.id is not null then jsonb_build_object(${near('m', sql`place_is_off(m.path)`)}) end as of,
      u.home_organization_id as home,
      case when h.id is not null then jsonb_build_object('id', u.id, 'organizationId', h.id, 'path', h.path, 'userId', u.id,
        'line', coalesce(line_of(u.id, h.path), '{}'), 'off', place_is_off(h.path)) end as account,
      p.too_many as "tooMany", also.people as also,
      to_jsonb((select max(s.last_seen_at) from session s where s.user_id = m.user_id)) #>> '{}' as "lastSignIn",
      to_jsonb((select max(n.created_at) from sign_on n where n.user_id = m.user_id and n.membership_id = m.id and n.application_id in (
        select e.application_id from entitlement e where e.id = any (q.entitlement_ids)))) #>> '{}' as "lastUse"
    from asked q join places p on p.id = q.organization_id left join membership m on m.id = q.membership_id
    left join app_user u on u.id = m.user_id
    left join organization h on h.id = u.home_organization_id and (h.id <> m.organization_id or q.kind = 'delegation')
    left join lateral (
      select jsonb_agg(jsonb_build_object(${near('x', sql`p.off`)}, 'name', u.display_name) order by x.sort_name) as people
      from membership x join app_user u on u.id = x.user_id
      where not p.too_many and x.organization_id = p.id and x.state = 'active' and x.user_id <> m.user_id
        and exists (select 1 from assignment a where a.membership_id = x.id and a.state = 'active' and a.starts_at <= ${at} and a.ends_at > ${at}
          and (a.access_role_id = q.access_role_id or a.entitlement_id = q.entitlement_id
            or q.entitlement_id is not null and a.access_role_id in (
              select r.access_role_id from access_role_entitlement r where r.entitlement_id = q.entitlement_id)))) also on true`.execute(
    db,
  );
  return new Map(rows.map((one) => [one.id, one]));
}
