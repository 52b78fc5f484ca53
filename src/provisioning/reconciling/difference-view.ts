import { type Kysely, type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import type { Target } from '../../authority/delegation.ts';
import { inReach, type Reach } from '../../authority/reach.ts';
import { decodeCursor, toPage } from '../../platform/paging.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { seenMembership } from '../account-view.ts';

type Db = Kysely<DB>;

export const differenceKinds = ['orphan', 'missing', 'drift', 'double'] as const;

export const differenceView = z
  .object({
    id: z.uuid(),
    provisioningTargetId: z.uuid(),
    kind: z
      .enum(differenceKinds)
      .describe(
        '`orphan`: there, and made by somebody else; `missing`: should be there; `drift`: other than it should be; `double`: there more than once.',
      ),
    accountId: z.uuid().nullable(),
    userId: z.uuid().nullable(),
    displayName: z.string().nullable(),
    membershipId: z.uuid().nullable().describe('Where you see them.'),
    externalId: z.string().nullable().describe('How the other system calls it, where it is nobody’s here.'),
    externalIds: z
      .array(z.string())
      .describe(
        'Of a double: how the other system calls the one that is looked after, and the one beside it.',
      ),
    fields: z
      .array(z.string())
      .describe(
        'Names of what differs, without values; of one that is nobody’s, or beside another, `disable` when it is off.',
      ),
    planned: z
      .enum(['disable', 'delete'])
      .nullable()
      .describe(
        'What will be done about one that is nobody’s, or beside another, as soon as the brake lets it.',
      ),
    problem: z.string().nullable().describe('Why that could not be done.'),
    ours: z
      .boolean()
      .describe('Nobody’s here, and Remit made it: for another system, or one that was removed.'),
    settledAt: z.string().nullable(),
    settledHow: z
      .enum(['mended', 'adopted', 'left', 'over', 'disabled', 'deleted'])
      .nullable()
      .describe('`over`: a later comparison no longer found it.'),
  })
  .meta({ id: 'Difference' });
export type DifferenceView = z.infer<typeof differenceView>;

export const runView = z
  .object({
    id: z.uuid(),
    state: z.enum(['waiting', 'reading', 'comparing', 'done', 'failed']),
    read: z.number().int().describe('Accounts read so far.'),
    total: z.number().int().nullable().describe('How many there are, where the other system says so.'),
    counts: z.record(z.string(), z.number().int()).describe('Differences that stand, by kind.'),
    problem: z
      .string()
      .nullable()
      .describe('Why it failed; `cut`: the list was not whole, so nothing follows from it.'),
    createdAt: z.string(),
    finishedAt: z.string().nullable(),
  })
  .meta({ id: 'Comparison' });

/** The last comparisons of a target, the newest first. */
export async function lastRuns(db: Db, targetId: string, most = 10): Promise<z.infer<typeof runView>[]> {
  const { rows } = await sql<
    Omit<z.infer<typeof runView>, 'createdAt' | 'finishedAt'> & { createdAt: Date; finishedAt: Date | null }
  >`select id, state, read, total, counts, problem, created_at as "createdAt", finished_at as "finishedAt"
    from reconcile_run where target_id = ${targetId} order by id desc limit ${most}`.execute(db);
  return rows.map((run) => ({
    ...run,
    createdAt: run.createdAt.toISOString(),
    finishedAt: run.finishedAt?.toISOString() ?? null,
  }));
}

/** What is nobody's here is seen by who sees the target; accounts by who sees their people. */
const inSight = (people: Reach): RawBuilder<unknown> => sql`(d.account_id is null or exists (
  select 1 from account sa join membership m on m.user_id = sa.user_id
  where sa.id = d.account_id and ${inReach(people, sql`m.path`, sql`m.user_id`, sql`m.line`)}))`;

async function read(db: Db, people: Reach, rest: RawBuilder<unknown>): Promise<DifferenceView[]> {
  const { rows } = await sql<Omit<DifferenceView, 'settledAt'> & { settledAt: Date | null }>`
    select d.id, d.target_id as "provisioningTargetId", d.kind, d.account_id as "accountId", a.user_id as "userId",
      u.display_name as "displayName", ${seenMembership(people, sql`a.user_id`)} as "membershipId", case when d.account_id is null then d.external_id end as "externalId",
      case when d.kind = 'double' then array_remove(array[a.external_id, d.external_id], null) else '{}' end as "externalIds", d.fields,
      d.planned, d.problem, d.ours, d.settled_at as "settledAt", d.settled_how as "settledHow"
    from difference d left join account a on a.id = d.account_id left join app_user u on u.id = a.user_id ${rest}`.execute(
    db,
  );
  return rows.map((row) => ({ ...row, settledAt: row.settledAt?.toISOString() ?? null }));
}

export async function listDifferences(
  db: Db,
  targetId: string,
  people: Reach,
  {
    kind,
    settled,
    limit,
    cursor,
  }: {
    kind?: DifferenceView['kind'] | undefined;
    settled: boolean;
    limit: number;
    cursor?: string | undefined;
  },
): Promise<{ items: DifferenceView[]; next?: string }> {
  const after = decodeCursor(cursor, ['uuid']);
  const items = await read(
    db,
    people,
    sql`where d.target_id = ${targetId} and d.settled_at is ${settled ? sql`not null` : sql`null`} and ${inSight(people)}
      ${kind ? sql`and d.kind = ${kind}` : sql``} ${after ? sql`and d.id > ${after[0]}::uuid` : sql``}
    order by d.id limit ${limit + 1}`,
  );
  return toPage(items, limit, ({ id }) => [id]);
}

export async function countDifferences(
  db: Db,
  targetId: string,
  people: Reach,
): Promise<Record<DifferenceView['kind'], number>> {
  const { rows } = await sql<{ kind: DifferenceView['kind']; n: number }>`
    select d.kind, count(*)::int as n from difference d where d.target_id = ${targetId} and d.settled_at is null
      and ${inSight(people)} group by d.kind`.execute(db);
  const none = { orphan: 0, missing: 0, drift: 0, double: 0 };
  return { ...none, ...Object.fromEntries(rows.map(({ kind, n }) => [kind, n])) };
}

export const readDifference = async (db: Db, people: Reach, id: string): Promise<DifferenceView> =>
  (await read(db, people, sql`where d.id = ${id}`))[0]!;

/** Those of these that stand and are in sight; without ids all of that kind. For settling many at once. */
export async function standing(
  db: Db,
  targetId: string,
  people: Reach,
  { ids, kind, most }: { ids?: readonly string[] | undefined; kind?: string | undefined; most: number },
): Promise<{ ids: string[]; more: boolean }> {
  const { rows } = await sql<{ id: string }>`
    select d.id from difference d where d.target_id = ${targetId} and d.settled_at is null and ${inSight(people)}
      ${kind ? sql`and d.kind = ${kind}` : sql``} ${ids ? sql`and d.id = any (${ids}::uuid[])` : sql``}
    order by d.id limit ${most + 1} for no key update of d`.execute(db);
  return { ids: rows.slice(0, most).map(({ id }) => id), more: rows.length > most };
}

/** A difference stands with its target. */
export async function differenceTarget(db: Db, id: string): Promise<(Target & { id: string }) | undefined> {
  const { rows } = await sql<Target & { id: string }>`
    select 'difference' as kind, d.id, t.organization_id as "organizationId", o.path, place_is_off(o.path) as off
    from difference d join target t on t.id = d.target_id join organization o on o.id = t.organization_id
    where d.id = ${id} and t.state <> 'retired'`.execute(db);
  return rows[0];
}

export async function seesDifference(db: Db, id: string, people: Reach): Promise<boolean> {
  const { rows } = await sql`select 1 from difference d where d.id = ${id} and ${inSight(people)}`.execute(
    db,
  );
  return rows.length > 0;
}
