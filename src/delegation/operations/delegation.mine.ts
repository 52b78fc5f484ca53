import { sql } from 'kysely';
import { z } from 'zod';
import { chainIn } from '../../authority/chain.ts';
import { stopOf } from '../../authority/delegation.ts';
import { permissionWords } from '../../authority/words.ts';
import { operation } from '../../operation/operation.ts';
import { delegationView, viewDelegations } from '../view.ts';

/** Everything a person has given is theirs to see, but a screen shows so many. */
const mostGiven = 200;

export const delegationMine = operation({
  name: 'delegation.mine',
  summary: 'What may I do, what may I hand out, and what have I passed on',
  http: 'GET /me/delegations',
  input: z.object({}),
  output: z.object({
    received: z.array(delegationView),
    given: z.array(delegationView),
    mayDo: z.array(z.string()).describe('In words, over all that is in force.'),
  }),
  needs: 'self',
  effect: 'reading',
  run: async (context) => {
    const user = context.user();
    // Through a relation, too.
    const held = context.facts.held.map(({ id }) => id);
    const { rows } = await sql<{ id: string; own: boolean }>`
      (select id, true as own from delegation where state <> 'ended'
        and (delegate_membership_id = ${user.membershipId} or id = any (${held}::uuid[])) order by id)
      union all
      (select id, false from delegation where giver_user_id = ${user.userId} and state <> 'ended'
        and chain && ${held}::uuid[] and not id = any (${held}::uuid[]) order by id desc limit ${mostGiven})`.execute(
      context.db,
    );
    const views = await viewDelegations(
      context.db,
      context.facts,
      rows.map(({ id }) => id),
    );
    const own = new Set(rows.filter((row) => row.own).map(({ id }) => id));
    const chains = context.facts.held
      .map((link) => chainIn(context.facts, link))
      .filter((chain) => !stopOf(chain, context.at));
    const given = chains.flatMap((chain) =>
      chain[0]!.permissions.filter((name) => chain.every((link) => link.permissions.includes(name))),
    );
    return {
      received: views.filter(({ id }) => own.has(id)),
      given: views.filter(({ id }) => !own.has(id)),
      mayDo: context.facts.noStanding ? [] : [...new Set(given)].map(permissionWords),
    };
  },
});
