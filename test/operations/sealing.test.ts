import { createSecretKey, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { start } from '../../src/main.ts';
import { type Sending, sendDue } from '../../src/notices/webhooks/sending.ts';
import { ConfigError, readConfig } from '../../src/platform/config.ts';
import { openEgress } from '../../src/platform/egress.ts';
import { SealingError, type SecretKeys } from '../../src/platform/sealing.ts';
import { sealStored } from '../../src/server/seal-stored.ts';
import { loadKeys, type ProviderKeys } from '../../src/signin/oidc/keys.ts';
import { type Receiver, startReceiver } from '../harness/receiver.ts';
import { makeWorld, type World } from '../harness/world.ts';

type Hook = { id: string; secret: string; before: string };

let world: World;
let receiver: Receiver;
let first: SecretKeys;
const second: SecretKeys = [{ id: 'second', key: createSecretKey(randomBytes(32)) }];
let providerKeys: ProviderKeys;
let hooks: Hook[] = [];
let warned: string[] = [];
const log = { warn: (message: string) => warned.push(message) };

beforeAll(async () => {
  world = await makeWorld();
  receiver = await startReceiver();
  first = world.services.config.secretKeys;
  const egress = { networks: ['127.0.0.1'], httpHosts: ['127.0.0.1'], ports: [receiver.port] };
  world.services.config = { ...world.services.config, egress };
});
afterAll(async () => {
  await receiver?.close();
  await world?.close();
});
beforeEach(async () => {
  await sql`delete from provider_key`.execute(world.db);
  await sql`update webhook set state = 'retired', off_why = null, secret = '', old_secret = null, old_secret_until = null`.execute(
    world.db,
  );
  hooks = [];
  for (const name of ['one', 'other']) {
    const made = await world.as('acmeManager', 'webhook.create', {
      organizationId: world.organizations.acme.id,
      name,
      url: receiver.url,
      types: ['request.created'],
    });
    const changed = await world.as('acmeManager', 'webhook.rotate', { webhookId: made.id });
    hooks.push({ id: made.id, secret: changed.secret, before: made.secret });
  }
  providerKeys = await loadKeys(world.db, first);
  receiver.got.length = 0;
  warned = [];
});

/** Everything that stands in any table, as text: what a backup would show. */
async function allText(): Promise<string> {
  const { rows: tables } = await sql<{ name: string }>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')`.execute(world.db);
  const texts = [];
  for (const { name } of tables) {
    const { rows } = await sql<{ text: string | null }>`
      select string_agg(t::text, '\n') as text from ${sql.raw(name)} t`.execute(world.db);
    texts.push(rows[0]!.text ?? '');
  }
  return texts.join('\n');
}

/** What only we may know, each also without its wrapping. */
const plain = (): string[] => [
  ...hooks.flatMap(({ secret, before }) =>
    [secret, before].flatMap((one) => [one, one.slice('whsec_'.length)]),
  ),
  ...providerKeys.sign.map(({ d }) => d!),
  ...providerKeys.cookie,
];

/** As a version that kept them plain has left them. */
async function makePlain(): Promise<void> {
  const { db } = world;
  await sql`alter table webhook drop constraint webhook_sealed`.execute(db);
  await sql`alter table provider_key drop constraint provider_key_sealed`.execute(db);
  for (const { id, secret, before } of hooks)
    await sql`update webhook set secret = ${secret}, old_secret = ${before} where id = ${id}`.execute(db);
  for (const key of providerKeys.sign)
    await sql`update provider_key set value = ${JSON.stringify(key)}::jsonb where id = ${key.kid}`.execute(
      db,
    );
  await sql`update provider_key set value = ${JSON.stringify(providerKeys.cookie[0])}::jsonb where kind = 'cookie'`.execute(
    db,
  );
  await sql`alter table webhook add constraint webhook_sealed check ((secret = '' or secret like 'v1.%')
    and (old_secret is null or old_secret like 'v1.%')) not valid`.execute(db);
  await sql`alter table provider_key add constraint provider_key_sealed
    check (jsonb_typeof(value) = 'string' and value #>> '{}' like 'v1.%') not valid`.execute(db);
}

const seal = (secretKeys: SecretKeys) => sealStored(world.db, { secretKeys }, log);

const stored = async (): Promise<unknown[]> => {
  const { rows: webhooks } =
    await sql`select id, secret, old_secret, xmin::text from webhook order by id`.execute(world.db);
  const { rows: keys } = await sql`select id, value, xmin::text from provider_key order by id`.execute(
    world.db,
  );
  return [webhooks, keys];
};

const sendingWith = (secretKeys: SecretKeys): Sending => {
  const { config } = world.services;
  return { ...world.services, config: { ...config, secretKeys }, egress: openEgress(config.egress) };
};

/** Sends a test; the secrets that its message verifies with. */
async function signedBy(hook: Hook, keys: SecretKeys): Promise<string[]> {
  await world.as('acmeManager', 'webhook.send-test', { webhookId: hook.id });
  await sendDue(sendingWith(keys), hook.id);
  const got = receiver.got.at(-1)!;
  return [hook.secret, hook.before].filter((secret) => {
    try {
      new Webhook(secret).verify(got.body, got.headers as Record<string, string>);
      return true;
    } catch {
      return false;
    }
  });
}

it('lets no table show a secret that signs', async () => {
  const text = await allText();
  for (const secret of [...plain(), 'whsec_']) expect(text).not.toContain(secret);
  await makePlain();
  const before = await allText();
  for (const secret of plain()) expect(before).toContain(secret);

  await seal(first);
  const after = await allText();
  for (const secret of [...plain(), 'whsec_']) expect(after).not.toContain(secret);
  expect(await loadKeys(world.db, first)).toEqual(providerKeys);
  for (const hook of hooks) expect(await signedBy(hook, first)).toEqual([hook.secret, hook.before]);

  const once = await stored();
  await seal(first);
  expect(await stored()).toEqual(once);
  expect(warned).toEqual([]);
  await expect(
    sql`update webhook set secret = ${hooks[0]!.secret} where id = ${hooks[0]!.id}`.execute(world.db),
  ).rejects.toThrow('webhook_sealed');
});

it('seals with the first key, and needs the one of before no more', async () => {
  await Promise.all([seal([...second, ...first]), seal([...second, ...first])]);
  expect(await loadKeys(world.db, second)).toEqual(providerKeys);
  for (const hook of hooks) expect(await signedBy(hook, second)).toEqual([hook.secret, hook.before]);
  await expect(loadKeys(world.db, first)).rejects.toThrow(SealingError);
});

it('stops the start when sign-on has no key, and changes nothing', async () => {
  const before = await stored();
  await expect(seal(second)).rejects.toThrow(
    /Remit does not start[\s\S]*sealed with the key test[\s\S]*Bring that key back[\s\S]*delete from provider_key/,
  );
  expect(await stored()).toEqual(before);
  // Another key under the name of the right one is found out as well.
  const impostor = [{ id: first[0]!.id, key: second[0]!.key }];
  await expect(loadKeys(world.db, impostor)).rejects.toThrow(/Remit does not start[\s\S]*does not open/);
  const { config } = world.services;
  const started = start({ ...config, secretKeys: second, demo: false }, { quiet: true, portal: false });
  await expect(started).rejects.toThrow(SealingError);
  await expect(
    start({ ...readConfig({ REMIT_DEMO: 'off' }), databaseUrl: world.url }, { quiet: true, portal: false }),
  ).rejects.toThrow(ConfigError);
});

it('stops one webhook whose key is lost, says so, and goes on with all others', async () => {
  const [lost, sound] = hooks as [Hook, Hook];
  const keys = [{ id: 'third', key: createSecretKey(randomBytes(32)) }, ...first];
  await sql`update webhook set secret = replace(secret, 'v1.test.', 'v1.gone.') where id = ${lost.id}`.execute(
    world.db,
  );
  await seal(keys);
  expect(warned).toEqual([
    expect.stringMatching(
      new RegExp(`${lost.id} was sealed with the key gone[\\s\\S]*Or give the webhook a new secret`),
    ),
  ]);

  expect(await signedBy(sound, keys)).toEqual([sound.secret, sound.before]);
  const came = receiver.got.length;
  await world.as('acmeManager', 'webhook.send-test', { webhookId: lost.id });
  await expect(sendDue(sendingWith(keys), lost.id)).rejects.toThrow(/sealed with the key gone/);
  expect(receiver.got).toHaveLength(came);
  const { items } = await world.as('acmeManager', 'webhook-delivery.list', { webhookId: lost.id });
  expect(items).toMatchObject([{ state: 'waiting', attempts: 1, problem: 'sealed' }]);

  const anew = await world.as('acmeManager', 'webhook.rotate', { webhookId: lost.id });
  expect(anew.oldSecretUntil).toBeNull();
  await sql`update webhook_delivery set state = 'failed', next_at = null where webhook_id = ${lost.id}`.execute(
    world.db,
  );
  expect(await signedBy({ ...lost, secret: anew.secret }, [...keys, ...first])).toEqual([anew.secret]);
});
