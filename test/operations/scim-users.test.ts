import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { remitSchema, userSchema } from '../../src/enrolment/scim/protocol/schema.ts';
import {
  feedPermissions,
  type Method,
  patchOp as patch,
  type ScimCall,
  type ScimStage,
  scimStage,
} from '../harness/scim.ts';
import type { OrganizationName, World } from '../harness/world.ts';

/** People over SCIM 2.0 (RFC 7644): the same acts as the portal's, by the same rules (I10). */
let world: World;
let stage: ScimStage;
let key: string;

beforeAll(async () => {
  stage = await scimStage();
  ({ world } = stage);
  key = await clientOf('acme');
});
afterAll(() => stage?.close());

const clientOf = async (place: OrganizationName): Promise<string> =>
  (
    await stage.feed(
      place,
      feedPermissions.filter((one) => one !== 'group.configure'),
    )
  ).key;

type Sent = Omit<ScimCall, 'key'> & { by?: string };

const scim = (method: Method, path: string, { by = key, ...sent }: Sent = {}) =>
  stage.ask(method, path, { ...sent, key: by });

let next = 0;
async function made(more: Record<string, unknown> = {}) {
  const userName = `person${++next}@example.test`;
  const answer = await scim('POST', '/Users', {
    body: { schemas: [userSchema], userName, displayName: `Person ${next}`, ...more },
  });
  expect(answer.body).toMatchObject({ id: expect.any(String) });
  return answer.body as { id: string; userName: string; meta: { version: string } };
}

describe('a person', () => {
  it('is made with an address, a version and what was sent', async () => {
    const answer = await scim('POST', '/Users', {
      body: {
        schemas: [userSchema],
        userName: 'jan@example.test',
        externalId: 'a-1',
        name: { givenName: 'Jan', familyName: 'Jansen' },
        title: 'Fitter',
        emails: [{ value: 'jan@example.test', type: 'work', primary: true }],
        active: true,
        [remitSchema]: { organization: { value: world.organizations.acmeSouth.id } },
      },
    });
    expect(answer.status).toBe(201);
    expect(answer.headers['content-type']).toBe('application/scim+json');
    expect(answer.headers.location).toBe(answer.body.meta.location);
    expect(answer.headers.etag).toMatch(/^W\/"\d+"$/);
    expect(answer.body).toMatchObject({
      userName: 'jan@example.test',
      externalId: 'a-1',
      displayName: 'Jan Jansen',
      title: 'Fitter',
      active: true,
      emails: [{ value: 'jan@example.test', type: 'work', primary: true }],
      [remitSchema]: { organization: { value: world.organizations.acmeSouth.id, display: 'acmeSouth' } },
    });
    const read = await scim('GET', `/Users/${answer.body.id}`);
    expect(read.body).toEqual(answer.body);
    const known = await scim('GET', `/Users/${answer.body.id}`, {
      headers: { 'if-none-match': String(read.headers.etag) },
    });
    expect([known.status, known.body]).toEqual([304, undefined]);
  });

  it('is found by user name, whatever its case, and by the client’s own id', async () => {
    const { id, userName } = await made({ externalId: 'mine-1' });
    for (const filter of [`userName eq "${userName.toUpperCase()}"`, 'externalId eq "mine-1"']) {
      const found = await scim('GET', `/Users?filter=${encodeURIComponent(filter)}`);
      expect(found.body, filter).toMatchObject({ totalResults: 1, itemsPerPage: 1, Resources: [{ id }] });
    }
    const other = await clientOf('acme');
    const theirs = await scim('GET', '/Users?filter=externalId%20eq%20%22mine-1%22', { by: other });
    expect(theirs.body.totalResults).toBe(0);
  });

  it('has a user name that nobody else here has', async () => {
    const { userName } = await made();
    const again = await scim('POST', '/Users', {
      body: { schemas: [userSchema], userName: userName.toUpperCase() },
    });
    expect([again.status, again.body]).toMatchObject([409, { scimType: 'uniqueness', status: '409' }]);
  });

  it('is suspended by active: false, and let back in', async () => {
    const { id } = await made();
    const off = await scim('PATCH', `/Users/${id}`, {
      body: patch({ op: 'Replace', path: 'active', value: 'False' }),
    });
    expect([off.status, off.body.active]).toEqual([200, false]);
    expect((await world.as('owner', 'membership.read', { membershipId: id })).state).toBe('suspended');
    const on = await scim('PATCH', `/Users/${id}`, {
      body: patch({ op: 'replace', value: { active: true } }),
    });
    expect(on.body.active).toBe(true);
  });

  it('gets a title and dates, and a version that moves only when something changed', async () => {
    const { id, meta } = await made();
    const titled = await scim('PATCH', `/Users/${id}`, {
      body: patch(
        { op: 'add', path: 'title', value: 'Fitter' },
        { op: 'add', path: `${remitSchema}:lastDay`, value: '2099-01-31' },
      ),
      headers: { 'if-match': meta.version },
    });
    expect(titled.body).toMatchObject({ title: 'Fitter', [remitSchema]: { lastDay: '2099-01-31' } });
    expect(titled.body.meta.version).not.toBe(meta.version);
    const stale = await scim('PATCH', `/Users/${id}`, {
      body: patch({ op: 'add', path: 'title', value: 'Welder' }),
      headers: { 'if-match': meta.version },
    });
    expect([stale.status, stale.body.status]).toEqual([412, '412']);
    const same = await scim('PATCH', `/Users/${id}`, {
      body: patch({ op: 'add', path: 'title', value: 'Fitter' }),
    });
    expect(same.body).toEqual(titled.body);
  });

  it('is gone everywhere once deleted, and may come anew', async () => {
    const { id, userName } = await made();
    expect((await scim('DELETE', `/Users/${id}`)).status).toBe(204);
    expect((await scim('GET', `/Users/${id}`)).status).toBe(404);
    expect((await scim('DELETE', `/Users/${id}`)).status).toBe(404);
    const again = await scim('POST', '/Users', { body: { schemas: [userSchema], userName } });
    expect(again.status).toBe(201);
    expect(again.body.id).not.toBe(id);
  });

  it('is replaced as a whole, without losing a last day that the client does not know of', async () => {
    const { id, userName } = await made({
      title: 'Fitter',
      [remitSchema]: { lastDay: '2099-01-31' },
    });
    const answer = await scim('PUT', `/Users/${id}`, {
      body: { schemas: [userSchema], userName, displayName: 'Renamed' },
    });
    expect(answer.body).toMatchObject({ displayName: 'Renamed', [remitSchema]: { lastDay: '2099-01-31' } });
    expect(answer.body.title).toBeUndefined();
  });
});
