/** Tests of pure rules, in which each condition of these files is asked; a mutant of one meets them first. */
export const pureTests = (name: string): readonly string[] => (pure.has(name) ? laws : []);

const pure = new Set(['place', 'delegation', 'within', 'exception', 'decide', 'chain', 'reach', 'power']);
const laws = ['src/authority/place.test.ts', 'src/authority/laws.test.ts', 'src/access/rules.test.ts'];

const forms = ['delegation-forms', 'boundaries', 'delegation'];
const facts = ['facts-that-grant', 'deputies', 'exceptions', 'directory-leaving'];
const attacks = ['holes', 'holes-b', 'holes-c'];

/** By file of `src/authority`: the tests on PostgreSQL that stand nearest to it, asked for whatever the laws let live. */
export const nearTests: Record<string, string[]> = Object.fromEntries(
  Object.entries({
    place: [...forms, ...attacks],
    delegation: [...forms, ...facts, ...attacks],
    within: [...forms, 'facts-that-grant', ...attacks],
    exception: ['exceptions', ...attacks],
    self: ['deputies', 'second-person', 'request', ...attacks],
    decide: [...forms, 'exceptions', 'deputies', 'request', ...attacks],
    chain: [...forms, ...facts, 'access-rules', 'mandates', ...attacks],
    reach: [...forms, 'exceptions', 'deputies', 'people-scale', ...attacks],
    power: ['second-person', 'facts-that-grant', 'exceptions', 'access-rules', 'deputies', ...attacks],
    gains: ['facts-that-grant', ...attacks],
    holders: ['request', 'deputies', 'delegation'],
    mandate: ['mandates'],
    'access-rule-gains': ['access-rules', ...attacks],
    holds: ['ceilings', 'access', 'access-rules', 'expiry', 'mandates', ...attacks],
  }).map(([file, names]) => [file, names.map((name) => `test/operations/${name}.test.ts`)]),
);
