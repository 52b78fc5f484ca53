import { describe, expect, it } from 'vitest';
import { applyPatch } from '../../src/enrolment/scim/patch/patch.ts';
import { schemasOf, schemaView } from '../../src/enrolment/scim/protocol/discovery.ts';
import { cleaned } from '../../src/enrolment/scim/protocol/fitting.ts';
import type { JsonObject } from '../../src/enrolment/scim/protocol/json.ts';
import { scimTypeOf } from '../../src/enrolment/scim/protocol/problem.ts';
import { parseSelection, select } from '../../src/enrolment/scim/protocol/select.ts';
import { parseFilter } from '../../src/enrolment/scim/query/filter.ts';
import { matches } from '../../src/enrolment/scim/query/match.ts';
import { makeCursor, parsePage, readCursor } from '../../src/enrolment/scim/query/paging.ts';
import { inOrder, parseSorting } from '../../src/enrolment/scim/query/sort.ts';
import { Refusal } from '../../src/platform/refusals.ts';
import { all } from './cases/all.ts';
import { barbara, type Case, tourGuides } from './cases/case.ts';
import { groups, users } from './fields.ts';

/** Every case of the table that needs no server. */
const typeOf = (given: JsonObject) => (given.id === tourGuides.id ? groups : users);
const at = new Date('2026-11-22T20:00:00Z');

/** What comes of a case: the same form as its `expect`. */
function answer({ given, request }: Case): unknown {
  const resource = given && typeof given === 'object' && !Array.isArray(given) ? given : barbara;
  const type = typeOf(resource);
  if ('filter' in request) return matches(parseFilter(request.filter, type), resource);
  if ('patch' in request) {
    const before = JSON.stringify(resource);
    const { resource: after, changed } = applyPatch(resource, request.patch, type);
    expect(JSON.stringify(resource), 'what was given stays as it is').toBe(before);
    return changed ? after : 'unchanged';
  }
  if ('sortBy' in request) {
    const sorting = parseSorting(request, users)!;
    return (given as JsonObject[]).toSorted(inOrder(sorting)).map(({ id }) => id);
  }
  if ('page' in request) return parsePage(request.page);
  if ('cursor' in request) {
    const cursor =
      request.cursor === 'made'
        ? makeCursor('this', 2, ['a', '2819c223-7f76-453a-919d-413861904646'], at)
        : request.cursor;
    const now = new Date(at.getTime() + (request.seconds ?? 0) * 1000);
    return readCursor(cursor, request.question ?? 'this', request.count ?? 2, ['text', 'uuid'], now);
  }
  if ('body' in request) return cleaned(request.body, users);
  if ('groupBody' in request) return cleaned(request.groupBody, groups);
  if ('declared' in request) return declared(request.declared);
  return Object.keys(flat(select(resource, parseSelection(request, type), type))).toSorted();
}

/** `name.familyName` and the like; values of lists count by what they hold. */
function flat(value: JsonObject, before = ''): JsonObject {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      const one = Array.isArray(inner) ? inner[0] : inner;
      return typeof one === 'object' && one !== null && !Array.isArray(one)
        ? Object.entries(flat(one, `${before}${name}.`))
        : [[`${before}${name}`, inner]];
    }),
  );
}

/** Characteristics of `User:emails.value` as /Schemas shows them. */
function declared(name: string): JsonObject {
  const cut = name.lastIndexOf(':');
  const schema = schemasOf([users, groups]).find(({ id }) => id.endsWith(name.slice(0, cut)))!;
  type Shown = { name: string; subAttributes?: Shown[] };
  const view = schemaView(schema, 'https://example.com') as unknown as { attributes: Shown[] };
  const [attribute, sub] = name.slice(cut + 1).split('.');
  const found = view.attributes.find((each) => each.name === attribute);
  return (sub ? found?.subAttributes?.find((each) => each.name === sub) : found) as unknown as JsonObject;
}

const isWrong = (expected: unknown): expected is { scimType: string } =>
  typeof expected === 'object' && expected !== null && 'scimType' in expected;

describe.each(Object.entries(Object.groupBy(all, ({ section }) => section)))('RFC %s', (_, cases) => {
  it.each(
    cases!.map(
      (each) => [JSON.stringify(each.request).slice(0, 120), each.quote.slice(0, 60), each] as const,
    ),
  )('%s: %s', (_request, _quote, one) => {
    if (isWrong(one.expect)) {
      let thrown: unknown;
      try {
        answer(one);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(Refusal);
      expect(scimTypeOf((thrown as Refusal).code)).toBe(one.expect.scimType);
      return;
    }
    const got = answer(one);
    if (typeof one.expect !== 'object' || Array.isArray(one.expect)) expect(got).toEqual(one.expect);
    else
      for (const [name, value] of Object.entries(one.expect))
        expect((got as JsonObject)[name], name).toEqual(value);
  });
});
