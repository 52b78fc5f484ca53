import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { importMappingTarget, lockImportMapping, mappingState } from '../people-import/mappings.ts';

export const importMappingRetire = operation({
  name: 'import-mapping.retire',
  summary: 'Keep no longer how files of one kind are read.',
  http: 'DELETE /import-mappings/{importMappingId}',
  input: z.object({ importMappingId: z.uuid() }),
  output: z.object({ importMappingId: z.uuid() }),
  needs: {
    permission: 'user.enrol',
    target: (db, input) => importMappingTarget(db, input.importMappingId),
    visibleBy: 'user.enrol',
  },
  effect: 'changing',
  events: ['import-mapping.retired'],
  run: async (context, { importMappingId }) => {
    const before = await lockImportMapping(context.db, importMappingId);
    context.checkVersion(before.version);
    await sql`update import_mapping set state = 'retired', version = version + 1 where id = ${importMappingId}`.execute(
      context.db,
    );
    context.record({
      type: 'import-mapping.retired',
      targetKind: 'import-mapping',
      targetId: importMappingId,
      organizationId: before.organizationId,
      path: before.path,
      before: mappingState(before),
      after: mappingState({ ...before, state: 'retired', version: before.version + 1 }),
    });
    return { importMappingId };
  },
});
