import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConnectorField } from '../connectors/connector.ts';
import { hows, type Known, mapped, type Piece, valuesOf } from './mapping.ts';

const fields: ConnectorField[] = [
  { key: 'uid', label: 'Sign-in name', kind: 'text', required: true },
  { key: 'sn', label: 'Family name', kind: 'text', required: true },
  { key: 'mail', label: 'Address', kind: 'text', many: true },
  { key: 'external', label: 'From outside', kind: 'yes-no' },
  { key: 'kind', label: 'Kind', kind: 'one-of', choices: ['staff', 'guest'] },
  { key: 'floor', label: 'Floor', kind: 'number' },
];
const nils: Known = { displayName: 'Nils Åke Øst-Łuk', email: 'nils@example.org', 'attribute.floor': '3' };
const out = (pieces: Piece[], known = nils, to = 'uid') =>
  mapped([{ to, pieces }], known, fields).find((one) => one.to === to)!;

describe('a value of an account', () => {
  it.each<[string, Piece[], string | null]>([
    ['as it is', [{ field: 'displayName' }], 'Nils Åke Øst-Łuk'],
    ['in small letters', [{ field: 'displayName', how: ['lower'] }], 'nils åke øst-łuk'],
    ['in capitals', [{ field: 'givenName', how: ['upper'] }], 'NILS ÅKE'],
    ['without accents', [{ field: 'displayName', how: ['ascii'] }], 'Nils Ake Ost-Luk'],
    [
      'first letter and last word',
      [
        { field: 'givenName', how: ['initial', 'lower'] },
        { field: 'familyName', how: ['ascii', 'lower'] },
      ],
      'nost-luk',
    ],
    ['for signing in', [{ field: 'displayName', how: ['ascii', 'lower', 'login'] }], 'nils.ake.ost-luk'],
    ['first word', [{ field: 'displayName', how: ['first-word'] }], 'Nils'],
    ['a text by itself', [{ text: 'x' }], 'x'],
    ['put together', [{ text: '+' }, { field: 'attribute.floor' }, { text: '!' }], '+3!'],
    ['nothing when its fields have nothing', [{ text: 'Title: ' }, { field: 'title' }], null],
    ['what is not known', [{ field: 'attribute.constructor' }], null],
  ])('%s', (_, pieces, value) => expect(out(pieces).value).toBe(value));

  it('has names though none were recorded apart, since directories must have them', () => {
    expect(out([{ field: 'familyName' }]).value).toBe('Øst-Łuk');
    expect(out([{ field: 'familyName' }], { displayName: 'Cher' }).value).toBe('Cher');
    expect(out([{ field: 'givenName' }], { displayName: 'Cher' }).value).toBeNull();
    expect(out([{ field: 'familyName' }], { displayName: 'A B', familyName: 'van B' }).value).toBe('van B');
  });

  it('fits the kind that the target has, or says why it does not', () => {
    expect(out([{ field: 'email' }], nils, 'mail')).toEqual({
      to: 'mail',
      value: ['nils@example.org'],
      once: false,
    });
    expect(out([{ text: 'true' }], nils, 'external').value).toBe(true);
    expect(out([{ text: 'staff' }], nils, 'kind').problem).toBeUndefined();
    expect(out([{ text: 'boss' }], nils, 'kind').problem).toContain('staff, guest');
    expect(out([{ text: 'ground' }], nils, 'floor').problem).toBeDefined();
    expect(out([{ text: 'yes' }], nils, 'external').problem).toBeDefined();
    expect(out([{ field: 'title' }], nils, 'uid').problem).toContain('Sign-in name');
    expect(out([{ text: 'x' }], nils, 'nothing').problem).toContain('nothing');
    expect(mapped([], nils, fields).map(({ to, problem }) => [to, problem !== undefined])).toEqual([
      ['uid', true],
      ['sn', true],
    ]);
  });

  it('that is said once is written only when the account is made', () => {
    const mapping = [
      { to: 'uid', pieces: [{ field: 'userId' as const }], once: true },
      { to: 'sn', pieces: [{ field: 'familyName' as const }] },
    ];
    expect(valuesOf(mapping, { ...nils, userId: '7' }, fields, true)).toEqual({ uid: '7', sn: 'Øst-Łuk' });
    expect(valuesOf(mapping, { ...nils, userId: '7' }, fields, false)).toEqual({ sn: 'Øst-Łuk' });
  });

  it('is a text of bounded length and the same each time, whatever names people have', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 3000 }),
        fc.array(fc.constantFrom(...hows)),
        (displayName, how) => {
          const { value } = out([{ field: 'displayName', how }], { displayName });
          expect(value === null || (typeof value === 'string' && value.length <= 1000)).toBe(true);
          expect(out([{ field: 'displayName', how }], { displayName }).value).toBe(value);
          const ascii = out([{ field: 'displayName', how: ['ascii'] }], { displayName }).value ?? '';
          expect(ascii).toMatch(/^[\x20-\x7e]*$/);
        },
      ),
      { numRuns: 200, seed: 7 },
    );
  });
});
