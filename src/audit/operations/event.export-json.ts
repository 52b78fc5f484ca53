import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { trailFilter } from '../filter.ts';
import { trailFile } from '../trail-file.ts';

export const eventExportJson = operation({
  name: 'event.export-json',
  summary: 'Download the trail of an organization and those below, one JSON object a line.',
  http: 'GET /organizations/{organizationId}/events.ndjson',
  input: z.object({ organizationId: z.uuid(), ...trailFilter }),
  output: z.string(),
  needs: {
    permission: 'audit.read',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  events: ['audit.read'],
  file: { type: 'application/x-ndjson', name: 'events.ndjson' },
  run: async (context, { organizationId: _, ...filter }) => {
    const events = await trailFile(context, 'event.export-json', filter);
    return events.map((event) => `${JSON.stringify(event)}\n`).join('');
  },
});
