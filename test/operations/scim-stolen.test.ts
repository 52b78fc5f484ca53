import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

/** What somebody with a stolen key learns or takes: nothing that its boundary does not give. */
let world: World;
let stage: ScimStage;
let key: string;
/** reaches its own organization, and none below */
let narrow: string;

beforeAll(async () => {
  stage = await scimStage();
  ({ world } = stage);
  ({ key } = await stage.feed('acme', [...feedPermissions, 'user.invite']));
  ({ key: narrow } = await world.as('owner', 'client.create', {
    organizationId: world.organizations.acme.id,
    name: 'narrow',
    permissions: [...feedPermissions, 'user.invite'],
    below: false,
    feed: true,
  }));
});
afterAll(() => stage?.close());

const scim = (method: Method, path: string, sent: ScimCall = {}) => stage.ask(method, path, { key, ...sent });
const place = (name: 'acme' | 'acmeNorth' | 'acmeSouth') => world.organizations[name].id;

let next = 0;
async function made(at: 'acme' | 'acmeNorth' | 'acmeSouth', more: Record<string, unknown> = {}) {
  const userName = `stolen${++next}@example.test`;
  const answer = await scim('POST', '/Users', {
    body: {
      schemas: [userSchema],
      userName,
      emails: [{ value: userName }],
      ...more,
      [remitSchema]: { organization: { value: place(at) } },
    },
  });
  expect(answer.status, answer.text).toBe(201);
  await passTime(world.db, 1);
  return answer.body;
}
const set = (id: string, path: string, value: unknown, sent: ScimCall = {}) =>
  scim('PATCH', `/Users/${id}`, { body: patch({ op: 'replace', path, value }), ...sent });
const move = (id: string, to: 'acme' | 'acmeNorth' | 'acmeSouth', sent: ScimCall = {}) =>
  set(id, `${remitSchema}:organization.value`, place(to), sent);

