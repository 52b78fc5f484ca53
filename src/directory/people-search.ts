import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { DB } from '../platform/schema.gen.ts';
import type { NamePage } from './people-keys.ts';
import { escapeLike, sortName } from './rules.ts';

/** Every word somewhere in the name, or the beginning of the address or user name. */
export function found(search: string): RawBuilder<boolean> {
  return sql<boolean>`(${inName(wordsOf(search))} or m.user_id in (${startingWith(startOf(search))}))`;
}

const startingWith = (start: string): RawBuilder<unknown> => sql`
  select u.id from app_user u where lower(u.email) like ${start}
  union all select u.id from app_user u where lower(u.user_name) like ${start}`;

const wordsOf = (search: string): string[] => sortName(search).split(' ').filter(Boolean);

const startOf = (search: string): string => `${escapeLike(search.trim().toLowerCase())}%`;

function inName(words: readonly string[]): RawBuilder<boolean> {
  if (words.length === 0) return sql<boolean>`false`;
  return sql<boolean>`(${sql.join(
    words.map((word) => sql`m.sort_name like ${`%${escapeLike(word)}%`}`),
    sql` and `,
  )})`;
}

/** Letters of a piece, as sql/0015 files them. */
const letters = 3;
/** Beyond this many, people are asked one by one in the order of the page instead. */
const fewUsers = 2_000;

/** One way in which somebody is found: a condition, or the users; and what indexes know of whoever is found. */
export type SearchPart =
  | { where: RawBuilder<boolean>; indexed: NamePage['search'] }
  | { users: RawBuilder<unknown> };

/** The same in two parts, so that each walks an index of its own: names, and beginnings of addresses. */
export async function searchParts(db: Kysely<DB>, search: string): Promise<SearchPart[]> {
  const words = wordsOf(search);
  const where = inName(words);
  const pieces = piecesOf(words);
  const names: SearchPart = { where, indexed: pieces && { pieces, where } };
  const start = startOf(search);
  // A value, not `exists`: the planner would gather all such users first.
  const begins = sql<boolean>`(select lower(u.email) like ${start} or lower(u.user_name) like ${start} from app_user u where u.id = m.user_id)`;
  const typed = [...search.trim().toLowerCase()];
  if (typed.length >= letters) {
    const first = typed.slice(0, letters).join('');
    const starts = sql<boolean>`m.starts @> array[${first}]`;
    return [
      names,
      {
        where: sql<boolean>`${starts} and ${begins}`,
        indexed: { pieces: [`^${first}`], where: starts },
      },
    ];
  }
  const { rows } = await sql<{ some: number }>`
    select count(*) as some from (select 1 from (${startingWith(start)}) u limit ${fewUsers + 1}) u`.execute(
    db,
  );
  const [{ some }] = rows as [{ some: number }];
  if (some === 0) return [names];
  return [names, some <= fewUsers ? { users: startingWith(start) } : { where: begins, indexed: undefined }];
}

function piecesOf(words: readonly string[]): string[] | undefined {
  const pieces = words.flatMap((word) => {
    const signs = [...word];
    return signs.slice(letters - 1).map((_, at) => signs.slice(at, at + letters).join(''));
  });
  return pieces.length > 0 ? [...new Set(pieces)] : undefined;
}
