import { sql } from 'kysely';
import { z } from 'zod';
import { name } from '../../directory/fields.ts';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { newId } from '../../platform/ids.ts';
import { refuse } from '../../platform/refusals.ts';
import { readingInput, requireReading } from '../people-import/reading.ts';

export const importMappingCreate = operation({
  name: 'import-mapping.create',
  summary: 'Keep how a file of people is read, for the next one of the same kind.',
  http: 'POST /organizations/{organizationId}/import-mappings',
  input: z.object({ organizationId: z.uuid(), name, reading: readingInput }),
  output: z.object({ importMappingId: z.uuid() }),
  needs: {
    permission: 'user.enrol',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['import-mapping.created'],
  run: async (context, input) => {
    if (context.target.off) throw refuse('organization.off');
    requireReading(input.reading);
    const id = newId();
    const { rows } = await sql`
      insert into import_mapping (id, organization_id, name, reading)
      values (${id}, ${input.organizationId}, ${input.name}, ${JSON.stringify(input.reading)}::jsonb)
      on conflict do nothing returning 1`.execute(context.db);
    if (rows.length === 0) throw refuse('import-mapping.name-taken', { name: input.name });
    context.record({
      type: 'import-mapping.created',
      targetKind: 'import-mapping',
      targetId: id,
      organizationId: input.organizationId,
      path: context.target.path,
      after: { id, name: input.name, reading: input.reading, state: 'active', version: 1 },
    });
    return { importMappingId: id };
  },
});
