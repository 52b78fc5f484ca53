import { sql } from 'kysely';
import { type Context, userOf } from '../operation/operation.ts';

type Ended = {
  id: string;
  organizationId: string;
  path: string;
  before: Record<string, unknown>;
  after: Record<string, unknown>;
};

/**
 * Rules that stand in a place that is closed (what they are about may have moved elsewhere), or are about nobody but its
 * people, and its groups: whoever comes after a reopening has nothing by them (ruling 3).
 */
export async function endRulesAndGroups(context: Context, path: string): Promise<void> {
  const { rows: rules } = await sql<Ended>`
    update access_rule r set state = 'ended', ended_at = ${context.at}, ended_by = ${userOf(context)?.userId ?? null},
      changed_at = ${context.at}, version = r.version + 1
    from access_rule b, organization o
    where b.id = r.id and o.id = r.organization_id and r.state <> 'ended'
      and array[r.organization_id, r.in_organization_id] && array(
        select x.id from organization x where x.path >= ${path} and x.path < ${`${path}/`})
    returning r.id, o.id as "organizationId", o.path, to_jsonb(b) - 'name' as before, to_jsonb(r) - 'name' as after`.execute(
    context.db,
  );
  for (const { id, ...row } of rules)
    context.record({ type: 'rule.ended', targetKind: 'access-rule', targetId: id, ...row });
  const { rows: groups } = await sql<Ended>`
    update people_group g set state = 'ended', changed_at = ${context.at}, version = g.version + 1
    from people_group b, organization o
    where b.id = g.id and o.id = g.organization_id and o.path >= ${path} and o.path < ${`${path}/`} and g.state = 'active'
    returning g.id, o.id as "organizationId", o.path, to_jsonb(b) - '{name,description}'::text[] as before,
      to_jsonb(g) - '{name,description}'::text[] as after`.execute(context.db);
  for (const { id, ...row } of groups)
    context.record({ type: 'group.ended', targetKind: 'group', targetId: id, ...row });
}
