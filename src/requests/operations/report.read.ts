import { z } from 'zod';
import { accessItem, effectiveAccess } from '../../access/effective.ts';
import { operation } from '../../operation/operation.ts';
import { readReport, reportView } from '../reports.ts';

export const reportRead = operation({
  name: 'report.read',
  summary: 'Show somebody who reports to you, and what they have.',
  http: 'GET /me/reports/{membershipId}',
  input: z.object({ membershipId: z.uuid() }),
  output: reportView.extend({
    access: z.array(
      accessItem.extend({
        mayExtend: z.boolean().describe('`extension.ask` can make it last longer.'),
        mayEnd: z.boolean().describe('`ending.ask` can end it.'),
      }),
    ),
  }),
  needs: 'self',
  effect: 'reading',
  run: async (context, { membershipId }) => {
    const report = await readReport(context, membershipId);
    const items = await effectiveAccess(
      context.db,
      { membershipIds: [membershipId] },
      { people: context.reach('user.read'), organizations: context.reach('organization.read') },
    );
    return {
      ...report,
      access: items
        .filter(({ stoppedBy }) => stoppedBy !== 'ended')
        .map((item) => {
          const own = item.source.kind !== 'organization' && item.why !== 'rule';
          return { ...item, mayExtend: own && item.until !== null, mayEnd: own };
        }),
    };
  },
});
