import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalise, normaliseResource, patchSchema } from '../../src/enrolment/scim/patch/habits.ts';
import { applyPatch } from '../../src/enrolment/scim/patch/patch.ts';
import { cleaned } from '../../src/enrolment/scim/protocol/fitting.ts';
import type { Json } from '../../src/enrolment/scim/protocol/json.ts';
import { scimTypeOf } from '../../src/enrolment/scim/protocol/problem.ts';
import { parseSelection, select } from '../../src/enrolment/scim/protocol/select.ts';
import { filterLimits, parseFilter } from '../../src/enrolment/scim/query/filter.ts';
import { matches } from '../../src/enrolment/scim/query/match.ts';
import { readCursor } from '../../src/enrolment/scim/query/paging.ts';
import { Refusal } from '../../src/platform/refusals.ts';
import { barbara, tourGuides } from './cases/case.ts';
import { groups, users } from './fields.ts';

/** Whatever is sent, it is read or refused with a word of the RFC; nothing is thrown, and nothing takes long. */
function answered(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    const type = scimTypeOf((error as Refusal).code);
    expect(type).toBeDefined();
    return type;
  }
}

const pieces = [
  'userName',
  'emails',
  '[',
  ']',
  '(',
  ')',
  ' ',
  'eq',
  'and',
  'not',
  'or',
  'pr',
  '"',
  '\\',
  '\\u',
  'true',
  '1e400',
  '.',
  ':',
  'urn:',
  '$ref',
  '__proto__',
  '\0',
  '\ud800',
  'é',
  '-',
  '%',
];
const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((all) => all.join(''));

describe('a filter', () => {
  it.each([
    ['depth 40', `${'('.repeat(40)}title pr${')'.repeat(40)}`],
    ['depth 40 of not', `${'not ('.repeat(40)}title pr${')'.repeat(40)}`],
    ['an and ten thousand times', Array(10_000).fill('title pr').join(' and ')],
    ['more terms than anybody means', Array(201).fill('id pr').join(' and ')],
    ['8 kB and one more', `title eq "${'x'.repeat(filterLimits.characters)}"`],
    ['only brackets', '['.repeat(4000)],
    ['only quotes', '"'.repeat(4001)],
    ['only backslashes', `title eq "${'\\'.repeat(4001)}`],
    ['a number that is none', `urn:remit:params:scim:schemas:extension:1.0:User:attributes.points gt 1e400`],
    ['the prototype', '__proto__ pr'],
    ['a method of it', 'constructor.name eq "Object"'],
    ['the prototype of a part', 'name.__proto__ pr'],
    ['NUL', 'title eq "a\\u0000"'],
    ['half a character', 'title eq "a\\ud800"'],
    ['NUL as it is', 'title eq "\0"'],
  ])('of %s is refused at once', (_, filter) => {
    const begun = process.cpuUsage();
    expect(answered(() => parseFilter(filter, users))).toBe('invalidFilter');
    const { user, system } = process.cpuUsage(begun);
    expect(user + system).toBeLessThan(100_000);
  });

  it('may be as large as the limits say', () => {
    const terms = Array(filterLimits.terms).fill('title pr').join(' or ');
    expect(matches(parseFilter(terms, users), barbara)).toBe(true);
    const depth = filterLimits.depth;
    expect(matches(parseFilter(`${'('.repeat(depth)}title pr${')'.repeat(depth)}`, users), barbara)).toBe(
      true,
    );
  });

  it('takes time in proportion to its length', () => {
    const spent = (letters: number): number => {
      const filter = `title eq "${'\\"x'.repeat(letters)}"`;
      const begun = process.cpuUsage();
      for (let round = 0; round < 200; round++) answered(() => parseFilter(filter, users));
      const { user, system } = process.cpuUsage(begun);
      return user + system;
    };
    spent(100);
    const short = spent(250);
    // Eight times as long; quadratic would be 64 times.
    expect(spent(2000)).toBeLessThan(25 * Math.max(short, 1000));
  });

  it('is never a fault', () => {
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: 'binary' })), (filter) => {
        const refused = answered(() => matches(parseFilter(filter, users), barbara));
        expect(refused === undefined || refused === 'invalidFilter').toBe(true);
      }),
      { seed: 1, numRuns: 1500 },
    );
  });
});

