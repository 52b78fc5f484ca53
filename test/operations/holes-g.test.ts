import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { carryOn } from '../../src/enrolment/people-import/run.ts';
import { remitSchema } from '../../src/enrolment/scim/protocol/schema.ts';
import { newId } from '../../src/platform/ids.ts';
import { makeServer } from '../../src/server/http.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

/** Ways round a limit that an attack found: through feeds, mappings of connected systems, and files. */
let world: World;
let app: FastifyInstance;
beforeAll(async () => {
  world = await makeWorld();
  app = await makeServer(world.services);
  const field = { kind: 'text', organizationId: world.organizations.acme.id } as const;
  for (const [key, seenBy] of [
    ['badge', 'everybody'],
    ['rating', 'managers'],
    ['allergy', 'self'],
  ] as const)
    await world.as('acmeManager', 'attribute.define', { ...field, key, label: key, seenBy });
  await world.as('acmeManager', 'membership.update', {
    membershipId: member('northMember'),
    attributes: { badge: 'b7', rating: 'poor', allergy: 'nuts' },
  });
});
afterAll(async () => {
  await app.close();
  await world.close();
});

const member = (person: PersonName) => world.people[person].membershipId;

describe('a field that the reader may not see (I06)', () => {
  const feed = async (more: 'membership.update'[] = []) =>
    (
      await world.as('acmeManager', 'client.create', {
        organizationId: world.organizations.acme.id,
        name: `feed ${newId()}`,
        permissions: ['organization.read', 'user.read', ...more],
      })
    ).key;
  const ask = async (key: string, path: string) => {
    const answer = await app.inject({
      url: `/scim/${world.organizations.acme.id}/v2${path}`,
      headers: { authorization: `Bearer ${key}` },
    });
    expect(answer.statusCode, answer.payload).toBe(200);
    return JSON.parse(answer.payload);
  };
  const shown = async (key: string) =>
    (await ask(key, `/Users/${member('northMember')}`))[remitSchema].attributes;
  const counted = async (key: string, field: string, value: string) => {
    const filter = encodeURIComponent(`${remitSchema}:attributes.${field} eq "${value}"`);
    return (await ask(key, `/Users?filter=${filter}`)).totalResults;
  };

  it('is not told to a feed that may not change people, nor found or sorted by', async () => {
    const reads = await feed();
    expect(await shown(reads)).toEqual({ badge: 'b7' });
    expect(await counted(reads, 'badge', 'b7')).toBe(1);
    expect(await counted(reads, 'rating', 'poor')).toBe(0);
    expect(await counted(reads, 'allergy', 'nuts')).toBe(0);
    const order = async (by: string) =>
      (await ask(reads, `/Users?count=500&sortBy=${encodeURIComponent(`${remitSchema}:attributes.${by}`)}`))
        .Resources[0].id;
    expect(await order('badge')).toBe(member('northMember'));
    const first = await order('rating');
    await sql`update membership set attributes = attributes - 'rating' where id = ${member('northMember')}`.execute(
      world.db,
    );
    expect(await order('rating')).toBe(first);
    await sql`update membership set attributes = attributes || '{"rating": "poor"}' where id = ${member('northMember')}`.execute(
      world.db,
    );
    const changes = await feed(['membership.update']);
    expect(await shown(changes)).toEqual({ badge: 'b7', rating: 'poor', allergy: 'nuts' });
    expect(await counted(changes, 'rating', 'poor')).toBe(1);
  });

  it('is not told in the trail, to the person neither', async () => {
    const told = async (by: PersonName, name: 'event.list' | 'event.mine') =>
      (await world.as(by, name, { limit: 200 })).items
        .filter(({ type, target }) => type === 'membership.updated' && target.id === member('northMember'))
        .map(({ personal }) => (personal!.after as { attributes: unknown }).attributes);
    expect(await told('northMember', 'event.mine')).toEqual([{ badge: 'b7', allergy: 'nuts' }]);
    expect(await told('acmeManager', 'event.list')).toEqual([
      { badge: 'b7', rating: 'poor', allergy: 'nuts' },
    ]);
    expect(await told('auditor', 'event.list')).toEqual([{ badge: 'b7' }]);
  });

  it('is not told by trying a mapping', async () => {
    const tried = async (by: PersonName) =>
      (
        await world.as(by, 'mapping.try', {
          membershipId: member('northMember'),
          connector: 'webhook',
          settings: { url: 'https://hooks.example/' },
          mapping: [
            { to: 'title', pieces: [{ field: 'attribute.badge' }] },
            { to: 'phone', pieces: [{ field: 'attribute.rating' }] },
            { to: 'language', pieces: [{ field: 'attribute.allergy' }] },
          ],
        })
      ).values
        .slice(0, 3)
        .map(({ value }) => value);
    expect(await tried('acmeManager')).toEqual(['b7', 'poor', 'nuts']);
    expect(await tried('acmeHelpDesk')).toEqual(['b7', null, null]);
  });
});

