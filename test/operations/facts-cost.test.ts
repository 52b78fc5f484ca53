import { CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { generate } from '../../bench/generate.ts';
import { decide } from '../../src/authority/decide.ts';
import { loadFacts } from '../../src/authority/load-facts.ts';
import { loadFactsForReading } from '../../src/authority/stamp.ts';
import type { DB } from '../../src/platform/schema.gen.ts';
import { hashSessionToken } from '../../src/platform/sessions.ts';
import { type TestDatabase, testDatabase } from '../harness/database.ts';

/** What a check costs is asserted, not hoped for: one statement, few pages. Times are measured by `npm run bench`. */
let database: TestDatabase;
let credential: { kind: 'session'; tokenHash: Buffer };
const asked: CompiledQuery[] = [];

beforeAll(async () => {
  database = await testDatabase({ max: 1 });
  const { managers } = await generate(database.db, { organizations: 400, people: 2_000, depth: 8 });
  const deepest = managers.find(({ place }) => place.path.split('.').length === 8)!;
  credential = { kind: 'session', tokenHash: hashSessionToken(deepest.token) };
});
afterAll(() => database.drop());

/** The same connection, and what it is asked. */
function listening(): Kysely<DB> {
  asked.length = 0;
  return new Kysely<DB>({
    dialect: new PostgresDialect({ pool: database.pool }),
    log: ({ query }) => {
      asked.push(query as CompiledQuery);
    },
  });
}

async function buffersOf(query: CompiledQuery): Promise<number> {
  const { rows } = await database.db.executeQuery<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
    CompiledQuery.raw(`explain (analyze, buffers, format json) ${query.sql.replace('/* prepared */', '')}`, [
      ...query.parameters,
    ]),
  );
  const [{ Plan }] = rows[0]!['QUERY PLAN'];
  return Plan['Shared Hit Blocks']! + Plan['Shared Read Blocks']!;
}

it('a check in full is one statement and at most 60 pages, with a chain of nine links', async () => {
  const facts = await loadFacts(listening(), credential);
  expect(asked).toHaveLength(1);
  expect(facts.held[0]!.chain).toHaveLength(8);
  expect(
    decide(facts, 'user.invite', {
      kind: 'organization',
      id: null,
      organizationId: '',
      path: 'r',
      off: false,
    }).effect,
  ).toBe('deny');
  expect(await buffersOf(asked[0]!)).toBeLessThanOrEqual(60);
});

it('and so is the next one, which knows where to look, without working that out again', async () => {
  const db = listening();
  await loadFacts(db, credential);
  asked.length = 0;
  const facts = await loadFacts(db, credential);
  expect(facts.held).toHaveLength(1);
  expect(asked).toHaveLength(1);
  expect(asked[0]!.sql).not.toMatch(/generate_series/);
  expect(await buffersOf(asked[0]!)).toBeLessThanOrEqual(50);
});

it('a check under the stamp is one statement and at most 15 pages', async () => {
  const db = listening();
  await loadFactsForReading(db, credential);
  asked.length = 0;
  const kept = await loadFactsForReading(db, credential);
  expect(asked).toHaveLength(1);
  expect(asked[0]!.sql).not.toMatch(/delegation/);
  expect(kept.held).toHaveLength(1);
  expect(await buffersOf(asked[0]!)).toBeLessThanOrEqual(15);
});

it('whoever has an exception near is loaded by one statement as well, from the second check on', async () => {
  await sql`insert into exception (id, organization_id, path) select ${'0190f000-0000-7000-8000-000000000001'}, id, path from organization where path = 'r.0'`.execute(
    database.db,
  );
  const db = listening();
  await loadFacts(db, credential);
  asked.length = 0;
  await loadFacts(db, credential);
  expect(asked).toHaveLength(1);
});
