import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { actionInput, contextInput, resourceInput, subjectInput } from '../authzen.ts';
import { pageInput, pageView, recordSearch, searchResources } from '../authzen-search.ts';

export const decisionSearchResources = operation({
  name: 'decision.search-resources',
  summary: 'Search, for an application, to what somebody may do something (AuthZEN resource search)',
  http: 'POST /access/v1/search/resource',
  standardPath: true,
  input: z.object({
    subject: subjectInput,
    action: actionInput,
    resource: resourceInput.partial({ id: true }).describe('Which kind; an id is not looked at.'),
    context: contextInput.optional(),
    page: pageInput,
  }),
  output: z.object({
    page: pageView,
    results: z.array(z.object({ type: z.string(), id: z.string() })),
  }),
  needs: { permission: 'decision.search', within: 'reach' },
  // It is recorded, so it is no mere reading.
  effect: 'changing',
  events: ['decision.searched'],
  run: async (context, { page, context: _, ...asked }) => {
    const found = await searchResources(context, asked, page);
    recordSearch(context, 'resource', asked, found.results.length);
    return found;
  },
});
