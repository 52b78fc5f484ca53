import { sql } from 'kysely';
import { z } from 'zod';
import { decide } from '../../authority/decide.ts';
import { loadFacts } from '../../authority/load-facts.ts';
import { inReach } from '../../authority/reach.ts';
import { permissionWords } from '../../authority/words.ts';
import { clientTarget, clientView, readClients } from '../../delegation/clients.ts';
import { type Context, operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { doorAddress } from '../scim/connection/door.ts';
import { readRefused } from '../scim/connection/refused.ts';
import { membershipsNamed } from '../scim/people/identity.ts';

/** Counted to this many; more is said to be more. */
const mostCounted = 1000;
/** Entra asks every 40 minutes, others every hour: a day without a call is no pause. */
const silentHours = 24;

export const scimConnectionRead = operation({
  name: 'scim-connection.read',
  summary:
    'Read how a feed of people (SCIM) is doing: its address, what it may do, its last calls and what was refused.',
  http: 'GET /scim-connections/{clientId}',
  input: z.object({ clientId: z.uuid() }),
  output: z.object({
    client: clientView,
    organization: z.object({ id: z.string(), name: z.string() }),
    address: z.string().describe('What the other side is told to call.'),
    may: z.array(z.string()).describe('What it may do, in words.'),
    health: z
      .enum(['stopped', 'unused', 'silent', 'refused', 'good'])
      .describe(
        '`stopped`: it may do nothing any more, its key or a link above ended. `silent`: no call for a day. `refused`: something was refused in the last day.',
      ),
    changes: z.object({
      lastAt: z.string().nullable(),
      lastDay: z.number().int().describe(`Changes by it in the last 24 hours, counted to ${mostCounted}.`),
    }),
    refusals: z
      .array(
        z.object({
          operation: z.string(),
          status: z.number().int(),
          text: z.string().describe('What it was told.'),
          person: z
            .object({ membershipId: z.string(), name: z.string() })
            .nullable()
            .describe('Whom it was about, where you see them.'),
          times: z.number().int(),
          firstAt: z.string(),
          lastAt: z.string(),
        }),
      )
      .describe('The latest first, at most 20; the same again is counted.'),
  }),
  needs: {
    permission: 'client.configure',
    target: (db, input) => clientTarget(db, input.clientId),
    visibleBy: 'organization.read',
  },
  effect: 'reading',
  run: async (context, { clientId }) => {
    const { db, target } = context;
    const client = (await readClients(db, target.organizationId, clientId))[0]!;
    const { rows } = await sql<{
      name: string;
      keyHash: Buffer;
      permissions: string[];
      lastAt: string | null;
      lastDay: number;
      silent: boolean;
      refused: boolean;
    }>`
      select o.name, c.key_hash as "keyHash",
        coalesce((select array_agg(distinct p.name) from delegation d left join admin_role r on r.id = d.admin_role_id
          cross join lateral unnest(coalesce(r.permissions, d.permissions)) p (name)
          where d.delegate_client_id = c.id and d.state <> 'ended'), '{}') as permissions,
        (select to_char(e.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') from event e
          where e.actor_id = c.id and e.type <> 'attempt.denied' order by e.position desc limit 1) as "lastAt",
        (select count(*)::int from (select e.at, e.type from event e where e.actor_id = c.id order by e.position desc limit ${mostCounted}) e
          where e.at > ${context.at}::timestamptz - interval '1 day' and e.type <> 'attempt.denied') as "lastDay",
        coalesce(c.last_used_at < ${context.at}::timestamptz - make_interval(hours => ${silentHours}), false) as silent,
        exists (select 1 from scim_refusal f where f.client_id = c.id and f.last_at > ${context.at}::timestamptz - interval '1 day') as refused
      from client c join organization o on o.id = c.organization_id where c.id = ${clientId}`.execute(db);
    const { name, keyHash, permissions, silent, refused, ...changes } = rows[0]!;
    const stopped = client.state !== 'active' || (await canDoNothing(context, keyHash));
    return {
      client,
      organization: { id: target.organizationId, name },
      address: doorAddress(context.config, target.organizationId),
      may: permissions.map(permissionWords),
      health: stopped
        ? 'stopped'
        : client.lastUsedAt === null
          ? 'unused'
          : refused
            ? 'refused'
            : silent
              ? 'silent'
              : 'good',
      changes,
      refusals: await withPeople(context, target.organizationId, await readRefused(db, clientId)),
    } as const;
  },
});

/** By the same facts that its next call is decided by. */
async function canDoNothing({ db, target }: Context, keyHash: Buffer): Promise<boolean> {
  const facts = await loadFacts(db, { kind: 'key', keyHash });
  const place = (await organizationTarget(db, target.organizationId))!;
  return decide(facts, 'user.read', place).effect === 'deny';
}

/** @param organizationId whose address the feed calls: what it named is an id there */
async function withPeople<Refused extends { about: string }>(
  context: Context,
  organizationId: string,
  refusals: Refused[],
) {
  const named = await membershipsNamed(
    context.db,
    organizationId,
    refusals.flatMap(({ about }) => about || []),
  );
  const ids = [...named.values()];
  const { rows } = await sql<{ membershipId: string; name: string }>`
    select m.id as "membershipId", u.display_name as name from membership m join app_user u on u.id = m.user_id
    where m.id = any (${ids}::uuid[]) and ${inReach(context.reach('user.read'), sql`m.path`, sql`m.user_id`, sql`m.line`)}`.execute(
    context.db,
  );
  const people = new Map(rows.map((person) => [person.membershipId, person]));
  return refusals.map(({ about, ...refusal }) => ({
    ...refusal,
    person: people.get(named.get(about) ?? '') ?? null,
  }));
}
