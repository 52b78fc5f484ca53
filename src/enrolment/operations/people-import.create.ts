import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { newId } from '../../platform/ids.ts';
import { unwritable } from '../../platform/names.ts';
import { refuse } from '../../platform/refusals.ts';
import { importActor } from '../import/run.ts';

export const peopleImportCreate = operation({
  name: 'people-import.create',
  summary: 'Begin an import of people from one CSV file; its parts come next.',
  http: 'POST /people-imports',
  input: z.object({
    organizationId: z.uuid().describe('Everybody in the file belongs here or below.'),
    fileName: z.string().trim().max(200).default('').describe('To tell imports apart.'),
  }),
  output: z.object({ importId: z.uuid() }),
  needs: {
    permission: 'user.enrol',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['people-import.created'],
  run: async (context, { organizationId, fileName: named }) => {
    const { db, target } = context;
    if (target.off) throw refuse('organization.off');
    const importId = newId();
    // A file may be called anything; what turns or hides the text beside it is left out.
    const fileName = named.replace(new RegExp(unwritable, 'gu'), '');
    await sql`insert into people_import (id, organization_id, actor, file_name)
      values (${importId}, ${organizationId}, ${JSON.stringify(importActor(context.actor))}::jsonb, ${fileName})`.execute(
      db,
    );
    context.record({
      type: 'people-import.created',
      targetKind: 'people-import',
      targetId: importId,
      organizationId,
      path: target.path,
      after: { id: importId, state: 'uploading', mode: 'rows', version: 1 },
      personal: { fileName },
    });
    return { importId };
  },
});
