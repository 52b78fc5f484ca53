import { describe, expect, it } from 'vitest';
import { sources } from './source.ts';

/** Ruling 16: what leaves by HTTP goes through one module, and what leaves otherwise through one more. */
const files = sources(['src'], ['.ts']).filter(({ path }) => !path.endsWith('.test.ts'));

/** Who else speaks to another machine, and why. May only shrink. */
const exceptions: Record<string, string> = {
  'src/platform/egress.ts': 'the module itself',
  'src/platform/egress-socket.ts': 'the same for protocols other than HTTP',
  'src/cli/over-http.ts':
    'the command line, on the machine of whoever types, calls the server that they name',
};

/** Whatever opens a connection outwards; types and servers do not. */
const outward =
  /\bfetch\(|\bfrom 'node:(?:https|http2|tls|dgram|dns)(?:\/promises)?'|\bfrom 'undici'|\b(?:require|import)\(\s*'(?:node:)?(?:https?|http2|net|tls|dgram|undici)'|\bnew WebSocket\(|\bnew EventSource\(/;

/** Of modules that also serve: only what calls. */
const calling =
  /import (?!type )[^;]*\b(?:request|get|connect|createConnection|Agent|Socket)\b[^;]*from 'node:(?:http|net)'/;

describe('what leaves', () => {
  it('goes through src/platform/egress.ts, or egress-socket.ts, and nothing else', () => {
    const others = files
      .filter(({ path }) => !exceptions[path])
      .filter(({ text }) => outward.test(text) || calling.test(text))
      .map(({ path }) => path);
    expect(others).toEqual([]);
  });

  it('has exceptions that are still needed', () => {
    for (const path of Object.keys(exceptions)) {
      const { text } = files.find((file) => file.path === path)!;
      expect(outward.test(text) || calling.test(text), path).toBe(true);
    }
  });

  /** Libraries that open connections of their own unless they are given one: each in its wrapper, and nowhere else. */
  it('is in the hands of one file for each protocol', () => {
    const wrappers: Record<string, RegExp> = {
      ldapts: /^src\/platform\/ldap(-wire)?\.ts$/,
      mysql2: /^src\/provisioning\/connectors\/sql-link\.ts$/,
      // our own database, and those of targets
      pg: /^src\/(platform\/(database|jobs|migrate|schema-types|embedded-postgres|embedded\/server)|provisioning\/connectors\/sql-link)\.ts$/,
    };
    for (const [name, wrapper] of Object.entries(wrappers)) {
      const importing = files.filter(({ text }) => new RegExp(`from '${name}(/[^']*)?'`).test(text));
      expect(importing.length, name).toBeGreaterThan(0);
      expect(
        importing.map(({ path }) => path).filter((path) => !wrapper.test(path)),
        name,
      ).toEqual([]);
    }
  });

  it('would be found', () => {
    for (const line of [
      "await fetch('https://example.org')",
      "import { request } from 'node:https';",
      "import { type Server, get } from 'node:http';",
      "import { connect } from 'node:net';",
      "await import('undici')",
    ])
      expect(outward.test(line) || calling.test(line), line).toBe(true);
    for (const line of [
      "import type { IncomingMessage } from 'node:http';",
      "import { isIP } from 'node:net';",
      "import { createServer } from 'node:http';",
    ])
      expect(outward.test(line) || calling.test(line), line).toBe(false);
  });
});
