import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { exceptionView, listExceptions } from '../exceptions.ts';

export const exceptionList = operation({
  name: 'exception.list',
  summary: 'List what nobody may do in an organization, whatever was delegated',
  http: 'GET /exceptions',
  input: z.object({
    organizationId: z.uuid(),
    below: z.boolean().default(false).describe('Those of organizations below, too.'),
    lifted: z.boolean().default(false).describe('Lifted ones and those past their end, too.'),
    ...pageInput,
  }),
  output: pageOf(exceptionView),
  needs: {
    permission: 'delegation.read',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: (context, { below, lifted, cursor, limit }) =>
    listExceptions(context, { path: context.target.path, below, lifted }, { cursor, limit }),
});
