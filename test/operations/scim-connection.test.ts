import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { userSchema } from '../../src/enrolment/scim/protocol/schema.ts';
import { passTime } from '../../src/platform/clock.ts';
import { bulkOf, patchOp, type ScimStage, scimStage } from '../harness/scim.ts';

/** A feed of people as somebody looks after it: how it does, what it was refused, another key, and off. */
let stage: ScimStage;

beforeAll(async () => {
  stage = await scimStage();
});
afterAll(() => stage?.close());

const health = (id: string) => stage.world.as('owner', 'scim-connection.read', { clientId: id });
const works = async (key: string) => (await stage.ask('GET', '/Users?count=1', { key })).status === 200;
const usedNow = (id: string) =>
  sql`update client set last_used_at = remit_now() where id = ${id}`.execute(stage.world.services.db);

const linkOf = async (userId: string) =>
  (
    await sql<{ delegationId: string }>`
      select id as "delegationId" from delegation where delegate_user_id = ${userId} and state = 'active'`.execute(
      stage.world.services.db,
    )
  ).rows[0]!;

describe('its key', () => {
  it('is changed without a gap: for a day both work, and both are the same feed', async () => {
    const { id, key } = await stage.feed('acme');
    const made = await stage.world.as('owner', 'client.rotate', { clientId: id });
    expect(made).toMatchObject({ id, feed: true, formerKeyUntil: expect.any(String) });
    expect(made.hint).toBe(made.key.slice(-4));
    const person = { schemas: [userSchema], userName: 'both@example.test', externalId: 'same' };
    expect((await stage.ask('POST', '/Users', { key, body: person })).status).toBe(201);
    // The external id is the client's own: the new key sees it, so it is the same client.
    const found = await stage.ask('GET', '/Users?filter=externalId eq "same"', { key: made.key });
    expect(found.body.totalResults).toBe(1);
    await passTime(stage.world.services.db, 86_399);
    expect([await works(key), await works(made.key)]).toEqual([true, true]);
    await passTime(stage.world.services.db, 1);
    expect([await works(key), await works(made.key)]).toEqual([false, true]);
  });

  it('is changed at once where somebody else knows it, and so is one that was still on its way out', async () => {
    const { id, key } = await stage.feed('acme');
    const second = await stage.world.as('owner', 'client.rotate', { clientId: id });
    const third = await stage.world.as('owner', 'client.rotate', { clientId: id, atOnce: true });
    expect([await works(key), await works(second.key), await works(third.key)]).toEqual([false, false, true]);
    expect(third.formerKeyUntil).toBeNull();
  });

  it('of before opens nothing when the feed is switched off', async () => {
    const { id, key } = await stage.feed('acme');
    const second = await stage.world.as('owner', 'client.rotate', { clientId: id });
    await stage.world.as('owner', 'client.end', { clientId: id });
    expect([await works(key), await works(second.key)]).toEqual([false, false]);
    await expect(stage.world.as('owner', 'client.rotate', { clientId: id })).rejects.toMatchObject({
      code: 'delegation.ended',
    });
  });

  it('is not given to a peer: whoever has it acts as the feed does', async () => {
    const { id } = await stage.feed('acme');
    await expect(stage.world.as('acmeManager', 'client.rotate', { clientId: id })).rejects.toMatchObject({
      code: 'delegation.not-above',
    });
  });

  it('stands nowhere in the trail, neither the new one nor the one of before', async () => {
    const { id } = await stage.feed('acme');
    await stage.world.as('owner', 'client.rotate', { clientId: id });
    const { rows } = await sql<{ text: string }>`
      select jsonb_build_array(before, after, personal)::text as text from event where type = 'client.rotated' and target_id = ${id}`.execute(
      stage.world.services.db,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]!.text).not.toMatch(/key_hash|key_hint/);
  });
});

