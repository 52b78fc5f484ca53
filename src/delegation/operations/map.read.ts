import { z } from 'zod';
import { countsOf } from '../../directory/counts.ts';
import { breadcrumbs, listOrganizations } from '../../directory/organizations.ts';
import { readOrganization } from '../../directory/store.ts';
import { type Context, operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { pageInput, pageOf } from '../../platform/paging.ts';
import { type MapNode, mapNode, withMarks } from '../map.ts';

export const mapRead = operation({
  name: 'map.read',
  summary: 'Show one organization and those directly below it, with who may do what there.',
  http: 'GET /map',
  input: z.object({
    organizationId: z.uuid().optional().describe('Absent: the topmost organizations that you see.'),
    ...pageInput,
  }),
  output: pageOf(mapNode).extend({
    organization: mapNode.nullable().describe('The one asked about; absent at the top.'),
    above: z
      .array(z.object({ id: z.uuid(), name: z.string() }))
      .describe('The organizations above it, from the top, as far as you see them.'),
  }),
  needs: { permission: 'organization.read', within: 'reach' },
  effect: 'reading',
  run: async (context, { organizationId, cursor, limit }) => {
    const reach = context.reach('organization.read');
    const here = organizationId ? await readHere(context, organizationId) : undefined;
    const page = await listOrganizations(
      context.db,
      { reach, people: context.reach('user.read'), parentId: organizationId },
      { cursor, limit, at: context.at },
    );
    return {
      ...page,
      items: await withMarks(context, page.items),
      organization: here?.node ?? null,
      above: here ? await breadcrumbs(context.db, here.path, reach) : [],
    };
  },
});

async function readHere(context: Context, organizationId: string): Promise<{ node: MapNode; path: string }> {
  const target = await organizationTarget(context.db, organizationId);
  context.require('organization.read', target, 'organization.read');
  const row = (await readOrganization(context.db, organizationId))!;
  const { childCount, peopleCount } = await countsOf(context, row.path);
  const above = row.parentId ? await organizationTarget(context.db, row.parentId) : undefined;
  const parentId =
    above && context.decide('organization.read', above).effect === 'permit' ? row.parentId : null;
  const [node] = await withMarks(context, [{ ...row, parentId, childCount, peopleCount }]);
  return { node: node!, path: row.path };
}
