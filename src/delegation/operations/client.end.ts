import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { requireAboveClient } from '../above-client.ts';
import { clientTarget, clientView, readClients } from '../clients.ts';

export const clientEnd = operation({
  name: 'client.end',
  summary: 'End an API key; its next request is refused',
  http: 'POST /clients/{clientId}/end',
  input: z.object({ clientId: z.uuid() }),
  output: clientView,
  needs: {
    permission: 'client.configure',
    target: (db, input) => clientTarget(db, input.clientId),
    visibleBy: 'organization.read',
  },
  effect: 'ending',
  events: ['client.ended', 'delegation.ended'],
  run: async (context, input) => {
    const { rows } = await sql<{
      state: string;
      version: number;
    }>`select state, version from client where id = ${input.clientId} for update`.execute(context.db);
    if (rows[0]!.state === 'ended') throw refuse('delegation.ended');
    context.checkVersion(rows[0]!.version);
    await requireAboveClient(context, input.clientId);
    const place = { organizationId: context.target.organizationId, path: context.target.path };
    const { rows: changed } = await sql<{ before: Record<string, unknown>; after: Record<string, unknown> }>`
      with before as (select c.id, to_jsonb(c) - '{key_hash,key_hint,name}'::text[] as state from client c where c.id = ${input.clientId})
      update client c set state = 'ended', ended_at = ${context.at}, version = c.version + 1 from before b where c.id = b.id
      returning b.state as before, to_jsonb(c) - '{key_hash,key_hint,name}'::text[] as after`.execute(
      context.db,
    );
    context.record({
      type: 'client.ended',
      targetKind: 'client',
      targetId: input.clientId,
      ...place,
      ...changed[0]!,
    });
    const { rows: ended } = await sql<{
      id: string;
      before: Record<string, unknown>;
      after: Record<string, unknown>;
    }>`
      with before as (select d.id, to_jsonb(d) - 'reason' as state from delegation d
        where d.delegate_client_id = ${input.clientId} and d.state <> 'ended' for no key update)
      update delegation d set state = 'ended', ended_at = ${context.at}, version = d.version + 1,
        ended_by = ${context.actor.kind === 'user' ? context.actor.userId : null}::uuid
      from before b where b.id = d.id returning d.id, b.state as before, to_jsonb(d) - 'reason' as after`.execute(
      context.db,
    );
    for (const link of ended)
      context.record({
        type: 'delegation.ended',
        targetKind: 'delegation',
        targetId: link.id,
        ...place,
        before: link.before,
        after: link.after,
      });
    return (await readClients(context.db, place.organizationId, input.clientId))[0]!;
  },
});
