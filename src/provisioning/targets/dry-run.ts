import { type Kysely, sql } from 'kysely';
import { inReach, type Reach } from '../../authority/reach.ts';
import type { DB } from '../../platform/schema.gen.ts';
import type { Connector } from '../connectors/connector.ts';
import { labelOf } from '../connectors/words.ts';
import type { TargetRow } from '../store.ts';
import { type KnownAccount, type Look, look, seeingOf } from '../wanted/look.ts';

type Db = Kysely<DB>;

/** What would be done about somebody's account. */
export const wouldBe = ['make', 'prepare', 'enable', 'change', 'disable', 'delete', 'nothing'] as const;
export type WouldBe = (typeof wouldBe)[number];

/** Whoever wants to know it of more than these sees what happens by the brake. */
const mostPeople = 5000;
const together = 500;
const mostNamed = 20;

/**
 * What switching on would do, worked out as it would be for sending; nothing is written and nobody is asked. Of people whom
 * the reader does not see nothing is said, not even how many they are.
 */
export async function dryRun(
  db: Db,
  target: TargetRow,
  connector: Connector,
  sees: Reach,
): Promise<{
  people: number;
  more: boolean;
  counts: Record<WouldBe, number>;
  empty: { label: string; count: number }[];
  first: { userId: string; displayName: string; would: WouldBe; roles: string[]; empty: string[] }[];
}> {
  const seeing = await seeingOf(db, target, connector);
  const counts = Object.fromEntries(wouldBe.map((one) => [one, 0])) as Record<WouldBe, number>;
  const concerned: { userId: string; would: WouldBe; roles: string[]; empty: string[] }[] = [];
  const labels = new Map(seeing.wish.fields.map((field) => [field.key, labelOf(field)]));
  const empties = new Map<string, number>();
  let people = 0;
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const accounts = await nextPeople(db, target, after, sees);
    const userIds = accounts.map(({ userId }) => userId);
    const { looks } = await look(
      db,
      seeing,
      userIds,
      new Map(accounts.flatMap((one) => (one.known ? [[one.userId, one.known]] : []))),
    );
    for (const { userId, known } of accounts) {
      const found = looks.get(userId)!;
      const would = wouldOf(found, known);
      counts[would] += 1;
      if (would === 'nothing') continue;
      const empty = would === 'disable' || would === 'delete' ? [] : emptyOf(found, labels);
      for (const label of empty) empties.set(label, (empties.get(label) ?? 0) + 1);
      concerned.push({ userId, would, roles: found.desired.roles, empty });
    }
    people += accounts.length;
    if (accounts.length < together || people >= mostPeople)
      return {
        people,
        more: accounts.length === together,
        counts,
        empty: [...empties].map(([label, count]) => ({ label, count })).sort((a, b) => b.count - a.count),
        first: await named(db, concerned),
      };
    after = userIds.at(-1)!;
  }
}

/** Values that are mapped, and come out empty of this person. */
const emptyOf = ({ desired }: Look, labels: ReadonlyMap<string, string>): string[] =>
  Object.entries(desired.values)
    .filter(([, value]) => value === null || value === '' || (Array.isArray(value) && value.length === 0))
    .map(([key]) => labels.get(key) ?? key);

function wouldOf({ wanted, differs, changes, desired }: Look, known: KnownAccount | undefined): WouldBe {
  const there = known !== undefined && known.stands !== 'none' && known.stands !== 'gone';
  if (!there) return wanted === 'enabled' ? 'make' : wanted === 'disabled' ? 'prepare' : 'nothing';
  if (wanted === 'none') return 'delete';
  if (wanted === 'disabled' && known.stands !== 'disabled') return 'disable';
  if (wanted === 'enabled' && known.stands === 'disabled') return 'enable';
  return (differs || changes) && desired.presence !== 'none' ? 'change' : 'nothing';
}

async function nextPeople(
  db: Db,
  target: TargetRow,
  after: string,
  sees: Reach,
): Promise<{ userId: string; known: KnownAccount | undefined }[]> {
  const { rows } = await sql<Omit<KnownAccount, 'stands'> & { stands: KnownAccount['stands'] | null }>`
    select u.id as "userId", a.stands, a.roles, a.there_digest as "thereDigest", a.delete_after as "deleteAfter"
    from app_user u left join account a on a.user_id = u.id and a.target_id = ${target.id}
    where u.id > ${after} and (a.id is not null or exists (select 1 from membership m
      where m.user_id = u.id and m.state <> 'ended' and m.path >= ${target.path} and m.path < ${`${target.path}/`}))
      and exists (select 1 from membership m where m.user_id = u.id and ${inReach(sees, sql`m.path`, sql`m.user_id`, sql`m.line`)})
    order by u.id limit ${together}`.execute(db);
  return rows.map(({ stands, ...row }) => ({
    userId: row.userId,
    known: stands === null ? undefined : { ...row, stands },
  }));
}

async function named<T extends { userId: string }>(
  db: Db,
  concerned: readonly T[],
): Promise<(T & { displayName: string })[]> {
  const { rows } = await sql<{ id: string; name: string }>`
    select u.id, u.display_name as name from app_user u where u.id = any (${concerned.map(({ userId }) => userId)}::uuid[])
    order by lower(u.display_name), u.id limit ${mostNamed}`.execute(db);
  return rows.map(({ id, name }) => ({
    ...concerned.find(({ userId }) => userId === id)!,
    displayName: name,
  }));
}
