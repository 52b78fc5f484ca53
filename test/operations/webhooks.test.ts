import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hashKey } from '../../src/delegation/clients.ts';
import { waits } from '../../src/notices/webhooks/rules.ts';
import { type Sending, sendDue } from '../../src/notices/webhooks/sending.ts';
import { fileDeliveries } from '../../src/notices/webhooks/subscriber.ts';
import { run } from '../../src/operation/pipeline.ts';
import type { EventJob } from '../../src/operation/subscribers.ts';
import { passTime } from '../../src/platform/clock.ts';
import { openEgress } from '../../src/platform/egress.ts';
import { operations } from '../../src/server/operations.gen.ts';
import { runJob, startWorker } from '../../src/server/worker.ts';
import { type Receiver, startReceiver } from '../harness/receiver.ts';
import { makeWorld, type OrganizationName, type PersonName, type World } from '../harness/world.ts';
import { root } from '../house/source.ts';

let world: World;
let receiver: Receiver;
let other: Receiver;
let sending: Sending;
let made: { id: string; secret: string }[] = [];

beforeAll(async () => {
  [receiver, other] = [await startReceiver(), await startReceiver()];
  world = await makeWorld([fileDeliveries]);
  const egress = { networks: ['127.0.0.1'], httpHosts: ['127.0.0.1'], ports: [receiver.port, other.port] };
  world.services.config = { ...world.services.config, egress };
  sending = { ...world.services, egress: openEgress(egress) };
});
afterAll(async () => {
  await receiver?.close();
  await other?.close();
  await world?.close();
});
afterEach(async () => {
  for (const { id } of made)
    await sql`update webhook set state = 'retired', off_why = null where id = ${id}`.execute(world.db);
  made = [];
  await sql`delete from pgboss.job`.execute(world.db);
  await sql`update request set state = 'withdrawn' where state = 'open'`.execute(world.db);
  await sql`update assignment set state = 'ended', ended_at = remit_now() where state = 'active'`.execute(
    world.db,
  );
  for (const one of [receiver, other]) {
    one.got.length = 0;
    one.answers(200);
  }
});

const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });

type Verified = (secret: string, headers: object, body: string) => unknown;
/** The example of docs/webhooks.md, as it stands there. */
async function documented(): Promise<{ verified: Verified }> {
  const page = readFileSync(join(root, 'docs/webhooks.md'), 'utf8');
  const code = page.split('```js\n')[1]!.split('\n```')[0]!;
  return await import(`data:text/javascript,${encodeURIComponent(code)}`);
}

let nth = 0;
async function hook(more: object = {}, who: PersonName = 'acmeManager', at: OrganizationName = 'acme') {
  const organizationId = world.organizations[at].id;
  nth += 1;
  const input = {
    organizationId,
    name: `hook ${nth}`,
    url: receiver.url,
    types: ['request.created'],
    ...more,
  };
  const one = await world.as(who, 'webhook.create', input as never);
  made.push(one);
  return one;
}
const ask = async (who: PersonName = 'northMember', of: keyof World['entitlements'] = 'partsBuyer') =>
  (await world.as(who, 'request.create', { entitlementId: world.entitlements[of], reason: 'canary-words' }))
    .requestId;

/** Lets the ten seconds pass, and does what the queue would then do. */
async function work(): Promise<void> {
  await passTime(world.db, 12);
  const { rows } = await sql<{ data: EventJob }>`
    delete from pgboss.job where name = 'event' and state = 'created' returning data`.execute(world.db);
  for (const { data } of rows) await runJob(world.services, data);
  await send();
}
async function send(seconds = 0): Promise<void> {
  if (seconds > 0) await passTime(world.db, seconds);
  for (const { id } of made) await sendDue(sending, id);
}
const deliveries = async ({ id }: { id: string }) =>
  (await world.as('owner', 'webhook-delivery.list', { webhookId: id })).items;
const bodies = (of = receiver) => of.got.map(({ body }) => JSON.parse(body));
const hookNow = async ({ id }: { id: string }) =>
  (await world.as('owner', 'webhook.list', { organizationId: world.organizations.acme.id })).items.find(
    (one) => one.id === id,
  );

