import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { whoMayActOnMe } from '../acting-on-me.ts';

export const actingOnMe = operation({
  name: 'acting.on-me',
  summary: 'Show who may act on you, and what they may do',
  http: 'GET /me/acting-on-me',
  input: z.object({}),
  output: z.object({
    items: z.array(
      z.object({
        organization: z.object({ id: z.string(), name: z.string() }),
        people: z.array(
          z.object({
            userId: z.string().nullable(),
            name: z
              .string()
              .describe('Who acted on you before, or whom you see; the others are "a level above".'),
            may: z.array(z.string()).describe('In words.'),
          }),
        ),
      }),
    ),
  }),
  needs: 'self',
  effect: 'reading',
  run: async (context) => ({ items: await whoMayActOnMe(context) }),
});
