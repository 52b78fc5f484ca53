import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mailPictureNames, mailPictures } from '../../scripts/mail-pictures.ts';
import { letterNames } from '../../src/notices/ways.ts';
import { root, sources } from './source.ts';

it('every letter has its picture in four languages, and every picture is of a letter', () => {
  const there = readdirSync(join(root, 'docs/pictures/mail')).sort();
  expect(there).toEqual(mailPictureNames.map((name) => `${name}.png`).sort());
  expect(Object.keys(mailPictures).sort()).toEqual([...letterNames, 'daily'].sort());
});

it('every letter is sent by somebody', () => {
  const code = sources(['src/notices'], ['-letters.ts', '-letter.ts'])
    .map(({ text }) => text)
    .join('\n');
  expect(letterNames.filter((name) => !code.includes(`'${name}'`))).toEqual([]);
});

it('each is taken by the script that makes them', () => {
  const script = readFileSync(join(root, 'scripts/take-mail-pictures.ts'), 'utf8');
  expect(mailPictureNames.filter((name) => !script.includes(`('${name}', `))).toEqual([]);
});
