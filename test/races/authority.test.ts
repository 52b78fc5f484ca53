import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { explore, type Race, schedules, type Variant } from './explore.ts';
import { type As, makeStage, type Partner, type Stage } from './stage.ts';

/** Authority that ends while it is used: real PostgreSQL, several pools, orders chosen by a seed. */
let stage: Stage;
beforeAll(async () => {
  stage = await makeStage();
});
afterAll(() => stage.close());

const owner = () => stage.world.people.owner;

/** How many of these events of the partner come after the first of those. */
async function after(partner: Partner, late: string[], first: string[]): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with here as (select position, type from event where path >= ${partner.top.path} and path < ${`${partner.top.path}/`})
    select count(*)::int as count from here where type = any (${late}::text[])
      and position > (select min(position) from here where type = any (${first}::text[]))`.execute(
    stage.world.db,
  );
  return rows[0]!.count;
}

const grant = (as: As, { people }: Partner, by: 'ann' | 'bob', to: 'cem' | 'dot' | 'eva') =>
  as(people[by], 'assignment.grant', {
    membershipIds: [people[to].membershipId],
    entitlementIds: [stage.world.entitlements.partsBuyer],
  }).then(({ results }) => {
    const [result] = results;
    if (!result?.ok) throw Object.assign(new Error(), { name: 'Refusal', code: result?.refusal?.code });
  });

async function given({ people }: Partner): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select membership_id as id from assignment where state = 'active'
      and membership_id = any (${Object.values(people).map(({ membershipId }) => membershipId)}::uuid[])`.execute(
    stage.world.db,
  );
  return Object.entries(people)
    .filter(([, { membershipId }]) => rows.some(({ id }) => id === membershipId))
    .map(([name]) => name);
}

const endings: Record<string, { events: string[]; end: (as: As, partner: Partner) => Promise<unknown> }> = {
  'the delegation ended': {
    events: ['delegation.ended'],
    end: (as, { delegations }) => as(owner(), 'delegation.end', { delegationId: delegations.ann }),
  },
  'the delegation paused': {
    events: ['delegation.paused'],
    end: (as, { delegations }) => as(owner(), 'delegation.pause', { delegationId: delegations.ann }),
  },
  'the delegation narrowed': {
    events: ['delegation.narrowed'],
    end: (as, { delegations }) =>
      as(owner(), 'delegation.narrow', { delegationId: delegations.ann, permissions: ['user.read'] }),
  },
  'what may be handed out ended': {
    events: ['delegation.ended'],
    end: (as, { delegations }) => as(owner(), 'delegation.end', { delegationId: delegations.standing }),
  },
  'the manager suspended': {
    events: ['membership.suspended'],
    end: (as, { people }) => as(people.bob, 'membership.suspend', { membershipId: people.ann.membershipId }),
  },
  'the manager ended': {
    events: ['membership.ended'],
    end: (as, { people }) => as(people.bob, 'membership.end', { membershipId: people.ann.membershipId }),
  },
};

it('gives nothing after the right has ended (grant against revoke: I14, I15)', async () => {
  const variants = Object.entries(endings).map(
    ([name, { events, end }]): Variant => ({
      name,
      race: async (_, partner): Promise<Race> => ({
        acts: [
          (as) => end(as, partner),
          (as) => grant(as, partner, 'ann', 'cem'),
          (as) => grant(as, partner, 'ann', 'dot'),
        ],
        state: () => given(partner),
        law: async (answers) => {
          expect(answers[0]).toBe('ok');
          expect(await after(partner, ['assignment.given'], events)).toBe(0);
        },
      }),
    }),
  );
  const seen = await explore(stage, variants, schedules(200));
  // Both orders were met of each.
  expect(seen.size).toBeGreaterThanOrEqual(variants.length * 2);
});

it('leaves somebody who can look after the place (managers who remove each other: I38)', async () => {
  const removals = {
    end: (as: As, { people }: Partner, by: 'ann' | 'bob', whom: 'ann' | 'bob') =>
      as(people[by], 'membership.end', { membershipId: people[whom].membershipId }),
    suspend: (as: As, { people }: Partner, by: 'ann' | 'bob', whom: 'ann' | 'bob') =>
      as(people[by], 'membership.suspend', { membershipId: people[whom].membershipId }),
    'end the link of': (as: As, { delegations }: Partner, _: string, whom: 'ann' | 'bob') =>
      as(owner(), 'delegation.end', { delegationId: delegations[whom] }),
    resign: (as: As, { people, delegations }: Partner, by: 'ann' | 'bob', whom: 'ann' | 'bob') =>
      as(people[by === 'ann' ? 'bob' : 'ann'], 'delegation.resign', { delegationId: delegations[whom] }),
  };
  const kinds = Object.entries(removals);
  const variants = kinds.flatMap(([one, first]) =>
    kinds.map(
      ([other, second]): Variant => ({
        name: `${one} and ${other}`,
        race: async (_, partner): Promise<Race> => {
          const able = async (): Promise<number> => {
            const { rows } = await sql<{ count: number }>`
              select count(*)::int as count from delegation d join membership m on m.id = d.delegate_membership_id
              where d.id in (${partner.delegations.ann}, ${partner.delegations.bob}) and d.state = 'active' and m.state = 'active'`.execute(
              stage.world.db,
            );
            return rows[0]!.count;
          };
          return {
            acts: [(as) => first(as, partner, 'ann', 'bob'), (as) => second(as, partner, 'bob', 'ann')],
            state: able,
            law: async (answers) => {
              // Whoever ends a link from above holds one above it, and looks after the place from there.
              const above = [one, other].some(
                (kind, index) => kind.includes('link') && answers[index] === 'ok',
              );
              expect((await able()) + (above ? 1 : 0)).toBeGreaterThan(0);
            },
          };
        },
      }),
    ),
  );
  await explore(stage, variants, schedules(160));
});

it('lets nobody pass on after they have left (leaver against pass-on: I01, I14)', async () => {
  const { world } = stage;
  const appoint = (as: As, { people, top }: Partner, to: 'cem' | 'dot') =>
    as(people.ann, 'delegation.create', {
      organizationId: top.id,
      delegate: { membershipId: people[to].membershipId },
      adminRoleId: adminRoleId('help-desk'),
      reason: '',
    });
  const variants = (['the manager ended', 'the delegation ended', 'the delegation narrowed'] as const).map(
    (name): Variant => ({
      name,
      race: async (_, partner): Promise<Race> => {
        const made = async (): Promise<number> => {
          const { rows } = await sql<{ count: number }>`
            select count(*)::int as count from delegation where parent_id = ${partner.delegations.ann} and state = 'active'`.execute(
            world.db,
          );
          return rows[0]!.count;
        };
        const { end, events } = endings[name]!;
        return {
          acts: [
            (as) => end(as, partner),
            (as) => appoint(as, partner, 'cem'),
            (as) => appoint(as, partner, 'dot'),
          ],
          state: made,
          law: async () => {
            expect(await after(partner, ['delegation.created'], events)).toBe(0);
          },
        };
      },
    }),
  );
  await explore(stage, variants, schedules(150));
});
