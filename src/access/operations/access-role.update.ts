import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import {
  accessRoleState,
  accessRoleTarget,
  accessRoleView,
  readAccessRole,
  setContents,
} from '../access-roles.ts';
import { mayAdd, mayChangeForHolders } from '../edit-bundle.ts';
import { description, label } from '../fields.ts';
import { loadThings } from '../things.ts';

export const accessRoleUpdate = operation({
  name: 'access-role.update',
  summary: 'Change an access role; what it holds is given to, or taken from, everybody who has it.',
  http: 'PATCH /access-roles/{accessRoleId}',
  input: z.object({
    accessRoleId: z.uuid(),
    name: label.optional(),
    description: description.optional(),
    entitlementIds: z.array(z.uuid()).min(1).max(200).optional(),
  }),
  output: accessRoleView,
  needs: {
    permission: 'access-role.configure',
    target: (db, input) => accessRoleTarget(db, input.accessRoleId),
    visibleBy: 'application.read',
  },
  // It may take access away, so it waits for changes under way: who was given the bundle meanwhile counts too.
  effect: 'ending',
  previews: true,
  events: ['access-role.updated'],
  run: async (context, { accessRoleId, entitlementIds, ...input }) => {
    const { db, target } = context;
    const before = (await readAccessRole(db, accessRoleId))!;
    context.checkVersion(before.version);
    if (before.state === 'retired') throw refuse('entitlement.retired');
    const had = new Set(before.contains.map(({ entitlementId }) => entitlementId));
    const wanted = new Set(entitlementIds ?? had);
    const added = [...wanted].filter((id) => !had.has(id));
    const removed = [...had].filter((id) => !wanted.has(id));
    const name = input.name ?? before.name;
    const text = input.description ?? before.description;
    if (added.length + removed.length === 0 && name === before.name && text === before.description) {
      context.nothingChanged();
      return before;
    }
    await mayChangeForHolders(context, accessRoleId, 'access.grant', await mayAdd(context, target, added));
    await mayChangeForHolders(context, accessRoleId, 'access.end', [
      ...(await loadThings(db, removed, [])).values(),
    ]);
    const { rows } = await sql`
      update access_role r set name = ${name}, description = ${text}, version = version + 1 where r.id = ${accessRoleId}
        and not exists (select 1 from access_role other
          where other.organization_id = r.organization_id and other.name = ${name} and other.id <> r.id)
      returning 1`.execute(db);
    if (rows.length === 0) throw refuse('name-taken');
    await setContents(db, accessRoleId, added, removed);
    const after = (await readAccessRole(db, accessRoleId))!;
    context.record({
      type: 'access-role.updated',
      targetKind: 'access-role',
      targetId: accessRoleId,
      organizationId: target.organizationId,
      path: target.path,
      before: accessRoleState(before),
      after: accessRoleState(after),
    });
    return after;
  },
});
