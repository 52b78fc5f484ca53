import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { noticeView, readNotice } from '../notice.ts';

export const lastDayNoticeRead = operation({
  name: 'last-day-notice.read',
  summary: 'Show how many days before a last day people of an organization are told of it.',
  http: 'GET /organizations/{organizationId}/last-day-notice',
  input: z.object({ organizationId: z.uuid() }),
  output: noticeView,
  needs: {
    permission: 'organization.update',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: async ({ db }, { organizationId }) => ({ organizationId, ...(await readNotice(db, organizationId)) }),
});
