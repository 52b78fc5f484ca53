import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/harness/database.ts';
import { openDatabase } from './database.ts';
import { type Management, openManagement } from './management.ts';

let database: TestDatabase;
let management: Management;
beforeAll(async () => {
  database = await testDatabase();
  management = await openManagement({ port: 0, pool: database.pool });
});
afterAll(async () => {
  await management.close();
  await database.drop();
});

const get = async (path: string, at = management, method = 'GET') => {
  const response = await fetch(`http://127.0.0.1:${at.port}${path}`, { method });
  return [response.status, await response.text()] as const;
};

it('goes from starting to ready to stopping', async () => {
  expect(await get('/health/live')).toEqual([200, '{"status":"alive"}']);
  expect(await get('/health/started')).toEqual([503, '{"status":"starting"}']);
  expect(await get('/health/ready')).toEqual([503, '{"status":"starting"}']);
  management.started();
  expect(await get('/health/started')).toEqual([200, '{"status":"started"}']);
  expect(await get('/health/ready')).toEqual([200, '{"status":"ready"}']);
  management.stopping();
  expect(await get('/health/ready')).toEqual([503, '{"status":"stopping"}']);
  expect(await get('/health/live')).toEqual([200, '{"status":"alive"}']);
});

it('is alive but not ready while the database is away', async () => {
  const away = openDatabase('postgres://remit@127.0.0.1:1/remit');
  const other = await openManagement({ port: 0, pool: away.pool });
  other.started();
  expect(await get('/health/ready', other)).toEqual([503, '{"status":"database away"}']);
  expect((await get('/health/live', other))[0]).toBe(200);
  await other.close();
  await away.close();
});

it('counts the process and its connections', async () => {
  const [status, text] = await get('/metrics');
  expect(status).toBe(200);
  expect(text).toMatch(/^remit_database_connections \d+$/m);
  expect(text).toMatch(/^process_cpu_user_seconds_total /m);
});

it('has nothing else, and nothing that changes anything', async () => {
  expect((await get('/'))[0]).toBe(404);
  expect((await get('/health/constructor'))[0]).toBe(404);
  expect((await get('/metrics', management, 'POST'))[0]).toBe(405);
});

it('listens on loopback only, and says when its port is taken', async () => {
  await expect(openManagement({ port: management.port, pool: database.pool })).rejects.toThrow(
    `Port ${management.port} is taken; set REMIT_MANAGEMENT_PORT to another one`,
  );
  // a listener on every address would answer here too
  await expect(fetch(`http://127.0.0.2:${management.port}/health/live`)).rejects.toThrow('fetch failed');
});
