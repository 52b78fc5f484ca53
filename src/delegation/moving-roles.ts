import { sql } from 'kysely';
import type { Context } from '../operation/operation.ts';
import type { DelegationState } from './store.ts';

type Row = {
  id: string;
  organizationId: string | null;
  path: string | null;
  subjectId: string | null;
  before: DelegationState;
  after: DelegationState;
};

/**
 * An admin role can be given at or below the organization it stands in. A link that went from under it keeps for itself
 * what the role lets do now: whoever looks after the role would otherwise decide where they reach nothing (ruling 7).
 * @param path where what was moved stands now
 */
export async function keepRolesInPlace(context: Context, path: string): Promise<void> {
  const { rows } = await sql<Row>`
    with gone as (
      select d.id, to_jsonb(d) - 'reason' as before, array(select distinct unnest(d.permissions || r.permissions) order by 1) as permissions
      from delegation d join admin_role r on r.id = d.admin_role_id join organization o on o.id = r.organization_id
      where d.state <> 'ended' and d.place_paths && array(select m.path::text collate "default" from organization m where m.path >= ${path} and m.path < ${`${path}/`})
        and exists (select 1 from unnest(d.place_paths) p (path) where not o.path = any (path_ancestors(p.path)))
      for no key update of d
    )
    update delegation d set admin_role_id = null, permissions = g.permissions, version = d.version + 1 from gone g where g.id = d.id
    returning d.id, (select x.id from organization x where x.path = d.place_paths[1]) as "organizationId", d.place_paths[1] as path,
      d.delegate_user_id as "subjectId", g.before, to_jsonb(d) - 'reason' as after`.execute(context.db);
  for (const { id, ...row } of rows)
    context.record({ type: 'delegation.re-given', targetKind: 'delegation', targetId: id, ...row });
}
