import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

it('runs so many at once, lets some wait, refuses the rest, and goes on after a failure', async () => {
  const turns = new Turns(2, 2);
  const ends: ((fail: boolean) => void)[] = [];
  const started: number[] = [];
  const work = (name: number) =>
    turns.take(
      () =>
        new Promise<number>((resolve, reject) => {
          started.push(name);
          ends.push((fail) => (fail ? reject(new Error('failed')) : resolve(name)));
        }),
    );
  const [first, second, third, fourth] = [work(1), work(2), work(3), work(4)];
  await expect(work(5)).rejects.toMatchObject({ code: 'server.busy' });
  expect(started).toEqual([1, 2]);
  ends[0]!(true);
  await expect(first).rejects.toThrow('failed');
  expect(started).toEqual([1, 2, 3]);
  ends[1]!(false);
  expect(await second).toBe(2);
  ends[2]!(false);
  ends[3]!(false);
  expect(await Promise.all([third, fourth])).toEqual([3, 4]);
  const sixth = work(6);
  ends[4]!(false);
  expect(await sixth).toBe(6);
});
