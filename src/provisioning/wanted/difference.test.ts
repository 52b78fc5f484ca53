import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Abilities, Seen } from '../connectors/connector.ts';
import { differenceOf, type Step, sameValue, stepsTo } from './difference.ts';

const can: Abilities = {
  find: true,
  createIsIdempotent: false,
  disable: true,
  delete: true,
  roles: true,
  list: 'whole',
  passwords: [],
};
const about = { correlation: 'c', can, lookedAfter: ['buyers', 'viewers'] };
const seen = (change: Partial<Seen> = {}): Seen => ({
  id: '1',
  correlation: 'c',
  enabled: true,
  values: { cn: 'Nils', mail: ['b', 'a'] },
  roles: ['buyers', 'of-others'],
  ...change,
});
const want = (presence: 'none' | 'disabled' | 'enabled', roles: string[] = [], values = {}) => ({
  presence,
  roles,
  values,
});
const names = (steps: Step[]): string => steps.map((step) => step.do).join(' ');

describe('what is to be done', () => {
  it.each<[string, ReturnType<typeof want>, Seen | undefined, string]>([
    ['nothing there, nothing wanted', want('none'), undefined, ''],
    ['make it', want('enabled', ['buyers'], { cn: 'Nils' }), undefined, 'create'],
    ['prepare it', want('disabled', [], { cn: 'Nils' }), undefined, 'create'],
    ['as it should be', want('enabled', ['buyers'], { cn: 'Nils', mail: ['a', 'b'] }), seen(), ''],
    ['a value', want('enabled', ['buyers'], { cn: 'Nils B' }), seen(), 'update'],
    ['a role more', want('enabled', ['buyers', 'viewers']), seen(), 'update'],
    ['lost: off first, then its roles', want('disabled'), seen(), 'disable update'],
    ['off already, without roles', want('disabled'), seen({ enabled: false, roles: [] }), ''],
    ['back: let in last', want('enabled', ['viewers']), seen({ enabled: false, roles: [] }), 'update enable'],
    ['gone', want('none'), seen(), 'delete'],
  ])('%s', (_, wanted, there, steps) => expect(names(stepsTo(wanted, there, about))).toBe(steps));

  it('leaves roles alone that it does not hand out', () => {
    const [step] = stepsTo(want('enabled', ['viewers']), seen(), about);
    expect(step).toEqual({
      do: 'update',
      change: { values: {}, rolesAdded: ['viewers'], rolesRemoved: ['buyers'] },
    });
  });

  it('writes all roles where the target does not say which there are', () => {
    const [step] = stepsTo(want('enabled', ['viewers']), seen({ roles: undefined }), about);
    expect(step).toMatchObject({ change: { rolesAdded: ['viewers'], rolesRemoved: ['buyers'] } });
  });

  it('goes by what the target can', () => {
    const bare = { ...about, can: { ...can, disable: false, roles: false } };
    expect(names(stepsTo(want('disabled'), undefined, bare))).toBe('');
    expect(names(stepsTo(want('disabled'), seen(), bare))).toBe('delete');
    expect(names(stepsTo(want('enabled', ['viewers']), seen(), bare))).toBe('');
    expect(names(stepsTo(want('none'), seen(), { ...about, can: { ...can, delete: false } }))).toBe(
      'disable',
    );
  });

  it('is nothing more once it was done, and never lets in with a role of before', () => {
    const roles = fc.subarray(['buyers', 'viewers']);
    fc.assert(
      fc.property(
        fc.constantFrom('none' as const, 'disabled' as const, 'enabled' as const),
        roles,
        fc.option(fc.record({ enabled: fc.boolean(), roles })),
        (presence, wanted, there) => {
          const begin = there ? seen(there) : undefined;
          const target = want(presence, presence === 'enabled' ? wanted : [], { cn: 'N' });
          let now = begin;
          for (const step of stepsTo(target, begin, about)) {
            now = carriedOut(step, now);
            if (now?.enabled && !begin?.enabled) expect(now.roles).toEqual([...target.roles]);
          }
          expect(stepsTo(target, now, about)).toEqual([]);
          expect(differenceOf(target, now ? [now] : [], about).kind).toBe('same');
        },
      ),
      { numRuns: 200, seed: 3 },
    );
  });
});

/** A target in one line a step. */
function carriedOut(step: Step, now: Seen | undefined): Seen | undefined {
  switch (step.do) {
    case 'create':
      return seen({ ...step.wanted });
    case 'delete':
      return undefined;
    case 'enable':
      return { ...now!, enabled: true };
    case 'disable':
      return { ...now!, enabled: false };
    case 'update': {
      const kept = (now!.roles ?? []).filter((role) => !step.change.rolesRemoved.includes(role));
      return {
        ...now!,
        values: { ...now!.values, ...step.change.values },
        roles: [...kept, ...step.change.rolesAdded].sort(),
      };
    }
  }
}

describe('a comparison', () => {
  it.each([
    ['same', want('enabled', ['buyers']), [seen()]],
    ['missing', want('enabled'), []],
    ['drift', want('enabled'), [seen()]],
    ['orphan', undefined, [seen()]],
    ['double', want('enabled'), [seen(), seen({ id: '2' })]],
    ['same', want('none'), []],
  ])('finds %s', (kind, known, there) => {
    const found = differenceOf(known, there, about);
    expect(found.kind).toBe(kind);
    if (kind !== 'missing' && kind !== 'drift') expect(found.steps).toEqual([]);
  });

  it('takes nothing, an empty text and an empty list for the same, and lists in any order', () => {
    expect(sameValue(null, '')).toBe(true);
    expect(sameValue([], null)).toBe(true);
    expect(sameValue(['a', 'b'], ['b', 'a', 'a'])).toBe(true);
    expect(sameValue('a', ['a'])).toBe(true);
    expect(sameValue(true, 'true')).toBe(true);
    expect(sameValue('a', 'A')).toBe(false);
    expect(sameValue(false, null)).toBe(false);
  });
});
