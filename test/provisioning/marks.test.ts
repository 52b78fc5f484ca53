import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mark } from '../../src/provisioning/sending/marks.ts';
import { liveTargets } from '../../src/provisioning/store.ts';
import { look, seeingOf } from '../../src/provisioning/wanted/look.ts';
import type { Input } from '../../src/server/operations.gen.ts';
import { testConnector } from '../connectors/failing-target.ts';
import { makeStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await makeStage();
});
afterAll(async () => {
  await stage?.close();
});

/** A fixed row of numbers: the same acts in each run. */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What is written down of everybody, against what a look at all of them at once says. */
async function forgotten(targetId: string): Promise<string[]> {
  const { db } = stage.world;
  const [target] = await liveTargets(db, targetId);
  const people = Object.values(stage.world.people);
  const ids = people.map(({ userId }) => userId);
  const { looks } = await look(db, await seeingOf(db, target!, testConnector), ids, new Map());
  const { rows } = await sql<{ userId: string; wanted: string; digest: string; next: Date | null }>`
    select user_id as "userId", wanted, wanted_digest as digest, next_change_at as next from account where target_id = ${targetId}`.execute(
    db,
  );
  const noted = new Map(rows.map((row) => [row.userId, row]));
  return people.flatMap(({ userId, name }) => {
    const should = looks.get(userId)!;
    const row = noted.get(userId);
    const wanted = row?.wanted ?? 'none';
    const instant = (at: Date | null | undefined): number | null => at?.getTime() ?? null;
    return wanted === should.wanted &&
      (wanted === 'none' ||
        (row!.digest === should.whole && instant(row!.next) === instant(should.desired.nextChangeAt)))
      ? []
      : [`${name}: ${wanted}, should be ${should.wanted}`];
  });
}

describe('marks', () => {
  it('cover whoever should have something else after any act', async () => {
    const { world } = stage;
    // Nothing is sent: what is written down is what the marks alone brought about.
    const targetId = await stage.connect({
      at: 'root',
      state: 'paused',
      roles: [
        ['partsViewer', 'viewers'],
        ['notesReader', 'readers'],
      ],
    });
    await stage.markAll();
    const chance = chances(20261122);
    const pick = <T>(some: readonly T[]): T => some[Math.floor(chance() * some.length)]!;
    const members = ['acmeMember', 'northMember', 'siteMember', 'southMember', 'acme2Member'] as const;
    const roles = ['partsViewer', 'notesReader'] as const;
    const given: string[] = [];
    const paused: string[] = [];
    const acts: Record<string, () => Promise<unknown>> = {
      grant: async () => {
        const input: Input<'assignment.grant'> = {
          membershipIds: [world.people[pick(members)].membershipId],
          entitlementIds: [world.entitlements[pick(roles)]],
        };
        await stage.as('owner', 'assignment.grant', input);
        // Access just given begins ten seconds later.
        await sql`update assignment set starts_at = '-infinity' where state = 'active' and starts_at > remit_now()`.execute(
          world.db,
        );
        const { rows } = await sql<{ id: string }>`select id from assignment where state = 'active'`.execute(
          world.db,
        );
        given.push(...rows.map(({ id }) => id));
        await mark(world.db, { assignments: rows.map(({ id }) => id) });
      },
      end: () => stage.as('owner', 'assignment.end', { assignmentId: pick(given) }),
      suspend: () =>
        stage.as('owner', 'membership.suspend', { membershipId: world.people[pick(members)].membershipId }),
      resume: () =>
        stage.as('owner', 'membership.resume', { membershipId: world.people[pick(members)].membershipId }),
      title: () =>
        stage.as('owner', 'membership.update', {
          membershipId: world.people[pick(members)].membershipId,
          title: `title ${Math.floor(chance() * 3)}`,
        }),
      lastDay: () =>
        stage.as('owner', 'membership.update', {
          membershipId: world.people[pick(members)].membershipId,
          lastDay: pick([null, '2030-01-31', '2031-01-31']),
        }),
      closeFor: () =>
        stage.as('owner', 'organization.suspend', {
          organizationId: world.organizations[pick(['acme', 'acmeNorth', 'acme2'] as const)].id,
        }),
      open: () =>
        stage.as('owner', 'organization.resume', {
          organizationId: world.organizations[pick(['acme', 'acmeNorth', 'acme2'] as const)].id,
        }),
      pause: async () => {
        const delegationId = pick([world.delegations.acmeStanding, world.delegations.acme2Standing]);
        await stage.as('owner', 'delegation.pause', { delegationId });
        paused.push(delegationId);
      },
      go: () => stage.as('owner', 'delegation.resume', { delegationId: pick(paused) }),
    };
    const done: string[] = [];
    for (let n = 0; n < 45; n += 1) {
      const name = n < 8 ? 'grant' : pick(Object.keys(acts));
      try {
        await acts[name]!();
      } catch (error) {
        // What may not be done now, or was done, changes nothing.
        const { name: kind, code } = error as { name: string; code?: string };
        if (kind !== 'Refusal' || code === 'input.invalid') throw error;
        continue;
      }
      done.push(name);
      await stage.markAll();
      expect(await forgotten(targetId), done.join(', ')).toEqual([]);
    }
    expect(new Set(done).size).toBeGreaterThanOrEqual(8);
  });

  it('are not written where nothing is connected', async () => {
    const { world } = stage;
    await sql`update target set state = 'retired'`.execute(world.db);
    const { membershipId } = world.people.rootMember;
    await stage.as('owner', 'membership.update', { membershipId, title: 'nobody minds' });
    const { rows } = await sql`select 1 from mark`.execute(world.db);
    expect(rows).toEqual([]);
  });
});
