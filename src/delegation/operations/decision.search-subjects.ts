import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { actionInput, contextInput, resourceInput, subjectInput } from '../authzen.ts';
import { pageInput, pageView, recordSearch, searchSubjects } from '../authzen-search.ts';

export const decisionSearchSubjects = operation({
  name: 'decision.search-subjects',
  summary: 'Search, for an application, who may do something (AuthZEN subject search)',
  http: 'POST /access/v1/search/subject',
  standardPath: true,
  input: z.object({
    subject: subjectInput
      .partial({ id: true })
      .describe('Which kind: `user` or `membership`; an id is not looked at.'),
    action: actionInput,
    resource: resourceInput,
    context: contextInput.optional(),
    page: pageInput,
  }),
  output: z.object({
    page: pageView,
    results: z.array(
      z.object({ type: z.string(), id: z.string(), properties: subjectInput.shape.properties }),
    ),
  }),
  needs: { permission: 'decision.search', within: 'reach' },
  // It is recorded, so it is no mere reading.
  effect: 'changing',
  events: ['decision.searched'],
  run: async (context, { page, context: _, ...asked }) => {
    const found = await searchSubjects(context, asked, page);
    recordSearch(context, 'subject', asked, found.results.length);
    return found;
  },
});