const odd: fc.Arbitrary<Json> = fc.jsonValue({ maxDepth: 4 }).map((value) => value as Json);
const names = fc.constantFrom(
  'userName',
  'title',
  'name',
  'emails',
  'active',
  'members',
  'groups',
  'id',
  'schemas',
  'meta',
  '__proto__',
  'constructor',
  'toString',
  'urn:remit:params:scim:schemas:extension:1.0:User',
  'name.familyName',
  'emails[type eq "work"].value',
  'emails[',
  '',
);
const object = fc.dictionary(
  names,
  fc.oneof(odd, fc.dictionary(fc.constantFrom('value', 'type', 'primary', '__proto__', 'familyName'), odd)),
);
const operation = fc.record(
  {
    op: fc.constantFrom('add', 'Remove', 'REPLACE', 'move', 5),
    path: fc.oneof(names, soup, odd),
    value: fc.oneof(odd, object, fc.array(object)),
  },
  { requiredKeys: [] },
);

describe('what is sent', () => {
  it('as a PatchOp is done or refused, and changes nothing beside the resource', () => {
    const before = JSON.stringify([barbara, tourGuides]);
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 4 }), fc.boolean(), (Operations, group) => {
        const body = JSON.parse(JSON.stringify({ schemas: [patchSchema], Operations })) as Json;
        const [type, resource] = group ? [groups, tourGuides] : [users, barbara];
        answered(() => {
          const { resource: after } = applyPatch(resource, normalise(body, type), type);
          // Once more: what came out can go in again.
          expect(applyPatch(after, [{ op: 'replace', value: after }], type).changed).toBe(false);
          expect(after.id).toBe(resource.id);
          expect(JSON.stringify(after)).not.toMatch(/\\u0000|\\ud[89a-f]/);
        });
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { seed: 2, numRuns: 1000 },
    );
    expect(JSON.stringify([barbara, tourGuides])).toBe(before);
  });

  it('as a resource is read or refused', () => {
    fc.assert(
      fc.property(object, (given) => {
        const body = JSON.parse(
          JSON.stringify({ schemas: [users.core.id], userName: 'u', ...given }),
        ) as Json;
        answered(() => {
          const once = cleaned(normaliseResource(body, users), users);
          expect(cleaned(once, users)).toEqual(once);
          select(once, parseSelection({ attributes: Object.keys(given) }, users), users);
        });
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { seed: 3, numRuns: 1000 },
    );
  });

  it('as a cursor is ours or refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.base64String(),
          fc.string(),
          odd.map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')),
        ),
        (cursor) => {
          expect(answered(() => readCursor(cursor, 'q', 2, ['text', 'uuid'], new Date(0)))).toBe(
            'invalidCursor',
          );
        },
      ),
      { seed: 4, numRuns: 500 },
    );
  });

  it('a member again and again costs no more than their number', () => {
    const many = Array.from({ length: 5000 }, (_, index) => ({ value: `m${index}` }));
    const begun = process.cpuUsage();
    const { resource } = applyPatch(
      tourGuides,
      [
        { op: 'add', path: 'members', value: many },
        { op: 'add', path: 'members', value: many },
      ],
      groups,
    );
    expect((resource.members as Json[]).length).toBe(5002);
    const { resource: left } = applyPatch(resource, [{ op: 'remove', path: 'members', value: many }], groups);
    expect(left.members).toEqual(tourGuides.members);
    expect(process.cpuUsage(begun).user).toBeLessThan(2_000_000);
  });
});
