/** The files of `src/authority` that say who may do what; the others load facts, or compare for a preview. */
export const heart = [
  'place',
  'self',
  'delegation',
  'within',
  'exception',
  'cut',
  'decide',
  'chain',
  'reach',
  'region',
  'power',
  'gains',
  'holders',
  'mandate',
  'access-rule-gains',
  'holds',
];

/** Tests of pure rules. Of all tests only those run that come past a mutant. */
export const laws = [
  'src/authority/place.test.ts',
  'src/authority/laws.test.ts',
  'src/authority/gains.test.ts',
  'src/authority/relations.test.ts',
  'src/authority/mandate.test.ts',
  'src/authority/holds.test.ts',
  'src/access/rules.test.ts',
];

const always = ['delegation-forms', 'facts-that-grant', 'holes-c'];
const near: Record<string, string[]> = {
  self: ['deputies', 'second-person', 'api-key'],
  decide: ['deputies', 'exceptions', 'delegation'],
  chain: ['deputies', 'access-rules', 'line-manager-acts', 'boundaries'],
  reach: ['deputies', 'exceptions', 'boundaries'],
  region: ['deputies', 'exceptions', 'boundaries'],
  within: ['delegation', 'boundaries', 'holes-b'],
  exception: ['exceptions'],
  cut: ['exceptions', 'second-person'],
  power: ['delegation', 'second-person', 'access-rules', 'exceptions', 'deputies', 'holes-b'],
  holders: ['deputies', 'delegation', 'directory-leaving'],
  mandate: ['mandates'],
  'access-rule-gains': ['access-rules'],
  holds: ['below-relations', 'ceilings', 'access-rules', 'expiry', 'mandates', 'holes-b'],
};

/** Tests on PostgreSQL near to a file, asked for whatever the laws let live. */
export const nearTests = (name: string): string[] =>
  [...always, ...(near[name] ?? [])].map((test) => `test/operations/${test}.test.ts`);
