import { expect, it } from 'vitest';
import { readPastedPeople } from './pasted-people.ts';

const read = (text: string) =>
  readPastedPeople(text).map(({ line, email, displayName }) => [line, email?.normal, displayName]);

it.each([
  [
    'one a line',
    'anna@a.example\n\nbob@a.example',
    [
      [1, 'anna@a.example', ''],
      [3, 'bob@a.example', ''],
    ],
  ],
  [
    'a mail program',
    'Anna de Vries <anna@a.example>; Bob <bob@a.example>',
    [
      [1, 'anna@a.example', 'Anna de Vries'],
      [1, 'bob@a.example', 'Bob'],
    ],
  ],
  [
    'last name first',
    '"Vries, Anna" <anna@a.example>, Roe, Jane <jane@a.example>',
    [
      [1, 'anna@a.example', 'Anna Vries'],
      [1, undefined, ''],
      [1, 'jane@a.example', 'Jane'],
    ],
  ],
  [
    'last names first, semicolons',
    'Doe, John <john@a.example>; Roe, Jane <jane@a.example>',
    [
      [1, 'john@a.example', 'John Doe'],
      [1, 'jane@a.example', 'Jane Roe'],
    ],
  ],
  [
    'a table with a heading',
    'Name,E-mail\nAnna,anna@a.example\n"Bob ""B""",bob@a.example',
    [
      [2, 'anna@a.example', 'Anna'],
      [3, 'bob@a.example', 'Bob ""B'],
    ],
  ],
  ['tabs', 'Anna\tde Vries\tanna@a.example\t2026', [[1, 'anna@a.example', 'Anna de Vries']]],
  ['semicolons', 'anna@a.example;Anna;de Vries', [[1, 'anna@a.example', 'Anna de Vries']]],
  ['a name before', 'Anna de Vries anna@a.example', [[1, 'anna@a.example', 'Anna de Vries']]],
  [
    'spaces between',
    'anna@a.example bob@a.example',
    [
      [1, 'anna@a.example', ''],
      [1, 'bob@a.example', ''],
    ],
  ],
  [
    'no separator',
    'Anna <anna@a.example> Bob <bob@a.example>',
    [
      [1, 'anna@a.example', 'Anna'],
      [1, 'bob@a.example', 'Bob'],
    ],
  ],
  [
    'commas',
    'anna@a.example, bob@a.example,',
    [
      [1, 'anna@a.example', ''],
      [1, 'bob@a.example', ''],
    ],
  ],
  [
    'mailto and brackets',
    '(mailto:anna@a.example)\n<bob@a.example>',
    [
      [1, 'anna@a.example', ''],
      [2, 'bob@a.example', ''],
    ],
  ],
  [
    'no address',
    'Anna de Vries\nanna@',
    [
      [1, undefined, ''],
      [2, undefined, ''],
    ],
  ],
  ['invisible characters', '\ufeffanna\u200b@a.example', [[1, 'anna@a.example', '']]],
  ['a look-alike', '\u0430nna@a.example', [[1, undefined, '']]],
  [
    'windows and old mac line ends',
    'anna@a.example\r\nbob@a.example\rcas@a.example',
    [
      [1, 'anna@a.example', ''],
      [2, 'bob@a.example', ''],
      [3, 'cas@a.example', ''],
    ],
  ],
  ['nothing', ' \n\n', []],
] as const)('%s', (_, text, people) => expect(read(text)).toEqual(people));
