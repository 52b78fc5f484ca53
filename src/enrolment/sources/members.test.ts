import { expect, it } from 'vitest';
import type { Directory, DirectoryEntry } from '../../platform/ldap.ts';
import { membersOf } from './members.ts';

const source = { make: 'ldap', base: 'dc=x', objectClass: 'inetOrgPerson' } as const;
const entry = (dn: string, values: DirectoryEntry['values'] = {}): DirectoryEntry => ({
  dn,
  values,
  bytes: {},
});
/** A directory of which only searching is asked. */
const asking = (search: Directory['search']): Directory => ({ search }) as Directory;
const nobody = async (): Promise<ReadonlySet<string>> => new Set();

it('gives up a directory that goes on and on, before its names fill the memory', async () => {
  const long = 'x'.repeat(1024 * 1024);
  let pages = 0;
  const endless = asking(async ({ scope }) => {
    if (scope === 'base') return { entries: [entry('cn=g,dc=x', { memberuid: ['ada'] })] };
    pages += 1;
    if (pages > 500) throw new Error('read on and on');
    return { entries: [entry(`cn=${pages},dc=x`, { uid: ['ada', long] })], next: String(pages) };
  });
  await expect(membersOf(endless, source, 'cn=g,dc=x', nobody)).rejects.toMatchObject({
    problem: { code: 'too-many' },
  });
  let groups = 0;
  const deep = asking(async ({ base }) => {
    groups += 1;
    return { entries: [entry(base, { member: [`cn=${groups},dc=x`], memberuid: [long] })] };
  });
  await expect(membersOf(deep, source, 'cn=g,dc=x', nobody)).rejects.toMatchObject({
    problem: { code: 'too-many' },
  });
});
