import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  enterpriseSchema,
  groupSchema,
  remitSchema,
  userSchema,
} from '../../src/enrolment/scim/protocol/schema.ts';
import {
  feedPermissions,
  type Method,
  patchOp as patch,
  type ScimCall,
  type ScimStage,
  scimStage,
} from '../harness/scim.ts';
import type { OrganizationName, World } from '../harness/world.ts';

/** What a feed cannot do, by any path that SCIM has: its boundary and its ceiling are those of its own delegation. */
let world: World;
let stage: ScimStage;
const keys: Partial<Record<OrganizationName | 'another', string>> = {};

const nobody = '01a20000-0000-7000-8000-000000000000';

beforeAll(async () => {
  stage = await scimStage();
  ({ world } = stage);
  for (const place of ['root', 'acme', 'acmeSouth', 'acme2'] as const) keys[place] = await clientOf(place);
  keys.another = await clientOf('acme');
});
afterAll(() => stage?.close());

const clientOf = async (place: OrganizationName, given = feedPermissions): Promise<string> =>
  (await stage.feed(place, given)).key;

type Sent = ScimCall & { by?: keyof typeof keys };

const scim = (method: Method, path: string, { by = 'acme', key = keys[by]!, ...sent }: Sent = {}) =>
  stage.ask(method, path, { ...sent, key });

const newUser = (userName: string, more: Record<string, unknown> = {}) => ({
  schemas: [userSchema],
  userName,
  ...more,
});
const member = (name: keyof World['people']) => world.people[name].membershipId;
const counted = async (filter: string, sent: Sent = {}) =>
  (await scim('GET', `/Users?filter=${encodeURIComponent(filter)}`, sent)).body.totalResults;

let next = 0;
async function made(more: Record<string, unknown> = {}, sent: Sent = {}) {
  const answer = await scim('POST', '/Users', { body: newUser(`made${++next}`, more), ...sent });
  expect(answer.status, answer.text).toBe(201);
  return answer.body as { id: string; userName: string };
}

