import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { permissionNames } from '../../src/authority/permissions.ts';
import { openApi } from '../../src/server/openapi.ts';
import { operationList } from '../../src/server/operations.gen.ts';
import { referencePage } from '../../src/server/reference-page.ts';

const directory = mkdtempSync(join(tmpdir(), 'remit-openapi-'));
afterAll(() => rmSync(directory, { recursive: true }));

type Entry = {
  operationId: string;
  summary: string;
  description: string;
  security?: unknown[];
  parameters: { name?: string; in?: string; required?: boolean }[];
  responses: Record<string, unknown>;
  'x-permission'?: string;
};
const document = openApi(operationList, 'https://remit.example.org', '1.2.3');
const entries = Object.values(document.paths as Record<string, Record<string, Entry>>).flatMap((path) =>
  Object.values(path),
);
const entry = (name: string): Entry => entries.find(({ operationId }) => operationId === name)!;

describe('openapi.json', () => {
  it('is valid OpenAPI 3.1 to a linter that shares no code with us', async () => {
    const file = join(directory, 'openapi.json');
    writeFileSync(file, JSON.stringify(document));
    const packageFile = createRequire(import.meta.url).resolve('@redocly/cli/package.json');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(dirname(packageFile), 'bin/cli.js'), 'lint', '--extends=recommended', '--format=json', file],
      {
        cwd: directory,
        env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
        maxBuffer: 16 * 1024 * 1024,
      },
    );
    const { totals, problems } = JSON.parse(stdout) as { totals: { errors: number }; problems: unknown[] };
    expect(totals.errors, JSON.stringify(problems)).toBe(0);
  }, 60_000);

  it('has every operation once, with who may and what can go wrong', () => {
    expect(entries.map(({ operationId }) => operationId).sort()).toEqual(
      operationList.map(({ name }) => name).sort(),
    );
    for (const declared of operationList) {
      const { summary, description, responses, security, ...rest } = entry(declared.name);
      expect(summary).toBe(declared.summary);
      expect(description.length).toBeGreaterThan(summary.length);
      // In SCIM what was made is 201, and what is gone 204.
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '503']));
      expect(Object.keys(responses)[0]).toMatch(declared.media === 'scim' ? /^20[014]$/ : /^200$/);
      expect('401' in responses).toBe(declared.needs !== 'public');
      expect(security).toEqual(declared.needs === 'public' ? [] : undefined);
      if (typeof declared.needs === 'object') expect(permissionNames).toContain(rest['x-permission']);
    }
  });

  it('puts path and query where they stand', () => {
    expect(entry('organization.read').parameters).toEqual([
      expect.objectContaining({ name: 'organizationId', in: 'path', required: true }),
    ]);
    expect(entry('event.list').parameters).toContainEqual(
      expect.objectContaining({ name: 'limit', in: 'query', required: false }),
    );
  });
});

describe('/docs/api', () => {
  it('explains every operation and error, where problems lead', () => {
    const page = referencePage(document, 'abc');
    for (const { name } of operationList) expect(page).toContain(`id="${name}"`);
    expect(page).toContain('<tr id="invitation.used">');
    expect(page).not.toContain('<script');
    expect(page).not.toMatch(/style="/);
  });
});
