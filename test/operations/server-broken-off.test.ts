import { connect } from 'node:net';
import { Writable } from 'node:stream';
import pino from 'pino';
import { expect, it } from 'vitest';
import { readConfig } from '../../src/platform/config.ts';
import { makeServer } from '../../src/server/http.ts';
import { testDatabase } from '../harness/database.ts';
import { testSecretKeys } from '../harness/secret-keys.ts';

it('does not take a body that breaks off for a fault of ours', async () => {
  const database = await testDatabase();
  const lines: string[] = [];
  const written = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  const config = readConfig({
    REMIT_URL: 'http://localhost:4000',
    REMIT_DEMO: 'off',
    REMIT_SECRET_KEYS: testSecretKeys,
  });
  const log = pino({ level: 'debug' }, written);
  const app = await makeServer({ db: database.db, config, subscribers: [] }, { log });
  const seen = new Promise<void>((resolve) => {
    app.addHook('onError', async () => resolve());
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as { port: number };
  const client = connect(port, '127.0.0.1', () => {
    const head =
      'POST /api/sign-in-code HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n';
    client.write(`${head}{"code":`, () => client.destroy());
  });
  await seen;
  await app.close();
  await database.drop();
  expect(lines.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
