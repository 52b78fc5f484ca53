import { z } from 'zod';
import { endSaid, lastDay } from '../../directory/by-day.ts';
import { name } from '../../directory/fields.ts';
import { operation, userOf } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { instantText } from '../../platform/dates.ts';
import { invalid } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import { arrangementKeys, arrangements } from '../arrangements.ts';
import { emailText, personName } from '../fields.ts';
import { loadArrangement } from '../load-arrangement.ts';
import { say } from '../say.ts';
import { sendEvents } from '../send.ts';

export const arrangementLoad = operation({
  name: 'arrangement.load',
  summary: 'Make what a usual arrangement consists of, all of it or nothing.',
  http: 'POST /arrangements/{key}/load',
  input: z.object({
    key: z.enum(arrangementKeys),
    parentId: z.uuid().optional().describe('The organization it stands below; your own when absent.'),
    name: name.optional().describe('Of the new organization.'),
    managerName: personName.min(1).optional(),
    managerEmail: emailText.optional(),
    parts: z
      .array(
        z
          .object({ name, managerName: personName.min(1).optional(), managerEmail: emailText.optional() })
          .strict(),
      )
      .max(100)
      .default([])
      .describe('Branches, businesses, brokers or departments.'),
    applicationIds: z.array(z.uuid()).max(100).default([]).describe('What may be handed out there.'),
    everydayEntitlementIds: z
      .array(z.uuid())
      .max(100)
      .default([])
      .describe('Roles that most people there need, of those applications: one access role.'),
    seats: z.number().int().min(1).max(10_000_000).optional(),
    until: instantText.optional(),
    lastDay: lastDay.optional(),
  }),
  output: z.object({
    organizationId: z.uuid().describe('Where it stands now.'),
    organizationIds: z.array(z.uuid()),
    delegationIds: z.array(z.uuid()),
    accessRoleIds: z.array(z.uuid()),
    invitationIds: z.array(z.uuid()),
  }),
  needs: { permission: 'organization.create', within: 'reach' },
  effect: 'changing',
  events: ['organization.created', 'delegation.created', 'access-role.created', ...sendEvents],
  run: async (context, { key, parentId, ...answers }) => {
    const arrangement = arrangements[key];
    for (const { field, required, label, most } of arrangement.questions) {
      const answer = answers[field] ?? (field === 'until' ? answers.lastDay : undefined);
      if (most !== undefined && Array.isArray(answer) && answer.length > most)
        throw invalid(field, 'no-more-than', { number: most });
      if (required && (answer === undefined || (Array.isArray(answer) && answer.length === 0)))
        throw invalid(field, 'say', { label: say(label) });
    }
    const asked = arrangement.questions.map(({ field }) => field);
    for (const field of Object.keys(answers) as (keyof typeof answers)[]) {
      const answer = answers[field];
      // The question of the end is answered by an instant or by a day.
      const question = field === 'lastDay' ? 'until' : field;
      if (answer === undefined || (Array.isArray(answer) && answer.length === 0) || asked.includes(question))
        continue;
      throw invalid(field, 'not-asked-for');
    }
    const place = parentId ?? userOf(context)?.organizationId;
    const parent = place ? await organizationTarget(context.db, place) : undefined;
    context.require('organization.create', parent, 'organization.read');
    if (parent!.off) throw refuse('organization.off');
    return loadArrangement(context, arrangement, parent!, {
      ...answers,
      // What is made takes the time zone of the one above.
      until: await endSaid(context.db, answers, parent!.organizationId!),
    });
  },
});
