import { sql } from 'kysely';
import type { Context } from '../../../operation/operation.ts';
import type { Door } from '../connection/door.ts';
import type { Resource } from '../protocol/json.ts';
import { groupType } from '../protocol/schema.ts';
import { type Listed, listed, type Question } from '../query/list.ts';
import { columnsOfGroups, type GroupRow, groupColumns, groups, toGroup } from './group-rows.ts';

/** Groups that are seen through a door, as the question asks. */
export const listGroups = (context: Context, door: Door, question: Question): Promise<Resource> =>
  listed<GroupRow>(context, door, question, groupsOf(context, door, asksForMembers(question)));

function groupsOf(context: Context, door: Door, withMembers: boolean): Listed<GroupRow> {
  return {
    type: groupType,
    columns: columnsOfGroups(context, door),
    id: sql`g.id`,
    hints: () => [],
    position: ({ id }) => id,
    count: async (where) => {
      const { rows } = await sql<{ count: number }>`
        select count(*)::int as count ${groups(door, where ?? sql<boolean>`true`)}`.execute(context.db);
      return rows[0]!.count;
    },
    rows: async (where, key, order, limit, offset) =>
      (
        await sql<GroupRow & { sortKey: string | null }>`
          select ${groupColumns(context, door, withMembers)}, (${key})::text as "sortKey" ${groups(door, where)}
          order by ${order} limit ${limit} offset ${offset}`.execute(context.db)
      ).rows,
    resource: (row) => toGroup(door, row),
  };
}

const names = (given: Question['attributes']): string => [given ?? []].flat().join(',').toLowerCase();

/** Feeds leave the members out of their lists, where a group may have thousands; then they are not looked up either. */
const asksForMembers = ({ attributes, excludedAttributes }: Question): boolean =>
  names(attributes) === ''
    ? !names(excludedAttributes)
        .split(',')
        .some((name) => name.trim().endsWith('members'))
    : names(attributes).includes('members');
