import { z } from 'zod';
import { kinds } from './plan.ts';

export const problemView = z.object({
  file: z.string(),
  line: z.number().int().optional(),
  column: z.string().optional(),
  code: z.string(),
  reason: z.string(),
  advice: z.string(),
});

const counts = {
  kind: z.enum(kinds),
  create: z.number().int(),
  change: z.number().int(),
  same: z.number().int(),
  endedHere: z.number().int().describe('In the files, but ended here since; a file brings nothing back.'),
  missing: z
    .number()
    .int()
    .describe('Here, but not in the files: they stay; end them by hand if they should go.'),
};
export const countedView = z.object({ ...counts, examples: z.array(z.string()) });
export const countsView = z.object(counts);
