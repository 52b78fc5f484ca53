import { sql } from 'kysely';
import { z } from 'zod';
import { name } from '../../directory/fields.ts';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { importMappingTarget, lockImportMapping, mappingState } from '../people-import/mappings.ts';
import { readingInput, requireReading } from '../people-import/reading.ts';

export const importMappingUpdate = operation({
  name: 'import-mapping.update',
  summary: 'Change how files of one kind are read.',
  http: 'PATCH /import-mappings/{importMappingId}',
  input: z.object({ importMappingId: z.uuid(), name: name.optional(), reading: readingInput.optional() }),
  output: z.object({ importMappingId: z.uuid(), version: z.number().int() }),
  needs: {
    permission: 'user.enrol',
    target: (db, input) => importMappingTarget(db, input.importMappingId),
    visibleBy: 'user.enrol',
  },
  effect: 'changing',
  events: ['import-mapping.updated'],
  run: async (context, input) => {
    const before = await lockImportMapping(context.db, input.importMappingId);
    context.checkVersion(before.version);
    if (input.reading) requireReading(input.reading);
    const after = {
      ...before,
      name: input.name ?? before.name,
      reading: input.reading ?? before.reading,
      version: before.version + 1,
    };
    const { rows } = await sql`
      update import_mapping g set name = ${after.name}, reading = ${JSON.stringify(after.reading)}::jsonb, version = ${after.version}
      where g.id = ${after.id} and not exists (select 1 from import_mapping other where other.organization_id = g.organization_id
        and other.state = 'active' and other.id <> g.id and lower(other.name) = lower(${after.name})) returning 1`.execute(
      context.db,
    );
    if (rows.length === 0) throw refuse('import-mapping.name-taken', { name: after.name });
    context.record({
      type: 'import-mapping.updated',
      targetKind: 'import-mapping',
      targetId: after.id,
      organizationId: after.organizationId,
      path: after.path,
      before: mappingState(before),
      after: mappingState(after),
    });
    return { importMappingId: after.id, version: after.version };
  },
});