describe('what a feed does not see', () => {
  it('is answered byte for byte as what is not there, for every method', async () => {
    const title = patch({ op: 'replace', path: 'title', value: 'x' });
    const asked: [Method, unknown][] = [
      ['GET', undefined],
      ['PATCH', title],
      ['PUT', newUser('x')],
      ['DELETE', undefined],
    ];
    for (const [method, body] of asked) {
      const absent = await scim(method, `/Users/${nobody}`, { body });
      expect(absent.status).toBe(404);
      for (const id of [member('acme2Member'), member('owner'), 'no-id'])
        expect((await scim(method, `/Users/${id}`, { body })).text, `${method} ${id}`).toBe(absent.text);
      // Through another organization's address neither they nor one's own people are there.
      for (const at of ['acme2', 'root'] as const)
        for (const id of [member('acme2Member'), member('acmeMember')])
          expect((await scim(method, `/Users/${id}`, { body, at })).text, `${method} at ${at}`).toBe(
            absent.text,
          );
    }
    const lists = [
      await scim('GET', '/Users', { at: 'acme2' }),
      await scim('GET', '/Groups', { at: 'root' }),
    ];
    expect(lists.map(({ status }) => status)).toEqual([404, 404]);
  });

  it('is in no list, count, sort or filter, not by a manager or a group either', async () => {
    const all = await scim('GET', '/Users?count=500');
    const ids = all.body.Resources.map(({ id }: { id: string }) => id);
    expect(ids).toContain(member('siteMember'));
    expect(ids).not.toContain(member('acme2Member'));
    expect(all.body.totalResults).toBe(ids.length);
    expect(await counted('userName eq "acme2member@example.org"')).toBe(0);
    expect(await counted('emails.value co "example.org"')).toBe(all.body.totalResults);
    // A line manager who is out of sight is nobody's, in the answer and in the question.
    await sql`update membership set line_manager_id = ${member('owner')} where id = ${member('acmeMember')}`.execute(
      world.db,
    );
    const read = await scim('GET', `/Users/${member('acmeMember')}`);
    expect(read.text).not.toContain(member('owner'));
    expect(await counted(`${enterpriseSchema}:manager.value eq "${member('owner')}"`)).toBe(0);
    expect(await counted(`${enterpriseSchema}:manager.displayName pr`)).toBe(0);
  });

  it('is no value of a member or a manager: the same as nobody', async () => {
    const { id } = await made();
    const group = await scim('POST', '/Groups', { body: { schemas: [groupSchema], displayName: 'Drivers' } });
    const answers = async (value: string) => [
      (
        await scim('PATCH', `/Groups/${group.body.id}`, {
          body: patch({ op: 'add', path: 'members', value: [{ value }] }),
        })
      ).text,
      (
        await scim('PATCH', `/Users/${id}`, {
          body: patch({ op: 'add', path: `${enterpriseSchema}:manager`, value }),
        })
      ).text,
      (await scim('POST', '/Users', { body: newUser('w', { [remitSchema]: { organization: { value } } }) }))
        .text,
    ];
    const absent = await answers(nobody);
    expect(absent.join()).not.toContain('"id"');
    expect(await answers(member('acme2Member'))).toEqual(absent);
    expect((await answers(world.organizations.acme2.id)).at(-1)).toBe(absent.at(-1));
  });

  it('goes on with nobody else’s cursor, and with no other question’s', async () => {
    const page = await scim('GET', '/Users?cursor=&count=2&sortBy=displayName');
    const cursor = encodeURIComponent(page.body.nextCursor);
    const on = `/Users?cursor=${cursor}&count=2&sortBy=displayName`;
    expect((await scim('GET', on)).status).toBe(200);
    for (const answer of [
      await scim('GET', on, { by: 'another' }),
      await scim('GET', on, { by: 'acmeSouth', at: 'acmeSouth' }),
      await scim('GET', `/Users?cursor=${cursor}&count=2&sortBy=userName`),
      await scim('GET', `/Users?cursor=${cursor}&count=2&sortBy=displayName&filter=active%20eq%20true`),
    ])
      expect([answer.status, answer.body.scimType]).toEqual([400, 'invalidCursor']);
  });

  it('has external ids of its own, and sees no other client’s', async () => {
    const { id } = await made({ externalId: 'hr-1' });
    const theirs = await scim('GET', `/Users/${id}`, { by: 'another' });
    expect(theirs.body.externalId).toBeUndefined();
    expect(await counted('externalId eq "hr-1"', { by: 'another' })).toBe(0);
    await scim('PATCH', `/Users/${id}`, {
      by: 'another',
      body: patch({ op: 'add', path: 'externalId', value: 'hr-2' }),
    });
    expect((await scim('GET', `/Users/${id}`)).body.externalId).toBe('hr-1');
  });
});

