import { expect, test } from 'vitest';
import { endOfDay, startOfDay } from './until.ts';

const day = 24 * 3_600_000;

test('a last day is in, the next one is not', () => {
  const [start, end] = [startOfDay('2026-03-31'), endOfDay('2026-03-31')].map((at) => new Date(at as string));
  expect([start!.getFullYear(), start!.getMonth(), start!.getDate(), start!.getHours()]).toEqual([
    2026, 2, 31, 0,
  ]);
  expect([end!.getMonth(), end!.getDate(), end!.getHours()]).toEqual([3, 1, 0]);
});

test('a day lasts from midnight to midnight, also when clocks change', () => {
  for (const on of ['2026-03-29', '2026-10-25', '2026-12-31']) {
    const length = Date.parse(endOfDay(on) as string) - Date.parse(startOfDay(on) as string);
    expect(Math.abs(length - day)).toBeLessThanOrEqual(3_600_000);
  }
});

test('no day is no limit', () => {
  expect([startOfDay(undefined), endOfDay('')]).toEqual([undefined, undefined]);
});
