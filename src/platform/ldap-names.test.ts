import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSameName, isWithin, nameBelow, ownPart, partsOf } from './ldap-names.ts';

const base = 'ou=people,dc=acme,dc=example';

describe('a name of an entry', () => {
  it('has one part for a value, whatever the value is', () => {
    const values = fc.string({
      unit: fc.constantFrom(...`aZ9é字😀 ,+="\\<>;#\0\n\r/*()'.-_@`),
      minLength: 1,
    });
    fc.assert(
      fc.property(values, (value) => {
        const name = nameBelow(base, { attribute: 'uid', value });
        expect(partsOf(name)).toHaveLength(4);
        expect(ownPart(name, base)).toEqual({ attribute: 'uid', value });
        expect(isWithin(name, base)).toBe(true);
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it.each([
    ['cn=a\\,b,dc=x', ['a,b', 'x']],
    ['cn=a\\2cb,dc=x', ['a,b', 'x']],
    ['CN = Ada \\ , DC=x', ['Ada  ', 'x']],
    ['cn=Lu\\C4\\8Di\\C4\\87,dc=x', ['Lučić', 'x']],
    ['cn=a\\\\,dc=x', ['a\\', 'x']],
    ['', []],
  ])('is read: %s', (name, values) => {
    expect(partsOf(name)?.map(({ value }) => value)).toEqual(values);
  });

  it.each([
    'cn',
    'cn=a+sn=b,dc=x',
    'cn=#04024869',
    'cn="a,b"',
    'cn=a\\q',
    'cn=a,',
    '=a',
    'cn=a;dc=x',
    'cn=a\\',
  ])('is refused: %s', (name) => {
    expect(partsOf(name)).toBeUndefined();
    expect(isWithin(name, base)).toBe(false);
  });

  it('is compared as servers do', () => {
    expect(isSameName('UID=Ada  L,OU=People,dc=acme,dc=example', `uid=ada l, ${base}`)).toBe(true);
    expect(isSameName('uid=ada', 'uid=adam')).toBe(false);
    expect(isWithin(`uid=ada,ou=x,${base}`, base)).toBe(true);
    expect(ownPart(`uid=ada,ou=x,${base}`, base)).toBeUndefined();
    // A value that looks like the base is not the base.
    expect(isWithin('uid=ada\\,ou\\=people\\,dc\\=acme\\,dc\\=example', base)).toBe(false);
    expect(isWithin('uid=ada,ou=otherpeople,dc=acme,dc=example', base)).toBe(false);
  });
});
