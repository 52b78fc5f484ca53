import { describe, expect, it } from 'vitest';
import { operationList, operationNames, operations } from '../../src/server/operations.gen.ts';
import { acts, twinElsewhere } from './acts.ts';
import { knownGaps } from './reach-outside.ts';
import { slotsOf } from './slots.ts';

/** Lower these when a gap is closed; nobody raises them. */
const mostGaps = 0;
const mostTwinsElsewhere = 1;

describe('coverage that cannot be forgotten', () => {
  it('has an act and a twin for every operation, and none for what is gone', () => {
    expect(Object.keys(acts).sort()).toEqual([...operationNames].sort());
    for (const name of operationNames) {
      const { twin } = acts[name];
      if (operations[name].effect === 'reading' && !twinElsewhere[name])
        expect(twin.shows, name).toBeDefined();
      if (operations[name].effect !== 'reading' && !twinElsewhere[name])
        expect(twin.writes, name).toBeDefined();
    }
  });

  it('knows what kind of id each field takes', () => {
    for (const operation of operationList) expect(() => slotsOf(operation), operation.name).not.toThrow();
  });

  it('has no more known gaps than before', () => {
    expect(knownGaps.size).toBeLessThanOrEqual(mostGaps);
    expect(Object.keys(twinElsewhere).length).toBeLessThanOrEqual(mostTwinsElsewhere);
    for (const gap of knownGaps) expect(operationNames).toContain(gap.split(' ')[0]);
  });
});
