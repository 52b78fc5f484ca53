import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redacted } from '../../src/audit/redact.ts';
import { hasSentence } from '../../src/audit/words.ts';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { run } from '../../src/operation/pipeline.ts';
import { passTime } from '../../src/platform/clock.ts';
import { Refusal } from '../../src/platform/refusals.ts';
import { type Output, operationList, operations } from '../../src/server/operations.gen.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

let world: World;
let delegationId: string;

beforeAll(async () => {
  world = await makeWorld();
  const { organizations: o, people: p, entitlements: e } = world;
  await world.as('acmeManager', 'invitation.create', {
    organizationId: o.acmeNorth.id,
    people: [{ email: 'ada@example.net', displayName: 'Ada Example' }],
  });
  const made = await world.as('owner', 'delegation.create', {
    organizationId: o.acme.id,
    delegate: { membershipId: p.acmeMember.membershipId },
    adminRoleId: adminRoleId('help-desk'),
  });
  delegationId = made.id;
  await world.as('acmeManager', 'assignment.grant', {
    membershipIds: [p.northMember.membershipId, p.acmeMember.membershipId],
    entitlementIds: [e.partsViewer],
  });
  await world.as('acme2Manager', 'assignment.grant', {
    membershipIds: [p.acme2Member.membershipId],
    entitlementIds: [e.notesReader],
  });
  await world.as('owner', 'assignment.grant', {
    organizationId: o.acme2.id,
    entitlementIds: [e.partsViewer],
  });
  await world.as('northManager', 'membership.suspend', { membershipId: p.siteMember.membershipId });
  await world.as('owner', 'delegation.end', { delegationId });
});
afterAll(() => world?.close());

type Trail = Output<'event.list'>['items'];

async function all(person: PersonName, filter: object = {}): Promise<Trail> {
  const items: Trail = [];
  let cursor: string | undefined;
  do {
    const page: Output<'event.list'> = await world.as(person, 'event.list', { ...filter, limit: 2, cursor });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return items;
}

const did = (trail: Trail): Trail => trail.filter(({ type }) => type !== 'audit.read');

describe('the trail in words', () => {
  it('has a sentence for every type of event that an operation declares', () => {
    const types = [...new Set(operationList.flatMap(({ events }) => events ?? []))];
    expect(types.length).toBeGreaterThan(20);
    expect(types.filter((type) => !hasSentence(type))).toEqual([]);
  });

  it('has one for every type that the sources write', () => {
    const root = fileURLToPath(new URL('../../src/', import.meta.url));
    const written = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.endsWith('.gen.ts'))
      .flatMap((file) => [
        ...readFileSync(join(root, file), 'utf8').matchAll(/\btype: '([a-z-]+\.[a-z-]+)'/g),
      ])
      .map(([, type]) => type!);
    expect(written.length).toBeGreaterThan(20);
    expect([...new Set(written)].filter((type) => !hasSentence(type))).toEqual([]);
  });

  it('says who did what for whom, under which delegations', async () => {
    const trail = did(await all('acmeManager'));
    expect(trail.map(({ sentence }) => sentence)).toEqual([
      'Somebody a level above ended what acmeMember may do in acme.',
      'NorthManager suspended siteMember in acmeNorthSite.',
      'AcmeManager gave acmeMember “viewer” in parts in acme.',
      'AcmeManager gave northMember “viewer” in parts in acmeNorth.',
      'Somebody a level above let acmeMember look after acme.',
      'AcmeManager invited ada@example.net to acmeNorth.',
    ]);
    expect(trail[1]!.delegations).toEqual([
      'Manager for acmeNorth: northManager',
      'Manager for acme: acmeManager',
      'What acme may do and hand out',
      'A level above',
    ]);
  });

  it('names to the owner whom it names to nobody below', async () => {
    const [newest] = did(await all('owner'));
    expect(newest!.sentence).toBe('Owner ended what acmeMember may do in acme.');
    expect(newest!.delegations[0]).toBe('Owner for Lumen Energy: owner');
  });
});

describe('what lies outside the reader’s reach', () => {
  it('is the same in a list as one by one', async () => {
    const { rows } = await sql<{ id: string }>`select id from event where type <> 'audit.read'`.execute(
      world.db,
    );
    for (const person of [
      'owner',
      'auditor',
      'acmeManager',
      'northManager',
      'acme2Manager',
      'acmeMember',
    ] as const) {
      // Who has no reach at all is told so; the others get what lies in theirs.
      const listed = new Set(person === 'acmeMember' ? [] : did(await all(person)).map(({ id }) => id));
      for (const { id } of rows) {
        const answer = await world.as(person, 'event.read', { eventId: id }).then(
          () => true,
          (error: unknown) => {
            expect(error).toBeInstanceOf(Refusal);
            expect((error as Refusal).code).toBe('not-found');
            return false;
          },
        );
        expect(answer, `${person} ${id}`).toBe(listed.has(id));
      }
    }
    await expect(all('acmeMember')).rejects.toMatchObject({ code: 'not-permitted' });
  });

  it('leaves no name, id, path or count in any answer', async () => {
    const { owner, acme2Member, auditor } = world.people;
    const text = JSON.stringify(await all('acmeManager'));
    const outside = [
      owner.userId,
      owner.membershipId,
      auditor.userId,
      acme2Member.userId,
      world.organizations.root.id,
      world.organizations.acme2.id,
      ...Object.values(world.delegations).filter(
        (id) => id === world.delegations.rootRow || id === world.delegations.owner,
      ),
      'Lumen',
      'owner',
      'acme2',
      'r.1',
    ];
    expect(outside.filter((part) => text.includes(part))).toEqual([]);
  });

  it('is left out of state at any depth', () => {
    const state = {
      id: '1',
      name: 'x',
      chain: ['a'],
      parent_id: 'b',
      giver_user_id: 'c',
      givenUnder: 'd',
      endedBy: 'e',
      place_paths: ['r'],
      scope: [{ places: [{ id: '2', path: 'r.1', below: true }] }],
    };
    expect(redacted(state)).toEqual({ id: '1', name: 'x', scope: [{ places: [{ id: '2', below: true }] }] });
  });

  it('shows one organization its own part, and nothing of one that is not its', async () => {
    const { organizations: o } = world;
    const north = did(await all('acmeManager', { organizationId: o.acmeNorth.id }));
    expect(north.map(({ type }) => type)).toEqual([
      'membership.suspended',
      'assignment.given',
      'invitation.created',
    ]);
    const only = did(await all('acmeManager', { organizationId: o.acmeNorth.id, below: false }));
    expect(only.map(({ type }) => type)).toEqual(['assignment.given', 'invitation.created']);
    for (const id of [o.acme2.id, o.root.id, crypto.randomUUID()])
      expect(await all('acmeManager', { organizationId: id })).toEqual([]);
  });
});

