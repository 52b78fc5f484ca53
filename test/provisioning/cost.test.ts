import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimDue } from '../../src/provisioning/sending/queue.ts';
import { sendDue } from '../../src/provisioning/sending/sending.ts';
import { makeStage, type Stage } from './stage.ts';

type Statement = { text: string; values: unknown[] };
const tape: Statement[] = [];
const { query } = pg.Client.prototype;

let stage: Stage;
beforeAll(async () => {
  stage = await makeStage();
  // biome-ignore lint/suspicious/noExplicitAny: pg's overloads, handed on as they are
  pg.Client.prototype.query = function (this: pg.Client, ...given: any[]): any {
    const [one, values] = given;
    tape.push({ text: typeof one === 'string' ? one : one.text, values: one.values ?? values });
    return (query as never as (...all: unknown[]) => unknown).apply(this, given);
  };
});
afterAll(async () => {
  pg.Client.prototype.query = query;
  await stage?.close();
});

const someone = [
  'acmeMember',
  'northMember',
  'siteMember',
  'southMember',
  'acmePeer',
  'acmeManager',
] as const;

describe('what sending asks of the database', () => {
  it('is a statement more for an account at most, and reads no accounts that are not due', async () => {
    const { world, remote } = stage;
    const targetId = await stage.connect();
    await stage.settleAll(targetId);
    // A target with many accounts at which nothing is to be done.
    await sql`with made as (
        insert into app_user (id, home_organization_id, display_name)
        select gen_random_uuid(), ${world.organizations.acme.id}, 'Somebody ' || n from generate_series(1, 10000) n returning id)
      insert into account (id, target_id, user_id, correlation, external_id, stands, wanted, done_generation)
      select gen_random_uuid(), ${targetId}, id, id::text, 'x' || id, 'enabled', 'enabled', 1 from made`.execute(
      world.db,
    );
    await sql`analyze account`.execute(world.db);
    const send = async (people: readonly (typeof someone)[number][]): Promise<number> => {
      for (const one of people) await stage.give(one);
      await stage.markAll();
      tape.length = 0;
      await sendDue(stage.sending, targetId);
      return tape.length;
    };
    const one = await send(someone.slice(0, 1));
    const more = await send(someone.slice(1));
    expect(remote.there.size).toBe(someone.length);
    // Claimed, looked at and ended together; what came of calls is written with what else has come by then.
    expect(more - one).toBeLessThan(someone.length - 1);
    expect(one).toBeLessThan(45);

    // So many wait for a person's word that something is taken from them, and others that they are called something else.
    await sql`update account set takes = user_id::text < '8', due_at = case when user_id::text < '8' then remit_now() - interval '1 hour' end,
        changes_to = case when user_id::text >= '8' then 'x' end, held_at = case when user_id::text >= '8' then remit_now() end
      where target_id = ${targetId} and external_id like 'x%'`.execute(world.db);
    await sql`vacuum analyze account`.execute(world.db);
    await sql`update account set due_at = remit_now() where target_id = ${targetId} and stands = 'enabled' and external_id not like 'x%'`.execute(
      world.db,
    );
    tape.length = 0;
    expect((await claimDue(world.db, targetId))!.accounts).toHaveLength(someone.length);
    const claim = tape.find(({ text }) => text.includes('with free as'))!;
    await sql`update account set due_at = remit_now(), leased_until = null where leased_until is not null`.execute(
      world.db,
    );
    await sql`update target set batch_until = null where id = ${targetId}`.execute(world.db);
    const client = new pg.Client(world.url);
    await client.connect();
    try {
      await client.query('begin');
      const { rows } = await client.query(
        `explain (analyze, buffers, format json) ${claim.text}`,
        claim.values,
      );
      await client.query('rollback');
      const [{ Plan: plan }] = rows[0]['QUERY PLAN'];
      expect(plan['Actual Rows']).toBe(1);
      // 10,000 accounts stand on some 400 pages alone; those that wait are in no index that is read.
      expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).toBeLessThan(300);
    } finally {
      await client.end();
    }
  });
});