describe('a message', () => {
  it('is signed as the specification says, and tells who needs what', async () => {
    const one = await hook();
    const request = await ask();
    expect(receiver.got).toEqual([]);
    await work();
    const [got, ...more] = receiver.got;
    expect(more).toEqual([]);
    const body = new Webhook(one.secret).verify(got!.body, got!.headers as Record<string, string>);
    expect(body).toEqual({
      type: 'request.created',
      timestamp: expect.stringMatching(/^20.+Z$/),
      data: {
        organization: { id: world.organizations.acmeNorth.id, name: 'acmeNorth' },
        person: {
          userId: world.people.northMember.userId,
          membershipId: world.people.northMember.membershipId,
          name: 'northMember',
        },
        by: 'northMember',
        access: {
          kind: 'entitlement',
          id: world.entitlements.partsBuyer,
          name: 'buyer',
          applicationName: 'parts',
        },
        request: { id: request, kind: 'access', state: 'open' },
        until: null,
        link: `http://localhost:4000/requests/${request}`,
      },
    });
    expect(() =>
      new Webhook(one.secret).verify(`${got!.body} `, got!.headers as Record<string, string>),
    ).toThrow();
    const { verified } = await documented();
    expect(verified(one.secret, got!.headers, got!.body)).toEqual(body);
    expect(() => verified(one.secret, got!.headers, `${got!.body} `)).toThrow('not signed');
    expect(await deliveries(one)).toMatchObject([
      { state: 'sent', attempts: 1, lastStatus: 200, problem: null, messageId: got!.headers['webhook-id'] },
    ]);
  });

  it('leaves no secret, address or word of a person in the trail, the jobs, the lists and the log of deliveries', async () => {
    const one = await hook({ url: `${receiver.url}?token=canary-token` });
    await world.as('acmeManager', 'webhook.rotate', { webhookId: one.id });
    await ask();
    await work();
    expect(receiver.got[0]!.body).not.toContain('canary-words');
    const { rows } = await sql<{ text: string }>`
      select coalesce(string_agg(e::text, ''), '') || coalesce((select string_agg(j.data::text, '') from pgboss.job j), '')
        || coalesce((select string_agg(d::text, '') from webhook_delivery d), '') as text
      from event e where e.type like 'webhook%'`.execute(world.db);
    const shown = rows[0]!.text + JSON.stringify([await hookNow(one), await deliveries(one)]);
    for (const secret of [one.secret, 'whsec_', 'canary-token']) expect(shown).not.toContain(secret);
  });

  it('is not sent of what was undone within its ten seconds (ruling 12)', async () => {
    const one = await hook({ types: ['request.approved', 'assignment.given', 'assignment.ended'] });
    const request = await ask();
    await world.as('acmeManager', 'request.decide', { requestId: request, approve: true });
    await world.as('acmeManager', 'request.undo', { requestId: request });
    await work();
    expect([receiver.got, await deliveries(one)]).toEqual([[], []]);
    await world.as('acmeManager', 'request.decide', { requestId: request, approve: true });
    await work();
    expect(
      bodies()
        .map(({ type }) => type)
        .sort(),
    ).toEqual(['assignment.given', 'request.approved']);
  });
});

describe('secrets', () => {
  it('are changed without a gap: for a day both sign', async () => {
    const one = await hook();
    const { secret } = await world.as('acmeManager', 'webhook.rotate', { webhookId: one.id });
    expect(secret).not.toBe(one.secret);
    await ask();
    await work();
    const verify = (key: string) => () =>
      new Webhook(key).verify(
        receiver.got.at(-1)!.body,
        receiver.got.at(-1)!.headers as Record<string, string>,
      );
    expect(receiver.got[0]!.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/);
    expect(verify(secret)).not.toThrow();
    expect(verify(one.secret)).not.toThrow();
    const { secret: third } = await world.as('acmeManager', 'webhook.rotate', {
      webhookId: one.id,
      atOnce: true,
    });
    await ask('siteMember');
    await work();
    expect(verify(third)).not.toThrow();
    expect(verify(secret)).toThrow();
  });
});

