import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAbove, isAtOrBelow, type Place, placeCovers, placeOverlap, placeWithin } from './place.ts';

if (process.env.REMIT_TEST_LONG !== '1') fc.configureGlobal({ seed: 3 });

/** Codes that look alike: `1` begins `10`, `1a` and `1z`. */
const code = fc.constantFrom('1', '10', '1a', '1z', '2', 'a');
const path = fc.array(code, { minLength: 1, maxLength: 4 }).map((codes) => ['r', ...codes].join('.'));
const place: fc.Arbitrary<Place> = fc.record({ id: fc.constant(''), path, below: fc.boolean() });

/** Below-ness by the levels one by one, as a person would read it. */
const naive = (one: string, of: string): boolean => {
  const [inner, outer] = [one.split('.'), of.split('.')];
  return outer.every((level, index) => inner[index] === level);
};

describe('places', () => {
  it('take in what lies below, and no look-alike', () => {
    fc.assert(fc.property(path, path, (one, of) => isAtOrBelow(one, of) === naive(one, of)));
    expect(isAtOrBelow('r.10', 'r.1')).toBe(false);
    expect(isAtOrBelow('r.1.0', 'r.1')).toBe(true);
  });

  it('are the range of bytes that SQL walks: p <= path < p/', () => {
    fc.assert(fc.property(path, path, (one, of) => isAtOrBelow(one, of) === (one >= of && one < `${of}/`)));
  });

  it('stand above, at or beside each other, never two of these', () => {
    fc.assert(
      fc.property(path, path, (one, of) => {
        const relations = [isAbove(one, of), isAbove(of, one), one === of].filter(Boolean);
        expect(relations.length).toBeLessThanOrEqual(1);
        expect(isAtOrBelow(one, of)).toBe(one === of || isAbove(of, one));
      }),
    );
  });

  it('lie within each other exactly when whatever one covers the other covers', () => {
    fc.assert(
      fc.property(place, place, fc.array(path, { minLength: 10, maxLength: 40 }), (inner, outer, paths) => {
        if (!placeWithin(inner, outer)) return;
        for (const one of [inner.path, `${inner.path}.1`, ...paths])
          if (placeCovers(inner, one)) expect(placeCovers(outer, one)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(place, place, (inner, outer) => {
        // Two witnesses are enough: the place itself, and one below it that nobody names.
        const covered = [inner.path, `${inner.path}.unnamed`].filter((one) => placeCovers(inner, one));
        expect(placeWithin(inner, outer)).toBe(covered.every((one) => placeCovers(outer, one)));
      }),
    );
  });

  it('have in common what both cover', () => {
    fc.assert(
      fc.property(place, place, path, (one, other, at) => {
        const common = placeOverlap(one, other);
        for (const here of [at, one.path, other.path, `${one.path}.unnamed`])
          expect(common !== undefined && placeCovers(common, here)).toBe(
            placeCovers(one, here) && placeCovers(other, here),
          );
      }),
    );
  });
});