describe('moving', () => {
  it('does not make somebody a stranger, whose invitation may go to another address (ruling 6)', async () => {
    const { id } = await made('acmeSouth');
    await world.as('owner', 'assignment.grant', {
      membershipIds: [id],
      entitlementIds: [world.entitlements.partsBuyer],
      accessRoleIds: [],
    });
    await passTime(world.db, 1);
    expect((await move(id, 'acmeNorth')).status).toBe(200);
    const changed = await set(id, 'emails', [{ value: 'thief@example.test', primary: true }]);
    expect(changed.body.emails[0].value).not.toBe('thief@example.test');
  });

  it('is taken back whole where a part is refused, alone and in bulk', async () => {
    const { id, meta } = await made('acmeSouth');
    const both = patch(
      { op: 'replace', path: `${remitSchema}:organization.value`, value: place('acmeNorth') },
      { op: 'add', path: `${enterpriseSchema}:manager`, value: world.people.acme2Member.membershipId },
    );
    expect((await scim('PATCH', `/Users/${id}`, { body: both })).status).toBe(400);
    const { body } = await scim('POST', '/Bulk', {
      body: bulkOf(
        { method: 'PATCH', path: `/Users/${id}`, data: both },
        {
          method: 'POST',
          path: '/Users',
          bulkId: 'a',
          data: { schemas: [userSchema], userName: 'in.bulk.a' },
        },
      ),
    });
    expect(body.Operations.map(({ status }: { status: string }) => status)).toEqual(['400', '201']);
    expect((await scim('GET', `/Users/${id}`)).body.meta).toEqual(meta);
    const { rows } = await sql`select 1 from scim_identity where id = ${id}`.execute(world.db);
    expect(rows).toEqual([]);
  });

  it('reaches no place that the key does not, and answers it as none', async () => {
    const { id } = await made('acme');
    const answers = new Set<string>();
    for (const value of [
      place('acmeSouth'),
      world.organizations.acme2.id,
      '01a20000-0000-7000-8000-000000000000',
    ])
      answers.add((await set(id, `${remitSchema}:organization.value`, value, { key: narrow })).text);
    expect(answers.size).toBe(1);
    expect([...answers][0]).toContain('invalidValue');
  });

  it('does not tell who is a member where the key sees nobody', async () => {
    const [there, notThere] = [await made('acmeSouth'), await made('acmeSouth')];
    await sql`insert into membership (id, user_id, organization_id, path, sort_name)
      select gen_random_uuid(), m.user_id, o.id, o.path, 'x' from membership m, organization o
      where m.id = ${there.id} and o.id = ${place('acmeNorth')}`.execute(world.db);
    await world.as('owner', 'exception.create', {
      organizationId: place('acmeNorth'),
      permissions: ['user.read'],
      reason: 'nobody looks at people here',
    });
    const answers = [];
    for (const { id } of [there, notThere]) {
      const { status, text } = await move(id, 'acmeNorth');
      answers.push([status, text]);
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toEqual([
      400,
      (await set(there.id, `${remitSchema}:organization.value`, world.organizations.acme2.id)).text,
    ]);
    await sql`delete from exception`.execute(world.db);
  });

  it('leaves nothing of what a feed calls somebody where the feed does not reach', async () => {
    const { id } = await made('acmeSouth', { externalId: 'secret-1', title: 'x' });
    const moved = await world.as('owner', 'membership.move', {
      membershipId: id,
      organizationId: world.organizations.beta.id,
    });
    const other = await stage.feed('beta');
    const { text } = await scim('GET', `/Users/${moved.membershipId}`, { key: other.key, at: 'beta' });
    expect(text).not.toContain('secret-1');
    expect(text).not.toContain(id);
    expect((await scim('GET', `/Users/${id}`)).status).toBe(404);
  });
});

describe('somebody out of sight', () => {
  it('moves nothing that is seen of a group: not its version, nor when it changed', async () => {
    const shown = await made('acme');
    const hidden = await made('acmeSouth');
    const { id: groupId } = (
      await scim('POST', '/Groups', {
        body: { schemas: [groupSchema], displayName: 'Mixed', members: [{ value: shown.id }] },
      })
    ).body;
    const seen = async () => (await scim('GET', `/Groups/${groupId}`, { key: narrow })).text;
    const listed = async () =>
      (await scim('GET', '/Groups?sortBy=meta.lastModified&sortOrder=descending', { key: narrow })).text;
    const before = [await seen(), await listed()];
    expect(before[0]).toContain(shown.id);
    const change = (op: string, value: string) =>
      scim('PATCH', `/Groups/${groupId}`, { body: patch({ op, path: 'members', value: [{ value }] }) });
    await passTime(world.db, 60);
    expect((await change('add', hidden.id)).status).toBe(200);
    expect([await seen(), await listed()]).toEqual(before);
    await passTime(world.db, 60);
    expect((await change('remove', hidden.id)).status).toBe(200);
    expect([await seen(), await listed()]).toEqual(before);
    // What is seen does move it.
    await passTime(world.db, 60);
    expect((await change('remove', shown.id)).body.meta.lastModified > shown.meta.lastModified).toBe(true);
    expect(JSON.parse(await seen()).meta.lastModified > JSON.parse(before[0]!).meta.lastModified).toBe(true);
  });

  it('is in no count, whatever is asked', async () => {
    const hidden = await made('acmeSouth', { title: 'Hidden' });
    const filters = [
      'title eq "Hidden"',
      `id eq "${hidden.id}"`,
      `meta.location ew "${hidden.id}"`,
      `userName sw "${hidden.userName}"`,
      `emails[value eq "${hidden.userName}"]`,
      `${remitSchema}:organization.value eq "${place('acmeSouth')}"`,
      `not (${remitSchema}:organization.value ne "${place('acmeSouth')}")`,
      `${enterpriseSchema}:manager.value eq "${hidden.id}"`,
    ];
    for (const filter of filters) {
      const { body } = await scim('GET', `/Users?count=0&filter=${encodeURIComponent(filter)}`, {
        key: narrow,
      });
      expect(body.totalResults, filter).toBe(0);
    }
    const all = await scim('GET', '/Users?count=500', { key: narrow });
    expect(all.body.totalResults).toBe(all.body.Resources.length);
    expect(all.text).not.toContain(hidden.id);
  });

  it('is answered by tags as somebody who is not there', async () => {
    const hidden = await made('acmeSouth');
    const nobody = '01a20000-0000-7000-8000-000000000000';
    for (const name of ['if-match', 'if-none-match'])
      for (const method of ['GET', 'DELETE'] as const) {
        const ask = (id: string) =>
          scim(method, `/Users/${id}`, { key: narrow, headers: { [name]: hidden.meta.version } });
        const [one, other] = [await ask(hidden.id), await ask(nobody)];
        expect([one.status, one.text]).toEqual([404, other.text]);
        expect(one.headers.etag).toBeUndefined();
      }
  });
});

describe('what only the server writes', () => {
  it.each([
    ['id', 'x'],
    ['meta.version', 'W/"1"'],
    ['meta', { lastModified: '2001-01-01T00:00:00Z' }],
    ['meta.created', '2001-01-01T00:00:00Z'],
    ['groups', [{ value: '01a20000-0000-7000-8000-000000000000' }]],
    ['groups[value eq "x"].display', 'x'],
    [`${enterpriseSchema}:manager.displayName`, 'x'],
    [`${remitSchema}:organization.display`, 'x'],
    ['emails[value pr].display', 'x'],
  ])('%s stays', async (path, value) => {
    const { id, meta } = await made('acmeSouth');
    for (const op of ['add', 'replace', 'remove']) {
      const answer = await scim('PATCH', `/Users/${id}`, { body: patch({ op, path, value }) });
      expect([400, 200], `${op} ${answer.text}`).toContain(answer.status);
      if (answer.status === 200) expect(answer.body.meta).toEqual(meta);
      else expect(answer.body.scimType).toMatch(/^(mutability|noTarget|invalidPath)$/);
    }
    expect((await scim('GET', `/Users/${id}`)).body.meta).toEqual(meta);
  });
});

describe('what is huge', () => {
  it('is refused, or answered soon', async () => {
    const { id } = await made('acmeSouth');
    const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    for (const body of [
      patch({ op: 'add', path: 'name', value: nested(1000) }),
      bulkOf({ method: 'PATCH', path: `/Users/${id}`, data: nested(1000) }),
    ])
      expect((await scim('PATCH', `/Users/${id}`, { body })).status).toBe(400);
    // What has to be looked up for each person is asked a few times, not hundreds.
    const ask = (term: string, times: number) =>
      scim('POST', '/Users/.search', {
        body: {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
          filter: Array(times).fill(term).join(' or '),
        },
      });
    for (const term of [
      'meta.lastModified lt "2001-01-01T00:00:00Z"',
      'groups.display eq "a"',
      'groups[display eq "a"]',
      'not (meta pr)',
    ]) {
      expect((await ask(term, 20)).status, term).toBe(200);
      expect((await ask(term, 21)).body, term).toMatchObject({ status: '400', scimType: 'invalidFilter' });
    }
    expect((await ask('title eq "a"', 199)).status).toBe(200);
    expect((await ask('title eq "a"', 300)).status).toBe(400);
  });
});
