import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashKey } from '../../src/delegation/clients.ts';
import type { Call } from '../../src/operation/pipeline.ts';
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
});
