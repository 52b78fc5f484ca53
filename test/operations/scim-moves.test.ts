import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  enterpriseSchema,
  groupSchema,
  remitSchema,
  userSchema,
} from '../../src/enrolment/scim/protocol/schema.ts';
import { passTime } from '../../src/platform/clock.ts';
import {
  bulkOf,
  feedPermissions,
  type Method,
  patchOp as patch,
  type ScimCall,
  type ScimStage,
  scimStage,
} from '../harness/scim.ts';
import type { World } from '../harness/world.ts';

/** A feed moves somebody between organizations of its boundary, and their id stays (RFC 7643, section 3.1). */
let world: World;
let stage: ScimStage;
let key: string;

const mover = [...feedPermissions, 'user.invite'] as const;

beforeAll(async () => {
  stage = await scimStage();
  ({ world } = stage);
  ({ key } = await stage.feed('acme', [...mover]));
});
afterAll(() => stage?.close());

const scim = (method: Method, path: string, sent: ScimCall = {}) => stage.ask(method, path, { key, ...sent });
const south = () => world.organizations.acmeSouth.id;
const north = () => world.organizations.acmeNorth.id;
const belongs = (value: string) => patch({ op: 'replace', path: `${remitSchema}:organization.value`, value });
const placeOf = (body: Record<string, { organization: { value: string } }>) =>
  body[remitSchema]!.organization.value;

let next = 0;
async function made(more: Record<string, unknown> = {}, at = south()) {
  const userName = `mover${++next}@example.test`;
  const body = {
    schemas: [userSchema],
    userName,
    externalId: `hr-${next}`,
    displayName: `Mover ${next}`,
    emails: [{ value: userName }, { value: `other${next}@example.test`, type: 'home' }],
    ...more,
    [remitSchema]: { organization: { value: at } },
  };
  const answer = await scim('POST', '/Users', { body });
  expect(answer.status, answer.text).toBe(201);
  await passTime(world.db, 1);
  return answer.body;
}
const move = (id: string, to: string, sent: ScimCall = {}) =>
  scim('PATCH', `/Users/${id}`, { body: belongs(to), ...sent });
const memberships = async (id: string) => {
  const { rows } = await sql<{ id: string; organizationId: string; state: string }>`
    select m.id, m.organization_id as "organizationId", m.state from membership m
    where m.user_id = (select user_id from membership where id = ${id}) order by m.created_at, m.id`.execute(
    world.db,
  );
  return rows;
};

it('moves by PATCH, and everything but the place is as it was', async () => {
  const before = await made({ title: 'Fitter' });
  const { status, body, headers } = await move(before.id, north());
  expect(status, JSON.stringify(body)).toBe(200);
  expect(placeOf(body)).toBe(north());
  const { meta, [remitSchema]: _, ...rest } = before;
  expect(body).toMatchObject(rest);
  expect(body.meta).toMatchObject({ created: meta.created, location: meta.location });
  expect(body.meta.version).not.toBe(meta.version);
  expect(body.meta.lastModified > meta.lastModified).toBe(true);
  expect(headers.etag).toBe(body.meta.version);
  const read = await scim('GET', `/Users/${before.id}`);
  expect(read.body).toEqual(body);
  expect((await memberships(before.id)).map(({ organizationId, state }) => [organizationId, state])).toEqual([
    [south(), 'ended'],
    [north(), 'active'],
  ]);
  const asked = [
    `id eq "${before.id}"`,
    `userName eq "${before.userName}"`,
    `externalId eq "${before.externalId}"`,
  ];
  for (const filter of asked) {
    const found = await scim('GET', `/Users?filter=${encodeURIComponent(filter)}`);
    expect(found.body.Resources, filter).toEqual([body]);
  }
});

