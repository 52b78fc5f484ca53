import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { accessRoleState, accessRoleTarget, accessRoleView, readAccessRole } from '../access-roles.ts';
import { mayChangeForHolders } from '../edit-bundle.ts';
import { loadThings } from '../things.ts';

export const accessRoleRetire = operation({
  name: 'access-role.retire',
  summary: 'Retire an access role: nobody has anything by it any more.',
  http: 'POST /access-roles/{accessRoleId}/retire',
  input: z.object({ accessRoleId: z.uuid() }),
  output: accessRoleView,
  needs: {
    permission: 'access-role.configure',
    target: (db, input) => accessRoleTarget(db, input.accessRoleId),
    visibleBy: 'application.read',
  },
  effect: 'ending',
  previews: true,
  events: ['access-role.retired'],
  run: async (context, { accessRoleId }) => {
    const { db, target } = context;
    const before = (await readAccessRole(db, accessRoleId))!;
    context.checkVersion(before.version);
    if (before.state === 'retired') {
      context.nothingChanged();
      return before;
    }
    const held = before.contains.map(({ entitlementId }) => entitlementId);
    await mayChangeForHolders(context, accessRoleId, 'access.end', [
      ...(await loadThings(db, held, [])).values(),
    ]);
    await sql`update access_role set state = 'retired', version = version + 1 where id = ${accessRoleId}`.execute(
      db,
    );
    const after = (await readAccessRole(db, accessRoleId))!;
    context.record({
      type: 'access-role.retired',
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
