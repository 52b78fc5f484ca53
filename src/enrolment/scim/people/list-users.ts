import { sql } from 'kysely';
import { countPeople } from '../../../directory/people.ts';
import type { Context } from '../../../operation/operation.ts';
import type { Door } from '../connection/door.ts';
import type { Resource } from '../protocol/json.ts';
import { nameOf } from '../protocol/path.ts';
import type { Filter } from '../query/filter.ts';
import { type Listed, listed, type Question } from '../query/list.ts';
import { namedLike } from './store.ts';
import { toUser } from './user-resource.ts';
import { columnsOfUsers, people, type UserRow, userColumns } from './user-rows.ts';

/** People who are seen through a door, as the question asks. */
export const listUsers = (context: Context, door: Door, question: Question): Promise<Resource> =>
  listed<UserRow>(context, door, question, usersOf(context, door));

function usersOf(context: Context, door: Door): Listed<UserRow> {
  const { db, at } = context;
  return {
    type: door.users,
    columns: columnsOfUsers(door),
    id: sql`m.id`,
    hints: (filter) => hintsOf(door, filter),
    count: async (where) => {
      if (!where) return countPeople(db, { reach: door.people }, at);
      const { rows } = await sql<{ count: number }>`
        select count(*)::int as count ${people(context, door, where)}`.execute(db);
      return rows[0]!.count;
    },
    position: ({ membershipId }) => membershipId,
    rows: async (where, key, order, limit, offset) =>
      (
        await sql<UserRow & { sortKey: string | null }>`
          select ${userColumns(door)}, (${key})::text as "sortKey" ${people(context, door, where)}
          order by ${order} limit ${limit} offset ${offset}`.execute(db)
      ).rows,
    resource: (row) => toUser(door, row),
  };
}

/**
 * The look-ups that feeds make before each write, for which there are indexes: one user name, one external id, one
 * address. Only where all else is asked beside it; below an `or` it would take others out.
 */
function hintsOf(door: Door, filter: Filter): ReturnType<Listed<UserRow>['hints']> {
  const parts = filter.is === 'and' ? filter.of : [filter];
  return parts.flatMap((part) => {
    if (part.is !== 'compare' || part.op !== 'eq' || typeof part.value !== 'string') return [];
    switch (nameOf(part.at)) {
      case 'userName':
        return [namedLike(door, part.value)];
      case 'externalId':
        return [
          sql<boolean>`m.id in (select s.resource_id from scim_external s where s.owner_id = ${door.ownerId} and s.external_id = ${part.value})`,
        ];
      default:
        return [];
    }
  });
}
