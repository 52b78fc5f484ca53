import { type Language, spoken } from './language.ts';

/**
 * The one way in which the server says a text to whoever asked: a catalogue in every language, `{{name}}` filled in. Called
 * while the request is answered, never when a module is loaded: only then is it known who reads.
 */
export const sayer =
  <Key extends string>(texts: Record<Language, Readonly<Record<Key, string>>>) =>
  (key: Key, values: Record<string, string | number> = {}): string =>
    texts[spoken()][key].replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name] ?? ''));
