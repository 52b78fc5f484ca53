import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Permission, permissionNames } from '../../src/authority/permissions.ts';
import { run } from '../../src/operation/pipeline.ts';
import { makeServer } from '../../src/server/http.ts';
import { type Input, type OperationName, type Output, operations } from '../../src/server/operations.gen.ts';
import {
  addMembership,
  makeWorld,
  type OrganizationName,
  type PersonName,
  type World,
} from '../harness/world.ts';

/** Questions from applications (OpenID AuthZEN Authorization API 1.0), over the same engine (ruling 14). */
let world: World;
let app: FastifyInstance;
/** keys: of all, of acme about the application "parts", and of acme without the right to search */
const keys: Record<'all' | 'acme' | 'ask', string> = { all: '', acme: '', ask: '' };

beforeAll(async () => {
  world = await makeWorld();
  app = await makeServer(world.services);
  const make = async (
    place: OrganizationName,
    permissions: Permission[],
    applicationIds: string[] | 'same',
  ) =>
    (
      await world.as('owner', 'client.create', {
        organizationId: at(place),
        name: `asks in ${place}`,
        permissions,
        entitlements: applicationIds === 'same' ? 'same' : { applicationIds, entitlementIds: [] },
      })
    ).key;
  const reads: Permission[] = ['decision.ask', 'decision.search', 'access.read', 'delegation.read'];
  keys.all = await make('root', reads, 'same');
  keys.acme = await make('acme', ['decision.ask', 'decision.search'], [world.applications.parts]);
  keys.ask = await make('acme', ['decision.ask'], [world.applications.parts]);
  await world.as('owner', 'assignment.grant', {
    membershipIds: [member('southMember'), member('northMember'), member('acme2Member')],
    entitlementIds: [world.entitlements.partsBuyer],
    accessRoleIds: [],
  });
  await world.as('owner', 'assignment.grant', {
    organizationId: at('acmeNorth'),
    entitlementIds: [world.entitlements.partsViewer, world.entitlements.notesReader],
    accessRoleIds: [],
  });
  // What a manager gives waits ten seconds.
  await sql`update assignment set starts_at = '-infinity'`.execute(world.db);
});
afterAll(async () => {
  await app.close();
  await world.close();
});

const at = (name: OrganizationName) => world.organizations[name].id;
const member = (name: PersonName) => world.people[name].membershipId;
const user = (name: PersonName) => ({ type: 'user', id: world.people[name].userId });
const organization = (name: OrganizationName) => ({ type: 'organization', id: at(name) });
const application = (name: keyof World['applications']) => ({
  type: 'application',
  id: world.applications[name],
});

async function ask<N extends OperationName>(key: string, name: N, input: Input<N>): Promise<Output<N>> {
  const credential = { kind: 'key' as const, keyHash: createHash('sha256').update(key).digest() };
  return (await run(world.services, operations[name], { credential, input, requestId: 'test' }))
    .output as Output<N>;
}
type Question = Input<'decision.evaluate'>;
const evaluate = (key: string, subject: Question['subject'], name: string, resource: Question['resource']) =>
  ask(key, 'decision.evaluate', { subject, action: { name }, resource });
const permitted = async (...question: Parameters<typeof evaluate>) => (await evaluate(...question)).decision;

/** Those of many things for which a question about them is permitted. */
async function permittedOf<T>(
  key: string,
  things: readonly T[],
  question: (thing: T) => Question,
): Promise<T[]> {
  const found: T[] = [];
  for (let start = 0; start < things.length; start += 100) {
    const some = things.slice(start, start + 100);
    const { evaluations } = await ask(key, 'decision.evaluate-many', { evaluations: some.map(question) });
    found.push(...some.filter((_, index) => evaluations![index]!.decision));
  }
  return found;
}