describe('one’s own trail', () => {
  it('names whoever acted on me', async () => {
    const { items } = await world.as('acmeMember', 'event.mine', {});
    expect(did(items).map(({ sentence }) => sentence)).toEqual([
      'Owner ended what acmeMember may do in acme.',
      'AcmeManager gave acmeMember “viewer” in parts in acme.',
      'Owner let acmeMember look after acme.',
    ]);
    expect(JSON.stringify(items)).not.toContain(world.delegations.acmeStanding);
  });

  it('holds what I did and what was done to me, each once, page by page', async () => {
    const whole = (await world.as('acmeManager', 'event.mine', {})).items.map(({ id }) => id);
    expect(new Set(whole).size).toBe(whole.length);
    expect(whole.length).toBeGreaterThan(3);
    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const page: Output<'event.mine'> = await world.as('acmeManager', 'event.mine', { limit: 1, cursor });
      paged.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(paged).toEqual(whole);
  });
});

describe('reading', () => {
  it('is in the trail itself, once per reader, view and hour', async () => {
    const look = () => world.as('acmePeer', 'event.list', { subjectId: world.people.northMember.userId });
    const seen = async () =>
      (await world.as('northMember', 'event.mine', {})).items.filter(({ type }) => type === 'audit.read');
    const before = (await seen()).length;
    for (const _ of [1, 2, 3]) await look();
    expect((await seen()).length).toBe(before + 1);
    expect((await seen())[0]!.sentence).toBe('AcmePeer looked at what was done to or by northMember.');
    await passTime(world.db, 3600);
    await look();
    expect((await seen()).length).toBe(before + 2);
  });

  it('of one’s own trail is nobody’s business', async () => {
    const count = () =>
      sql`select 1 from event where type = 'audit.read'`.execute(world.db).then(({ rows }) => rows.length);
    const before = await count();
    await world.as('acmeMember', 'event.mine', {});
    expect(await count()).toBe(before);
  });
});

describe('a file of the trail', () => {
  it('holds what the list shows, defused for spreadsheets, and is recorded each time', async () => {
    await sql`update app_user set display_name = '=1+1' where id = ${world.people.siteMember.userId}`.execute(
      world.db,
    );
    const get = async (name: 'event.export' | 'event.export-json') => {
      const { output } = await run(world.services, operations[name], {
        credential: { kind: 'membership', membershipId: world.people.acmeManager.membershipId },
        input: { organizationId: world.organizations.acmeNorth.id, type: 'membership' },
        requestId: 'test',
      });
      return output as string;
    };
    const csv = await get('event.export');
    expect(csv.split('\r\n').join('\n').trim().split('\n').length).toBe(2);
    expect(csv).toContain(",'=1+1,");
    const [line, ...rest] = (await get('event.export-json')).trim().split('\n');
    expect(rest).toEqual([]);
    expect(JSON.parse(line!)).toMatchObject({ type: 'membership.suspended' });
    const reads = await sql`select 1 from event where operation like 'event.export%'`.execute(world.db);
    expect(reads.rows.length).toBe(2);
  });

  it('is not given to those who may not read there', async () => {
    for (const id of [world.organizations.acme2.id, crypto.randomUUID()])
      await expect(world.as('acmeManager', 'event.export', { organizationId: id })).rejects.toMatchObject({
        code: 'not-found',
      });
  });
});

describe('delegations for a relation', () => {
  it('tells whom a delegation for a relation is for, and names no other organization', async () => {
    const { acme, acme2 } = world.organizations;
    const sentences = async () =>
      did(await all('owner'))
        .slice(0, 2)
        .map(({ sentence }) => sentence);
    const give = (organizationId: string) =>
      world.as('owner', 'delegation.create', {
        organizationId: acme.id,
        delegate: { relation: 'line-managers', organizationId },
        permissions: ['user.read'],
      });
    const here = await give(acme.id);
    await world.as('owner', 'delegation.end', { delegationId: here.id });
    expect(await sentences()).toEqual([
      'Owner ended what line managers in acme may do in acme.',
      'Owner let line managers in acme look after acme.',
    ]);
    const elsewhere = await give(acme2.id);
    expect((await sentences())[0]).toBe('Owner let line managers in another organization look after acme.');
    await world.as('owner', 'delegation.end', { delegationId: elsewhere.id });
  });
});
