import { type Kysely, type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import type { Target } from '../authority/delegation.ts';
import { inReach, type Reach } from '../authority/reach.ts';
import { decodeCursor, toPage } from '../platform/paging.ts';
import type { DB } from '../platform/schema.gen.ts';

type Db = Kysely<DB>;

export const accountStates = ['dead', 'ignored', 'waiting', 'done'] as const;

export const accountView = z
  .object({
    id: z.uuid(),
    provisioningTargetId: z.uuid(),
    targetName: z.string(),
    userId: z.uuid(),
    displayName: z.string(),
    membershipId: z.uuid().nullable().describe('Where you see them; null where they are gone from there.'),
    wanted: z.enum(['none', 'disabled', 'enabled']).describe('What should be there.'),
    stands: z
      .enum(['none', 'unsure', 'disabled', 'enabled', 'gone'])
      .describe('What is there, as far as is known; `unsure` after an answer was lost.'),
    roles: z.array(z.string()).describe('Groups and roles it has there, of those that are looked after.'),
    state: z.enum(accountStates).describe('`dead` waits for a person, `ignored` was left so by one.'),
    problem: z.string().nullable().describe('What went wrong last.'),
    said: z
      .string()
      .nullable()
      .describe('Why somebody who was to do it by hand said that it cannot be done.'),
    ignored: z.string().nullable().describe('Why it was left so.'),
    attempts: z.number().int(),
    dueAt: z.string().nullable(),
    lastAt: z.string().nullable(),
    deleteAfter: z.string().nullable(),
    version: z.number().int(),
  })
  .meta({ id: 'Account' });
export type AccountView = z.infer<typeof accountView>;

type Row = Omit<AccountView, 'dueAt' | 'lastAt' | 'deleteAfter'> &
  Record<'dueAt' | 'lastAt' | 'deleteAfter', Date | null>;

const stateOf = sql`case when a.ignored is not null then 'ignored' when a.dead_at is not null then 'dead'
  when a.due_at <= remit_now() or a.last_problem = 'waiting' or a.held_at is not null then 'waiting' else 'done' end`;

/** Those at a target whose people are in sight, in some membership of theirs, one that ended too. */
const inSight = (people: Reach): RawBuilder<unknown> => sql`exists (select 1 from membership m
  where m.user_id = a.user_id and ${inReach(people, sql`m.path`, sql`m.user_id`, sql`m.line`)})`;

/** A row is there before its account: who never had one, and is to have none now, is nothing to show. */
const worthShowing = sql`not (a.stands = 'none' and a.wanted = 'none' and a.attempts = 0)`;

/** One of their memberships that has not ended and is in sight: the way to their page. */
export const seenMembership = (people: Reach, userId: RawBuilder<unknown>): RawBuilder<unknown> => sql`(
  select m.id from membership m where m.user_id = ${userId} and m.state <> 'ended'
    and ${inReach(people, sql`m.path`, sql`m.user_id`, sql`m.line`)} order by m.id limit 1)`;

async function read(db: Db, people: Reach, rest: RawBuilder<unknown>): Promise<AccountView[]> {
  const { rows } = await sql<Row>`
    select a.id, a.target_id as "provisioningTargetId", t.name as "targetName", a.user_id as "userId", u.display_name as "displayName",
      ${seenMembership(people, sql`a.user_id`)} as "membershipId", a.wanted, a.stands, array(select coalesce((select r.name from target_role r where r.target_id = a.target_id
        and r.external_id = given.ref limit 1), given.ref) from unnest(a.roles) given (ref)) as roles, ${stateOf} as state,
      a.last_problem as problem, case when a.last_problem = 'declined' then (select nullif(k.reason, '') from hand_task k
        where k.account_id = a.id and k.state = 'refused' order by k.id desc limit 1) end as said, a.ignored, a.attempts, a.due_at as "dueAt", a.last_at as "lastAt", a.delete_after as "deleteAfter",
      a.version
    from account a join target t on t.id = a.target_id join app_user u on u.id = a.user_id ${rest}`.execute(
    db,
  );
  return rows.map(({ dueAt, lastAt, deleteAfter, ...row }) => ({
    ...row,
    dueAt: dueAt?.toISOString() ?? null,
    lastAt: lastAt?.toISOString() ?? null,
    deleteAfter: deleteAfter?.toISOString() ?? null,
  }));
}

export async function listAccounts(
  db: Db,
  targetId: string,
  people: Reach,
  {
    state,
    limit,
    cursor,
  }: { state?: AccountView['state'] | undefined; limit: number; cursor?: string | undefined },
): Promise<{ items: AccountView[]; next?: string }> {
  const after = decodeCursor(cursor, ['uuid']);
  const items = await read(
    db,
    people,
    sql`where a.target_id = ${targetId} and ${inSight(people)} and ${worthShowing}
      ${state ? sql`and ${stateOf} = ${state}` : sql``} ${after ? sql`and a.id > ${after[0]}::uuid` : sql``}
    order by a.id limit ${limit + 1}`,
  );
  return toPage(items, limit, ({ id }) => [id]);
}

/** Somebody's accounts at connected systems in reach. */
export const accountsOf = (
  db: Db,
  userId: string,
  { targets, people }: { targets: Reach; people: Reach },
): Promise<AccountView[]> =>
  read(
    db,
    people,
    sql`join organization o on o.id = t.organization_id
    where a.user_id = ${userId} and t.state <> 'retired' and ${inReach(targets, sql`o.path`)} and ${worthShowing}
    order by lower(t.name), a.id`,
  );

export const readAccount = async (db: Db, people: Reach, id: string): Promise<AccountView> =>
  (await read(db, people, sql`where a.id = ${id}`))[0]!;

/** An account stands with its target. @param people who of them the actor sees: of others there is none */
export async function accountTarget(db: Db, id: string): Promise<(Target & { id: string }) | undefined> {
  const { rows } = await sql<Target & { id: string }>`
    select 'account' as kind, a.id, t.organization_id as "organizationId", o.path, place_is_off(o.path) as off
    from account a join target t on t.id = a.target_id join organization o on o.id = t.organization_id
    where a.id = ${id} and t.state <> 'retired'`.execute(db);
  return rows[0];
}

export async function seesPersonOf(db: Db, accountId: string, people: Reach): Promise<boolean> {
  const { rows } =
    await sql`select 1 from account a where a.id = ${accountId} and ${inSight(people)}`.execute(db);
  return rows.length > 0;
}

export const attemptView = z.object({
  at: z.string(),
  what: z
    .array(z.string())
    .describe('What was done, in this order: find, read, create, update, enable, disable, delete.'),
  outcome: z.enum(['done', 'again', 'dead', 'unsure', 'held']),
  problem: z.string().nullable(),
  status: z.string().nullable().describe('What the other system answered.'),
});

/** The newest first, as many as are worth looking at. */
export async function attemptsOf(db: Db, accountId: string): Promise<z.infer<typeof attemptView>[]> {
  const { rows } = await sql<Omit<z.infer<typeof attemptView>, 'at'> & { at: Date }>`
    select at, what, outcome, problem, status from account_attempt where account_id = ${accountId} order by id desc limit 50`.execute(
    db,
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
