import { sql } from 'kysely';
import type { OrganizationRow } from '../directory/store.ts';
import type { Context } from '../operation/operation.ts';

export const mergingPolicyEvents = ['approval-policy.moved', 'approval-policy.updated'] as const;

type Row = {
  id: string;
  organizationId: string;
  path: string;
  before: Record<string, unknown>;
  after: Record<string, unknown>;
};

/**
 * Who had to be asked in an organization that is no more has to be asked in the one that took it, for everybody there:
 * merging loosens nothing. What approved at once was said of another place, and is retired with it. Approvers stay who
 * they were: a group of the organization that is no more is empty from now on, and the next are asked.
 */
export async function mergePolicies(
  context: Context,
  from: OrganizationRow,
  into: OrganizationRow,
): Promise<void> {
  const { db, at } = context;
  const moved = await sql<Row>`
    update approval_policy p set organization_id = ${into.id}, changed_at = ${at}, version = p.version + 1,
      applies = ${named(from, into)},
      name = case when exists (select 1 from approval_policy o where o.organization_id = ${into.id} and o.state = 'active'
        and lower(o.name) = lower(p.name)) then p.name || ' (' || ${from.name}::text || ')' else p.name end
    from approval_policy b
    where b.id = p.id and p.organization_id = ${from.id} and p.state = 'active' and jsonb_array_length(p.steps) > 0
    returning p.id, p.organization_id as "organizationId", ${into.path} as path, ${unnamed('b')} as before, ${unnamed('p')} as after`.execute(
    db,
  );
  // Those from above that were about the organization which is no more.
  const elsewhere = await sql<Row>`
    update approval_policy p set applies = ${named(from, into)}, changed_at = ${at}, version = p.version + 1
    from approval_policy b, organization o
    where b.id = p.id and o.id = p.organization_id and p.organization_id <> ${from.id} and p.state = 'active'
      and p.applies -> 'organizationIds' ? ${from.id}::text and jsonb_array_length(p.steps) > 0
    returning p.id, p.organization_id as "organizationId", o.path, ${unnamed('b')} as before, ${unnamed('p')} as after`.execute(
    db,
  );
  const all = [
    ...moved.rows.map((row) => ({ ...row, type: 'approval-policy.moved' })),
    ...elsewhere.rows.map((row) => ({ ...row, type: 'approval-policy.updated' })),
  ];
  for (const { id, type, ...row } of all)
    context.record({ type, targetKind: 'approval-policy', targetId: id, ...row });
}

/** Ids are unique: only a place can be the one that is no more. */
const named = (from: OrganizationRow, into: OrganizationRow) =>
  sql`replace(p.applies::text, ${from.id}::text, ${into.id}::text)::jsonb`;

/** Its state for the trail: no names, also of its steps. */
const unnamed = (alias: 'b' | 'p') =>
  sql`to_jsonb(${sql.raw(alias)}) - 'name' || jsonb_build_object('steps',
    (select coalesce(jsonb_agg(step - 'name'), '[]') from jsonb_array_elements(${sql.ref(`${alias}.steps`)}) step))`;
