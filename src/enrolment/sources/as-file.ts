import { stringify } from 'csv-stringify/sync';
import type { Reading } from '../people-import/reading.ts';
import type { DirectorySource, SourcePerson } from './reading.ts';

/**
 * People of a source as the file that an import of people reads: so they come in by the same rules, ceilings and events as
 * those of any file, and a bad row is a row to mend.
 */
export const fieldsOf = ({ columns, places }: DirectorySource): string[] => [
  'key',
  ...Object.keys(columns).filter((field) => field !== 'key' && field !== 'organization'),
  ...(places.from === 'source' ? [] : ['organization']),
];

export const readingOf = (source: DirectorySource): Reading => ({
  columns: Object.fromEntries(fieldsOf(source).map((field) => [field, field])),
  separator: ',',
  encoding: 'utf-8',
  dates: 'iso',
});

export const headingText = (source: DirectorySource): string => stringify([fieldsOf(source)]);

/** @param people those that are not switched off in the directory: it is not for an import to bring them in */
export const rowsText = (source: DirectorySource, people: readonly SourcePerson[]): string =>
  stringify(people.map(({ cells }) => fieldsOf(source).map((field) => written(cells[field] ?? ''))));

/** What a spreadsheet would run is marked as text; the import takes the mark away. */
const written = (text: string): string => (/^[=+\-@]/.test(text) ? `'${text}` : text);
