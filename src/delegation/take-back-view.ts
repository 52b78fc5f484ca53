import { z } from 'zod';
import { calendarDay, instantText } from '../platform/dates.ts';

const given = z.object({
  kind: z.enum(['delegation', 'access', 'invitation']),
  id: z.string(),
  at: z.iso.datetime(),
  who: z
    .string()
    .nullable()
    .describe('Who has it; null where you do not see them, or it is everybody there.'),
  what: z.string().describe('The admin role, the access or the title, in words; may be empty.'),
  organizationName: z.string().nullable(),
});

export const takeBackInput = z.object({
  membershipId: z.uuid().describe('Whose giving: somebody who may have left already.'),
  since: instantText.optional().describe('What was given at this instant or later; this or `sinceDay`.'),
  sinceDay: calendarDay
    .optional()
    .describe('What was given on this day or later, in the time zone of their organization.'),
});

/** What was taken back, or would be; as far as the doer sees it. */
export const takeBackView = z
  .object({
    ends: z.array(given).describe('What ends: you hold a delegation above it, or may take it away.'),
    left: z.array(given).describe('What you see and may not end: ask a level above.'),
    stopsBelow: z.number().int().describe('Delegations further down that stop with those that end.'),
    more: z.boolean().describe('There is more than is taken at once: do it again for the rest.'),
  })
  .meta({ id: 'TakeBack' });