describe('an address that is known elsewhere', () => {
  it('makes somebody new, and the answer tells nothing (I40, ruling 13)', async () => {
    const known = 'acme2member@example.org';
    const answer = async (address: string) => {
      const { status, body } = await scim('POST', '/Users', {
        body: newUser(address, { displayName: 'Somebody', emails: [{ value: address, primary: true }] }),
      });
      return { status, shape: Object.keys(body).sort(), id: body.id };
    };
    const [one, other] = [await answer(known), await answer('unknown.anywhere@example.org')];
    expect(one.status).toBe(201);
    expect([one.status, one.shape]).toEqual([other.status, other.shape]);
    const { rows } = await sql<{ userId: string; proved: string | null }>`
      select m.user_id as "userId", u.proved_email as proved from membership m join app_user u on u.id = m.user_id
      where m.id = ${one.id}`.execute(world.db);
    expect(rows[0]!.userId).not.toBe(world.people.acme2Member.userId);
    expect(rows[0]!.proved).toBeNull();
  });

  it('is never changed where it is proved (ruling 6)', async () => {
    const id = member('acmeMember');
    const changed = await scim('PATCH', `/Users/${id}`, {
      body: patch({ op: 'replace', path: 'emails', value: [{ value: 'thief@example.test', primary: true }] }),
    });
    expect(changed.status).toBe(200);
    expect(changed.body.emails).toContainEqual(
      expect.objectContaining({ value: 'acmemember@example.org', primary: true }),
    );
    const { rows } = await sql<{ email: string; proved: string }>`
      select email, proved_email as proved from app_user where id = ${world.people.acmeMember.userId}`.execute(
      world.db,
    );
    expect(rows).toEqual([{ email: 'acmemember@example.org', proved: 'acmemember@example.org' }]);
  });

  it('is not chosen for somebody who was given power since: an invitation would hand it over (I12)', async () => {
    const at = (value: string) => patch({ op: 'replace', path: 'emails', value: [{ value, primary: true }] });
    const { id } = await made({ emails: [{ value: 'first@example.test' }] });
    const emailOf = async () => (await world.as('owner', 'membership.read', { membershipId: id })).user.email;
    await scim('PATCH', `/Users/${id}`, { body: at('second@example.test') });
    expect(await emailOf()).toBe('second@example.test');
    await world.as('owner', 'assignment.grant', {
      membershipIds: [id],
      entitlementIds: [world.entitlements.partsBuyer],
      accessRoleIds: [],
    });
    await scim('PATCH', `/Users/${id}`, { body: at('thief@example.test') });
    expect(await emailOf()).toBe('second@example.test');
  });
});

describe('what a feed may not take away or give', () => {
  it('ends or suspends no owner, and nobody who is the last manager (I38)', async () => {
    for (const sent of [
      await scim('DELETE', `/Users/${member('secondOwner')}`, { by: 'root', at: 'root' }),
      await scim('PATCH', `/Users/${member('secondOwner')}`, {
        by: 'root',
        at: 'root',
        body: patch({ op: 'replace', path: 'active', value: false }),
      }),
    ])
      expect([sent.status, sent.body.detail]).toEqual([403, expect.stringContaining('owner')]);
    const day = patch({ op: 'add', path: `${remitSchema}:lastDay`, value: '2099-01-01' });
    const dated = await scim('PATCH', `/Users/${member('secondOwner')}`, {
      by: 'root',
      at: 'root',
      body: day,
    });
    expect(dated.status, dated.text).toBe(400);
    expect(dated.body.detail).toMatch(/owner/);
  });

  it('suspends and ends the membership here, and never the person elsewhere', async () => {
    const { userId } = world.people.acmeMember;
    const elsewhere = nobody.replace('0000-000000000000', '0000-00000000e15e');
    await sql`insert into membership (id, user_id, organization_id, path, sort_name)
      select ${elsewhere}, ${userId}, o.id, o.path, 'acmemember' from organization o where o.id = ${world.organizations.beta.id}`.execute(
      world.db,
    );
    const id = member('acmeMember');
    const off = await scim('PATCH', `/Users/${id}`, {
      body: patch({ op: 'replace', path: 'active', value: false }),
    });
    expect(off.body.active).toBe(false);
    expect((await scim('DELETE', `/Users/${id}`)).status).toBe(204);
    const { rows } = await sql<{ state: string; account: string }>`
      select m.state, u.state as account from membership m join app_user u on u.id = m.user_id where m.id = ${elsewhere}`.execute(
      world.db,
    );
    expect(rows).toEqual([{ state: 'active', account: 'active' }]);
  });

  it('does with a PATCH what its permissions allow, and no more', async () => {
    const { id } = await made();
    const key = await clientOf('acme', ['organization.read', 'user.read', 'membership.update']);
    const asked = async (method: Method, path: string, body?: unknown) =>
      (await scim(method, path, { key, body })).status;
    expect(await asked('PATCH', `/Users/${id}`, patch({ op: 'add', path: 'title', value: 'x' }))).toBe(200);
    expect(await asked('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active', value: false }))).toBe(
      403,
    );
    expect(await asked('DELETE', `/Users/${id}`)).toBe(403);
    expect(await asked('POST', '/Users', newUser('not.mine'))).toBe(403);
    expect(await asked('POST', '/Groups', { schemas: [groupSchema], displayName: 'not mine' })).toBe(403);
    expect((await scim('GET', `/Users/${id}`)).body).toMatchObject({ title: 'x', active: true });
  });

  it('gives nothing by a title or a group that a rule reads and it could not give itself (I01)', async () => {
    const { id } = await made();
    await sql`insert into access_rule (id, organization_id, name, relation, title, entitlement_id)
      values (gen_random_uuid(), ${world.organizations.root.id}, 'buyers', 'members', 'Buyer', ${world.entitlements.partsBuyer})`.execute(
      world.db,
    );
    const titled = await scim('PATCH', `/Users/${id}`, {
      body: patch({ op: 'add', path: 'title', value: 'Buyer' }),
    });
    expect(titled.status, titled.text).toBe(400);
    const asNew = await scim('POST', '/Users', { body: newUser('buyer', { title: 'Buyer' }) });
    expect(asNew.status, asNew.text).toBe(400);
  });

  it('begins nobody before their first day', async () => {
    const tomorrow = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
    const { id } = await made({ [remitSchema]: { firstDay: tomorrow } });
    expect((await world.as('owner', 'membership.read', { membershipId: id })).state).toBe('not-begun');
  });
});

