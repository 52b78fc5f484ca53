import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { changePreview as preview, viewDifference } from '../preview.ts';

export const changePreview = operation({
  name: 'change.preview',
  summary: 'Show who would gain and lose what by a change, without making it',
  http: 'POST /previews',
  input: z.object({
    operation: z.string().max(100).describe('The change, by its name; such as `delegation.end`.'),
    input: z
      .record(z.string(), z.unknown())
      .default({})
      .describe('What it would be sent, ids of its path included.'),
    names: z
      .number()
      .int()
      .min(1)
      .max(500)
      .default(20)
      .describe('How many of each kind are named; all are counted.'),
  }),
  output: preview,
  // Whether the change itself is permitted is asked as when it is made: by its own declaration, in its own transaction.
  needs: 'self',
  effect: 'reading',
  run: async (context, { operation: name, input, names }) =>
    viewDifference(context, name, await context.rehearse(name, input), names),
});
