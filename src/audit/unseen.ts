import { sql } from 'kysely';
import { decide } from '../authority/decide.ts';
import type { Context } from '../operation/operation.ts';

type State = Record<string, unknown> | null;
type Found = { id: string; kind: string; path: string; userId: string | null; line: string[] | null };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Which ids in the states of events are those of organizations, people or API keys that the reader does not see today: a
 * boundary may lie in their reach with one place and beyond it with another (I06). By one statement.
 */
export async function unseenIds(context: Context, states: readonly State[]): Promise<ReadonlySet<string>> {
  const { actor } = context.facts;
  if (actor.kind === 'operator' || actor.kind === 'system') return new Set();
  const ids = new Set<string>();
  collect(states, ids);
  const { rows } = await sql<Found>`
    with asked (id) as (select unnest(${[...ids]}::uuid[]))
    select o.id, 'organization' as kind, o.path, null::uuid as "userId", null::uuid[] as line from asked a join organization o on o.id = a.id
    union all select m.id, 'person', m.path, m.user_id, m.line from asked a join membership m on m.id = a.id
    union all select u.id, 'person', coalesce(m.path, o.path), u.id, m.line from asked a join app_user u on u.id = a.id
      join organization o on o.id = u.home_organization_id left join membership m on m.user_id = u.id and m.state <> 'ended'
    union all select c.id, 'client', o.path, null, null from asked a join client c on c.id = a.id join organization o on o.id = c.organization_id`.execute(
    context.db,
  );
  const unseen = new Set(rows.map(({ id }) => id));
  for (const row of rows) if (unseen.has(row.id) && sees(context, row)) unseen.delete(row.id);
  return unseen;
}

function sees({ facts }: Context, { id, kind, path, userId, line }: Found): boolean {
  const { actor } = facts;
  if (actor.kind === 'user' && (actor.userId === userId || actor.organizationId === id)) return true;
  if (actor.kind === 'client' && (actor.clientId === id || actor.organizationId === id)) return true;
  const permission = kind === 'organization' ? 'organization.read' : 'user.read';
  const target = { kind, id, organizationId: '', path, off: false };
  const person = { userId: userId ?? undefined, line: line ?? undefined };
  return decide(facts, permission, { ...target, ...person }).effect === 'permit';
}

function collect(value: unknown, ids: Set<string>): void {
  if (typeof value === 'string' && uuid.test(value)) ids.add(value);
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) collect(inner, ids);
}
