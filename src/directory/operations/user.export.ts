import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { problem } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import type { Attributes } from '../attributes.ts';
import { flag, organizationId } from '../fields.ts';
import { listPeople, type Person } from '../people.ts';
import { fieldsOf } from '../people-fields.ts';
import { subtree } from '../store.ts';

/** A file holds this many people at most; a larger organization is exported part by part. */
const most = 50_000;

const columns = [
  'displayName',
  'userName',
  'email',
  'organizationName',
  'title',
  'firstDay',
  'lastDay',
  'state',
] as const satisfies readonly (keyof Person)[];

/** Of a field that an organization defines: by its key, as an import finds it again, and apart from columns of ours. */
const headingOf = (key: string): string =>
  (columns as readonly string[]).includes(key) ? `attribute.${key}` : key;

export const userExport = operation({
  name: 'user.export',
  summary: 'Download the people of an organization and those below as a CSV file.',
  http: 'GET /organizations/{organizationId}/people.csv',
  input: z.object({ organizationId, below: flag.default(true).describe('Also those below it.') }),
  output: z.string(),
  needs: {
    permission: 'user.read',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  file: { type: 'text/csv', name: 'people.csv' },
  run: async (context, { below }) => {
    const place = { ...subtree({ id: context.target.organizationId, path: context.target.path }), below };
    const filter = { reach: context.reach('user.read'), place };
    const people: { person: Person; values: Attributes }[] = [];
    let cursor: string | undefined;
    do {
      const page = await listPeople(context.db, filter, {
        sort: 'name',
        cursor,
        limit: 1000,
        at: context.at,
      });
      // As the list shows them: of each person what this reader sees.
      const fields = await fieldsOf(
        context,
        page.items.map(({ membershipId }) => membershipId),
      );
      for (const person of page.items) people.push({ person, values: fields.get(person.membershipId) ?? {} });
      cursor = page.next;
      if (people.length > most)
        throw refuse('input.too-large', { limit: problem('limit.people-in-file', { number: most }) });
    } while (cursor !== undefined);
    // What the reader sees of nobody has no column either.
    const keys = [...new Set(people.flatMap(({ values }) => Object.keys(values)))].sort();
    const rows = people.map(({ person, values }) => [
      ...columns.map((column) => person[column]),
      ...keys.map((key) => values[key]?.toString()),
    ]);
    // A name that begins like a formula must stay a name when a spreadsheet opens the file.
    return stringify(rows, {
      header: true,
      columns: [...columns, ...keys.map(headingOf)],
      escape_formulas: true,
      bom: true,
    });
  },
});
