import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { passTime } from '../../src/platform/clock.ts';
import { type OperationName, operationNames, operations } from '../../src/server/operations.gen.ts';
import { acts, twinElsewhere } from './acts.ts';
import type { Actor } from './landscape.ts';
import { openStage, type Stage } from './stage.ts';

/** Every ending for every operation: `npm run test:long`. */
const long = process.env.REMIT_TEST_LONG === '1';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

/** A twin that may: who, what and with which moment. */
function twinOf(name: OperationName) {
  const { input, twin } = acts[name] as (typeof acts)['user.list'];
  const things = stage.things[twin.at];
  return {
    actor: stage.actors[twin.by],
    input: () => (twin.input ?? input)(things, stage),
    before: async () => twin.before?.(stage, things),
  };
}

/** How somebody may lose what they had; no sweeper runs after any of these (I20). */
const endings: Record<string, (actor: Actor) => Promise<unknown>> = {
  'their delegation was ended': ({ membershipId }) =>
    sql`update delegation set state = 'ended', ended_at = remit_now() where delegate_membership_id = ${membershipId}`.execute(
      stage.rehearsal.db,
    ),
  'their delegation was paused': ({ membershipId }) =>
    sql`update delegation set state = 'paused' where delegate_membership_id = ${membershipId}`.execute(
      stage.rehearsal.db,
    ),
  'their delegation ran out': async ({ membershipId }) => {
    await sql`update delegation set ends_at = remit_now() + interval '1 minute' where delegate_membership_id = ${membershipId}`.execute(
      stage.rehearsal.db,
    );
    await passTime(stage.rehearsal.db, 60);
  },
  'a link above was ended': ({ membershipId }) =>
    sql`update delegation set state = 'ended', ended_at = remit_now() where id in
      (select parent_id from delegation where delegate_membership_id = ${membershipId}) and delegate_kind <> 'root'`.execute(
      stage.rehearsal.db,
    ),
  'they were suspended': ({ membershipId }) =>
    sql`update membership set state = 'suspended' where id = ${membershipId}`.execute(stage.rehearsal.db),
  'they left': ({ membershipId }) =>
    sql`update membership set state = 'ended', ended_at = remit_now(), ends_at = remit_now() where id = ${membershipId}`.execute(
      stage.rehearsal.db,
    ),
  'their last day passed': async ({ membershipId }) => {
    await sql`update membership set ends_at = remit_now() + interval '1 minute' where id = ${membershipId}`.execute(
      stage.rehearsal.db,
    );
    await passTime(stage.rehearsal.db, 60);
  },
  'their first day was put off': ({ membershipId }) =>
    sql`update membership set starts_at = remit_now() + interval '1 day' where id = ${membershipId}`.execute(
      stage.rehearsal.db,
    ),
  'their organization was suspended': ({ membershipId }) =>
    sql`update organization set state = 'suspended' where id = (select organization_id from membership where id = ${membershipId})`.execute(
      stage.rehearsal.db,
    ),
  'their account was suspended': ({ userId }) =>
    sql`update app_user set state = 'suspended' where id = ${userId}`.execute(stage.rehearsal.db),
  'their session was ended': ({ userId }) =>
    sql`update session set ended_at = remit_now() where user_id = ${userId}`.execute(stage.rehearsal.db),
  'their session ran out': async ({ userId }) => {
    await sql`update session set expires_at = remit_now() + interval '1 minute' where user_id = ${userId}`.execute(
      stage.rehearsal.db,
    );
    await passTime(stage.rehearsal.db, 60);
  },
};

/** Own-account acts need somebody signed in, and no delegation. */
const endsEverything = ['their account was suspended', 'their session was ended', 'their session ran out'];
/** An owner hangs below the root row, which nobody ends. */
const notForOwners = ['a link above was ended'];

/** A third of the endings each, other ones for the next operation: some eighty operations meet every ending. */
const someOf = <One>(list: readonly One[], name: OperationName): One[] => {
  const first = operationNames.indexOf(name);
  return list.filter((_, index) => (index + first) % 3 === 0);
};

