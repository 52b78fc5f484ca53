import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { newId } from '../../platform/ids.ts';
import { refuse } from '../../platform/refusals.ts';
import { requireColumns, requireInside, whoAnswers } from '../sources/edit.ts';
import { makes, sourceDetail, sourceFields } from '../sources/fields.ts';
import { detailOf, sealedPassword, sourceState } from '../sources/store.ts';

const mostSources = 20;

export const sourceCreate = operation({
  name: 'source.create',
  summary: 'Set up a directory whose people come in here; nothing is read before it is tried or switched on.',
  http: 'POST /sources',
  input: z.object({
    organizationId: z.uuid().describe('Everybody of it belongs here or below.'),
    make: z.enum(makes).describe('ldap: OpenLDAP and others; ad: Active Directory.'),
    ...sourceFields,
    password: sourceFields.password.optional(),
    places: sourceFields.places.default({ from: 'source' }),
    gives: sourceFields.gives.default([]),
    everyMinutes: sourceFields.everyMinutes.default(60),
    wholeHours: sourceFields.wholeHours.default(24),
    brake: sourceFields.brake.prefault({}),
  }),
  output: sourceDetail,
  needs: {
    permission: 'source.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['source.created'],
  run: async (context, input) => {
    const { db, at, config, target } = context;
    if (target.off) throw refuse('organization.off');
    const { organizationId, make, base, objectClass, columns, places } = input;
    requireColumns({ organizationId, make, base, objectClass, columns, places });
    await requireInside(context, places, input.gives);
    const answers = whoAnswers(context);
    const { rows: count } = await sql<{ n: number }>`
      select count(*)::int as n from source where organization_id = ${organizationId} and state <> 'retired'`.execute(
      db,
    );
    if (count[0]!.n >= mostSources) throw refuse('source.too-many', { most: mostSources });
    const id = newId(at.getTime());
    const { rows } = await sql`
      insert into source (id, organization_id, name, make, settings, sealed, reading, gives, every_minutes, whole_hours, brake, actor, password_by)
      values (${id}, ${organizationId}, ${input.name}, ${make}, ${JSON.stringify(input.settings)}::jsonb,
        ${sealedPassword(config, id, input.password ?? '')}, ${JSON.stringify({ base, objectClass, columns, places })}::jsonb,
        ${JSON.stringify(input.gives)}::jsonb, ${input.everyMinutes}, ${input.wholeHours}, ${JSON.stringify(input.brake)}::jsonb,
        ${JSON.stringify(answers)}::jsonb, ${input.password === undefined ? null : JSON.stringify(answers)}::jsonb)
      on conflict do nothing returning 1`.execute(db);
    if (rows.length === 0) throw refuse('name-taken');
    context.record({
      type: 'source.created',
      targetKind: 'source',
      targetId: id,
      organizationId,
      path: target.path,
      after: await sourceState(db, id),
      personal: { name: input.name },
    });
    return detailOf(context, id);
  },
});
