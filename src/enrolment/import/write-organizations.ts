import { sql } from 'kysely';
import { childPath } from '../../directory/rules.ts';
import type { Context } from '../../operation/operation.ts';
import { newId } from '../../platform/ids.ts';
import { inBatches, keepKeys, type Placed, type Places, type Work } from './work.ts';

export async function writeOrganizations(
  context: Context,
  { target, take, stand, plan }: Work,
): Promise<Places> {
  const { db } = context;
  const places: Places = new Map([...stand.organizations].map(([key, { id, path }]) => [key, { id, path }]));
  const { create } = plan.organizations;
  const children = new Map<string, number>();
  for (const { parent } of create) children.set(parent ?? '', (children.get(parent ?? '') ?? 0) + 1);
  const parentOf = (key: string | undefined): Placed =>
    key === undefined ? { id: target.organizationId, path: target.path } : places.get(key)!;
  // Parents that stand give their next codes away under their row's lock, in the order of their ids.
  const standing = [...children]
    .filter(([key]) => key === '' || stand.organizations.has(key))
    .map(([key, count]) => ({ id: parentOf(key || undefined).id, key, count }))
    .sort((one, other) => (one.id < other.id ? -1 : 1));
  const codes = new Map<string, number>();
  const zones = new Map<string, string>();
  for (const { id, key, count } of standing) {
    const { rows } = await sql<{ first: number; timeZone: string }>`
      update organization set next_code = next_code + ${count} where id = ${id}
      returning next_code - ${count}::int as first, time_zone as "timeZone"`.execute(db);
    codes.set(key, rows[0]!.first);
    zones.set(key, rows[0]!.timeZone);
  }
  // The others are only held where they are: paths are about to be copied.
  await sql`select id from organization where id = any (${[...places.values()].map(({ id }) => id)}::uuid[])
    order by id for key share`.execute(db);
  const rows = create.map((row) => {
    const parent = parentOf(row.parent);
    const code = codes.get(row.parent ?? '') ?? 0;
    codes.set(row.parent ?? '', code + 1);
    const placed = { id: newId(), path: childPath(parent.path, code) };
    places.set(row.id, placed);
    const timeZone = zones.get(row.parent ?? '')!;
    zones.set(row.id, timeZone);
    return {
      ...placed,
      parent_id: parent.id,
      next_code: children.get(row.id) ?? 0,
      name: row.name,
      description: row.description,
      time_zone: timeZone,
    };
  });
  await inBatches(rows, (some) =>
    sql`insert into organization (id, parent_id, path, next_code, name, description, time_zone)
      select id, parent_id, path, next_code, name, description, time_zone
      from jsonb_populate_recordset(null::organization, ${JSON.stringify(some)}::jsonb)`.execute(db),
  );
  const topId = places.get(take.organizations[0]!.id)!.id;
  await keepKeys(
    context,
    topId,
    'organization',
    create.map(({ id }) => ({ key: id, id: places.get(id)!.id })),
  );
  for (const row of rows)
    context.record({
      type: 'organization.created',
      targetKind: 'organization',
      targetId: row.id,
      organizationId: row.id,
      path: row.path,
      after: {
        id: row.id,
        parentId: row.parent_id,
        path: row.path,
        state: 'active',
        timeZone: row.time_zone,
        domains: [],
        version: 1,
      },
      personal: { name: row.name, description: row.description },
    });
  const changed = plan.organizations.change.map(({ row, before }) => ({ ...row, id: before.id }));
  await inBatches(changed, (some) =>
    sql`update organization o set name = r.name, description = r.description, version = o.version + 1
      from jsonb_to_recordset(${JSON.stringify(some)}::jsonb) as r (id uuid, name text, description text) where o.id = r.id`.execute(
      db,
    ),
  );
  for (const { row, before } of plan.organizations.change)
    context.record({
      type: 'organization.updated',
      targetKind: 'organization',
      targetId: before.id,
      organizationId: before.id,
      path: before.path,
      before: { id: before.id, version: before.version },
      after: {
        id: before.id,
        parentId: before.parentId,
        path: before.path,
        state: before.state,
        version: before.version + 1,
      },
      personal: {
        before: { name: before.name, description: before.description },
        after: { name: row.name, description: row.description },
      },
    });
  return places;
}
