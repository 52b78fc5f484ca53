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
    name: 'chains stay as they were when a move gives links anew',
    rule: 'I04',
    file: 'src/delegation/moving-apply.ts',
    find: 'from now where now.id = d.id and d.chain <> now.chain',
    replace: 'from now where false',
    tests: operations('move'),
  },
  {
    name: 'a move is judged without the links of whoever moves',
    rule: 'I04',
    file: 'src/delegation/moving-facts.ts',
    find: ', ...mover.chains.map(([held]) => held!.id)];',
    replace: '];',
    tests: operations('move'),
  },
  {
    name: 'a move opens to rules what the mover may not hand out',
    rule: 'I01',
    file: 'src/delegation/moving-access.ts',
    find: '      gained.set(entitlement.id, entitlement);',
    replace: '      gained.delete(entitlement.id);',
    tests: operations('move'),
  },
];
