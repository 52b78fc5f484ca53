import { expect, test } from 'vitest';
import { speakingIn } from '../platform/language.ts';
import de from './i18n/de.json' with { type: 'json' };
import en from './i18n/en.json' with { type: 'json' };
import fr from './i18n/fr.json' with { type: 'json' };
import nl from './i18n/nl.json' with { type: 'json' };
import { permissionNames } from './permissions.ts';
import { describeMissing, permissionWords } from './words.ts';

const holes = (text: string): string[] => (text.match(/\{\{\w+\}\}/g) ?? []).sort();

test.each(Object.entries({ nl, de, fr }))(
  'in %s everything is said, and nothing filled in is lost',
  (_, texts) => {
    const all: Record<string, string> = texts;
    const wanted = [...Object.keys(en), ...permissionNames.map((name) => `permission.${name}`)];
    expect(wanted.filter((key) => !all[key])).toEqual([]);
    expect(Object.keys(all).filter((key) => !wanted.includes(key))).toEqual([]);
    const wrong = Object.entries<string>(en).filter(
      ([key, text]) => `${holes(text)}` !== `${holes(all[key]!)}`,
    );
    expect(wrong).toEqual([]);
  },
);

test('the engine speaks the language of whoever asked', () => {
  const missing = () => describeMissing({ piece: 'place', permission: 'user.invite' });
  expect(missing()).toBe('You may invite people, but not here.');
  expect(speakingIn('nl', missing)).toBe('Je mag personen uitnodigen, maar niet hier.');
  expect(speakingIn('de', () => permissionWords('access.end'))).toBe('Zugriff entziehen');
});