describe('in bulk', () => {
  const bulkOf = (...Operations: unknown[]) => ({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations,
  });

  it('does each operation as if it came alone, and takes back alone what is refused', async () => {
    const body = bulkOf(
      {
        method: 'POST',
        path: '/Groups',
        bulkId: 'g',
        data: { schemas: [groupSchema], displayName: 'Bulk', members: [{ value: 'bulkId:u' }] },
      },
      { method: 'POST', path: '/Users', bulkId: 'u', data: newUser('in.bulk') },
      {
        method: 'PATCH',
        path: `/Users/${member('acme2Member')}`,
        data: patch({ op: 'add', path: 'title', value: 'x' }),
      },
      { method: 'PATCH', path: `/Users/${nobody}`, data: patch({ op: 'add', path: 'title', value: 'x' }) },
      { method: 'DELETE', path: `/Users/${member('owner')}` },
      { method: 'POST', path: '/Users', bulkId: 'again', data: newUser('in.bulk') },
    );
    const { status, body: answer } = await scim('POST', '/Bulk', { body });
    expect(status).toBe(200);
    const operations = answer.Operations as { status: string; location?: string; response?: unknown }[];
    expect(operations.map((one) => one.status)).toEqual(['201', '201', '404', '404', '404', '409']);
    expect(operations[2]!.response).toEqual(operations[3]!.response);
    const user = operations[1]!.location!.split('/').at(-1);
    const group = await scim('GET', `/Groups/${operations[0]!.location!.split('/').at(-1)}`);
    expect(group.body.members).toMatchObject([{ value: user }]);
  });

  it('stops after so many errors, and resolves no circle', async () => {
    const wrong = (bulkId: string) => ({ method: 'POST', path: '/Users', bulkId, data: {} });
    const stopped = await scim('POST', '/Bulk', {
      body: { ...bulkOf(wrong('a'), wrong('b'), wrong('c')), failOnErrors: 2 },
    });
    expect(stopped.body.Operations).toHaveLength(2);
    const manager = (bulkId: string) => ({ [enterpriseSchema]: { manager: { value: `bulkId:${bulkId}` } } });
    const circle = await scim('POST', '/Bulk', {
      body: bulkOf(
        { method: 'POST', path: '/Users', bulkId: 'x', data: newUser('circle.x', manager('y')) },
        { method: 'POST', path: '/Users', bulkId: 'y', data: newUser('circle.y', manager('x')) },
      ),
    });
    expect(circle.body.Operations.map(({ status }: { status: string }) => status)).toEqual(['409', '409']);
    const many = Array.from({ length: 101 }, (_, index) => wrong(String(index)));
    expect((await scim('POST', '/Bulk', { body: bulkOf(...many) })).status).toBe(413);
  });
});