describe('how it does', () => {
  it('is told with its address, what it may do and when it last changed something', async () => {
    const { id, key } = await stage.feed('acme');
    expect(await health(id)).toMatchObject({
      health: 'unused',
      refusals: [],
      changes: { lastAt: null, lastDay: 0 },
    });
    await stage.ask('POST', '/Users', { key, body: { schemas: [userSchema], userName: 'h@example.test' } });
    await usedNow(id);
    const said = await health(id);
    expect(said).toMatchObject({
      health: 'good',
      address: expect.stringContaining(`/scim/${stage.world.organizations.acme.id}/v2`),
      changes: { lastAt: expect.any(String), lastDay: expect.any(Number) },
    });
    expect(said.changes.lastDay).toBeGreaterThan(0);
    expect(said.may).toHaveLength(7);
  });

  it('is silent when nothing came for a day', async () => {
    const { id } = await stage.feed('acme');
    await usedNow(id);
    await passTime(stage.world.services.db, 86_000);
    expect((await health(id)).health).toBe('good');
    await passTime(stage.world.services.db, 400);
    expect((await health(id)).health).toBe('silent');
  });

  it('counts the same refusal, says it in words, and of whom', async () => {
    const { id, key } = await stage.feed('acme');
    const body = { schemas: [userSchema], userName: 'twice@example.test' };
    const made = await stage.ask('POST', '/Users', { key, body });
    for (const _ of [1, 2]) expect((await stage.ask('POST', '/Users', { key, body })).status).toBe(409);
    const wrong = patchOp({ op: 'replace', path: 'active', value: 'perhaps' });
    await stage.ask('PATCH', `/Users/${made.body.id}`, { key, body: wrong });
    await usedNow(id);
    const { health: state, refusals } = await health(id);
    expect(state).toBe('refused');
    expect(refusals).toMatchObject([
      { operation: 'scim-user.update', status: 400, times: 1, person: { name: 'twice@example.test' } },
      { operation: 'scim-user.create', status: 409, times: 2, person: null },
    ]);
    expect(refusals[1]!.text).toContain('userName');
  });

  it('is stopped when a link above it ended, whatever its key says', async () => {
    const { id } = await stage.world.as('acmeManager', 'client.create', {
      organizationId: stage.world.organizations.acme.id,
      name: 'below a link',
      permissions: ['user.read', 'organization.read'],
      feed: true,
    });
    await usedNow(id);
    expect((await health(id)).health).toBe('good');
    const { delegationId } = await linkOf(stage.world.people.acmeManager.userId);
    await stage.world.as('owner', 'delegation.pause', { delegationId });
    expect((await health(id)).health).toBe('stopped');
    await stage.world.as('owner', 'delegation.resume', { delegationId });
    expect((await health(id)).health).toBe('good');
  });
});

it('is seen trying what it may not, in a bulk as alone', async () => {
  const { id, key } = await stage.feed('acme', ['organization.read', 'user.read', 'membership.update']);
  const target = stage.world.people.northMember.membershipId;
  const body = bulkOf(
    { method: 'DELETE', path: `/Users/${target}` },
    { method: 'DELETE', path: `/Users/${stage.world.people.southMember.membershipId}` },
  );
  const answer = await stage.ask('POST', '/Bulk', { key, body });
  expect(answer.body.Operations.map((one: { status: string }) => one.status)).toEqual(['403', '403']);
  const { rows } = await sql<{ operation: string; after: Record<string, unknown> }>`
    select operation, after from event where type = 'attempt.denied' and actor_id = ${id} order by position`.execute(
    stage.world.services.db,
  );
  expect(rows).toMatchObject([
    { operation: 'scim.bulk', after: { permission: 'membership.end', kind: 'membership', id: target } },
    { operation: 'scim.bulk', after: { permission: 'membership.end' } },
  ]);
  expect((await health(id)).refusals).toMatchObject([{ status: 403 }, { status: 403 }]);
});
