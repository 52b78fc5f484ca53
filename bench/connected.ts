import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Kysely, sql } from 'kysely';
import { readConfig } from '../src/platform/config.ts';
import { type Database, openDatabase } from '../src/platform/database.ts';
import { newId } from '../src/platform/ids.ts';
import type { DB } from '../src/platform/schema.gen.ts';
import { httpConnector } from '../src/provisioning/connectors/http.ts';
import { keptConnections, type Sending } from '../src/provisioning/sending/kept-connections.ts';
import type { Mapping } from '../src/provisioning/wanted/mapping.ts';
import type { Kept, Order, Told } from './answering.ts';
import type { Manager } from './generate.ts';

/** A system that answers at once, in a process of its own. */
export type Answering = { port: number; holds: (accounts: Kept[]) => Promise<void>; close: () => void };

export async function startAnswering(): Promise<Answering> {
  const child = fork(fileURLToPath(new URL('answering.ts', import.meta.url)));
  const told = async (): Promise<Told> => (await once(child, 'message'))[0] as Told;
  const ready = (await told()) as { port: number };
  const say = async (order: Order): Promise<void> => {
    const answer = told();
    child.send(order);
    await answer;
  };
  return {
    port: ready.port,
    async holds(accounts) {
      await say({ add: accounts });
    },
    close: () => child.disconnect(),
  };
}

const mapping: Mapping = [
  { to: 'name', pieces: [{ field: 'displayName' }] },
  { to: 'mail', pieces: [{ field: 'email' }] },
  { to: 'title', pieces: [{ field: 'title' }] },
];

const account = { ref: '{correlation}', on: '{enabled}', name: '{name}', mail: '{mail}', title: '{title}' };
const requests = JSON.stringify({
  account: {
    id: '/id',
    correlation: '/ref',
    enabled: { at: '/on', when: true },
    values: { name: '/name', mail: '/mail', title: '/title' },
  },
  create: { request: 'POST /users', body: account },
  read: { request: 'GET /users/{id}' },
  find: { request: 'GET /users?ref={correlation}', items: '/users' },
  update: { request: 'PATCH /users/{id}', body: account, send: 'changed' },
  enable: { request: 'POST /users/{id}/on' },
  disable: { request: 'POST /users/{id}/off' },
  delete: { request: 'DELETE /users/{id}' },
  list: {
    request: 'GET /users',
    items: '/users',
    total: '/total',
    paging: { by: 'offset', parameter: 'from', from: 0, sizeParameter: 'size', size: 500 },
  },
});

export type Connected = Database & {
  sending: Sending;
  targetId: string;
  entitlementId: string;
  close: () => Promise<void>;
};

/** Connects it to the whole instance: whoever has one role of an application has an account there. */
export async function connect(url: string, owner: Manager, { port }: Answering): Promise<Connected> {
  const database = openDatabase(url, { max: 4 });
  const { db } = database;
  const config = {
    ...readConfig({ REMIT_LOG_LEVEL: 'silent' }),
    databaseUrl: url,
    egress: { networks: ['127.0.0.1'], httpHosts: ['127.0.0.1'], ports: [port] },
  };
  const services = { db, config, subscribers: [] };
  const { egressOf, close } = keptConnections(services);
  const sending: Sending = {
    ...services,
    egressOf,
    connectors: (name) => (name === 'http' ? httpConnector : undefined),
  };
  const [targetId, applicationId, entitlementId] = [newId(), newId(), newId()];
  const rootId = owner.place.id;
  await sql`insert into application (id, organization_id, key, name, client_id)
    values (${applicationId}, ${rootId}, ${`to-${targetId}`}, 'Connected', ${targetId})`.execute(db);
  await sql`insert into entitlement (id, application_id, key, name) values (${entitlementId}, ${applicationId}, 'user', 'User')`.execute(
    db,
  );
  const settings = { url: `http://127.0.0.1:${port}`, signIn: 'nothing', requests };
  await sql`insert into target (id, organization_id, name, connector, settings, mapping, limits, state, saved_by, saved_in, saved_under)
    values (${targetId}, ${rootId}, ${targetId}, 'http', ${JSON.stringify(settings)}::jsonb, ${JSON.stringify(mapping)}::jsonb,
      '{"perMinute": 1000000}', 'active', ${owner.userId}, ${owner.membershipId}, ${owner.delegationId})`.execute(
    db,
  );
  await sql`insert into target_role (id, target_id, entitlement_id) values (${newId()}, ${targetId}, ${entitlementId})`.execute(
    db,
  );
  return {
    ...database,
    sending,
    targetId,
    entitlementId,
    async close() {
      close();
      await disconnect(db, targetId);
      await database.close();
    },
  };
}

/** What stands in the tables of one system is away, as if it had never been connected. */
async function disconnect(db: Kysely<DB>, targetId: string): Promise<void> {
  await sql`delete from account_attempt where account_id in (select id from account where target_id = ${targetId})`.execute(
    db,
  );
  await sql`delete from reconcile_run where target_id = ${targetId}`.execute(db);
  for (const table of ['difference', 'account', 'target_role'])
    await sql`delete from ${sql.table(table)} where target_id = ${targetId}`.execute(db);
  await sql`delete from target where id = ${targetId}`.execute(db);
}
