import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { missingFrom } from '../people-import/compare.ts';
import { peopleImportTarget, readPeopleImport, requireOwn } from '../people-import/store.ts';
import { importId, rowKinds, rowsOfKind, rowView, stateView, toState } from '../people-import/view.ts';

export const peopleImportRead = operation({
  name: 'people-import.read',
  summary: 'Read how far an import is, what it would change, and what came of it.',
  http: 'GET /people-imports/{importId}',
  input: z.object({
    importId,
    show: z
      .enum([...rowKinds, 'missing'])
      .optional()
      .describe('Rows of this kind; none when absent.'),
    search: z.string().trim().max(100).optional().describe('Part of a name, or the beginning of a key.'),
    after: z.coerce.number().int().min(0).default(0).describe('The last line that was shown.'),
    afterKey: z.string().max(200).default('').describe('The last key that was shown of those missing.'),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  output: stateView.extend({
    rows: z.array(rowView),
    missing: z
      .array(
        z.object({ key: z.string(), name: z.string(), membershipId: z.uuid(), organizationName: z.string() }),
      )
      .describe('Whoever is here by an earlier file and not in this one: nobody is ended by a file.'),
  }),
  needs: {
    permission: 'user.enrol',
    target: (db, input) => peopleImportTarget(db, input.importId),
    visibleBy: 'user.enrol',
  },
  effect: 'reading',
  run: async (context, { importId: id, show, search = '', after, afterKey, limit }) => {
    const { db } = context;
    const asked = (await readPeopleImport(db, id))!;
    requireOwn(context.actor, asked);
    const people = context.reach('user.read');
    const rows =
      show && show !== 'missing'
        ? await rowsOfKind(db, asked, { kind: show, search, after, limit }, people)
        : [];
    if (show !== 'missing' || !asked.counts || asked.reading?.part)
      return { ...toState(asked), rows, missing: [] };
    const pattern = search.replace(/[\\%_]/g, '\\$&');
    const { rows: missing } = await sql<{
      key: string;
      name: string;
      membershipId: string;
      organizationName: string;
    }>`
      select m.key, m.name, m.id as "membershipId", m.organization as "organizationName"
      from (${missingFrom(asked, people)}) m where m.key > ${afterKey}
        ${search ? sql`and (m.name ilike ${`%${pattern}%`} or m.key ilike ${`${pattern}%`})` : sql``} order by m.key limit ${limit}`.execute(
      db,
    );
    return { ...toState(asked), rows, missing };
  },
});
