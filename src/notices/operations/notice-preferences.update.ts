import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { saying } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import { findPerson } from '../../signin/store.ts';
import { type Preferences, readPreferences, writePreferences } from '../preferences.ts';
import { preferencesOutput, preferencesView, quietHours } from './notice-preferences.read.ts';

export const noticePreferencesUpdate = operation({
  name: 'notice-preferences.update',
  summary: 'Choose how you hear of things by mail: at once or once a day, and when not.',
  http: 'PATCH /me/notice-preferences',
  input: z.object({
    daily: z.boolean().optional(),
    dailyHour: z.int().min(0).max(23).optional(),
    quiet: quietHours
      .refine(({ from, until }) => from !== until, saying('ends-other-time'))
      .nullable()
      .optional()
      .describe('Null: none.'),
    timeZone: z
      .string()
      .max(60)
      .refine((zone) => isTimeZone(zone), saying('time-zone'))
      .nullable()
      .optional()
      .describe('Null: that of your home organization.'),
  }),
  output: preferencesOutput,
  needs: 'self',
  effect: 'changing',
  events: ['notice-preferences.updated'],
  run: async (context, input) => {
    const { db, at } = context;
    const { userId } = context.user();
    const before = await readPreferences(db, userId, { lock: true });
    const person = await findPerson(db, userId);
    if (!before || !person) throw refuse('not-found');
    context.checkVersion(before.version);
    const ownTimeZone = input.timeZone === undefined ? before.ownTimeZone : input.timeZone;
    const wanted = {
      daily: input.daily ?? before.daily,
      dailyHour: input.dailyHour ?? before.dailyHour,
      quiet: input.quiet === undefined ? before.quiet : (input.quiet ?? undefined),
      ownTimeZone,
      timeZone: ownTimeZone ?? before.homeTimeZone,
    };
    if (JSON.stringify(wanted) === JSON.stringify(pick(before))) {
      context.nothingChanged();
      return preferencesView(before);
    }
    await writePreferences(db, userId, wanted, at);
    const after = (await readPreferences(db, userId))!;
    context.record({
      type: 'notice-preferences.updated',
      targetKind: 'user',
      targetId: userId,
      organizationId: person.homeOrganizationId,
      path: person.homePath,
      subjectId: userId,
      before: { ...preferencesView(before) },
      after: { ...preferencesView(after) },
    });
    return preferencesView(after);
  },
});

const pick = ({ daily, dailyHour, quiet, ownTimeZone, timeZone }: Preferences) => ({
  daily,
  dailyHour,
  quiet,
  ownTimeZone,
  timeZone,
});

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
