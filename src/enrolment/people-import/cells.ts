import { calendarDay } from '../../platform/dates.ts';
import { readEmailAddress } from '../../platform/email-address.ts';
import { unwritable } from '../../platform/names.ts';
import { beginsFormula, withoutApostrophe } from '../files/cell.ts';
import type { RowProblem } from './problems.ts';
import { attributePrefix, type Reading } from './reading.ts';

/** A row as its cells say it; what it refers to is looked up later. Absent: the file has no such column. */
export type ReadRow = {
  line: number;
  key: string;
  name: string;
  /** where the file has them apart */
  givenName?: string;
  familyName?: string;
  email?: string | null;
  organization?: string;
  title?: string;
  manager?: string | null;
  firstDay?: string | null;
  lastDay?: string | null;
  accessRole?: string | null;
  accessFrom?: string | null;
  accessUntil?: string | null;
  groups?: string;
  /** as text; what kind they are is known where the person belongs */
  attributes?: Record<string, string>;
};

export type Places = { at: Map<string, number>; width: number };

/** Where the columns of a reading stand in this heading; the headings that are missing. */
export function placeColumns(
  heading: readonly string[],
  { columns }: Pick<Reading, 'columns'>,
): { places: Places; missing: string[] } {
  const plain = heading.map((cell) => cell.trim().toLowerCase());
  const at = new Map<string, number>();
  const missing: string[] = [];
  for (const [field, name] of Object.entries(columns)) {
    const index = plain.indexOf(name.trim().toLowerCase());
    if (index < 0) missing.push(name);
    else at.set(field, index);
  }
  return { places: { at, width: heading.length }, missing };
}

const longestKey = 200;

class Wrong extends Error {
  readonly problem: RowProblem;
  constructor(problem: RowProblem) {
    super();
    this.problem = problem;
  }
}

/** A row that cannot be read; its key where that much can: others may name it, and it is not missing from the file. */
export type Unread = { line: number; key?: string; email?: string; problem: RowProblem };

/** Reads one row: all that can be said of its cells without looking anything up. Pure. */
export function readRow(
  line: number,
  cells: readonly string[],
  { at, width }: Places,
  dates: Reading['dates'],
): ReadRow | Unread {
  let known: Pick<Unread, 'key' | 'email'> = {};
  try {
    if (cells.length > width && cells.slice(width).some((cell) => cell.trim() !== ''))
      throw new Wrong({ code: 'cells-many' });
    const cell = (field: string, longest = longestKey): string | undefined => {
      const index = at.get(field);
      return index === undefined ? undefined : readCell(field, cells[index] ?? '', longest);
    };
    const key = cell('key')!;
    if (key === '') throw new Wrong({ code: 'key-empty', column: 'key' });
    if (beginsFormula(key)) throw new Wrong({ code: 'formula', column: 'key' });
    known = { key };
    const email = cell('email', 320);
    if (email) known = { key, email: addressOf(email) };
    const row: ReadRow = { line, key, ...namesOf(cell) };
    if (email !== undefined) row.email = known.email ?? null;
    const organization = cell('organization', 2000);
    if (organization !== undefined) row.organization = organization;
    const title = cell('title');
    if (title !== undefined) row.title = title;
    const manager = cell('lineManager', 320);
    if (manager !== undefined) row.manager = manager || null;
    const accessRole = cell('accessRole');
    if (accessRole !== undefined) row.accessRole = accessRole || null;
    const groups = cell('groups', 2000);
    if (groups !== undefined) row.groups = groups;
    for (const field of ['firstDay', 'lastDay', 'accessFrom', 'accessUntil'] as const) {
      const text = cell(field, 40);
      if (text !== undefined) row[field] = text === '' ? null : dayOf(field, text, dates);
    }
    if (row.firstDay && row.lastDay && row.lastDay < row.firstDay)
      throw new Wrong({ code: 'days-backwards', column: 'lastDay' });
    if (row.accessFrom && row.accessUntil && row.accessUntil < row.accessFrom)
      throw new Wrong({ code: 'days-backwards', column: 'accessUntil' });
    for (const field of at.keys())
      if (field.startsWith(attributePrefix)) {
        row.attributes ??= {};
        row.attributes[field.slice(attributePrefix.length)] = cell(field, 1000)!;
      }
    return row;
  } catch (error) {
    if (error instanceof Wrong) return { line, ...known, problem: error.problem };
    throw error;
  }
}

function readCell(column: string, raw: string, longest: number): string {
  const text = withoutApostrophe(raw.trim().normalize('NFC'));
  if (text === '') return '';
  // Whoever decoded it put this character where bytes did not fit.
  if (text.includes('\ufffd')) throw new Wrong({ code: 'encoding', column });
  if (unwritable.test(text)) throw new Wrong({ code: 'unwritable', column });
  if (text.length > longest) throw new Wrong({ code: 'too-long', column, values: { limit: longest } });
  return text;
}

type Names = Pick<ReadRow, 'name' | 'givenName' | 'familyName'>;

/** One column with the whole name, `Ada Ash` or `Ash, Ada`; or two columns. What is known apart is kept apart. */
function namesOf(cell: (field: string) => string | undefined): Names {
  const [whole, given, family] = [cell('name'), cell('givenName'), cell('familyName')];
  const turned = whole ? /^([^,]+),\s*([^,]+)$/.exec(whole) : null;
  const apart =
    turned && !/^(jr|sr|i{2,3}|iv|ph\.?d|md|msc|bsc)\.?$/i.test(turned[2]!)
      ? { givenName: turned[2]!.trim(), familyName: turned[1]!.trim() }
      : given && family
        ? { givenName: given, familyName: family }
        : undefined;
  const name = turned && apart ? joined(apart) : whole || [given, family].filter(Boolean).join(' ');
  if (!name || !/[\p{L}\p{N}\p{P}\p{S}]/u.test(name) || /^\p{M}/u.test(name))
    throw new Wrong({ code: 'name-empty', column: 'name' });
  if (beginsFormula(name)) throw new Wrong({ code: 'formula', column: 'name' });
  if (name.length > 200) throw new Wrong({ code: 'too-long', column: 'name', values: { limit: 200 } });
  return { name, ...apart };
}

const joined = ({ givenName, familyName }: { givenName: string; familyName: string }): string =>
  `${givenName} ${familyName}`;

function addressOf(text: string): string {
  const address = readEmailAddress(text);
  if (!address) throw new Wrong({ code: 'address', column: 'email', values: { value: text.slice(0, 80) } });
  return address.address;
}

/** A day as the file writes it, or one of the standard's form, which nobody takes for another. */
function dayOf(column: string, text: string, dates: Reading['dates']): string {
  const day = readDay(text, dates);
  if (!day) throw new Wrong({ code: 'day', column, values: { value: text.slice(0, 40) } });
  return day;
}

export function readDay(text: string, dates: Reading['dates']): string | undefined {
  const standard = /^(\d{4}-\d{2}-\d{2})(?:[T ]00:00(?::00)?)?$/.exec(text);
  const parts = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$/.exec(text);
  let day = standard?.[1];
  if (!day && parts && dates !== 'iso') {
    const [, one, other, year] = parts as unknown as [string, string, string, string];
    const [month, date] = dates === 'day-first' ? [other, one] : [one, other];
    day = `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
  }
  return day !== undefined && calendarDay.safeParse(day).success ? day : undefined;
}
