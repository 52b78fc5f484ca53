import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { errorFile } from '../people-import/error-file.ts';
import { peopleImportTarget, readPeopleImport, requireOwn } from '../people-import/store.ts';
import { importId } from '../people-import/view.ts';

export const peopleImportErrors = operation({
  name: 'people-import.errors',
  summary: 'Give the rows that stayed out as a file, with what is wrong: mend it and send it again.',
  http: 'GET /people-imports/{importId}/errors',
  input: z.object({ importId }),
  output: z.string(),
  needs: {
    permission: 'user.enrol',
    target: (db, input) => peopleImportTarget(db, input.importId),
    visibleBy: 'user.enrol',
  },
  effect: 'reading',
  file: { type: 'text/csv; charset=utf-8', name: 'to-mend.csv' },
  run: async (context, { importId: id }) => {
    const asked = (await readPeopleImport(context.db, id))!;
    requireOwn(context.actor, asked);
    return errorFile(context.db, asked);
  },
});
