import type { Mistake } from './mistakes.ts';

/** The same for rules that give access by what is recorded of people. */
const operations = (...names: string[]) => ({
  operations: names.map((name) => `test/operations/${name}.test.ts`),
});

export const mistakesOfRules: Mistake[] = [
  {
    name: 'whoever saves a rule lets it begin earlier for themselves',
    rule: 'I02',
    file: 'src/access/edit-rule.ts',
    find: '        (one.startsAt <= gift.startsAt || one.startsAt <= context.at),',
    replace: '        true,',
    tests: operations('access-rule-operations'),
  },
  {
    name: 'a rule that stands in a closed place lives on elsewhere',
    rule: 'ruling 3',
    file: 'src/directory/closing-rules.ts',
    find: 'array[r.organization_id, r.in_organization_id]',
    replace: 'array[coalesce(r.in_organization_id, r.organization_id)]',
    tests: operations('access-rule-operations'),
  },
  {
    name: 'days of a rule keep their instants in another time zone',
    rule: 'ruling 4',
    file: 'src/directory/refile-access.ts',
    find: '  await refileRules(context, organization);',
    replace: '',
    tests: operations('access-rule-operations'),
  },
  {
    name: 'whoever writes a title gives what a rule gives',
    rule: 'ruling 2',
    file: 'src/directory/grants.ts',
    find: '  requireMayGive(doer, gainedByRules(had, given), before.userId);',
    replace: '',
    tests: operations('access-rules'),
  },
  {
    name: 'a chain ends with the link that a move gave anew',
    rule: 'I04',
    file: 'src/delegation/moving-apply.ts',
    find: ', ...moved.get(chain[nearest]!)!.chain]',
    replace: ']',
    tests: operations('move'),
  },
];
