import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { saying } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import { type Preferences, readPreferences } from '../preferences.ts';

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, saying('time-of-day'));

export const quietHours = z.object({ from: time, until: time }).strict();

export const preferencesOutput = z.object({
  daily: z.boolean().describe('One mail a day with what waits, instead of one for each thing at once.'),
  dailyHour: z.int().describe('The full hour of the daily mail, 0 to 23.'),
  quiet: quietHours.nullable().describe('What comes in these hours is sent at their end.'),
  timeZone: z.string().describe('In which these times are.'),
  ownTimeZone: z.string().nullable().describe('Null: that of your home organization.'),
  version: z.int(),
});

export const preferencesView = ({
  quiet,
  nextAt: _,
  homeTimeZone: __,
  ...rest
}: Preferences): z.infer<typeof preferencesOutput> => ({ ...rest, quiet: quiet ?? null });

export const noticePreferencesRead = operation({
  name: 'notice-preferences.read',
  summary: 'Read how you hear of things by mail.',
  http: 'GET /me/notice-preferences',
  input: z.object({}),
  output: preferencesOutput,
  needs: 'self',
  effect: 'reading',
  run: async (context) => {
    const found = await readPreferences(context.db, context.user().userId);
    if (!found) throw refuse('not-found');
    return preferencesView(found);
  },
});
