import type { Mistake } from './mistakes.ts';

/** The same for first and last days: what an hour or a millisecond too many would be. */
const tests = { lifecycle: ['test/lifecycle/years.test.ts'] };

export const mistakesOfLifecycle: Mistake[] = [
  {
    name: 'a last day has 24 hours, also where the clocks change',
    rule: 'I20',
    file: 'src/directory/days.ts',
    find: 'return startOfDay(Temporal.PlainDate.from(day).add({ days: 1 }).toString(), timeZone);',
    replace: 'return new Date(startOfDay(day, timeZone).getTime() + 86_400_000);',
    tests,
  },
  {
    name: 'a membership counts at the first instant after its last day',
    rule: 'I17',
    file: 'src/authority/holds.ts',
    find: "const inside = membershipState === 'active' && at >= memberSince && at < memberTill;",
    replace: "const inside = membershipState === 'active' && at >= memberSince && at <= memberTill;",
    tests,
  },
  {
    name: 'access keeps its instants when its organization changes its time zone',
    rule: 'ruling 4',
    file: 'src/directory/refile-days.ts',
    find: '  await refileAccess(context, organization);',
    replace: '',
    tests,
  },
];
