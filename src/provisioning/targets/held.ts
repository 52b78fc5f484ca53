import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { inReach } from '../../authority/reach.ts';
import type { Context } from '../../operation/operation.ts';
import { decodeCursor, toPage } from '../../platform/paging.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { seenMembership } from '../account-view.ts';
import { connectorNamed } from '../connectors/all.ts';
import type { AccountValue } from '../connectors/connector.ts';
import { labelOf } from '../connectors/words.ts';
import { isHeld } from '../sending/judging.ts';
import { readTarget } from '../store.ts';
import { declaredBy } from '../wanted/declared.ts';
import { sameValue } from '../wanted/difference.ts';
import { type KnownAccount, look, seeingOf } from '../wanted/look.ts';
import { valuesOf } from '../wanted/mapping.ts';
import { knownOfMembership } from '../wanted/people.ts';

export const heldView = z
  .object({
    accountId: z.uuid(),
    userId: z.uuid(),
    displayName: z.string(),
    membershipId: z.uuid().nullable().describe('Where you see them.'),
    values: z
      .array(
        z.object({
          label: z.string(),
          to: z.string().nullable().describe('What would be written; null: nothing, it would be emptied.'),
          hidden: z.boolean().describe('You may not see what it is.'),
        }),
      )
      .describe('What would change, as far as it is known.'),
  })
  .meta({ id: 'HeldChange' });

type Row = Omit<z.infer<typeof heldView>, 'values'> &
  Omit<KnownAccount, 'userId' | 'deleteAfter'> & { deleteAfter: Date | null; changing: string[] };

/** How many accounts wait, when the last began to, and which values would change in how many of them. */
export async function countHeld(
  db: Kysely<DB>,
  targetId: string,
): Promise<{ count: number; at: string | null; fields: { label: string; count: number }[] }> {
  const target = (await readTarget(db, targetId))!;
  const { rows } = await sql<{ count: number; at: Date | null }>`
    select count(*)::int as count, max(held_at) as at from account where target_id = ${targetId} and ${isHeld}`.execute(
    db,
  );
  const { rows: fields } = await sql<{ key: string; count: number }>`
    select name as key, count(*)::int as count from account, unnest(changing) name where target_id = ${targetId} and ${isHeld}
    group by name order by count(*) desc, name limit 100`.execute(db);
  const label = labelsOf(target);
  const { count, at } = rows[0]!;
  return {
    count,
    at: at?.toISOString() ?? null,
    fields: fields.map((one) => ({ label: label(one.key), count: one.count })),
  };
}

/** Of whom the reader sees: what would be written over what is there, worked out now, in the reader's sight (I06). */
export async function listHeld(
  { db, facts, reach }: Pick<Context, 'db' | 'facts' | 'reach'>,
  targetId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ items: z.infer<typeof heldView>[]; next?: string }> {
  const people = reach('user.read');
  const target = (await readTarget(db, targetId))!;
  const after = decodeCursor(cursor, ['uuid']);
  const { rows } = await sql<Row>`
    select a.id as "accountId", a.user_id as "userId", u.display_name as "displayName",
      ${seenMembership(people, sql`a.user_id`)} as "membershipId", a.stands, a.roles, a.there_digest as "thereDigest",
      a.delete_after as "deleteAfter", a.changing
    from account a join app_user u on u.id = a.user_id
    where a.target_id = ${targetId} and ${isHeld} and exists (select 1 from membership m
      where m.user_id = a.user_id and ${inReach(people, sql`m.path`, sql`m.user_id`, sql`m.line`)})
      ${after ? sql`and a.id > ${after[0]}::uuid` : sql``} order by a.id limit ${limit + 1}`.execute(db);
  const { items, ...page } = toPage(rows, limit, ({ accountId }) => [accountId]);
  const connector = connectorNamed(target.connector);
  const seeing = connector && (await seeingOf(db, target, connector));
  const known = new Map(items.map((row) => [row.userId, row]));
  const looks = seeing ? (await look(db, seeing, [...known.keys()], known)).looks : undefined;
  const label = labelsOf(target);
  const shown = await Promise.all(
    items.map(async ({ stands, roles, thereDigest, deleteAfter, changing, ...row }) => {
      const desired = looks?.get(row.userId)?.desired;
      const visible =
        seeing && desired?.membershipId
          ? valuesOf(
              seeing.wish.mapping,
              await knownOfMembership(db, facts, desired.membershipId),
              seeing.wish.fields,
              true,
            )
          : {};
      const values = changing.map((key) => {
        const to = desired?.values[key] ?? null;
        const hidden = !sameValue(to, visible[key] ?? null);
        return { label: label(key), to: hidden ? null : textOf(to), hidden };
      });
      return { ...row, values };
    }),
  );
  return { ...page, items: shown };
}

function labelsOf(target: {
  connector: string;
  settings: Readonly<Record<string, string>>;
}): (key: string) => string {
  const connector = connectorNamed(target.connector);
  const fields = connector ? declaredBy(connector, target.settings).values : [];
  const labels = new Map(fields.map((field) => [field.key, labelOf(field)]));
  return (key) => labels.get(key) ?? key;
}

const textOf = (value: AccountValue): string | null =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0)
    ? null
    : Array.isArray(value)
      ? value.join(', ')
      : String(value);
