import { describe, expect, it } from 'vitest';
import { beforeTime, dayIn, mayPropose, missingFrom, oneOf, placeInTree } from './reading.ts';

const base = 'ou=people,dc=acme';

describe('what a directory says of a person', () => {
  it.each([
    [`uid=ada,${base}`, ''],
    [`uid=ada,ou=Rotterdam,ou=Netherlands,${base}`, 'Netherlands / Rotterdam'],
    [`uid=ada,OU=R\\26D\\, North,OU=People,DC=acme`, 'R&D, North'],
    ['uid=ada,ou=a/b,ou=people,dc=acme', 'a b'],
    ['uid=ada,ou=elsewhere,dc=acme', undefined],
    [base, undefined],
  ])('is a place: %s', (dn, place) => {
    expect(placeInTree(dn, base)).toBe(place);
  });

  it.each([
    ['20260131000000Z', '2026-01-31'],
    ['20260131', '2026-01-31'],
    ['133801632000000000', '2025-01-01'],
    ['0', ''],
    ['9223372036854775807', ''],
    ['2026-01-31', '2026-01-31'],
    ['', ''],
  ])('is a day: %s', (text, day) => {
    expect(dayIn(text)).toBe(day);
  });

  it('is the same of several values, however they stand', () => {
    expect([oneOf(['b', 'a']), oneOf(['a', 'b']), oneOf([]), oneOf(undefined)]).toEqual(['a', 'a', '', '']);
  });

  it('is read again from a little before', () => {
    expect(beforeTime('20260101000500Z')).toBe('20251231235500Z');
    expect(beforeTime('20260101000500.123Z')).toBe('20251231235500Z');
    expect(beforeTime('yesterday')).toBeUndefined();
  });
});

describe('who is missing', () => {
  const known = ['a', 'b', 'c'];
  const found = new Set(['a', 'b']);
  it('is nobody after a reading that was cut, partial, or empty', () => {
    expect(missingFrom(known, found, { whole: true, incremental: false })).toEqual(['c']);
    expect(missingFrom(known, found, { whole: false, incremental: false })).toEqual([]);
    expect(missingFrom(known, found, { whole: true, incremental: true })).toEqual([]);
    expect(missingFrom(known, new Set(), { whole: true, incremental: false })).toEqual([]);
  });

  it('waits for a person above a share, counted with what is proposed already', () => {
    const brake = { atLeast: 5, share: 0.1 };
    const cases = [
      [{ missing: 5, open: 0, known: 10 }, true],
      [{ missing: 6, open: 0, known: 10 }, false],
      [{ missing: 10, open: 0, known: 100 }, true],
      [{ missing: 5, open: 6, known: 100 }, false],
    ] as const;
    for (const [counts, may] of cases) expect(mayPropose(counts, brake)).toBe(may);
  });
});
