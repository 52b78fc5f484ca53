/** Days of the week, 1 for Monday, as people say them: three and more in a row as one run, also over the week's end. */
export function runsOf(days: readonly number[]): { first: number; last: number }[] {
  const works = new Set(days);
  const before = (day: number): number => ((day + 5) % 7) + 1;
  const after = (day: number): number => (day % 7) + 1;
  if (works.size === 7) return [{ first: 1, last: 7 }];
  const begins = [...works].filter((day) => !works.has(before(day))).sort((one, other) => one - other);
  return begins.flatMap((first) => {
    const run = [first];
    for (let day = after(first); works.has(day); day = after(day)) run.push(day);
    return run.length > 2 ? [{ first, last: run.at(-1)! }] : run.map((day) => ({ first: day, last: day }));
  });
}