it('moves by PUT, back again, and away for good', async () => {
  const before = await made();
  const put = (to: string) =>
    scim('PUT', `/Users/${before.id}`, {
      body: { ...before, [remitSchema]: { organization: { value: to } } },
    });
  for (const to of [north(), south(), world.organizations.acme.id, south()]) {
    const { status, body } = await put(to);
    expect([status, body.id, placeOf(body), body.userName]).toEqual([200, before.id, to, before.userName]);
    // What it says already is no change.
    expect((await put(to)).body.meta).toEqual(body.meta);
  }
  const states = (await memberships(before.id)).map(({ state }) => state);
  expect(states).toEqual(['ended', 'ended', 'ended', 'ended', 'active']);
  expect((await scim('DELETE', `/Users/${before.id}`)).status).toBe(204);
  expect((await memberships(before.id)).map(({ state }) => state).includes('active')).toBe(false);
  expect((await scim('GET', `/Users/${before.id}`)).status).toBe(404);
  expect((await move(before.id, north())).status).toBe(404);
});

it('answers a foreign organization as one that nobody has, and changes nothing', async () => {
  const { id, meta } = await made();
  const { organizations } = world;
  const answers = [];
  for (const to of [
    '01a20000-0000-7000-8000-000000000000',
    organizations.acme2.id,
    organizations.beta.id,
    organizations.root.id,
    'no-id',
  ]) {
    const { status, text, body } = await move(id, to);
    expect([status, body.scimType]).toEqual([400, 'invalidValue']);
    answers.push(text);
  }
  expect(new Set(answers).size).toBe(1);
  expect((await scim('GET', `/Users/${id}`)).body.meta).toEqual(meta);
});

it('asks all that moving asks, of the same feed', async () => {
  const { id } = await made();
  for (const missing of ['user.invite', 'membership.end'] as const) {
    const less = await stage.feed(
      'acme',
      mover.filter((one) => one !== missing),
    );
    const refused = await move(id, north(), { key: less.key });
    expect([refused.status, refused.body.detail], missing).toEqual([403, expect.stringMatching(/./)]);
  }
  // What a rule gives everybody there is given by whoever brings them (ruling 2).
  const { rows } = await sql<{ id: string }>`
    insert into access_rule (id, organization_id, name, relation, title, entitlement_id)
    values (gen_random_uuid(), ${north()}, 'fitters', 'members', 'Fitter', ${world.entitlements.partsBuyer}) returning id`.execute(
    world.db,
  );
  const both = patch(
    { op: 'replace', path: `${remitSchema}:organization.value`, value: north() },
    { op: 'add', path: 'title', value: 'Fitter' },
  );
  const given = await scim('PATCH', `/Users/${id}`, { body: both });
  expect(given.status, given.text).toBe(400);
  await sql`delete from access_rule where id = ${rows[0]!.id}`.execute(world.db);
  expect(placeOf((await scim('GET', `/Users/${id}`)).body)).toBe(south());
});

it('says what to do about somebody who is suspended, and lets in or suspends in the same call', async () => {
  const { id } = await made();
  const off = await scim('PATCH', `/Users/${id}`, {
    body: patch({ op: 'replace', path: 'active', value: false }),
  });
  expect(off.body.active).toBe(false);
  const refused = await move(id, north());
  expect(refused.status, refused.text).toBeGreaterThanOrEqual(400);
  expect(refused.body.detail).toMatch(/suspended/);
  const both = (active: boolean, value: string) =>
    scim('PATCH', `/Users/${id}`, {
      body: patch({ op: 'replace', value: { active, [remitSchema]: { organization: { value } } } }),
    });
  const backIn = await both(true, north());
  expect([backIn.body.active, placeOf(backIn.body)]).toEqual([true, north()]);
  const out = await both(false, south());
  expect([out.body.id, out.body.active, placeOf(out.body)]).toEqual([id, false, south()]);
  expect((await memberships(id)).at(-1)!.state).toBe('suspended');
});

it('knows the version that the client saw', async () => {
  const { id, meta } = await made();
  const tagged = (to: string, tag: string) => move(id, to, { headers: { 'if-match': tag } });
  const moved = await tagged(north(), meta.version);
  expect(moved.status).toBe(200);
  expect((await tagged(south(), meta.version)).status).toBe(412);
  expect((await scim('DELETE', `/Users/${id}`, { headers: { 'if-match': meta.version } })).status).toBe(412);
  expect((await tagged(south(), moved.body.meta.version)).status).toBe(200);
});

