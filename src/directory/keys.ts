import { sql } from 'kysely';
import { chainIn } from '../authority/chain.ts';
import { missingFrom } from '../authority/decide.ts';
import type { Chain, Target } from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';
import { inReach } from '../authority/reach.ts';
import { type Context, userOf } from '../operation/operation.ts';
import { unended } from './leaving.ts';

export const keyEvents = ['client.ended', 'delegation.ended'] as const;

/** An API key that a member made: it goes on working when they leave, unless it is ended too. */
export type Key = {
  clientId: string;
  name: string;
  organizationName: string;
  /** the actor holds a delegation above it */
  mayEnd: boolean;
};

type Row = Omit<Key, 'mayEnd'> & {
  chain: string[] | null;
  organizationId: string;
  path: string;
  off: boolean;
};
type Found = Row & { because: Chain | undefined };

/** The keys in force that somebody made in this membership, those of organizations whose keys the actor sees. */
export async function keysOf(context: Context, membershipId: string): Promise<Key[]> {
  return (await findKeys(context, membershipId)).map(({ clientId, name, organizationName, because }) => ({
    clientId,
    name,
    organizationName,
    mayEnd: because !== undefined,
  }));
}

async function findKeys(context: Context, membershipId: string): Promise<Found[]> {
  const { rows } = await sql<Row>`
    select c.id as "clientId", c.name, o.name as "organizationName", o.id as "organizationId", o.path, place_is_off(o.path) as off, d.chain
    from membership m join client c on c.created_by = m.user_id join organization o on o.id = c.organization_id
    left join lateral (
      select d.* from delegation d where d.delegate_client_id = c.id and d.delegate_kind = 'client' order by d.id desc limit 1) d on true
    where m.id = ${membershipId} and c.state = 'active' and c.ends_at > ${context.at}
      and (d.id is null or d.giver_membership_id = m.id or d.giver_membership_id is null
        and exists (select 1 from delegation g where g.id in (d.giver_delegation_id, d.parent_id) and g.delegate_membership_id = m.id))
      and ${inReach(context.reach('client.configure'), sql`o.path`)}
    order by o.path, c.name, c.id`.execute(context.db);
  return rows.map((row) => ({ ...row, because: aboveKey(context.facts, row) }));
}

/** A key is ended as the delegation that it is: from above, where keys are looked after. */
function aboveKey(facts: Facts, { chain, clientId, organizationId, path, off }: Row): Chain | undefined {
  const target: Target = { kind: 'client', id: clientId, organizationId, path, off };
  for (const held of facts.held) {
    if (!chain?.includes(held.id)) continue;
    const mine = chainIn(facts, held);
    if (
      ['delegation.end', 'client.configure'].every(
        (name) => !missingFrom(mine, name as 'delegation.end', target, facts),
      )
    )
      return mine;
  }
  return undefined;
}

/** Ends those of a leaver's keys that the actor may, with what each may do. */
export async function endKeysOf(context: Context, membershipId: string): Promise<void> {
  const mine = (await findKeys(context, membershipId)).filter(({ because }) => because);
  if (mine.length === 0) return;
  const ids = mine.map(({ clientId }) => clientId);
  const { rows: keys } = await sql<{ id: string; after: Record<string, unknown> }>`
    update client c set state = 'ended', ended_at = ${context.at}, version = c.version + 1 where c.id = any (${ids}::uuid[])
    returning c.id, to_jsonb(c) - '{key_hash,key_hint,name}'::text[] as after`.execute(context.db);
  const { rows: links } = await sql<{
    id: string;
    clientId: string;
    was: string;
    after: Record<string, unknown>;
  }>`
    with before as (select d.id, d.state from delegation d where d.delegate_client_id = any (${ids}::uuid[]) and d.state <> 'ended' for no key update)
    update delegation d set state = 'ended', ended_at = ${context.at}, ended_by = ${userOf(context)?.userId ?? null}::uuid, version = d.version + 1
    from before b where b.id = d.id returning d.id, d.delegate_client_id as "clientId", b.state as was, to_jsonb(d) - 'reason' as after`.execute(
    context.db,
  );
  for (const { clientId, organizationId, path, because } of mine) {
    const after = keys.find(({ id }) => id === clientId)!.after;
    const at = { organizationId, path, because: because! };
    context.record({
      type: 'client.ended',
      targetKind: 'client',
      targetId: clientId,
      ...at,
      before: unended(after, 'active'),
      after,
    });
    for (const link of links.filter((one) => one.clientId === clientId))
      context.record({
        type: 'delegation.ended',
        targetKind: 'delegation',
        targetId: link.id,
        ...at,
        before: unended(link.after, link.was),
        after: link.after,
      });
  }
}
