// Writes src/platform/schema.gen.ts from sql/, by way of a database that is thrown away.
import { writeFileSync } from 'node:fs';
import { openDatabase } from '../src/platform/database.ts';
import { startEphemeralPostgres } from '../src/platform/embedded-postgres.ts';
import { migrate } from '../src/platform/migrate.ts';
import { schemaTypes } from '../src/platform/schema-types.ts';

const server = await startEphemeralPostgres();
try {
  const url = await server.url('schema');
  await migrate(url);
  const { pool, close } = openDatabase(url);
  writeFileSync(new URL('../src/platform/schema.gen.ts', import.meta.url), await schemaTypes(pool));
  await close();
} finally {
  await server.stop();
}
