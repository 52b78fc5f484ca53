import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { longest, readCsv, sniffSeparator } from '../files/csv.ts';
import { decode } from '../files/encoding.ts';
import { fileNames } from './files.ts';
import { mostShown } from './problems.ts';
import { readTake } from './take.ts';

const good = {
  'organizations.csv':
    'id,parent,name,description\ntop,,Top,\nnorth,top,North,"All, above"\nsite,north,Site,\n',
  'users.csv': 'username,displayName,email\nanna,Anna,anna@a.example\nbob,Bob,\n',
  'memberships.csv': 'user,organization\nanna,north\nbob,site\nanna,top\n',
  'managers.csv': 'user,organization,role,mayPassOn\nanna,north,delegated-manager,true\n',
  'applications.csv': 'application,role\nplan,viewer\n',
  'assignments.csv': 'organization,application,role\nnorth,plan,viewer\n',
};

const wrong = (files: Record<string, string>) =>
  readTake({ ...good, ...files }).problems.shown.map(({ file, line, column, code }) => [
    file.split('.')[0],
    line,
    column,
    code,
  ]);

describe('a tree in six files', () => {
  it('is read whole', () => {
    const { take, problems } = readTake(good);
    expect(problems.shown).toEqual([]);
    expect(take.organizations.map(({ id, depth, description }) => [id, depth, description])).toEqual([
      ['top', 0, ''],
      ['north', 1, 'All, above'],
      ['site', 2, ''],
    ]);
    expect(take.users.map(({ username, home, email }) => [username, home, email?.normal])).toEqual([
      ['anna', 'north', 'anna@a.example'],
      ['bob', 'site', undefined],
    ]);
    expect(take.managers).toMatchObject([{ role: 'delegated-manager', mayPassOn: true }]);
  });

  it('needs organizations.csv alone', () => {
    expect(readTake({ 'organizations.csv': good['organizations.csv'] }).problems.count).toBe(0);
    expect(readTake({ 'users.csv': good['users.csv'] }).problems.shown[0]).toMatchObject({
      code: 'file-missing',
    });
  });

  it.each([
    [';', 'id;parent;name\r\ntop;;"Top; really"\r\n', 'Top; really'],
    ['tab', 'id\tparent\tname\ntop\t\tTop', 'Top'],
    ['|', 'id|parent|name\ntop||Top', 'Top'],
    ['old mac', 'id,parent,name\rtop,,Top', 'Top'],
    ['mark', '\ufeffid,parent,name\ntop,,Top', 'Top'],
    ['order and case', 'NAME,Parent ID,Organization\nTop,,top', 'Top'],
    ['two lines', 'id,parent,name,description\ntop,,Top,"one\n""two"""', 'Top'],
  ])('reads %s', (_, text, name) => {
    const { take, problems } = readTake({ 'organizations.csv': text });
    expect(problems.shown).toEqual([]);
    expect(take.organizations).toMatchObject([{ id: 'top', name }]);
  });

  it('takes columns by another name', () => {
    const { take, problems } = readTake(
      { 'organizations.csv': 'Kod,Över,Namn\ntop,,Top' },
      { 'organizations.csv': { id: 'Kod', parent: 'över', name: 'Namn' } },
    );
    expect(problems.shown).toEqual([]);
    expect(take.organizations).toMatchObject([{ id: 'top', name: 'Top' }]);
  });

  it('reads the example and the real one without a complaint', () => {
    for (const [folder, organizations, users] of [
      ['../../../demo/import-example/', 5, 5],
      ['../../../test/data/kubernetes-org/', 839, 1509],
    ] as const) {
      const files = Object.fromEntries(
        fileNames.map((name) => [name, readFileSync(new URL(folder + name, import.meta.url), 'utf8')]),
      );
      const { take, problems } = readTake(files);
      expect(problems.shown).toEqual([]);
      expect([take.organizations.length, take.users.length]).toEqual([organizations, users]);
    }
  });
});

