import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openEgress } from '../../src/platform/egress.ts';
import { openEgressSockets } from '../../src/platform/egress-socket.ts';
import type { Session, Wanted } from '../../src/provisioning/connectors/connector.ts';
import { csvConnector } from '../../src/provisioning/connectors/csv.ts';
import { conforms } from './suite.ts';

const dropFolder = mkdtempSync(join(tmpdir(), 'remit-drop-'));
afterAll(() => rmSync(dropFolder, { recursive: true }));

const settings = { folder: 'payroll', columns: 'login, name, note' };

conforms('the CSV connector', csvConnector, () => ({
  connector: csvConnector,
  settings,
  secrets: {},
  dropFolder,
  person: (name) => ({ login: name, name: `${name} Jansen`, note: null }),
  text: 'note',
  other: 'name',
  rename: (name) => ({ login: name }),
}));

const rules = { networks: [], httpHosts: [], ports: [] };
const opened = (over: Record<string, string> = {}): Promise<Session> =>
  csvConnector.open(
    { ...settings, ...over },
    {},
    {
      egress: openEgress(rules),
      sockets: openEgressSockets(rules),
      deadline: AbortSignal.timeout(20_000),
      roles: [],
      dropFolder,
    },
  );
const person = (name: string, note: string | null = null): Wanted => ({
  correlation: `id-${name}`,
  enabled: true,
  values: { login: name, note },
  roles: ['staff'],
});
const fileOf = (folder: string): string => readFileSync(join(dropFolder, folder, 'accounts.csv'), 'utf8');

describe('a file of accounts', () => {
  it('is whole after each change, and one row an account', async () => {
    const session = await opened({ folder: 'whole' });
    await session.create(person('sam', 'a "note", with a comma'));
    await session.create(person('sam', 'again'));
    expect(fileOf('whole')).toBe('id,enabled,login,name,note,roles\nid-sam,true,sam,,again,staff\n');
    await session.disable('id-sam');
    expect(fileOf('whole')).toContain('id-sam,false,');
  });

  it('puts an apostrophe before what a spreadsheet would run, and reads it back as it was', async () => {
    const session = await opened({ folder: 'formulas' });
    for (const [n, note] of ['=1+1', "'=1+1", '+31 6', '@x', '-1', "'plain"].entries()) {
      await session.create(person(`f${n}`, note));
      expect((await session.read(`id-f${n}`))?.values.note).toBe(note);
    }
    expect(fileOf('formulas')).toContain("'=1+1");
    expect(fileOf('formulas')).not.toMatch(/,[=+@-]/);
  });

  it('takes no change of several processes away', async () => {
    const sessions = await Promise.all([
      opened({ folder: 'many' }),
      opened({ folder: 'many' }),
      opened({ folder: 'many' }),
    ]);
    await Promise.all(
      sessions.flatMap((session, n) =>
        Array.from({ length: 10 }, (_, m) => session.create(person(`p${n}-${m}`))),
      ),
    );
    expect((await sessions[0]!.list()).seen).toHaveLength(30);
  });

  it('is not written over where somebody else changed its form', async () => {
    const session = await opened({ folder: 'changed' });
    await session.create(person('sam'));
    writeFileSync(join(dropFolder, 'changed', 'accounts.csv'), 'who,what\nsam,that\n');
    await expect(session.create(person('tess'))).rejects.toMatchObject({ problem: 'bad-settings' });
    expect(fileOf('changed')).toBe('who,what\nsam,that\n');
  });

  it.each(['../up', '/etc', 'a/b', '', 'A', '.'])('stands in no folder called %j', (folder) => {
    expect(csvConnector.check({ ...settings, folder }).map(({ field }) => field)).toEqual(['folder']);
  });
});