it('names them by that id in groups, as a manager and in bulk', async () => {
  const { id } = await made();
  const { id: reports } = await made({ [enterpriseSchema]: { manager: { value: id } } });
  const { id: leads } = await made({}, world.organizations.acme.id);
  const manager = patch({ op: 'add', path: `${enterpriseSchema}:manager`, value: leads });
  expect((await scim('PATCH', `/Users/${id}`, { body: manager })).status).toBe(200);
  const group = async (displayName: string) =>
    (
      await scim('POST', '/Groups', {
        body: { schemas: [groupSchema], displayName, members: [{ value: id }] },
      })
    ).body;
  const { id: groupId } = await group('Drivers');
  const moved = (await move(id, north())).body;
  const members = async () =>
    ((await scim('GET', `/Groups/${groupId}`)).body.members ?? []).map(
      ({ value }: { value: string }) => value,
    );
  // The group and the line manager stand above both places; whoever reports to them stays behind.
  expect(moved.groups).toMatchObject([{ value: groupId }]);
  expect(moved[enterpriseSchema].manager.value).toBe(leads);
  expect(await members()).toEqual([id]);
  expect((await scim('GET', `/Users/${reports}`)).body[enterpriseSchema]?.manager).toBeUndefined();
  const edit = (op: string, path: string, value?: unknown) =>
    scim('PATCH', `/Groups/${groupId}`, { body: patch({ op, path, value }) });
  expect((await edit('remove', `members[value eq "${id}"]`)).body.members).toBeUndefined();
  expect((await edit('add', 'members', [{ value: id }])).body.members).toMatchObject([{ value: id }]);
  const { id: alsoNorth } = await made({}, north());
  const led = await scim('PATCH', `/Users/${alsoNorth}`, {
    body: patch({ op: 'add', path: `${enterpriseSchema}:manager`, value: id }),
  });
  expect(led.body[enterpriseSchema].manager.value).toBe(id);
  const done = await scim('POST', '/Bulk', {
    body: bulkOf(
      { method: 'PATCH', path: `/Users/${id}`, data: belongs(world.organizations.acme.id) },
      { method: 'PATCH', path: `/Users/${id}`, data: patch({ op: 'add', path: 'title', value: 'Lead' }) },
      { method: 'DELETE', path: `/Users/${id}` },
    ),
  });
  expect(done.body.Operations.map(({ status }: { status: string }) => status)).toEqual(['200', '200', '204']);
  expect(await members()).toEqual([]);
});

it('keeps the id at addresses that contain both places, and at no other; the new membership’s is none', async () => {
  const { id } = await made();
  await move(id, north());
  const { id: membershipId } = (await memberships(id)).at(-1)!;
  expect((await scim('GET', `/Users/${membershipId}`)).text).toBe(
    (await scim('GET', '/Users/01a20000-0000-7000-8000-000000000000')).text,
  );
  const [atSouth, atNorth] = [await stage.feed('acmeSouth'), await stage.feed('acmeNorth')];
  expect((await scim('GET', `/Users/${id}`, { key: atSouth.key, at: 'acmeSouth' })).status).toBe(404);
  expect((await scim('GET', `/Users/${id}`, { key: atNorth.key, at: 'acmeNorth' })).status).toBe(404);
  const there = await scim('GET', `/Users/${membershipId}`, { key: atNorth.key, at: 'acmeNorth' });
  expect([there.status, there.body.id]).toEqual([200, membershipId]);
});

it('stays where a person moves them, too, and each is listed once', async () => {
  const { id, userName } = await made();
  await world.as('acmeManager', 'membership.move', { membershipId: id, organizationId: north() });
  const read = await scim('GET', `/Users/${id}`);
  expect([placeOf(read.body), read.body.userName]).toEqual([north(), userName]);
  const seen: string[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const page = await scim('GET', `/Users?count=3&cursor=${encodeURIComponent(cursor)}`);
    seen.push(...page.body.Resources.map((one: { id: string }) => one.id));
    cursor = page.body.nextCursor;
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen).toHaveLength((await scim('GET', '/Users?count=0')).body.totalResults);
  expect(seen).toContain(id);
});