describe('every bad row is named', () => {
  const organizations = (rows: string) => ({
    'organizations.csv': `id,parent,name,description\ntop,,Top,\nnorth,top,North,\nsite,north,Site,\n${rows}`,
  });
  it.each([
    [
      'a missing parent',
      organizations('a,nowhere,A,\nb,a,B,'),
      [['organizations', 5, 'parent', 'parent-unknown']],
    ],
    [
      'a cycle',
      organizations('a,b,A,\nb,a,B,\nc,a,C,'),
      [
        ['organizations', 5, 'parent', 'cycle'],
        ['organizations', 6, 'parent', 'cycle'],
      ],
    ],
    ['its own parent', organizations('a,a,A,'), [['organizations', 5, 'parent', 'cycle']]],
    ['a doubled id', organizations('north,top,Else,'), [['organizations', 5, 'id', 'doubled']]],
    ['a doubled name', organizations('a,top,NORTH,'), [['organizations', 5, 'name', 'name-doubled']]],
    ['two roots', organizations('a,,A,'), [['organizations', 5, 'parent', 'root-many']]],
    [
      'no root',
      { ...good, 'organizations.csv': 'id,parent,name\nnorth,site,N\nsite,north,S\ntop,north,T' },
      [
        ['organizations', undefined, undefined, 'root-none'],
        ['organizations', 2, 'parent', 'cycle'],
        ['organizations', 3, 'parent', 'cycle'],
      ],
    ],
    [
      'a formula',
      organizations('=cmd(),top,A,\nb,top,@SUM,\nc,top,C,=1+1'),
      [
        ['organizations', 5, 'id', 'formula'],
        ['organizations', 6, 'name', 'formula'],
      ],
    ],
    ['a NUL', organizations('a,top,A\0B,'), [['organizations', 5, 'name', 'control-character']]],
    ['a long name', organizations(`a,top,${'x'.repeat(201)},`), [['organizations', 5, 'name', 'too-long']]],
    [
      'a 10 MB line',
      organizations(`a,top,${'x'.repeat(10_000_000)},\nb,nowhere,B,`),
      [
        ['organizations', 5, undefined, 'row-too-long'],
        ['organizations', 6, 'parent', 'parent-unknown'],
      ],
    ],
    [
      'wrong quotes',
      organizations('a,top,"A"x,\nb,top,"B,\nc,nowhere,C,'),
      [
        ['organizations', 5, undefined, 'quote-inside'],
        ['organizations', 6, undefined, 'quote-open'],
        ['organizations', 7, 'parent', 'parent-unknown'],
      ],
    ],
    [
      'cells too many and too few',
      organizations('a,top,A,d,e\nb,top'),
      [
        ['organizations', 5, undefined, 'cells-many'],
        ['organizations', 6, 'name', 'cells-few'],
      ],
    ],
    ['an empty cell', organizations('a,top,,'), [['organizations', 5, 'name', 'empty']]],
    ['bytes decoded wrongly', organizations('a,top,A\ufffd,'), [['organizations', 5, undefined, 'encoding']]],
    [
      'too deep',
      organizations(
        Array.from({ length: 25 }, (_, i) => `d${i},${i ? `d${i - 1}` : 'site'},D${i},`).join('\n'),
      ),
      [...[25, 26, 27, 28, 29].map((line) => ['organizations', line + 1 - 0, 'parent', 'too-deep'])].slice(
        0,
        4,
      ),
    ],
    [
      'a missing column',
      { 'users.csv': 'username,email\nanna,anna@a.example' },
      [['users', 1, 'displayName', 'column-missing']],
    ],
    [
      'a column twice',
      { 'users.csv': 'username,displayName,displayName\nanna,A,B' },
      [['users', 1, 'displayName', 'column-twice']],
    ],
    ['an empty file', { 'users.csv': '' }, [['users', undefined, undefined, 'file-empty']]],
    ['a strange file', { 'people.csv': 'a' }, [['people', undefined, undefined, 'file-unknown']]],
    [
      'a bad address',
      { 'users.csv': 'username,displayName,email\nanna,Anna,anna(at)a.example\nbob,Bob,' },
      [['users', 2, 'email', 'address']],
    ],
    [
      'a doubled user',
      { 'users.csv': 'username,displayName\nanna,Anna\nbob,Bob\nANNA,Anna' },
      [['users', 4, 'username', 'doubled']],
    ],
    [
      'a user nowhere',
      { 'users.csv': 'username,displayName\nanna,Anna\nbob,Bob\ncas,Cas' },
      [['users', 4, 'username', 'user-nowhere']],
    ],
    [
      'unknown names',
      { 'memberships.csv': `${good['memberships.csv']}cas,north\nbob,south\nanna,top` },
      [
        ['memberships', 5, 'user', 'user-unknown'],
        ['memberships', 6, 'organization', 'organization-unknown'],
        ['memberships', 7, undefined, 'doubled'],
      ],
    ],
    [
      'bad managers',
      { 'managers.csv': 'user,organization,mayPassOn\nanna,north,maybe\ncas,north,true' },
      [
        ['managers', 3, 'user', 'user-unknown'],
        ['managers', 2, 'mayPassOn', 'not-yes-no'],
      ],
    ],
    [
      'unknown roles',
      {
        'assignments.csv':
          'organization,application,role\nnorth,plan,editor\nnorth,ledger,viewer\nsouth,plan,viewer',
      },
      [
        ['assignments', 2, 'role', 'role-unknown'],
        ['assignments', 3, 'application', 'application-unknown'],
        ['assignments', 4, 'organization', 'organization-unknown'],
      ],
    ],
    [
      'a doubled role',
      { 'applications.csv': 'application,role\nplan,viewer\nplan,viewer' },
      [['applications', 3, 'role', 'doubled']],
    ],
    ['one bad row, once', organizations('a,top,=A,\nb,a,B,'), [['organizations', 5, 'name', 'formula']]],
  ] as const)('%s', (_, files, expected) => expect(wrong(files as Record<string, string>)).toEqual(expected));

  it('keeps a thousand and counts the rest', () => {
    const rows = Array.from({ length: 5000 }, (_, i) => `o${i},nowhere,O${i},`).join('\n');
    const { problems } = readTake(organizations(rows));
    expect(problems.count).toBe(5000);
    expect(problems.shown).toHaveLength(mostShown);
  });

  it('takes an apostrophe before a formula as meant', () => {
    const { take, problems } = readTake(organizations("a,top,'=A,'-b"));
    expect(problems.shown).toEqual([]);
    expect(take.organizations.at(-1)).toMatchObject({ id: 'site' });
    expect(take.organizations.find(({ id }) => id === 'a')).toMatchObject({ name: '=A', description: '-b' });
  });

  it('says what to do in every sentence', () => {
    const { problems } = readTake(organizations('a,nowhere,A,'));
    expect(problems.shown[0]).toMatchObject({
      reason: 'There is no organization nowhere.',
      advice: 'Add a row for it, or name another parent.',
    });
  });
});