/** As an application sends it. */
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url: path,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${keys.all}`, ...headers },
    payload: JSON.stringify(body),
  });

describe('metadata', () => {
  it('says where to ask, at the address that the standard fixes', async () => {
    const response = await app.inject({ url: '/.well-known/authzen-configuration' });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toMatch(/^application\/json/);
    const { url } = world.services.config;
    expect(response.json()).toEqual({
      policy_decision_point: url,
      access_evaluation_endpoint: `${url}/access/v1/evaluation`,
      access_evaluations_endpoint: `${url}/access/v1/evaluations`,
      search_subject_endpoint: `${url}/access/v1/search/subject`,
      search_resource_endpoint: `${url}/access/v1/search/resource`,
      search_action_endpoint: `${url}/access/v1/search/action`,
    });
    for (const address of Object.values(response.json() as Record<string, string>).slice(1)) {
      const { pathname } = new URL(address);
      expect(app.hasRoute({ method: 'POST', url: pathname }), pathname).toBe(true);
    }
  });
});

describe('an evaluation', () => {
  it('of the standard’s own example is understood, and denied', async () => {
    const response = await post(
      '/access/v1/evaluation',
      {
        subject: { type: 'user', id: 'alice@example.com' },
        resource: { type: 'account', id: '123' },
        action: { name: 'can_read', properties: { method: 'GET' } },
        context: { time: '1985-10-26T01:22-07:00' },
      },
      { 'x-request-id': 'bfe9eb29-ab87-4ca3-be83-a1d5d8305716' },
    );
    expect(response.statusCode).toBe(200);
    expect(response.body).toBe('{"decision":false}');
    expect(response.headers['x-request-id']).toBe('bfe9eb29-ab87-4ca3-be83-a1d5d8305716');
  });

  it('of access to an application is what holds says', async () => {
    const { all } = keys;
    expect(await permitted(all, user('southMember'), 'buyer', application('parts'))).toBe(true);
    expect(await permitted(all, user('southMember'), 'viewer', application('parts'))).toBe(false);
    expect(await permitted(all, user('siteMember'), 'viewer', application('parts'))).toBe(true);
    expect(await permitted(all, user('siteMember'), 'reader', application('notes'))).toBe(true);
    expect(
      await permitted(all, { type: 'membership', id: member('southMember') }, 'buyer', application('parts')),
    ).toBe(true);
    const inPlace = (name: OrganizationName) => ({
      ...user('southMember'),
      properties: { organizationId: at(name) },
    });
    expect(await permitted(all, inPlace('acmeSouth'), 'buyer', application('parts'))).toBe(true);
    expect(await permitted(all, inPlace('acme'), 'buyer', application('parts'))).toBe(false);
    await sql`update app_user set state = 'suspended' where id = ${user('southMember').id}`.execute(world.db);
    expect(await permitted(all, user('southMember'), 'buyer', application('parts'))).toBe(false);
    await sql`update app_user set state = 'active' where id = ${user('southMember').id}`.execute(world.db);
  });

  it('of an administrative act is what the engine decides', async () => {
    const { all } = keys;
    expect(await permitted(all, user('acmeManager'), 'user.invite', organization('acmeSouth'))).toBe(true);
    expect(await permitted(all, user('acmeManager'), 'user.invite', organization('beta'))).toBe(false);
    expect(await permitted(all, user('acmeHelpDesk'), 'user.invite', organization('acmeSouth'))).toBe(false);
    const membership = (name: PersonName) => ({ type: 'membership', id: member(name) });
    expect(await permitted(all, user('northManager'), 'membership.suspend', membership('siteMember'))).toBe(
      true,
    );
    expect(await permitted(all, user('northManager'), 'membership.suspend', membership('southMember'))).toBe(
      false,
    );
    // No administrative act targets its actor; reading is none.
    expect(await permitted(all, user('northManager'), 'membership.suspend', membership('northManager'))).toBe(
      false,
    );
    expect(await permitted(all, user('northManager'), 'user.read', membership('northManager'))).toBe(true);
    // Protected power (I12).
    expect(await permitted(all, user('acmeManager'), 'credential.reset', user('northMember'))).toBe(true);
    expect(await permitted(all, user('acmeManager'), 'credential.reset', user('acmePeer'))).toBe(false);
    // With which access: within the giver's and the place's ceiling.
    const withRole = (entitlementId: string) => ({
      ...membership('southMember'),
      properties: { entitlementId },
    });
    expect(
      await permitted(all, user('acmeManager'), 'access.grant', withRole(world.entitlements.partsBuyer)),
    ).toBe(true);
    expect(
      await permitted(all, user('acmeManager'), 'access.grant', withRole(world.entitlements.ledgerClerk)),
    ).toBe(false);
    expect(
      await permitted(all, user('owner'), 'access.grant', withRole(world.entitlements.ledgerClerk)),
    ).toBe(false);
  });

  it('says what a permit rests on only to whoever may read that, and never why not', async () => {
    const { all, acme } = keys;
    expect(await evaluate(all, user('acmeManager'), 'user.invite', organization('acmeSouth'))).toEqual({
      decision: true,
      context: { delegation_id: world.delegations.acmeManager },
    });
    expect(await evaluate(acme, user('acmeManager'), 'user.invite', organization('acmeSouth'))).toEqual({
      decision: true,
    });
    expect(await evaluate(all, user('southMember'), 'buyer', application('parts'))).toEqual({
      decision: true,
      context: { reason: 'direct' },
    });
    expect(await evaluate(acme, user('southMember'), 'buyer', application('parts'))).toEqual({
      decision: true,
    });
  });

  it('outside of what the asker may ask about equals one about nothing, byte for byte (ruling 14)', async () => {
    const nobody = '00000000-0000-7000-8000-00000000dead';
    const body = async (subject: object, name: string, resource: object) => {
      const response = await post(
        '/access/v1/evaluation',
        { subject, action: { name }, resource },
        { authorization: `Bearer ${keys.acme}` },
      );
      return { status: response.statusCode, body: response.body, type: response.headers['content-type'] };
    };
    const unknown = await body({ type: 'user', id: nobody }, 'buyer', application('parts'));
    expect(unknown).toMatchObject({ status: 200, body: '{"decision":false}' });
    const questions: [object, string, object][] = [
      // Somebody elsewhere, who has it.
      [user('acme2Member'), 'buyer', application('parts')],
      // Another application, which they have.
      [user('siteMember'), 'reader', application('notes')],
      [user('siteMember'), 'viewer', { type: 'application', id: nobody }],
      [user('siteMember'), 'viewer', { type: 'application', id: 'parts' }],
      // A plain no.
      [user('southMember'), 'viewer', application('parts')],
      [user('acmeHelpDesk'), 'user.invite', organization('acme')],
      // One end in reach only.
      [user('owner'), 'user.invite', organization('acmeSouth')],
      [user('acmeManager'), 'user.invite', { type: 'organization', id: nobody }],
      [user('acme2Manager'), 'user.invite', organization('acme2')],
      // What nobody ever heard of.
      [user('acmeManager'), 'user.fly', organization('acme')],
      [user('acmeManager'), 'user.read', { type: 'spaceship', id: at('acme') }],
      [{ type: 'spaceship', id: user('acmeManager').id }, 'user.read', organization('acme')],
      [{ ...user('acmeManager'), properties: { organizationId: 7 } }, 'user.read', organization('acme')],
      [
        user('acmeManager'),
        'access.grant',
        { type: 'membership', id: member('southMember'), properties: { entitlementId: nobody } },
      ],
    ];
    for (const [subject, name, resource] of questions)
      expect(await body(subject, name, resource), `${name} ${JSON.stringify(resource)}`).toEqual(unknown);
    expect(await body(user('southMember'), 'buyer', application('parts'))).toMatchObject({
      body: '{"decision":true}',
    });
  });

  it('needs a key, the right to ask, and a question', async () => {
    const question = {
      subject: user('owner'),
      action: { name: 'user.read' },
      resource: organization('acme'),
    };
    expect(
      (await post('/access/v1/evaluation', question, { authorization: 'Bearer rmt_none' })).statusCode,
    ).toBe(401);
    expect((await post('/access/v1/evaluation', { ...question, action: {} })).statusCode).toBe(400);
    expect((await post('/access/v1/evaluation', { subject: user('owner') })).statusCode).toBe(400);
    expect(
      (
        await post('/access/v1/evaluation', {
          ...question,
          subject: { ...question.subject, properties: 'x' },
        })
      ).statusCode,
    ).toBe(400);
    await expect(world.as('acmeHelpDesk', 'decision.evaluate', question)).rejects.toMatchObject({
      code: 'not-permitted',
    });
    const { rows } = await sql<{
      n: number;
    }>`select count(*)::int as n from event where type like 'decision%'`.execute(world.db);
    expect(rows).toEqual([{ n: 0 }]);
  });

  it('follows an ending at once', async () => {
    const visitor = await addMembership(
      world.db,
      user('betaMember').id,
      'betaMember',
      world.organizations.acme,
    );
    const link = await world.as('owner', 'delegation.create', {
      organizationId: at('acme'),
      delegate: { membershipId: visitor },
      permissions: ['user.read'],
    });
    const asked = () => permitted(keys.acme, user('betaMember'), 'user.read', organization('acmeSouth'));
    expect(await asked()).toBe(true);
    // The same person in their other organization holds nothing there, and is out of sight of this key.
    expect(
      await permitted(
        keys.acme,
        { ...user('betaMember'), properties: { organizationId: at('beta') } },
        'user.read',
        organization('acmeSouth'),
      ),
    ).toBe(false);
    await world.as('owner', 'delegation.end', { delegationId: link.id });
    expect(await asked()).toBe(false);
  });
});

describe('several evaluations', () => {
  const three = {
    subject: () => user('southMember'),
    evaluations: () => [
      { action: { name: 'buyer' }, resource: application('parts') },
      { action: { name: 'viewer' }, resource: application('parts') },
      { action: { name: 'buyer' }, resource: application('parts') },
    ],
  };
  const many = (more: object) =>
    ask(keys.acme, 'decision.evaluate-many', {
      subject: three.subject(),
      evaluations: three.evaluations(),
      ...more,
    } as Input<'decision.evaluate-many'>);

  it('are answered in order, with what they leave out taken from above', async () => {
    expect(await many({})).toEqual({
      evaluations: [{ decision: true }, { decision: false }, { decision: true }],
    });
    expect(
      await many({
        evaluations: [
          ...three.evaluations().slice(0, 1),
          { ...three.evaluations()[0], subject: user('owner') },
        ],
      }),
    ).toEqual({ evaluations: [{ decision: true }, { decision: false }] });
  });

  it.each([
    ['execute_all', [true, false, true]],
    ['deny_on_first_deny', [true, false]],
    ['permit_on_first_permit', [true]],
  ] as const)('stop as asked: %s', async (evaluations_semantic, expected) => {
    const { evaluations } = await many({ options: { evaluations_semantic, another_option: 'value' } });
    expect(evaluations?.map(({ decision }) => decision)).toEqual(expected);
  });

  it('stop at the first deny even when it comes first, and go on to a permit', async () => {
    const turned = [three.evaluations()[1]!, three.evaluations()[0]!, three.evaluations()[1]!];
    const of = async (evaluations_semantic: string) =>
      (await many({ evaluations: turned, options: { evaluations_semantic } })).evaluations!.map(
        ({ decision }) => decision,
      );
    expect(await of('deny_on_first_deny')).toEqual([false]);
    expect(await of('permit_on_first_permit')).toEqual([false, true]);
  });

  it('are one evaluation when there is no list', async () => {
    const [one] = three.evaluations();
    expect(await many({ evaluations: undefined, ...one })).toEqual({ decision: true });
    expect(await many({ evaluations: [], ...one })).toEqual({ decision: true });
  });

  it('are malformed as a whole: too many, incomplete, or of an unknown semantic', async () => {
    const refused = expect.objectContaining({ code: 'input.invalid' });
    await expect(many({ evaluations: Array(101).fill(three.evaluations()[0]) })).rejects.toEqual(refused);
    await expect(many({ evaluations: [{ action: { name: 'buyer' } }] })).rejects.toMatchObject({
      details: { field: 'evaluations.0.resource' },
    });
    await expect(many({ options: { evaluations_semantic: 'perhaps' } })).rejects.toEqual(refused);
  });

  it('of the standard’s examples are understood', async () => {
    const response = await post('/access/v1/evaluations', {
      subject: { type: 'user', id: 'alice@example.com' },
      context: { time: '2024-05-31T15:22-07:00' },
      action: { name: 'can_read' },
      evaluations: [
        { resource: { type: 'document', id: 'boxcarring.md' } },
        { resource: { type: 'document', id: 'subject-search.md' } },
        { action: { name: 'can_edit' }, resource: { type: 'document', id: 'resource-search.md' } },
      ],
    });
    expect(response.statusCode).toBe(200);
    expect(response.body).toBe('{"evaluations":[{"decision":false},{"decision":false},{"decision":false}]}');
  });
});

/** Every page of a search, with pages of `limit`. */
async function pages<
  N extends 'decision.search-subjects' | 'decision.search-resources' | 'decision.search-actions',
>(
  key: string,
  name: N,
  input: Omit<Input<N>, 'page'>,
  limit?: number,
): Promise<{ results: Output<N>['results']; pages: number }> {
  const results: unknown[] = [];
  let token: string | undefined;
  for (let page = 1; ; page += 1) {
    const answer = (await ask(key, name, { ...input, page: { limit, token } } as Input<N>)) as Output<N>;
    expect(answer.page.count).toBe(answer.results.length);
    results.push(...answer.results);
    if (answer.page.next_token === '') return { results: results as never, pages: page };
    token = answer.page.next_token;
    if (page > 200) throw new Error('it does not end');
  }
}

const everybody = () => Object.keys(world.people) as PersonName[];
const everywhere = () => Object.keys(world.organizations) as OrganizationName[];
const sorted = (ids: Iterable<string>) => [...new Set(ids)].sort();
const permissionsAsked: Permission[] = ['user.read', 'user.invite', 'membership.suspend', 'credential.reset'];

describe('a search finds what an evaluation permits, one by one (I07)', () => {
  it.each(['all', 'acme'] as const)('of subjects, for acts, asked by the key of %s', async (name) => {
    const key = keys[name];
    let found = 0;
    for (const permission of permissionsAsked)
      for (const resource of [
        organization('root'),
        organization('acme'),
        organization('acmeNorthSite'),
        { type: 'membership', id: member('siteMember') },
        { type: 'user', id: user('northManager').id },
      ]) {
        const expected = await permittedOf(
          key,
          everybody().map((person) => user(person).id),
          (id) => ({ subject: { type: 'user', id }, action: { name: permission }, resource }),
        );
        const input = { subject: { type: 'user' }, action: { name: permission }, resource };
        const { results } = await pages(key, 'decision.search-subjects', input, 3);
        expect(
          results.map(({ id }) => id),
          `${permission} ${JSON.stringify(resource)}`,
        ).toEqual(sorted(expected));
        found += expected.length;
      }
    expect(found).toBeGreaterThan(20);
  });

  it.each(['all', 'acme'] as const)('of subjects, for applications, asked by the key of %s', async (name) => {
    const key = keys[name];
    for (const type of ['user', 'membership'] as const)
      for (const role of ['buyer', 'viewer', 'reader'])
        for (const resource of [
          application('parts'),
          application('notes'),
          { type: 'application', id: 'x' },
        ]) {
          const expected = await permittedOf(
            key,
            everybody().map((person) => (type === 'user' ? user(person).id : member(person))),
            (id) => ({ subject: { type, id }, action: { name: role }, resource }),
          );
          const { results } = await pages(
            key,
            'decision.search-subjects',
            { subject: { type }, action: { name: role }, resource },
            1,
          );
          expect(results.map(({ id }) => id)).toEqual(sorted(expected));
          if (name === 'all' && role === 'buyer' && resource.id === world.applications.parts)
            expect(expected.length).toBe(3);
        }
  });

  it.each(['all', 'acme'] as const)(
    'of resources, asked by the key of %s',
    async (name) => {
      const key = keys[name];
      const ids = {
        organization: everywhere().map(at),
        membership: (await sql<{ id: string }>`select id from membership`.execute(world.db)).rows.map(
          ({ id }) => id,
        ),
        user: everybody().map((person) => user(person).id),
      };
      let found = 0;
      for (const person of ['owner', 'acmeManager', 'northManager'] as const)
        for (const permission of permissionsAsked)
          for (const type of ['organization', 'membership', 'user'] as const) {
            const expected = await permittedOf(key, ids[type], (id) => ({
              subject: user(person),
              action: { name: permission },
              resource: { type, id },
            }));
            const { results } = await pages(
              key,
              'decision.search-resources',
              { subject: user(person), action: { name: permission }, resource: { type } },
              4,
            );
            expect(
              results.map(({ id }) => id),
              `${person} ${permission} ${type}`,
            ).toEqual(sorted(expected));
            found += expected.length;
          }
      expect(found).toBeGreaterThan(50);
      const apps = await pages(key, 'decision.search-resources', {
        subject: user('siteMember'),
        action: { name: 'viewer' },
        resource: { type: 'application' },
      });
      expect(apps.results).toEqual([application('parts')]);
      const notes = await pages(key, 'decision.search-resources', {
        subject: user('siteMember'),
        action: { name: 'reader' },
        resource: { type: 'application' },
      });
      expect(notes.results).toEqual(name === 'all' ? [application('notes')] : []);
    },
    60_000,
  );

  it('of actions', async () => {
    for (const person of ['owner', 'acmeManager', 'acmeHelpDesk', 'northManager'] as const)
      for (const resource of [organization('acmeNorth'), { type: 'user', id: user('northManager').id }]) {
        const expected = await permittedOf(keys.acme, permissionNames, (name) => ({
          subject: user(person),
          action: { name },
          resource,
        }));
        const { results } = await pages(
          keys.acme,
          'decision.search-actions',
          { subject: user(person), resource },
          5,
        );
        expect(results.map(({ name }) => name)).toEqual(sorted(expected));
        expect(expected.length > 0).toBe(person !== 'owner');
      }
    const roles = await pages(keys.all, 'decision.search-actions', {
      subject: user('northMember'),
      resource: application('parts'),
    });
    expect(roles.results).toEqual([{ name: 'buyer' }, { name: 'viewer' }]);
  });
});

describe('a search', () => {
  const question = () => ({
    subject: { type: 'user' },
    action: { name: 'user.read' },
    resource: organization('acmeSouth'),
  });

  it('is granted apart', async () => {
    await expect(ask(keys.ask, 'decision.search-subjects', question())).rejects.toMatchObject({
      code: 'not-permitted',
    });
    await expect(world.as('acmeManager', 'decision.search-subjects', question())).rejects.toMatchObject({
      code: 'not-permitted',
    });
  });

  it('is recorded, with the question outside of what is sealed', async () => {
    const before = await sql<{ n: string }>`select coalesce(max(position), 0)::text as n from event`.execute(
      world.db,
    );
    const { results } = await ask(keys.acme, 'decision.search-subjects', question());
    const { rows } = await sql<Record<string, unknown>>`
      select type, actor_kind, organization_id, path, before, after, personal, cardinality(delegations) as links from event
      where position > ${before.rows[0]!.n}::bigint`.execute(world.db);
    expect(rows).toEqual([
      {
        type: 'decision.searched',
        actor_kind: 'client',
        organization_id: at('acme'),
        path: 'r.1',
        before: null,
        after: { search: 'subject', found: results.length },
        personal: { question: question() },
        links: 4,
      },
    ]);
  });

  it('goes on only with the token of the same question', async () => {
    const input = { ...question(), page: { limit: 1 } };
    const first = await ask(keys.all, 'decision.search-subjects', input);
    const token = first.page.next_token;
    expect(token).not.toBe('');
    const refused = expect.objectContaining({ code: 'input.invalid' });
    const next = await ask(keys.all, 'decision.search-subjects', { ...question(), page: { token } });
    expect(next.results).toHaveLength(1);
    expect(next.results).not.toEqual(first.results);
    const others: Input<'decision.search-subjects'>[] = [
      { ...question(), action: { name: 'user.invite' }, page: { token } },
      { ...question(), page: { token, limit: 7 } },
      { ...question(), page: { token: 'made up' } },
      { ...question(), page: { token: Buffer.from('{"after":7}').toString('base64url') } },
    ];
    for (const other of others)
      await expect(ask(keys.all, 'decision.search-subjects', other)).rejects.toEqual(refused);
  });

  it('carries an organization that the subject is named with', async () => {
    const subject = { type: 'user', properties: { organizationId: at('acmeSouth') } };
    const { results } = await ask(keys.all, 'decision.search-subjects', {
      subject,
      action: { name: 'buyer' },
      resource: application('parts'),
    });
    expect(results).toEqual([{ ...subject, id: user('southMember').id }]);
  });

  it('of the standard’s examples is understood', async () => {
    const bodies = {
      subject: {
        subject: { type: 'user' },
        action: { name: 'can_read' },
        resource: { type: 'account', id: '123' },
        context: { time: '2024-10-26T01:22-07:00' },
      },
      resource: {
        subject: { type: 'user', id: 'alice@example.com' },
        action: { name: 'can_read' },
        resource: { type: 'account' },
        page: { limit: 2 },
      },
      action: { subject: { type: 'user', id: '123' }, resource: { type: 'account', id: '123' } },
    };
    for (const [name, body] of Object.entries(bodies)) {
      const response = await post(`/access/v1/search/${name}`, body);
      expect(response.statusCode).toBe(200);
      expect(response.body).toBe('{"page":{"next_token":"","count":0},"results":[]}');
    }
  });
});
