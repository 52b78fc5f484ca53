import { sql } from 'kysely';
import { z } from 'zod';
import { attributeValue } from '../../directory/fields.ts';
import { fillIn } from '../../directory/fill-in.ts';
import { fileUnder } from '../../directory/store.ts';
import { operation } from '../../operation/operation.ts';
import { writtenName } from '../../platform/names.ts';
import { saying } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import { accountOutput, readAccount } from '../account.ts';
import { findPerson } from '../store.ts';

export const meUpdate = operation({
  name: 'me.update',
  summary: 'Change your own name or language, or fields that you fill in yourself.',
  http: 'PATCH /me',
  input: z.object({
    displayName: writtenName.min(1).optional(),
    language: z
      .string()
      .regex(/^[a-z]{2}(-[A-Z]{2})?$/, saying('language'))
      .optional(),
    attributes: z
      .record(z.string().max(40), attributeValue)
      .optional()
      .describe('Values by key, of the fields that you may change; null removes one, absent ones stay.'),
  }),
  output: accountOutput,
  needs: 'self',
  effect: 'changing',
  events: ['user.updated', 'membership.updated'],
  run: async (context, input) => {
    const { userId, membershipId } = context.user();
    const before = await readAccount(context.db, userId, membershipId);
    const person = await findPerson(context.db, userId);
    if (!before || !person) throw refuse('not-found');
    context.checkVersion(before.version);
    const displayName = input.displayName ?? before.displayName;
    const language = input.language ?? before.language;
    const filledIn =
      input.attributes !== undefined && membershipId !== null
        ? await fillIn(context, membershipId, input.attributes)
        : false;
    if (displayName === before.displayName && language === before.language) {
      if (!filledIn) context.nothingChanged();
      return (await readAccount(context.db, userId, membershipId))!;
    }
    await sql`update app_user set display_name = ${displayName}, language = ${language}, version = version + 1
      where id = ${userId}`.execute(context.db);
    await fileUnder(context.db, userId, displayName);
    context.record({
      type: 'user.updated',
      targetKind: 'user',
      targetId: userId,
      organizationId: person.homeOrganizationId,
      path: person.homePath,
      subjectId: userId,
      before: { id: userId, language: before.language },
      after: { id: userId, language },
      personal: { before: { displayName: before.displayName }, after: { displayName } },
    });
    return (await readAccount(context.db, userId, membershipId))!;
  },
});