describe('what a webhook is told', () => {
  it('is what happens at its place and below, nothing beside or above', async () => {
    const one = await hook(
      { types: ['request.created', 'organization.created'] },
      'northManager',
      'acmeNorth',
    );
    await ask('siteMember', 'partsViewer');
    await ask('southMember', 'partsViewer');
    await ask('acmeMember', 'partsViewer');
    await work();
    expect(bodies().map(({ data }) => data.organization.name)).toEqual(['acmeNorthSite']);
    expect(await deliveries(one)).toHaveLength(1);
  });

  it('is within what its maker may see: an application that they do not look after is not told', async () => {
    await hook({}, 'northManager', 'acmeNorth');
    await ask('northMember', 'notesReader');
    await work();
    expect(receiver.got).toEqual([]);
  });

  it('ends with the delegation it was made under, also for what waits already', async () => {
    const one = await hook({}, 'northManager', 'acmeNorth');
    const state = (value: string) =>
      sql`update delegation set state = ${value} where id = ${world.delegations.northManager}`.execute(
        world.db,
      );
    receiver.answers(500);
    await ask('northMember', 'partsViewer');
    await work();
    receiver.answers(200);
    await state('paused');
    try {
      await ask('siteMember', 'partsViewer');
      await work();
      await send(60);
      expect(receiver.got).toHaveLength(1);
      expect((await deliveries(one)).map((each) => each.state)).toEqual(['withheld']);
    } finally {
      await state('active');
    }
  });

  it('is nothing about a closed organization, nor from one (I19)', async () => {
    const above = await hook();
    await hook({}, 'northManager', 'acmeNorth');
    await ask('northMember', 'partsViewer');
    const state = (value: string) =>
      sql`update organization set state = ${value} where id = ${world.organizations.acmeNorth.id}`.execute(
        world.db,
      );
    await state('suspended');
    try {
      await work();
      expect(receiver.got).toEqual([]);
      expect(await deliveries(above)).toEqual([]);
    } finally {
      await state('active');
    }
  });
});

it('may be made by a machine, and ends with its key', async () => {
  const { organizations } = world;
  const { id: clientId, key } = await world.as('acmeManager', 'client.create', {
    organizationId: organizations.acmeNorth.id,
    name: 'feed',
    permissions: ['organization.read', 'user.read', 'request.decide', 'webhook.configure'],
    entitlements: { applicationIds: [world.applications.parts] },
  });
  const answer = await run(world.services, operations['webhook.create'], {
    credential: { kind: 'key', keyHash: hashKey(key) },
    input: {
      organizationId: organizations.acmeNorth.id,
      name: 'feed',
      url: receiver.url,
      types: ['request.created'],
    },
    requestId: 'test',
  });
  made.push(answer.output);
  await ask();
  await ask('southMember');
  await work();
  expect(bodies().map(({ data }) => data.person.name)).toEqual(['northMember']);
  await world.as('acmeManager', 'client.end', { clientId });
  await ask('siteMember');
  await work();
  expect(receiver.got).toHaveLength(1);
});

it('costs no job where nobody is told of it', async () => {
  await hook({ types: ['organization.closed'] });
  await ask();
  const { rows } = await sql`select 1 from pgboss.job where data ->> 'subscriber' = 'webhooks'`.execute(
    world.db,
  );
  expect(rows).toEqual([]);
});

it('does not outlive its organization: closing ends it, and reopening does not bring it back', async () => {
  const { organizations } = world;
  const one = await hook({}, 'owner', 'beta');
  await world.as('owner', 'organization.close', { organizationId: organizations.beta.id });
  await world.as('owner', 'organization.resume', { organizationId: organizations.beta.id });
  expect(await world.as('owner', 'webhook.list', { organizationId: organizations.beta.id })).toEqual({
    items: [],
  });
  const { rows } = await sql`
    select w.secret, (select count(*)::int from event e where e.target_id = w.id and e.type = 'webhook.retired') as told
    from webhook w where w.id = ${one.id}`.execute(world.db);
  expect(rows).toEqual([{ secret: '', told: 1 }]);
});

