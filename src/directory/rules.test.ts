import { describe, expect, it } from 'vitest';
import type { Region } from '../authority/region.ts';
import { type AttributeDefinition, applyAttributes } from './attributes.ts';
import { childPath, escapeLike, memberState, narrowTo, sortName } from './rules.ts';

describe('a child’s path', () => {
  it.each([
    ['r', 0, 'r.0'],
    ['r', 35, 'r.z'],
    ['r.1', 36, 'r.1.10'],
  ])('%s with code %i is %s', (parent, code, path) => expect(childPath(parent, code)).toBe(path));
});

describe('the name somebody is filed under', () => {
  it.each([
    ['Ångström', 'angstrom'],
    ['  Zoë   O’Neill ', 'zoe o’neill'],
    ['ŁUKASZ', 'łukasz'],
    ['山田 太郎', '山田 太郎'],
  ])('%s is %s', (name, filed) => expect(sortName(name)).toBe(filed));
});

it('takes what somebody typed literally', () => expect(escapeLike('50%_\\x')).toBe('50\\%\\_\\\\x'));

describe('narrowing a reach to a place', () => {
  const place = (path: string, below = true) => ({ id: path, path, below });
  const region = (path: string, holes: string[] = []): Region => ({
    place: place(path),
    holes: holes.map((hole) => place(hole)),
    users: undefined,
    reports: [],
  });
  const narrowed = (regions: Region[], to: string, below = true) =>
    narrowTo({ regions, reachesOff: true }, place(to, below)).regions.map((left) => [
      left.place.path,
      left.place.below,
      left.holes.map(({ path }) => path),
    ]);
  it.each([
    ['inside', [region('r')], 'r.1', true, [['r.1', true, []]]],
    ['around', [region('r.1.2')], 'r.1', true, [['r.1.2', true, []]]],
    ['apart', [region('r.1')], 'r.10', true, []],
    ['alone', [region('r')], 'r.1', false, [['r.1', false, []]]],
    ['keeps holes it touches', [region('r', ['r.1.3', 'r.2'])], 'r.1', true, [['r.1', true, ['r.1.3']]]],
  ])('%s', (_, regions, to, below, expected) => expect(narrowed(regions, to, below)).toEqual(expected));
});

describe('how somebody stands', () => {
  const at = new Date('2026-06-01T12:00:00Z');
  const before = new Date('2026-01-01');
  const after = new Date('2027-01-01');
  const here = {
    state: 'active',
    userState: 'active',
    startsAt: before,
    endsAt: after,
    hasSignIn: true,
  } as const;
  it.each([
    ['active', here],
    ['no-sign-in', { ...here, hasSignIn: false }],
    ['not-begun', { ...here, startsAt: after }],
    ['suspended', { ...here, state: 'suspended' }],
    ['suspended', { ...here, userState: 'suspended' }],
    ['left', { ...here, endsAt: at }],
    ['left', { ...here, state: 'ended' }],
    ['left', { ...here, state: 'suspended', endsAt: before }],
  ] as const)('%s', (state, standing) => expect(memberState(standing, at)).toBe(state));
});

describe('attributes', () => {
  const define = (
    key: string,
    kind: AttributeDefinition['kind'],
    more: Partial<AttributeDefinition> = {},
  ) => ({
    key,
    label: key,
    kind,
    choices: [],
    required: false,
    seenBy: 'everybody' as const,
    changedBy: 'managers' as const,
    claim: false,
    ...more,
  });
  const definitions = [
    define('size', 'number'),
    define('badge', 'text', { required: true }),
    define('team', 'choice', { choices: ['red', 'blue'] }),
    define('born', 'date'),
    define('parking', 'boolean'),
  ];
  const before = { badge: 'b1', old: 'kept' };
  it.each([
    [{ size: 3 }, { badge: 'b1', old: 'kept', size: 3 }],
    [
      { team: 'red', born: '2024-02-29', parking: false },
      { ...before, team: 'red', born: '2024-02-29', parking: false },
    ],
    [{ old: null }, { badge: 'b1' }],
    [{ size: null, team: '' }, before],
  ])('%j is taken', (change, values) =>
    expect(applyAttributes(definitions, before, change)).toEqual({ values }),
  );
  it.each([
    [{ size: '3' }, 'size must be a number'],
    [{ size: Number.NaN }, 'size must be a number'],
    [{ team: 'green' }, 'team must be one of: red, blue'],
    [{ born: '2023-02-29' }, 'born must be a day such as 2026-01-31'],
    [{ parking: 'yes' }, 'parking must be true or false'],
    [{ badge: null }, 'badge is required'],
    [{ badge: '' }, 'badge is required'],
    [{ old: 'x' }, 'there is no field old here'],
  ])('%j is refused: %s', (change, problem) =>
    expect(applyAttributes(definitions, before, change)).toEqual({ problems: [problem] }),
  );
  const own = define('phone', 'text', { changedBy: 'self', seenBy: 'self' });
  const fed = define('cost', 'text', { changedBy: 'source', required: true });
  const hidden = define('rating', 'text', { seenBy: 'managers' });
  it.each([
    ['self', { phone: '1' }, { values: { phone: '1' } }],
    ['managers', { phone: '1' }, { values: { phone: '1' } }],
    ['source', { cost: 'c', rating: 'x' }, { values: { cost: 'c', rating: 'x' } }],
    ['managers', { rating: 'x' }, { values: { rating: 'x' } }],
    ['managers', { cost: 'c' }, { problems: ['cost is filled in by others'] }],
    ['self', { cost: 'c' }, { problems: ['cost is filled in by others'] }],
    ['self', { rating: 'x' }, { problems: ['there is no field rating here'] }],
    ['self', { rating: null }, { problems: ['there is no field rating here'] }],
    ['source', { phone: '1' }, { problems: ['cost is required'] }],
  ] as const)('%s writes %j: %j', (by, change, outcome) =>
    expect(applyAttributes([own, fed, hidden], {}, change, by)).toEqual(outcome),
  );
  it('a required field that was never filled in is asked for at the next change', () =>
    expect(applyAttributes(definitions, {}, { size: 1 })).toEqual({ problems: ['badge is required'] }));
});
