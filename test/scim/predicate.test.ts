import fc from 'fast-check';
import { type RawBuilder, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject, Resource } from '../../src/enrolment/scim/protocol/json.ts';
import { enterpriseSchema, remitSchema } from '../../src/enrolment/scim/protocol/schema.ts';
import { type Filter, parseFilter } from '../../src/enrolment/scim/query/filter.ts';
import { matches } from '../../src/enrolment/scim/query/match.ts';
import { type Columns, toPredicate } from '../../src/enrolment/scim/query/predicate.ts';
import { inOrder, parseSorting, toOrder } from '../../src/enrolment/scim/query/sort.ts';
import { type Database, openDatabase } from '../../src/platform/database.ts';
import { emptyDatabase } from '../harness/database.ts';
import { users } from './fields.ts';

/**
 * What the list shows is what the check says (I07): the same filter, asked of PostgreSQL and in memory, over resources
 * and filters made at random, with every character that case, order and patterns stumble over.
 */
let database: Database;
let drop: () => Promise<void>;
beforeAll(async () => {
  const empty = await emptyDatabase();
  drop = empty.drop;
  database = openDatabase(empty.url, { max: 2 });
});
afterAll(async () => {
  await database.close();
  await drop();
});

const word = fc
  .array(
    fc.constantFrom(
      'a',
      'A',
      'b',
      'B',
      'é',
      'É',
      'İ',
      'ß',
      'Σ',
      'ς',
      'ﬀ',
      '%',
      '_',
      '\\',
      '"',
      "'",
      ' ',
      '𝒳',
      '￿',
      '1',
    ),
    { maxLength: 4 },
  )
  .map((letters) => letters.join(''));
const filled = word.map((text) => text || 'a');
const instant = fc.constantFrom(
  '2026-01-01T00:00:00.000Z',
  '2026-06-30T12:00:00.500Z',
  '2026-06-30T12:00:00.501Z',
);
const points = fc.constantFrom(-1.5, 0, 2, 10, 1e21);
const some = <T>(made: fc.Arbitrary<T>) => fc.option(made, { nil: undefined });

const resource: fc.Arbitrary<Resource> = fc
  .record({
    userName: filled,
    title: some(filled),
    externalId: some(filled),
    active: some(fc.boolean()),
    name: some(fc.record({ familyName: some(filled), givenName: some(filled) })),
    emails: some(
      fc.array(
        fc.record({
          value: filled,
          type: some(fc.constantFrom('work', 'home', 'Work')),
          primary: some(fc.boolean()),
        }),
        { maxLength: 3 },
      ),
    ),
    meta: fc.record({ created: instant }),
    [enterpriseSchema]: some(fc.record({ manager: some(fc.record({ value: some(filled) })) })),
    [remitSchema]: some(
      fc.record({ attributes: some(fc.record({ points: some(points), remote: some(fc.boolean()) })) }),
    ),
  })
  // as a resource is kept: what is unassigned is not there
  .map((made) => JSON.parse(JSON.stringify(made)) as Resource);

const quoted = word.map((text) => JSON.stringify(text));
const texts = [
  'userName',
  'TITLE',
  'externalId',
  'name.familyName',
  'emails',
  'emails.value',
  'emails.type',
  `${enterpriseSchema}:manager`,
  `${enterpriseSchema}:manager.value`,
];
const textOp = fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le', 'Eq', 'NE');
const orderOp = fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le');
const join = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts).map((all) => all.join(' '));
const flag = fc.constantFrom('true', 'false', '"True"');
const truth = fc.constantFrom('eq', 'ne');

const within = fc.oneof(
  join(fc.constantFrom('value', 'type'), textOp, quoted),
  join(fc.constant('primary'), truth, flag),
  fc.constantFrom('type pr', 'primary pr', 'type eq null'),
);
const leaf = fc.oneof(
  join(fc.constantFrom(...texts), textOp, quoted),
  fc
    .constantFrom(...texts, 'active', 'name', 'emails.primary', `${remitSchema}:attributes`)
    .map((name) => `${name} pr`),
  join(fc.constantFrom(...texts), truth, fc.constant('null')),
  join(fc.constantFrom('active', 'emails.primary', `${remitSchema}:attributes.remote`), truth, flag),
  join(fc.constant(`${remitSchema}:attributes.points`), orderOp, points.map(String)),
  join(
    fc.constant('meta.created'),
    orderOp,
    instant.map((at) => JSON.stringify(at)),
  ),
  fc
    .tuple(within, fc.constantFrom(' and ', ' or ', ' AND not('), within)
    .map(([one, word, two]) => `emails[${one}${word}${two}${word.includes('(') ? ')' : ''}]`),
  join(fc.constantFrom('value'), textOp, quoted).map((inner) => `${enterpriseSchema}:manager[${inner}]`),
);
const { filter } = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc
      .tuple(tie('filter'), fc.constantFrom('and', 'or', 'OR'), tie('filter'))
      .map((parts) => parts.join(' ')),
    tie('filter').map((inner) => `not (${inner})`),
    tie('filter').map((inner) => `(${inner})`),
  ),
}));

