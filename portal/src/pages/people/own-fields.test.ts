import { describe, expect, it } from 'vitest';
import { askedOf, type OwnField, plainNumber } from './own-fields.ts';

const field = (kind: OwnField['kind']): OwnField => ({ key: 'desk', label: 'Desk', kind, choices: [] });

describe('what somebody looks for in a field', () => {
  it('asks by the kind of the field, whatever else stands in the address', () => {
    const all = { field: 'desk', is: 'north', has: 'n', from: '1,5', to: '2026-11-23' };
    expect(askedOf(all, field('choice'))).toEqual({ field: 'desk', value: 'north' });
    expect(askedOf(all, field('text'))).toEqual({ field: 'desk', contains: 'n' });
    expect(askedOf(all, field('number'))).toEqual({ field: 'desk', atLeast: '1.5' });
    expect(askedOf(all, field('date'))).toEqual({ field: 'desk', atMost: '2026-11-23' });
    expect(askedOf(all, undefined)).toBeUndefined();
  });

  it('asks for anything in the field where no more is said', () => {
    expect(askedOf({ field: 'desk' }, field('text'))).toEqual({ field: 'desk' });
  });

  it.each([
    ['7', '7'],
    [' -7,50 ', '-7.50'],
    ['7.', undefined],
    ['1e9', undefined],
    ['', undefined],
  ])('reads %j as the number %j', (typed, plain) => {
    expect(plainNumber(typed)).toBe(plain);
  });
});
