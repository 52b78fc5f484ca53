import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { whoBroughtActors } from '../authority/brought.ts';
import { decide } from '../authority/decide.ts';
import type { Facts } from '../authority/facts.ts';
import type { Holder } from '../authority/holders.ts';
import type { Context } from '../operation/operation.ts';
import { newId } from '../platform/ids.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { whoMayDecide } from './deciders.ts';
import { mayDecide } from './rules.ts';
import { askingOf, type RequestRow, readRequest, targetOf } from './store.ts';

/** What is said about a request between those who ask and those who decide. */
export type Kind = 'comment' | 'question' | 'answer' | 'passed-on';

export const said = z.object({
  kind: z.enum(['comment', 'question', 'answer', 'passed-on']),
  by: z.string().nullable().describe('Who said it, when you may know them.'),
  mine: z.boolean(),
  text: z.string(),
  at: z.string(),
});

export const words = z.string().trim().min(1).max(2000).describe('In your own words.');

type Row = { kind: Kind; userId: string; displayName: string; text: string; at: Date };

/** Who decides is known to whoever sees the people there, and afterwards to whom it was about (ruling 9). */
export const decisionView = z.object({
  step: z.number().int().describe('1 is the first.'),
  by: z.string().nullable().describe('Who decided, when you may know them.'),
  forWhom: z.string().nullable().describe('For whom, where it was a deputy.'),
  approve: z.boolean(),
  note: z.string(),
  at: z.string(),
  mine: z.boolean(),
  takenBack: z.boolean(),
  outdated: z.boolean().describe('A file was added since: it does not count, and is asked for again.'),
});

type DecisionSaid = {
  step: number;
  userId: string;
  by: string;
  forWhom: string | null;
  approve: boolean;
  note: string;
  at: Date;
  takenBack: boolean;
  outdated: boolean;
};

export async function decisionsSaid(
  db: Kysely<DB>,
  row: RequestRow,
  facts: Facts,
): Promise<z.infer<typeof decisionView>[]> {
  const { rows } = await sql<DecisionSaid>`
    select d.step, d.user_id as "userId", u.display_name as by, f.display_name as "forWhom", d.approve, d.note,
      d.decided_at as at, d.undone_at is not null as "takenBack",
      d.undone_at is null and d.outdated_at is not null as outdated
    from request_decision d join app_user u on u.id = d.user_id left join app_user f on f.id = d.on_behalf_of
    where d.request_id = ${row.id} order by d.position`.execute(db);
  const me = facts.actor.kind === 'user' ? facts.actor.userId : undefined;
  const named =
    me === row.requesterId ||
    me === row.userId ||
    decide(facts, 'delegation.read', targetOf(row)).effect === 'permit';
  return rows
    .filter(({ userId, takenBack }) => !takenBack || named || userId === me)
    .map(({ userId, by, forWhom, at, step, ...rest }) => ({
      ...rest,
      step: step + 1,
      by: named || userId === me ? by : null,
      forWhom: named || userId === me ? forWhom : null,
      at: at.toISOString(),
      mine: userId === me,
    }));
}

export const colleague = z.object({
  membershipId: z.uuid(),
  displayName: z.string(),
  organizationName: z.string(),
});

/** Others who can decide it now, of those whom the actor sees: to one of them it can be passed. */
export async function colleaguesWhoDecide(
  context: Context,
  row: RequestRow,
): Promise<z.infer<typeof colleague>[]> {
  const { userId: me } = context.user();
  const others = (await whoMayDecide(context.db, row)).filter(
    (one) => one.userId !== me && isSeen(context, one),
  );
  const places = others.map(({ organizationId }) => organizationId);
  const { rows } = await sql<{ id: string; name: string }>`
    select id, name from organization where id = any (${places}::uuid[])`.execute(context.db);
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  return others.map(({ membershipId, displayName, organizationId }) => ({
    membershipId,
    displayName,
    organizationName: names.get(organizationId) ?? '',
  }));
}

/** Who could decide and is out of sight is answered like somebody who could not (I08). */
export const isSeen = ({ decide: may }: Pick<Context, 'decide'>, one: Holder): boolean =>
  may('user.read', {
    kind: 'membership',
    id: one.membershipId,
    organizationId: one.organizationId,
    path: one.path,
    off: false,
    userId: one.userId,
  }).effect === 'permit';

export async function listSaid(
  db: Kysely<DB>,
  row: RequestRow,
  facts: Facts,
): Promise<z.infer<typeof said>[]> {
  const { rows } = await sql<Row>`
    select c.kind, c.user_id as "userId", u.display_name as "displayName", c.words as text, c.said_at as at
    from request_comment c join app_user u on u.id = c.user_id where c.request_id = ${row.id} order by c.position`.execute(
    db,
  );
  const me = facts.actor.kind === 'user' ? facts.actor.userId : undefined;
  const seesPeople = decide(facts, 'delegation.read', targetOf(row)).effect === 'permit';
  const concerned = [row.requesterId, row.userId];
  return rows.map(({ kind, userId, displayName, text, at }) => ({
    kind,
    // Who asks is known to whoever decides; who decides is not known to everybody who asks (ruling 9).
    by: userId === me || seesPeople || concerned.includes(userId) ? displayName : null,
    mine: userId === me,
    text,
    at: at.toISOString(),
  }));
}

export async function say(context: Context, row: RequestRow, kind: Kind, text: string): Promise<void> {
  const { db, at } = context;
  await sql`
    insert into request_comment (id, request_id, kind, user_id, words, said_at)
    values (${newId(at.getTime())}, ${row.id}, ${kind}, ${context.user().userId}, ${text}, ${at})`.execute(
    db,
  );
}

/** The request, locked, for somebody who takes part in it: as the one who asked or gets it, or as one who may decide. */
export async function takingPart(
  context: Context,
  requestId: string,
): Promise<{ row: RequestRow; decides: boolean; concerned: boolean }> {
  const row = await readRequest(context.db, requestId, { lock: true });
  if (!row) throw refuse('not-found');
  const { userId } = context.user();
  const concerned = userId === row.requesterId || userId === row.userId;
  const decides = mayDecide(
    context.facts,
    askingOf(row),
    await whoBroughtActors(context.db, [context.facts]),
  ).may;
  if (!concerned && !decides) throw refuse('not-found');
  if (row.state !== 'open') throw refuse('request.decided');
  return { row, decides, concerned };
}