describe('encodings', () => {
  const text = 'id,parent,name\ntop,,Zoë é\n';
  const utf16 = Buffer.from(text, 'utf16le');
  it.each([
    ['UTF-8', Buffer.from(text), 'utf-8'],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`), 'utf-8'],
    ['UTF-16 with a mark', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), 'utf-16le'],
    ['UTF-16 without', utf16, 'utf-16le'],
    [
      'UTF-16, the other order',
      Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(utf16).swap16()]),
      'utf-16be',
    ],
    ['an old spreadsheet', Buffer.from(text, 'latin1'), 'windows-1252'],
  ])('%s', (_, bytes, encoding) => expect(decode(bytes)).toEqual({ text, encoding }));

  it('names the line where declared UTF-8 is none', () => {
    const bytes = Buffer.concat([Buffer.from('\ufeffid,name\n'), Buffer.from('a,é\n', 'latin1')]);
    expect(decode(bytes)).toEqual({ badLine: 2, encoding: 'utf-8' });
    expect(decode(Buffer.from('a\nb\né', 'latin1'), 'utf-8')).toEqual({ badLine: 3, encoding: 'utf-8' });
  });
});

it('reads rows as RFC 4180 has them, and separators as they are', () => {
  expect(readCsv('a,"b ""c"""\n"d\ne",f\n\n"",g"h', ',').rows).toEqual([
    { line: 1, cells: ['a', 'b "c"'] },
    { line: 2, cells: ['d\ne', 'f'] },
    { line: 5, cells: ['', 'g"h'] },
  ]);
  expect(sniffSeparator('a;b,c;d\n1,2,3,4,5')).toBe(';');
  expect(readCsv(`"${'x'.repeat(longest + 1)}\ny`, ',').bad).toEqual([{ line: 1, problem: 'too-long' }]);
});
