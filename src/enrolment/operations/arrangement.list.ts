import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { type ArrangementField, arrangementKeys, arrangements } from '../arrangements.ts';
import { say } from '../say.ts';

const fields = [
  'name',
  'managerName',
  'managerEmail',
  'parts',
  'applicationIds',
  'everydayEntitlementIds',
  'seats',
  'until',
] as const satisfies readonly ArrangementField[];

export const arrangementList = operation({
  name: 'arrangement.list',
  summary: 'List the usual arrangements, each with the questions that differ from case to case.',
  http: 'GET /arrangements',
  input: z.object({}),
  output: z.object({
    items: z.array(
      z.object({
        key: z.enum(arrangementKeys),
        name: z.string(),
        description: z.string(),
        makes: z.array(z.string()).describe('What will be there afterwards.'),
        newOrganization: z
          .boolean()
          .describe('It makes an organization of its own; else it fills the chosen one.'),
        questions: z.array(
          z.object({
            field: z.enum(fields),
            label: z.string(),
            hint: z.string(),
            required: z.boolean(),
            most: z.number().int().optional().describe('How many of a list at most.'),
          }),
        ),
      }),
    ),
  }),
  // Nothing in it is about anybody.
  needs: 'self',
  effect: 'reading',
  run: async () => ({
    items: arrangementKeys.map((key) => {
      const { name, description, makes, newOrganization, questions } = arrangements[key];
      return {
        key,
        name: say(name),
        description: say(description),
        makes: makes.map((text) => say(text)),
        newOrganization,
        questions: questions.map(({ label, hint, ...question }) => ({
          ...question,
          label: say(label),
          hint: hint ? say(hint) : '',
        })),
      };
    }),
  }),
});
