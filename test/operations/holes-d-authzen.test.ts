import { Kysely, PostgresDialect, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashKey } from '../../src/delegation/clients.ts';
import { type Call, run } from '../../src/operation/pipeline.ts';
import { openDatabase } from '../../src/platform/database.ts';
import type { DB } from '../../src/platform/schema.gen.ts';
import { operations } from '../../src/server/operations.gen.ts';
import { makeWorld, type World } from '../harness/world.ts';

/** Questions of applications that cost, kept or told more than they should. */
let world: World;
let asker: Pick<Call, 'credential'>;
beforeAll(async () => {
  world = await makeWorld();
  const { key } = await world.as('owner', 'client.create', {
    organizationId: world.organizations.acme.id,
    name: 'Asks',
    permissions: ['decision.ask', 'decision.search'],
    entitlements: { applicationIds: [world.applications.parts], entitlementIds: [] },
  });
  asker = { credential: { kind: 'key', keyHash: hashKey(key) } };
  await world.as('owner', 'assignment.grant', {
    organizationId: world.organizations.acme.id,
    entitlementIds: [world.entitlements.partsViewer],
  } as never);
  // What a manager gives waits ten seconds.
  await sql`update assignment set starts_at = '-infinity'`.execute(world.db);
});
afterAll(() => world.close());

const viewers = (properties?: Record<string, unknown>, page?: { limit?: number; token?: string }) =>
  world.as(
    'owner',
    'decision.search-subjects',
    {
      subject: { type: 'user', ...(properties ? { properties } : {}) },
      action: { name: 'viewer' },
      resource: { type: 'application', id: world.applications.parts },
      ...(page ? { page } : {}),
    },
    asker,
  );

describe('a search', () => {
  it('neither says again nor keeps what the asker says besides about people (I59)', async () => {
    const organizationId = world.organizations.acmeNorth.id;
    const said = { organizationId, note: 'x'.repeat(100_000) };
    const { results } = await viewers(said);
    expect(results.length).toBeGreaterThan(1);
    for (const { properties } of results) expect(properties).toEqual({ organizationId });
    const { rows } = await sql<{ question: { subject: unknown } }>`
      select personal -> 'question' as question from event where type = 'decision.searched' order by position desc limit 1`.execute(
      world.db,
    );
    expect(rows[0]!.question.subject).toEqual({ type: 'user', properties: { organizationId } });
  });

  it('refuses a page token that was altered, and goes on with one that was not', async () => {
    const { page } = await viewers(undefined, { limit: 1 });
    const next = await viewers(undefined, { limit: 1, token: page.next_token });
    expect(next.results).toHaveLength(1);
    const token = JSON.parse(Buffer.from(page.next_token, 'base64url').toString()) as object;
    for (const after of ['zzz', '\0', "' or true --"]) {
      const altered = Buffer.from(JSON.stringify({ ...token, after })).toString('base64url');
      await expect(viewers(undefined, { limit: 1, token: altered })).rejects.toMatchObject({
        code: 'input.invalid',
      });
    }
  });

  it('asks for many people at once: whoever ends something meanwhile waits for no search (law 4)', async () => {
    let statements = 0;
    const database = openDatabase(world.url);
    const listening = new Kysely<DB>({
      dialect: new PostgresDialect({ pool: database.pool }),
      log: () => {
        statements += 1;
      },
    });
    const search = async (resource: { type: string; id: string }, action: string) => {
      statements = 0;
      const { output } = await run(
        { ...world.services, db: listening },
        operations['decision.search-subjects'],
        {
          ...asker,
          requestId: 'test',
          input: { subject: { type: 'user' }, action: { name: action }, resource, page: { limit: 200 } },
        },
      );
      return { found: output.results.length, statements };
    };
    const { id, path } = world.organizations.acmeSouth;
    await world.as('owner', 'delegation.create', {
      organizationId: id,
      delegate: { relation: 'members', organizationId: id },
      permissions: ['user.read'],
    } as never);
    const add = (from: number, to: number) =>
      sql`with u as (insert into app_user (id, home_organization_id, display_name)
          select gen_random_uuid(), ${id}, 'Person ' || n from generate_series(${from}::int, ${to}::int) n returning id)
        insert into membership (id, user_id, organization_id, path, sort_name) select gen_random_uuid(), u.id, ${id}, ${path}, 'person' from u`.execute(
        world.db,
      );
    const parts = { type: 'application', id: world.applications.parts };
    const south = { type: 'organization', id };
    await add(1, 5);
    const few = [await search(parts, 'viewer'), await search(south, 'user.read')];
    await add(6, 45);
    const many = [await search(parts, 'viewer'), await search(south, 'user.read')];
    for (const [at, one] of many.entries()) {
      expect(one.found).toBe(few[at]!.found + 40);
      expect(one.statements).toBe(few[at]!.statements);
    }
    await database.close();
  });
});
