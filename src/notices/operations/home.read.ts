import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { nearLastDay, whatNeeds } from '../home.ts';
import { type WordKey, wordsIn } from '../words.ts';

export const homeRead = operation({
  name: 'home.read',
  summary: 'List what needs you now.',
  http: 'GET /me/home',
  input: z.object({}),
  output: z.object({
    items: z.array(
      z.object({
        kind: z.enum([
          'questions',
          'requests',
          'renewals',
          'invitations-ending',
          'invitations-expired',
          'vacant',
          'tasks',
          'braked',
          'behind',
          'directories-held',
          'directories-failing',
          'gone',
          'one-manager',
        ]),
        count: z.int(),
        sentence: z.string(),
        link: z.string().describe('Path of the page that shows them.'),
      }),
    ),
    lastDay: z
      .string()
      .nullable()
      .describe('Your last day at the organization that you act for, when it is within 30 days.'),
  }),
  needs: 'self',
  effect: 'reading',
  run: async (context) => {
    const t = wordsIn(context.user().language);
    const needs = await whatNeeds(context);
    return {
      lastDay: await nearLastDay(context),
      items: needs.map(({ kind, count, more, first = '', organization = '', link }) => {
        const form = more
          ? 'many'
          : count === 1 && !(kind === 'one-manager' && !organization)
            ? 'one'
            : 'other';
        const sentence = t(`home.${kind}.${form}` as WordKey, { count: String(count), first, organization });
        return { kind, count, sentence, link };
      }),
    };
  },
});
