import type { DirectoryChange, DirectoryEntry } from '../../platform/ldap.ts';
import { type AccountValue, type AccountValues, ConnectorError, type ConnectorField } from './connector.ts';

export type ValueFields = readonly ConnectorField[];

/**
 * The texts of a value as a directory takes them. An empty text is no value there (RFC 4517 has none), so it empties.
 * @throws {ConnectorError} `refused` for what would arrive as something else
 */
export function textsOf(fields: ValueFields, key: string, value: AccountValue): string[] {
  const field = fields.find((field) => field.key.toLowerCase() === key.toLowerCase());
  if (!field) throw refused(`There is no value ${key}; name it in the settings if the directory has it.`);
  // Written as TRUE and read as text, it would differ for ever.
  if (typeof value === 'boolean') throw refused(`${key} is a text; map yes and no onto words.`);
  const texts = value === null ? [] : [value].flat();
  const kept = [...new Set(texts.filter((text) => text !== ''))];
  if (kept.length > 1 && !field.many) throw refused(`${key} has room for one value only.`);
  if (!kept.every((text) => text.isWellFormed() && !text.includes('\0')))
    throw refused(`${key} has a character that no directory can keep.`);
  return kept;
}

export const refused = (text: string): ConnectorError => new ConnectorError('refused', text);

/** @throws {ConnectorError} */
export function freshValues(fields: ValueFields, values: AccountValues): Record<string, string[]> {
  const missing = fields
    .filter(({ key, required }) => required && !hasText(values[key]))
    .map(({ key }) => key);
  if (missing.length > 0) throw refused(`The directory has no account without ${missing.join(', ')}.`);
  return Object.fromEntries(
    Object.entries(values)
      .map(([key, value]) => [key, textsOf(fields, key, value)] as const)
      .filter(([, texts]) => texts.length > 0),
  );
}

const hasText = (value: AccountValue | undefined): boolean =>
  [value].flat().some((text) => typeof text === 'string' && text !== '');

/** Each replaces what is there, and emptying what is empty is no error (RFC 4511, section 4.6). */
export const valueChanges = (fields: ValueFields, values: AccountValues): DirectoryChange[] =>
  Object.entries(values).map(([attribute, value]) => ({
    how: 'replace',
    attribute,
    values: textsOf(fields, attribute, value),
  }));

/** What is there, by the names of the fields; several where one was expected come as several. */
export function seenValues(fields: ValueFields, entry: DirectoryEntry): AccountValues {
  const seen: Record<string, AccountValue> = {};
  for (const { key, many } of fields) {
    const values = entry.values[key.toLowerCase()] ?? [];
    if (values.length > 0) seen[key] = many || values.length > 1 ? [...values].sort() : values[0]!;
  }
  return seen;
}
