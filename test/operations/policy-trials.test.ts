import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
import { apart } from '../harness/separation.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

/** A dry run says what the request itself would get: both come from the one rule of approving by rule (ruling 8). */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const member = (person: PersonName) => world.people[person].membershipId;
type Role = 'partsBuyer' | 'partsViewer' | 'notesReader';

/** What makes the one who saves the policy no second person to whoever asks. */
const ties = {
  invited: (asker: PersonName, saver: PersonName) => happened('membership.created', asker, saver),
  enrolled: (asker: PersonName, saver: PersonName) => happened('user.created', asker, saver),
  reset: (asker: PersonName, saver: PersonName) => happened('credential.reset', asker, saver),
  'named deputy': async (asker: PersonName, saver: PersonName) => {
    await sql`
      insert into delegation (id, kind, giver_user_id, giver_membership_id, delegate_kind, delegate_user_id, delegate_membership_id,
        permissions, scope, place_paths, entitlements, starts_at, ends_at, may_pass_on, reason)
      values (${newId()}, 'approve', ${world.people[asker].userId}, ${member(asker)}, 'user', ${world.people[saver].userId},
        ${member(saver)}, '{request.decide}', ${JSON.stringify([{ places: [{ id: world.organizations.root.id, path: 'r', below: true }] }])}::jsonb,
        '{r}', '{"all":true}', remit_now() - interval '1 day', remit_now() + interval '1 day', 0, '')`.execute(
      world.db,
    );
  },
  'named to decide': async (asker: PersonName, saver: PersonName) => {
    await sql`
      update delegation set giver_user_id = ${world.people[asker].userId}
      where delegate_membership_id = ${member(saver)} and kind = 'administer'`.execute(world.db);
  },
} as const;

async function happened(type: string, by: PersonName, to: PersonName): Promise<void> {
  const { userId } = world.people[to];
  await sql`
    insert into event (id, type, operation, actor_kind, actor_id, organization_id, path, target_kind, target_id, subject_id)
    values (${newId()}, ${type}, 'test', 'user', ${world.people[by].userId}, ${world.organizations.acmeNorth.id},
      ${world.organizations.acmeNorth.path}, 'user', ${userId}, ${userId})`.execute(world.db);
}

type Case = { asker: PersonName; forWhom: PersonName; role: Role; saver: PersonName };

const place = () => world.organizations.acmeNorth.id;
const save = ({ saver }: Pick<Case, 'saver'>) =>
  world.as(saver, 'approval-policy.create', {
    organizationId: place(),
    name: 'At once',
    applies: {},
    steps: [],
  });
const ask = ({ asker, forWhom, role }: Case) =>
  world.as(asker, 'request.create', {
    entitlementId: world.entitlements[role],
    membershipId: member(forWhom),
  });
const dryRun = async ({ saver }: Case, requestId: string, policyId?: string): Promise<boolean> => {
  const { steps } = await world.as(saver, 'approval-policy.try', {
    organizationId: place(),
    ...(policyId ? { policyId } : {}),
    applies: {},
    steps: [],
    requestId,
  });
  return steps[0]!.automatic;
};

/** The dry run on one that waits, then the same asked for with the policy saved. */
async function bothWays(one: Case): Promise<{ dry: boolean; real: boolean }> {
  const waiting = await ask(one);
  expect(waiting.state).toBe('open');
  const dry = await dryRun(one, waiting.requestId);
  await world.as(one.asker, 'request.withdraw', { requestId: waiting.requestId });
  const { id: policyId } = await save(one);
  const asked = await ask(one);
  const real = asked.state === 'approved';
  // Of a policy that is saved the dry run says the same, also of what it has approved.
  expect(await dryRun(one, asked.requestId, policyId)).toBe(real);
  await world.as(one.saver, 'approval-policy.retire', { policyId });
  if (real)
    await sql`update assignment set state = 'ended', ended_at = remit_now() where request_id = ${asked.requestId}`.execute(
      world.db,
    );
  else await world.as(one.asker, 'request.withdraw', { requestId: asked.requestId });
  return { dry, real };
}

const savers = ['northManager', 'acmeManager'] as const;
const whom = [
  ['acmePeer', 'siteMember'],
  ['acmePeer', 'northManager'],
  ['northMember', 'northMember'],
  ['northManager', 'northManager'],
] as const;
const cases: Case[] = whom.flatMap(([asker, forWhom]) =>
  (['partsBuyer', 'notesReader'] as const).flatMap((role) =>
    savers.map((saver) => ({ asker, forWhom, role, saver })),
  ),
);

describe('a dry run of a policy without steps', () => {
  it('says what asking does, whoever asks for whom and for what', async () => {
    const outcomes = { approved: 0, asked: 0 };
    for (const one of cases) {
      const { dry, real } = await bothWays(one);
      expect({ ...one, atOnce: dry }).toEqual({ ...one, atOnce: real });
      outcomes[real ? 'approved' : 'asked'] += 1;
    }
    expect(outcomes).toEqual({ approved: 10, asked: 6 });
  });

  it.each(Object.keys(ties) as (keyof typeof ties)[])(
    'asks people where whoever saves it is no second person: %s by the asker',
    async (tie) => {
      for (const saver of savers) {
        const one: Case = { asker: 'acmePeer', forWhom: 'siteMember', role: 'partsBuyer', saver };
        await ties[tie](one.asker, saver);
        expect(await bothWays(one)).toEqual({ dry: false, real: false });
      }
    },
  );

  it('tries the giving itself, and leaves nothing of it: what would break a separation is asked of people', async () => {
    await apart(world, ['partsBuyer', 'partsViewer'], { at: 'acme', by: 'acmeManager' });
    const asker = 'northMember';
    const one: Case = { asker, forWhom: asker, role: 'partsBuyer', saver: 'acmeManager' };
    const { requestId } = await ask(one);
    expect(await dryRun(one, requestId)).toBe(true);
    await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [member(asker)],
      entitlementIds: [world.entitlements.partsViewer],
    });
    const counted = async () =>
      (await sql`select id::text from event union all select id::text from assignment`.execute(world.db)).rows
        .length;
    const before = await counted();
    expect(await dryRun(one, requestId)).toBe(false);
    const fits = await ask({ ...one, role: 'notesReader' });
    const later = await counted();
    expect(await dryRun(one, fits.requestId)).toBe(true);
    expect(later).toBe(before + 1);
    expect(await counted()).toBe(later);
  });

  it('answers as the policy that comes first would, of several', async () => {
    const one: Case = {
      asker: 'acmePeer',
      forWhom: 'siteMember',
      role: 'notesReader',
      saver: 'northManager',
    };
    const { requestId } = await ask(one);
    // Made first and the manager may give it; then one of somebody who may not, which comes after it.
    await world.as('acmeManager', 'approval-policy.create', {
      organizationId: place(),
      name: 'Zebra',
      applies: {},
      steps: [],
    });
    expect(await dryRun(one, requestId)).toBe(true);
    await world.as('acmePeer', 'request.withdraw', { requestId });
    await save(one);
    expect(await ask(one)).toMatchObject({ state: 'approved' });
  });
});