const at = (...path: string[]): RawBuilder<unknown> =>
  sql`(doc #>> ${`{${path.map((part) => JSON.stringify(part)).join(',')}}`}::text[])`;
const columns: Columns = {
  userName: { value: at('userName'), folded: sql`lower(doc ->> 'userName')` },
  title: { value: at('title') },
  externalId: { value: at('externalId') },
  active: { value: sql`${at('active')}::boolean` },
  'name.familyName': { value: at('name', 'familyName') },
  'name.givenName': { value: at('name', 'givenName') },
  emails: {
    some: (that) =>
      sql<boolean>`exists (select 1 from jsonb_array_elements(doc -> 'emails') e where ${that})`,
    parts: {
      value: { value: sql`(e ->> 'value')` },
      type: { value: sql`(e ->> 'type')` },
      primary: { value: sql`(e ->> 'primary')::boolean` },
    },
    first: sql`(select e ->> 'value' from jsonb_array_elements(doc -> 'emails') with ordinality x (e, n) order by coalesce((e ->> 'primary')::boolean, false) desc, n limit 1)`,
  },
  'meta.created': { value: sql`${at('meta', 'created')}::timestamptz` },
  [`${enterpriseSchema}:manager.value`]: { value: at(enterpriseSchema, 'manager', 'value') },
  [`${remitSchema}:attributes.points`]: { value: sql`${at(remitSchema, 'attributes', 'points')}::numeric` },
  [`${remitSchema}:attributes.remote`]: { value: sql`${at(remitSchema, 'attributes', 'remote')}::boolean` },
};

/** The numbers of those resources that PostgreSQL finds. */
async function found(resources: Resource[], filter: Filter): Promise<number[]> {
  const { rows } = await sql<{ n: string }>`
    select n from jsonb_array_elements(${JSON.stringify(resources)}::jsonb) with ordinality t (doc, n)
    where ${toPredicate(filter, columns)} order by n`.execute(database.db);
  return rows.map(({ n }) => Number(n) - 1);
}

describe('a filter in PostgreSQL and in memory', () => {
  it('finds the same resources', async () => {
    let hits = 0;
    let misses = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(resource, { minLength: 8, maxLength: 16 }),
        fc.array(filter, { minLength: 3, maxLength: 3 }),
        async (resources, written) => {
          for (const text of written) {
            const read = parseFilter(text, users);
            const inMemory = resources.flatMap((each, index) => (matches(read, each) ? [index] : []));
            hits += inMemory.length;
            misses += resources.length - inMemory.length;
            expect(await found(resources, read), text).toEqual(inMemory);
          }
        },
      ),
      { seed: 20261122, numRuns: 160 },
    );
    // Neither answer is the rare one, or the test would say little.
    expect(Math.min(hits, misses)).toBeGreaterThan(500);
  });

  it('turns round under not: nothing is null', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(resource, { minLength: 5, maxLength: 10 }), leaf, async (resources, text) => {
        const yes = await found(resources, parseFilter(text, users));
        const no = await found(resources, parseFilter(`not (${text})`, users));
        expect([...yes, ...no].toSorted((a, b) => a - b)).toEqual(resources.map((_, index) => index));
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  it.each([
    'userName',
    'title',
    'externalId',
    'active',
    'emails',
    'name.familyName',
    'meta.created',
    `${remitSchema}:attributes.points`,
  ])('sorts the same by %s, up and down', async (sortBy) => {
    const resources = fc
      .sample(resource, { seed: 5, numRuns: 40 })
      .map((each, index) => ({ ...each, id: String(index).padStart(3, '0') }));
    for (const sortOrder of ['ascending', 'descending']) {
      const sorting = parseSorting({ sortBy, sortOrder }, users)!;
      const turn = sorting.descending ? -1 : 1;
      const compare = inOrder(sorting);
      const inMemory = resources.toSorted(
        (one, other) => compare(one, other) || turn * (one.id < other.id ? -1 : 1),
      );
      const { rows } = await sql<{ id: string }>`
          select doc ->> 'id' as id from jsonb_array_elements(${JSON.stringify(resources)}::jsonb) t (doc)
          order by ${toOrder(sorting, columns, sql`(doc ->> 'id') collate "C"`)}`.execute(database.db);
      expect(rows.map(({ id }) => id)).toEqual(inMemory.map((each: JsonObject) => each.id));
    }
  });
});
