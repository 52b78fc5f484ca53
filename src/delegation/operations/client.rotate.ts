import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import { requireHoldsAboveClient } from '../above-client.ts';
import { clientState, clientTarget, clientView, newKey, readClients } from '../clients.ts';

/** Long enough for somebody to change it at the other end tomorrow morning. */
const besideHours = 24;

export const clientRotate = operation({
  name: 'client.rotate',
  summary: 'Give an API key a new key; for a day the one of before works beside it',
  http: 'POST /clients/{clientId}/rotate',
  input: z.object({
    clientId: z.uuid(),
    atOnce: z
      .boolean()
      .default(false)
      .describe('The old one is known to somebody: it does nothing any more.'),
  }),
  output: clientView.extend({ key: z.string().describe('Shown this once.') }),
  needs: {
    permission: 'client.configure',
    target: (db, input) => clientTarget(db, input.clientId),
    visibleBy: 'organization.read',
  },
  // Also where the old one goes on: the one before that does not.
  effect: 'ending',
  events: ['client.rotated'],
  secretOutput: true,
  run: async (context, { clientId, atOnce }) => {
    const { db, at, target } = context;
    const { rows } = await sql<{
      state: string;
      version: number;
      hash: Buffer | null;
      over: boolean;
      name: string;
    }>`
      select state, version, key_hash as hash, ends_at <= ${at} as over, name from client where id = ${clientId} for update`.execute(
      db,
    );
    const [client] = rows;
    if (client!.state === 'ended' || client!.over) throw refuse('delegation.ended');
    context.checkVersion(client!.version);
    await requireHoldsAboveClient(context, clientId);
    const before = await clientState(db, clientId);
    const { key, hash, hint } = newKey();
    await sql`delete from client_former_key where client_id = ${clientId}`.execute(db);
    if (!atOnce && client!.hash)
      await sql`insert into client_former_key (client_id, key_hash, until)
        values (${clientId}, ${client!.hash}, ${at}::timestamptz + make_interval(hours => ${besideHours}))`.execute(
        db,
      );
    await sql`update client set key_hash = ${hash}, key_hint = ${hint}, key_made_at = ${at}, version = version + 1
      where id = ${clientId}`.execute(db);
    const place = { organizationId: target.organizationId, path: target.path };
    context.record({
      type: 'client.rotated',
      targetKind: 'client',
      targetId: clientId,
      ...place,
      before,
      after: { ...(await clientState(db, clientId)), atOnce },
      personal: { name: client!.name },
    });
    return { ...(await readClients(db, place.organizationId, clientId))[0]!, key };
  },
});
