import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { asSaid, requireColumns, requireInside, whoAnswers } from '../sources/edit.ts';
import { sourceDetail, sourceFields, sourceId } from '../sources/fields.ts';
import { giveUp } from '../sources/runs.ts';
import { detailOf, readSource, sealedPassword, sourceState, sourceTarget } from '../sources/store.ts';

export const sourceUpdate = operation({
  name: 'source.update',
  summary:
    'Change how a directory is read, and whom it brings where; whoever does answers for it from then on.',
  http: 'PATCH /sources/{sourceId}',
  input: z.object({
    sourceId,
    name: sourceFields.name.optional(),
    settings: sourceFields.settings.optional(),
    password: sourceFields.password.optional(),
    base: sourceFields.base.optional(),
    objectClass: sourceFields.objectClass.optional(),
    columns: sourceFields.columns.optional(),
    places: sourceFields.places.optional(),
    gives: sourceFields.gives.optional(),
    everyMinutes: sourceFields.everyMinutes.optional(),
    wholeHours: sourceFields.wholeHours.optional(),
    brake: sourceFields.brake.optional(),
  }),
  output: sourceDetail,
  needs: {
    permission: 'source.configure',
    target: (db, input) => sourceTarget(db, input.sourceId),
    visibleBy: 'source.configure',
  },
  effect: 'changing',
  events: ['source.updated'],
  run: async (context, { sourceId: id, ...input }) => {
    const { db, at, config, target } = context;
    const row = (await readSource(db, id, { lock: true }))!;
    context.checkVersion(row.version);
    const { settings, reading, gives } = asSaid(context, row, input);
    // Whoever calls it something else, or has it read less often, does not answer for what it reads.
    const asBefore = Object.keys(input).every((key) => ['name', 'everyMinutes', 'wholeHours'].includes(key));
    if (!asBefore) {
      requireColumns({ organizationId: row.organizationId, make: row.make, ...reading });
      await requireInside(context, reading.places, gives);
    }
    const answers = asBefore ? row.actor : whoAnswers(context);
    const before = await sourceState(db, id);
    const name = input.name ?? row.name;
    // What was read in another way is not gone on from.
    const { rows } = await sql`
      update source s set name = ${name}, settings = ${JSON.stringify(settings)}::jsonb,
        sealed = ${input.password === undefined ? row.sealed : sealedPassword(config, id, input.password)},
        password_by = ${input.password === undefined ? row.passwordBy && JSON.stringify(row.passwordBy) : JSON.stringify(whoAnswers(context))}::jsonb,
        reading = ${JSON.stringify(reading)}::jsonb, gives = ${JSON.stringify(gives)}::jsonb,
        every_minutes = ${input.everyMinutes ?? row.everyMinutes}, whole_hours = ${input.wholeHours ?? row.wholeHours},
        brake = ${JSON.stringify(input.brake ?? row.brake)}::jsonb, actor = ${JSON.stringify(answers)}::jsonb,
        cursor = ${asBefore ? row.cursor && JSON.stringify(row.cursor) : null}::jsonb,
        next_at = case when state = 'active' and not ${asBefore}::boolean then ${at}::timestamptz else next_at end,
        changed_at = ${at}, version = version + 1
      where s.id = ${id} and not exists (select 1 from source other where other.organization_id = s.organization_id
        and lower(other.name) = lower(${name}) and other.id <> s.id and other.state <> 'retired')
      returning 1`.execute(db);
    if (rows.length === 0) throw refuse('name-taken');
    if (!asBefore) await giveUp(db, id, ['waiting', 'reading', 'held', 'writing']);
    context.record({
      type: 'source.updated',
      targetKind: 'source',
      targetId: id,
      organizationId: target.organizationId,
      path: target.path,
      before,
      after: await sourceState(db, id),
      personal: { name },
    });
    return detailOf(context, id);
  },
});
