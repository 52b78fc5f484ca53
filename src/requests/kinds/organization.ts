import { sql } from 'kysely';
import { z } from 'zod';
import { makeOrganization } from '../../directory/make-organization.ts';
import { changeState } from '../../directory/standing.ts';
import { lockOrganizationToChange } from '../../directory/store.ts';
import type { Context } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { say } from '../say.ts';
import type { Kind, Wanted } from './kind.ts';
import { placeAsked } from './place-asked.ts';

const payload = z.object({ name: z.string(), description: z.string() }).strict();

/** A new organization below another. */
export const organization: Kind<z.infer<typeof payload>> = {
  payload,
  words: (row, { name }) => say('kind.organization', { organization: row.organizationName, name }),
  details: ({ description }) => ({ description }),
  apply: async (giver, row, { name, description }) => {
    const made = await makeOrganization(giver, { parentId: row.organizationId, name, description });
    return made.id;
  },
  takeBack: async ({ context, because }, { made }) => {
    const row = await lockOrganizationToChange(context.db, made!);
    const { rows } = await sql`
      select 1 where exists (select 1 from membership m where m.organization_id = ${row.id})
        or exists (select 1 from organization o where o.parent_id = ${row.id})
        or exists (select 1 from invitation i where i.organization_id = ${row.id})
        or exists (select 1 from delegation d where d.delegate_organization_id = ${row.id} or ${row.path} = any (d.place_paths))`.execute(
      context.db,
    );
    if (rows.length > 0 || row.state !== 'active') throw refuse('undo.too-late');
    const recording: Context = Object.create(context, {
      record: { value: (change: Parameters<Context['record']>[0]) => context.record({ ...change, because }) },
    });
    await changeState(recording, row, 'closed', 'organization.closed');
  },
};

export async function wantedOrganization(
  context: Context,
  asked: { parentId: string; name: string; description: string; reason: string },
): Promise<Wanted> {
  const { path } = await placeAsked(context, asked.parentId);
  return {
    kind: 'organization',
    payload: { name: asked.name, description: asked.description },
    gives: ['request.decide', 'organization.create'],
    organizationId: asked.parentId,
    path,
    membershipId: null,
    subjectId: null,
    entitlementId: null,
    accessRoleId: null,
    entitlementIds: [],
    reason: asked.reason,
    endsAt: null,
    same: `${asked.parentId} ${asked.name.toLowerCase()}`,
  };
}
