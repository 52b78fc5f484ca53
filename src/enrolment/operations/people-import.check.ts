import { z } from 'zod';
import { definitionsAt } from '../../directory/attribute-store.ts';
import { mayWrite } from '../../directory/attributes.ts';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { separators } from '../files/csv.ts';
import { encodings } from '../files/encoding.ts';
import { isToMend } from '../people-import/error-file.ts';
import { readHeading } from '../people-import/parts.ts';
import { attributePrefix, dateOrders, fields, guessColumns, guessDates } from '../people-import/reading.ts';
import { mostColumns } from '../people-import/stage.ts';
import { peopleImportTarget, readPeopleImport, requireOwn } from '../people-import/store.ts';
import { importId } from '../people-import/view.ts';

export const peopleImportCheck = operation({
  name: 'people-import.check',
  summary: 'Look at the heading and first rows of a file, and guess what its columns hold.',
  http: 'GET /people-imports/{importId}/heading',
  input: z.object({
    importId,
    separator: z.enum(separators).optional(),
    encoding: z.enum(encodings).optional(),
  }),
  output: z.object({
    separator: z.string(),
    encoding: z.string(),
    headings: z.array(z.string()),
    sample: z.array(z.array(z.string())),
    part: z.boolean().describe('These are rows that were mended: some of the people only.'),
    guess: z.record(z.string(), z.string()).describe('Field → heading.'),
    dates: z.enum(dateOrders).describe('How days are probably written.'),
    fields: z
      .array(z.object({ field: z.string(), label: z.string() }))
      .describe('What a column may hold here.'),
  }),
  needs: {
    permission: 'user.enrol',
    target: (db, input) => peopleImportTarget(db, input.importId),
    visibleBy: 'user.enrol',
  },
  effect: 'reading',
  run: async (context, { importId: id, ...said }) => {
    const asked = (await readPeopleImport(context.db, id))!;
    requireOwn(context.actor, asked);
    const heading = await readHeading(context.db, id, said);
    if (!heading) throw refuse('people-import.empty');
    if (heading.cells.length > mostColumns) throw refuse('people-import.heading', { missing: '' });
    const defined = (await definitionsAt(context.db, asked.path)).filter((one) => mayWrite(one, 'managers'));
    const headings = heading.cells.map((cell) => cell.trim().slice(0, 200));
    const guess = guessColumns(headings, defined);
    const days = new Set([guess.firstDay, guess.lastDay, guess.accessFrom, guess.accessUntil]);
    return {
      separator: heading.separator,
      encoding: heading.encoding,
      headings,
      sample: heading.sample.map((cells) => cells.map((cell) => cell.slice(0, 100))),
      part: isToMend(heading.cells),
      guess,
      dates: guessDates(heading.sample.flatMap((cells) => cells.filter((_, at) => days.has(headings[at])))),
      fields: [
        ...fields.map((field) => ({ field, label: '' })),
        ...defined.map(({ key, label }) => ({ field: `${attributePrefix}${key}`, label })),
      ],
    };
  },
});
