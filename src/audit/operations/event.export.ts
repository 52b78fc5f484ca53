import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { trailFilter } from '../filter.ts';
import { trailFile } from '../trail-file.ts';

const columns = ['at', 'type', 'sentence', 'actor', 'subject', 'organization', 'delegations', 'id'];

export const eventExport = operation({
  name: 'event.export',
  summary: 'Download the trail of an organization and those below as a CSV file.',
  http: 'GET /organizations/{organizationId}/events.csv',
  input: z.object({ organizationId: z.uuid(), ...trailFilter }),
  output: z.string(),
  needs: {
    permission: 'audit.read',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  events: ['audit.read'],
  file: { type: 'text/csv', name: 'events.csv' },
  run: async (context, { organizationId: _, ...filter }) => {
    const events = await trailFile(context, 'event.export', filter);
    const rows = events.map((event) => ({
      ...event,
      actor: event.actor.name,
      subject: event.subject?.name ?? '',
      organization: event.organization?.name ?? '',
      delegations: event.delegations.join(' < '),
    }));
    // A name that begins like a formula must stay a name when a spreadsheet opens the file.
    return stringify(rows, { header: true, columns, escape_formulas: true, bom: true });
  },
});
