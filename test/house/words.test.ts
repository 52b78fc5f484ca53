import { describe, expect, it } from 'vitest';
import { sources } from './source.ts';

const code = sources(
  ['src', 'portal/src', 'demo', 'bench', 'scripts', 'test', 'sql'],
  ['.ts', '.tsx', '.sql'],
);
// Those that list the words say them.
const lists = /^test\/house\/|\/i18n\/catalogue\.test\.ts$/;
const own = code.filter(({ path }) => !lists.test(path));
// Other languages have words of their own.
const inEnglish = ({ path }: { path: string }): boolean =>
  !/\/(i18n|words)\/(\w+[./])?(nl|de|fr)[/.]/.test(path);
const texts = [...own, ...sources(['docs', 'portal/src/i18n', 'src'], ['.md', '.json']).filter(inEnglish)];

/** One word per thing (docs/architecture.md); these are other people's words for ours. */
const notOurs: [RegExp, string][] = [
  [/\bprincipals?\b/i, 'actor'],
  [/\brealms?\b/i, 'organization'],
  [/\btenants?\b/i, 'organization'],
  [/\bresource ?sets?\b/i, 'scope'],
  [/\borganisation/i, 'organization'],
  [/class \w*(Manager|Service|Helper|Utils?)\b/, 'what it is'],
];

describe('words', () => {
  it('are ours', () => {
    const found = texts.flatMap(({ path, text }) =>
      notOurs.flatMap(([word, instead]) => {
        // Cedar's own policies are written in Cedar's words.
        if (path === 'bench/decide.ts' && /principal/.test(word.source)) return [];
        // So are Samba's settings in Samba's.
        if (path === 'test/harness/samba.ts' && /realm/.test(word.source)) return [];
        const line = text.split('\n').findIndex((one) => word.test(one));
        return line < 0 ? [] : [`${path}:${line + 1} says ${word.source}; we say ${instead}`];
      }),
    );
    expect(found).toEqual([]);
  });

  it('name files after what is in them', () => {
    const vague = /(^|[-/.])(helpers?|utils?|common|misc|services?|lib)\.tsx?$/;
    expect(own.filter(({ path }) => vague.test(path)).map(({ path }) => path)).toEqual([]);
    const kebab = own.filter(
      ({ path }) => path.endsWith('.ts') && !/(^|\/)[a-z0-9]+([-.][a-z0-9]+)*\.ts$/.test(path),
    );
    expect(kebab.filter(({ path }) => !path.startsWith('portal/')).map(({ path }) => path)).toEqual([]);
  });
});

describe('files', () => {
  /** Generated files and tests are as long as what they list. */
  const long = (path: string): boolean => /\.gen\.ts$|\.test\.tsx?$/.test(path);

  it('are short, or say at the top why not', () => {
    const wrong = own
      .filter(({ path }) => /\.tsx?$/.test(path) && !long(path))
      .filter(({ text }) => text.split('\n').length > 400)
      .filter(
        ({ text }) =>
          !/\blong\b|\btable\b|\bone file\b/i.test(
            text
              .split('\n')
              .slice(0, 60)
              .filter((line) => /^\s*(\/\/|\/?\*)/.test(line))
              .join('\n'),
          ),
      );
    expect(wrong.map(({ path, text }) => `${path}: ${text.split('\n').length} lines`)).toEqual([]);
  });

  it('leave no test out', () => {
    const out = /\b(it|test|describe)\.(only|skip|todo|fails)\b|\b(xit|xdescribe|fit|fdescribe)\(/;
    expect(
      own.filter(({ path, text }) => /\.test\.tsx?$/.test(path) && out.test(text)).map(({ path }) => path),
    ).toEqual([]);
  });

  it('wait for what happens, not for time to pass', () => {
    const sleeps = /setTimeout\(\s*(resolve|done|r)\b|await sleep\(|timers\/promises|waitForTimeout/;
    expect(
      own.filter(({ path, text }) => path.endsWith('.test.ts') && sleeps.test(text)).map(({ path }) => path),
    ).toEqual([]);
  });

  it('mock no database', () => {
    expect(
      own
        .filter(({ path, text }) => /\.test\.tsx?$/.test(path) && /vi\.mock\(/.test(text))
        .map(({ path }) => path),
    ).toEqual([]);
  });

  it('run as they are: no enums, namespaces or parameter properties', () => {
    const erasable = own.filter(({ path }) => /^(src|scripts|demo|bench|test)\//.test(path));
    const odd =
      /^\s*(export )?(const )?enum \w|^\s*(export )?namespace \w|constructor\([^)]*\b(private|public|protected|readonly) /m;
    expect(erasable.filter(({ text }) => odd.test(text)).map(({ path }) => path)).toEqual([]);
  });
});
