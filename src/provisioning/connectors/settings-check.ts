import type { ConnectorField, Settings } from './connector.ts';

export type WrongSetting = { field: string; text: string };

/** What is wrong with settings by their description alone: what is missing, is no choice, no number, no address. */
export function wrongByForm(fields: readonly ConnectorField[], settings: Settings): WrongSetting[] {
  return fields.flatMap(({ key, label, kind, required, choices = [] }) => {
    const value = settings[key]?.trim() ?? '';
    if (value === '') return required ? [{ field: key, text: `${label} is missing.` }] : [];
    if (kind === 'one-of' && !choices.includes(value))
      return [{ field: key, text: `${label} is one of ${choices.join(', ')}.` }];
    if (kind === 'number' && !/^\d{1,9}$/.test(value)) return [{ field: key, text: `${label} is a number.` }];
    if (kind === 'address' && !isAddress(value))
      return [{ field: key, text: `${label} begins with https:// and holds no password, query or #.` }];
    return [];
  });
}

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
}