describe('somebody who has no sign-in yet, and has access by rule', () => {
  const bring = async (by: PersonName, lines: string) => {
    const { importId } = await world.as(by, 'people-import.create', {
      organizationId: world.organizations.acme.id,
      fileName: 'people.csv',
    });
    const base64 = Buffer.from(`Number;Name;Mail;Unit;Function\n${lines}\n`).toString('base64');
    await world.as(by, 'people-import.put-part', { importId, n: 1, base64 });
    const columns = { key: 'Number', name: 'Name', email: 'Mail', organization: 'Unit', title: 'Function' };
    await world.as(by, 'people-import.differ', { importId, reading: { columns, dates: 'iso' } });
    await carryOn(world.services, importId);
    await world.as(by, 'people-import.apply', { importId, mode: 'rows' });
    await carryOn(world.services, importId);
    const read = { importId, show: 'problem', after: 0, afterKey: '', limit: 10 } as const;
    return (await world.as(by, 'people-import.read', read)).rows.map(({ problem }) => problem!.code);
  };

  it('is not taken over by a file that turns their address (I12)', async () => {
    await world.as('acmeManager', 'access-rule.create', {
      organizationId: world.organizations.acme.id,
      name: 'Buyers buy',
      title: 'Buyer',
      entitlementId: world.entitlements.partsBuyer,
    });
    expect(await bring('acmeManager', 'B-1;Bea Buyer;bea@acme.example;acme;Buyer')).toEqual([]);
    // Whoever imports now could not give what the rule gives her.
    const less = { applications: [], entitlements: [world.entitlements.partsViewer] };
    await sql`update delegation set entitlements = ${JSON.stringify(less)}::jsonb where id = ${world.delegations.acmePeer}`.execute(
      world.db,
    );
    expect(await bring('acmePeer', 'B-2;Bo Buyer;bo@acme.example;acme;Buyer')).toEqual([
      'membership.gives-access',
    ]);
    expect(await bring('acmePeer', 'B-1;Bea Buyer;mine@acme.example;acme;Buyer')).toEqual([
      'people-import.protected',
    ]);
    expect(await bring('acmeManager', 'B-1;Bea Buyer;b.buyer@acme.example;acme;Buyer')).toEqual([]);
  });
});

it('whoever gives a connected system another name does not lend it their right', async () => {
  const { id } = await world.as('secondOwner', 'target.create', {
    organizationId: world.organizations.acme.id,
    connector: 'webhook',
    name: 'Hooks',
    settings: { url: 'https://hooks.example/' },
    roles: [{ entitlementId: world.entitlements.partsViewer }],
  });
  const saver = async () =>
    (await sql<{ by: string }>`select saved_by as by from target where id = ${id}`.execute(world.db)).rows[0]!
      .by;
  await world.as('owner', 'target.update', { provisioningTargetId: id, name: 'Hooks of ours' });
  expect(await saver()).toBe(world.people.secondOwner.userId);
  await world.as('owner', 'target.update', { provisioningTargetId: id, mapping: [] });
  expect(await saver()).toBe(world.people.owner.userId);
});
