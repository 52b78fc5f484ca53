import { describe, expect, it } from 'vitest';
import { importsOf, type Source, sources } from './source.ts';

/** A folder imports only folders above it. What must react to one below does so through events. */
const house = [
  'platform',
  'authority',
  'operation',
  'directory',
  'access',
  'delegation',
  'enrolment',
  'requests',
  'lifecycle',
  'provisioning',
  'signin',
  'audit',
  'notices',
  'server',
  'cli',
] as const;

const files = sources(['src'], ['.ts']).filter(({ path }) => !path.endsWith('.test.ts'));
const folderOf = (path: string): string => path.split('/')[1]!;

/** Imports that stand against the rule, each with its reason. May only shrink. */
const exceptions: Record<string, string> = {};

const wrong = (
  list: readonly Source[],
  allowed: (from: string, to: string, type: boolean) => boolean,
): string[] =>
  list.flatMap((file) =>
    importsOf(file)
      .filter((imported) => !allowed(file.path, imported.path, imported.type))
      .map((imported) => `${file.path} imports ${imported.path}`)
      .filter((line) => !exceptions[line]),
  );

describe('the house', () => {
  it('has the folders that the design names, and no other', () => {
    const folders = new Set(files.map(({ path }) => folderOf(path)));
    folders.delete('main.ts');
    expect([...folders].sort()).toEqual([...house].sort());
  });

  it('imports upwards only', () => {
    const rank = (path: string): number => house.indexOf(folderOf(path) as (typeof house)[number]);
    expect(
      wrong(
        files.filter(({ path }) => path !== 'src/main.ts'),
        (from, to) => to.startsWith('src/') && folderOf(to) !== 'main.ts' && rank(to) <= rank(from),
      ),
    ).toEqual([]);
  });

  it('keeps rules pure: other rules, pure files of authority, refusals', () => {
    const pure = [
      'src/authority/chain.ts',
      'src/authority/decide.ts',
      'src/authority/delegation.ts',
      'src/authority/exception.ts',
      'src/authority/permissions.ts',
      'src/authority/place.ts',
      'src/authority/within.ts',
      'src/authority/reach.ts',
      'src/authority/region.ts',
      'src/authority/self.ts',
      'src/authority/words.ts',
      'src/platform/refusals.ts',
    ];
    const rules = files.filter(({ path }) => path.endsWith('/rules.ts'));
    expect(rules.length).toBeGreaterThan(4);
    expect(
      wrong(rules, (_from, to, type) => {
        if (pure.includes(to) || to.endsWith('rules.ts')) return true;
        // Facts, ceilings and targets are what a rule is given; types leave nothing at run time.
        return type || to === 'src/authority/facts.ts' || /\/(days|place|email-address)\.ts$/.test(to);
      }),
    ).toEqual([]);
    for (const { path, text } of rules) {
      expect(text, path).not.toMatch(/from 'kysely'|\bsql`|Date\.now\(|new Date\(\)|Math\.random/);
    }
  });

  it('decides without a clock, a read or a log', () => {
    for (const name of ['chain', 'decide', 'delegation', 'exception', 'place', 'within', 'permissions']) {
      const { text } = files.find(({ path }) => path === `src/authority/${name}.ts`)!;
      expect(text, name).not.toMatch(/from 'kysely'|\bsql`|Date\.now\(|new Date\(\)|console\.|process\./);
    }
  });

  it('has no call of the process clock where something is decided', () => {
    const deciding = files.filter(
      ({ path }) => /\/(operations|rules\.ts|store\.ts)/.test(path) || path.startsWith('src/authority/'),
    );
    const offenders = deciding.filter(({ text }) =>
      /Date\.now\(\)|new Date\(\)|[^_]now\(\)/.test(text.replace(/remit_now\(\)/g, '')),
    );
    expect(offenders.map(({ path }) => path)).toEqual([]);
  });

  it('shows the portal only types and generated routes of the server', () => {
    const portal = sources(['portal/src'], ['.ts', '.tsx']).filter(({ path }) => !/\.test\.tsx?$/.test(path));
    expect(
      wrong(portal, (_from, to, type) => to.startsWith('portal/') || (to.startsWith('src/') && type)),
    ).toEqual([]);
  });

  it('knows of the demo only in main.ts', () => {
    expect(
      files
        .filter(({ path }) => path !== 'src/main.ts')
        .filter((file) => importsOf(file).some(({ path }) => path.startsWith('demo/')))
        .map(({ path }) => path),
    ).toEqual([]);
  });

  it.each([['src'], ['portal/src']])('has no circle of files in %s', (folder) => {
    let left = new Map(
      sources([folder], ['.ts', '.tsx']).map((file) => [
        file.path,
        importsOf(file).flatMap(({ path, type, later }) => (type || later ? [] : [path])),
      ]),
    );
    expect(left.size).toBeGreaterThan(100);
    // Who imports nobody that is left is in no circle, and neither is who is imported by nobody that is left.
    for (let before = left.size + 1; left.size < before; ) {
      before = left.size;
      const imported = new Set([...left.values()].flat());
      left = new Map([...left].filter(([path, to]) => imported.has(path) && to.some((one) => left.has(one))));
    }
    expect([...left.keys()]).toEqual([]);
  });

  it('has no barrels and no default exports', () => {
    expect(files.filter(({ path }) => path.endsWith('/index.ts')).map(({ path }) => path)).toEqual([]);
    expect(
      files.filter(({ text }) => /^export default|^export \* from/m.test(text)).map(({ path }) => path),
    ).toEqual([]);
  });
});
