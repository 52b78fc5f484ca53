import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { contextInput, resourceInput, subjectInput } from '../authzen.ts';
import { pageInput, pageView, recordSearch, searchActions } from '../authzen-search.ts';

export const decisionSearchActions = operation({
  name: 'decision.search-actions',
  summary: 'Search, for an application, what somebody may do to something (AuthZEN action search)',
  http: 'POST /access/v1/search/action',
  standardPath: true,
  input: z.object({
    subject: subjectInput,
    resource: resourceInput,
    context: contextInput.optional(),
    page: pageInput,
  }),
  output: z.object({
    page: pageView,
    results: z.array(z.object({ name: z.string() })),
  }),
  needs: { permission: 'decision.search', within: 'reach' },
  // It is recorded, so it is no mere reading.
  effect: 'changing',
  events: ['decision.searched'],
  run: async (context, { page, context: _, ...asked }) => {
    const found = await searchActions(context, asked, page);
    recordSearch(context, 'action', asked, found.results.length);
    return found;
  },
});
