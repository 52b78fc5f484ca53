import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { problem } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import { flag, organizationId } from '../fields.ts';
import { listPeople, type Person } from '../people.ts';
import { subtree } from '../store.ts';

/** A file holds this many people at most; a larger organization is exported part by part. */
const most = 50_000;

const columns: (keyof Person)[] = [
  'displayName',
  'userName',
  'email',
  'organizationName',
  'title',
  'firstDay',
  'lastDay',
  'state',
];

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
    const people: Person[] = [];
    let cursor: string | undefined;
    do {
      const page = await listPeople(context.db, filter, {
        sort: 'name',
        cursor,
        limit: 1000,
        at: context.at,
      });
      people.push(...page.items);
      cursor = page.next;
      if (people.length > most)
        throw refuse('input.too-large', { limit: problem('limit.people-in-file', { number: most }) });
    } while (cursor !== undefined);
    // A name that begins like a formula must stay a name when a spreadsheet opens the file.
    return stringify(people, { header: true, columns, escape_formulas: true, bom: true });
  },
});