describe('an endpoint that does not take it', () => {
  it('is tried again with growing pauses, under the same id; then it is a dead letter, sent again by hand', async () => {
    const one = await hook();
    receiver.answers(503);
    await ask();
    await work();
    for (const wait of waits) await send(wait * 1.2 + 61);
    expect(receiver.got).toHaveLength(waits.length + 1);
    expect(await deliveries(one)).toMatchObject([
      { state: 'failed', attempts: waits.length + 1, lastStatus: 503 },
    ]);
    expect(await hookNow(one)).toMatchObject({ state: 'off', offWhy: 'failing' });
    await expect(world.as('acmeManager', 'webhook-delivery.replay', { webhookId: one.id })).rejects.toEqual(
      refusal('webhook.off'),
    );
    await world.as('acmeManager', 'webhook.update', { webhookId: one.id, on: true });
    receiver.answers(204);
    const again = (input: object) =>
      world.as('acmeManager', 'webhook-delivery.replay', { webhookId: one.id, ...input });
    expect(await again({ since: '2999-01-01T00:00:00Z' })).toEqual({ replayed: 0 });
    expect(await again({ since: '2020-01-01T00:00:00Z' })).toEqual({ replayed: 1 });
    await send();
    expect(await deliveries(one)).toMatchObject([{ state: 'sent', attempts: 1, lastStatus: 204 }]);
    expect(new Set(receiver.got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(receiver.got.map(({ headers }) => headers['webhook-signature'])).size).toBeGreaterThan(5);
  });

  it('that says 410 is switched off at once, with all that waits, and somebody is told', async () => {
    const one = await hook({ types: ['request.created', 'request.withdrawn'] });
    const request = await ask();
    await world.as('northMember', 'request.withdraw', { requestId: request });
    receiver.answers(410);
    await work();
    expect((await deliveries(one)).map(({ state }) => state)).toEqual(['failed', 'failed']);
    expect(await hookNow(one)).toMatchObject({ state: 'off', offWhy: 'gone' });
    const { rows } =
      await sql`select actor_kind from event where type = 'webhook.disabled' and target_id = ${one.id}`.execute(
        world.db,
      );
    expect(rows).toEqual([{ actor_kind: 'system' }]);
    const { items } = await world.as('acmeManager', 'attention.list', { kind: 'webhook-off' });
    expect(items).toMatchObject([{ id: one.id, organization: { id: world.organizations.acme.id } }]);
    receiver.answers(200);
    await ask('siteMember');
    await work();
    expect(receiver.got.length).toBeLessThanOrEqual(2);
  });

  it('that says 429 is left in peace for as long as it asks', async () => {
    const one = await hook();
    receiver.answers(429, { 'retry-after': '600' });
    await ask();
    await work();
    await ask('siteMember');
    receiver.answers(200);
    await work();
    await send(500);
    expect(receiver.got).toHaveLength(1);
    await send(120);
    expect(receiver.got).toHaveLength(3);
    expect((await deliveries(one)).map(({ state }) => state)).toEqual(['sent', 'sent']);
  });

  it('redirects, shouts, or stands inside: none of it is followed or read', async () => {
    const one = await hook();
    receiver.answers(302, { location: other.url });
    await ask();
    await work();
    expect(await deliveries(one)).toMatchObject([{ state: 'waiting', lastStatus: 302, problem: 'redirect' }]);
    receiver.answers((answer) => answer.on('error', () => {}).end('x'.repeat(3_000_000)));
    await send(70);
    expect(await deliveries(one)).toMatchObject([{ state: 'sent', lastStatus: 200 }]);
    expect(other.got).toEqual([]);
  });

  it('under a name that leads inside a moment later is not called (DNS rebinding)', async () => {
    const { egress } = world.services.config;
    world.services.config = { ...world.services.config, egress: { ...egress, httpHosts: ['a.example'] } };
    const answers = ['127.0.0.1', '127.0.0.2'];
    const rebinding = openEgress(world.services.config.egress, { resolve: async () => [answers.shift()!] });
    const before = sending;
    sending = { ...sending, egress: rebinding };
    let one: Awaited<ReturnType<typeof hook>>;
    try {
      one = await hook({ url: `http://a.example:${receiver.port}/` });
      await ask();
      receiver.answers(500);
      await work();
      await send(70);
    } finally {
      sending = before;
      world.services.config = { ...world.services.config, egress };
    }
    expect(receiver.got).toHaveLength(1);
    expect(await deliveries(one)).toMatchObject([
      { attempts: 2, lastStatus: null, problem: 'address-not-allowed' },
    ]);
  });

  it('holds up nobody else (I50)', async () => {
    const silent = await hook();
    const well = await hook({ url: other.url });
    receiver.answers(() => {});
    await ask();
    const patient = sending;
    sending = {
      ...sending,
      egress: openEgress(world.services.config.egress, { limits: { milliseconds: 300, bytes: 1 } }),
    };
    try {
      await work();
    } finally {
      sending = patient;
    }
    expect(await deliveries(silent)).toMatchObject([{ state: 'waiting', problem: 'timeout' }]);
    expect(await deliveries(well)).toMatchObject([{ state: 'sent' }]);
  });
});

describe('a process that is killed between sending and noting it', () => {
  it('sends again under the same id, and a late note of the dead one counts for nothing', async () => {
    const one = await hook();
    await ask();
    let killed = true;
    const alive = sending;
    const dying: Sending = {
      ...sending,
      egress: {
        ...alive.egress,
        call: async (call) => {
          const answer = await alive.egress.call(call);
          if (killed) throw new Error('killed here');
          return answer;
        },
      },
    };
    sending = dying;
    await expect(work()).rejects.toThrow('killed here');
    sending = alive;
    killed = false;
    await send();
    expect(receiver.got).toHaveLength(1);
    // A job that the claim left behind looks when its lease is over.
    const { rows } =
      await sql`select 1 from pgboss.job where name = 'webhook' and start_after > remit_now()`.execute(
        world.db,
      );
    expect(rows.length).toBeGreaterThan(0);
    await send(62);
    expect(receiver.got.map(({ headers }) => headers['webhook-id'])).toEqual(
      Array(2).fill((await deliveries(one))[0]!.messageId),
    );
    expect(await deliveries(one)).toMatchObject([{ state: 'sent', attempts: 2 }]);
  });

  it('and of two at once only one sends', async () => {
    const one = await hook();
    await ask();
    await passTime(world.db, 12);
    const { rows } = await sql<{ data: EventJob }>`
      delete from pgboss.job where name = 'event' and state = 'created' returning data`.execute(world.db);
    for (const { data } of [...rows, ...rows]) await runJob(world.services, data);
    await Promise.all([1, 2, 3, 4].map(() => sendDue(sending, one.id)));
    expect(receiver.got).toHaveLength(1);
  });
});

describe('a secret of before', () => {
  it('signs nothing after a day', async () => {
    const one = await hook();
    await world.as('acmeManager', 'webhook.rotate', { webhookId: one.id });
    await passTime(world.db, 86_401);
    await ask();
    await work();
    expect(receiver.got[0]!.headers['webhook-signature']).toMatch(/^v1,\S+$/);
    expect(await hookNow(one)).toMatchObject({ oldSecretUntil: null });
  });
});

describe('making one', () => {
  it.each([
    ['http://hooks.example.org/', 'webhook.not-https'],
    ['https://u:p@hooks.example.org/', 'webhook.credentials-in-address'],
    ['https://169.254.169.254/', 'webhook.address-not-allowed'],
    ['https://[::ffff:10.0.0.1]/', 'webhook.address-not-allowed'],
    ['https://hooks.example.org:22/', 'webhook.port-not-allowed'],
    ['nonsense', 'webhook.not-an-address'],
  ])('refuses %s', async (url, code) => {
    await expect(hook({ url })).rejects.toEqual(refusal(code));
  });

  it('refuses a template that names what there is not, and types that nobody knows', async () => {
    await expect(hook({ templates: { 'request.created': 'Hi {{nobody}}' } })).rejects.toEqual(
      refusal('webhook.template'),
    );
    await expect(hook({ types: ['session.created'] })).rejects.toEqual(refusal('input.invalid'));
    await expect(hook({ types: [] })).rejects.toEqual(refusal('input.invalid'));
  });

  it('is for those who may, at their own places', async () => {
    await expect(hook({}, 'acmeHelpDesk')).rejects.toEqual(refusal('not-permitted'));
    await expect(hook({}, 'acmeManager', 'acme2')).rejects.toEqual(refusal('not-found'));
    const one = await hook();
    for (const [name, input] of [
      ['webhook.update', { name: 'x' }],
      ['webhook.rotate', {}],
      ['webhook.send-test', {}],
      ['webhook.retire', {}],
      ['webhook-delivery.list', {}],
      ['webhook-delivery.replay', {}],
    ] as const)
      await expect(
        world.as('acme2Manager', name, { webhookId: one.id, ...input } as never),
        name,
      ).rejects.toEqual(refusal('not-found'));
  });

  it('is tried at once by a test, and told nothing once it is removed', async () => {
    const one = await hook();
    await world.as('acmePeer', 'webhook.send-test', { webhookId: one.id });
    await send();
    expect(bodies()).toMatchObject([{ type: 'webhook.test', data: { organization: { name: 'acme' } } }]);
    await ask();
    await world.as('acmePeer', 'webhook.retire', { webhookId: one.id });
    await work();
    expect(receiver.got).toHaveLength(1);
    const { rows } = await sql`select secret from webhook where id = ${one.id}`.execute(world.db);
    expect(rows).toEqual([{ secret: '' }]);
  });
});

describe('chats', () => {
  const nasty = 'Ada <!channel> & [x](https://evil.example) *b*';
  it('Slack gets text and a button; nothing in a name becomes a link or a call', async () => {
    await hook({
      format: 'slack',
      language: 'de',
      templates: { 'request.created': '*{{person}}* möchte {{access}}' },
    });
    await sql`update app_user set display_name = ${nasty} where id = ${world.people.northMember.userId}`.execute(
      world.db,
    );
    try {
      const request = await ask();
      await work();
      const text = '*Ada &lt;!channel&gt; &amp; [x](https://evil.example) *b** möchte parts: buyer';
      expect(bodies()).toMatchObject([
        {
          text,
          blocks: [
            { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } },
            {
              type: 'actions',
              elements: [
                {
                  type: 'button',
                  text: { text: 'In Remit öffnen' },
                  url: `http://localhost:4000/requests/${request}`,
                },
              ],
            },
          ],
        },
      ]);
    } finally {
      await sql`update app_user set display_name = 'northMember' where id = ${world.people.northMember.userId}`.execute(
        world.db,
      );
    }
  });

  it('Teams gets an adaptive card of plain text', async () => {
    const one = await hook({ format: 'teams', language: 'fr' });
    await ask();
    await work();
    const [{ attachments }] = bodies();
    expect(attachments[0]).toMatchObject({
      contentType: 'application/vnd.microsoft.card.adaptive',
      content: {
        type: 'AdaptiveCard',
        body: [
          {
            type: 'RichTextBlock',
            inlines: [
              { type: 'TextRun', text: 'northMember (acmeNorth) attend une décision : parts: buyer.' },
            ],
          },
        ],
        actions: [{ type: 'Action.OpenUrl', title: 'Ouvrir dans Remit' }],
      },
    });
    expect((await hookNow(one))!.address).toBe(`http://127.0.0.1:${receiver.port}/…`);
  });
});

it('the worker does all of it by itself, and an endpoint that is silent keeps no other waiting', async () => {
  const silent = await hook();
  const well = await hook({ url: other.url });
  receiver.answers(() => {});
  const arrived = new Promise<void>((done) =>
    other.answers((answer) => answer.writeHead(200).end(() => done())),
  );
  const worker = await startWorker(world.services, world.url);
  try {
    await ask();
    await passTime(world.db, 12);
    await arrived;
    expect(other.got).toHaveLength(1);
    expect(await deliveries(silent)).toMatchObject([{ state: 'waiting' }]);
  } finally {
    // What is silent is let go, so that stopping need not wait for the end of its patience.
    await receiver.close();
    await worker.stop();
  }
  expect(await deliveries(well)).toMatchObject([{ state: 'sent', attempts: 1 }]);
});