/** Acts of ones own that nevertheless use what one may do to others. */
const usesReach: OperationName[] = [
  'request.list',
  'request.read',
  'decision.explain',
  'home.read',
  'request.catalogue',
  'request.create',
];

describe('the next request after an ending is refused (I15, I19, I20)', () => {
  for (const name of operationNames.filter(
    (one) => !twinElsewhere[one] && operations[one].needs !== 'public',
  ))
    it(name, async () => {
      const { actor, input, before } = twinOf(name);
      const own = operations[name].needs === 'self';
      const asked = Object.entries(endings).filter(
        ([what]) =>
          (!own || endsEverything.includes(what)) && (actor.name !== 'owner' || !notForOwners.includes(what)),
      );
      for (const [what, end] of long ? asked : someOf(asked, name)) {
        const { first, after } = await stage.scene(async (act) => {
          await before();
          const given = input();
          const { result } = await stage.rehearsal.attempt(() => act(actor, name, given));
          await end(actor);
          return { first: result, after: await act(actor, name, given) };
        });
        expect(first.ok, `${what}: allowed before: ${JSON.stringify(first).slice(0, 300)}`).toBe(true);
        // A list is answered, with nothing in it, to whoever reaches nothing.
        const nothing = after.ok && /^\{"(items|count)":(\[\]|0)\}$/.test(JSON.stringify(after.output));
        expect(!after.ok || nothing, `${what}: ${JSON.stringify(after).slice(0, 300)}`).toBe(true);
      }
    });

  it('keeps nothing of others in sight of one whose power has ended', async () => {
    for (const name of usesReach)
      for (const [what, end] of Object.entries(endings)) {
        if (endsEverything.includes(what)) continue;
        const { actor, input } = twinOf(name);
        const answer = await stage.scene(async (act) => {
          await end(actor);
          return act(actor, name, input());
        });
        const shown = JSON.stringify(answer);
        const { things } = stage;
        for (const id of [
          things.acmeSouth.requestId,
          things.acmeSouth.membershipId,
          things.acmeNorth.requestId,
        ])
          if (!JSON.stringify(input()).includes(id)) expect(shown, `${name}, ${what}`).not.toContain(id);
        if (['request.read', 'request.create', 'request.catalogue'].includes(name))
          expect(answer.ok, `${name}, ${what}: ${shown.slice(0, 200)}`).toBe(false);
      }
  });
});

describe('an Idempotency-Key (I58)', () => {
  const changing = operationNames.filter(
    (one) =>
      !twinElsewhere[one] && operations[one].effect !== 'reading' && operations[one].needs !== 'public',
  );
  for (const name of changing)
    it(`${name}: one effect, decided anew`, async () => {
      const { actor, input, before } = twinOf(name);
      const key = { idempotencyKey: 'the-same-key' };
      const { first, again, other, later } = await stage.scene(async (act) => {
        await before();
        const given = input();
        const done = await act(actor, name, given, key);
        const events = await countOf('event');
        const { result: replay } = await stage.rehearsal.attempt(() => act(actor, name, given, key));
        const events2 = await countOf('event');
        expect(events2).toBe(events);
        const changed = {
          ...(given as object),
          reason: 'another body',
          name: 'another body',
          title: 'another body',
        };
        const { result: another } = await stage.rehearsal.attempt(() => act(actor, name, changed, key));
        await endings['their delegation was ended']!(actor);
        return { first: done, again: replay, other: another, later: await act(actor, name, given, key) };
      });
      expect(first.ok).toBe(true);
      if (again.ok) expect(again).toEqual(first);
      if (other.ok) expect(other).not.toEqual(first);
      if (operations[name].needs !== 'self')
        expect(later.ok, `replayed after the delegation ended: ${JSON.stringify(later).slice(0, 200)}`).toBe(
          false,
        );
    });

  async function countOf(table: 'event'): Promise<number> {
    const { rows } = await sql<{
      count: number;
    }>`select count(*)::int as count from ${sql.table(table)}`.execute(stage.rehearsal.db);
    return rows[0]!.count;
  }
});
