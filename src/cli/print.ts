import { unwritable } from '../platform/names.ts';

/** What an operation gave, for a person to read: lists as columns, one thing as lines, all without colours. */
type Value = unknown;
type Fields = Record<string, Value>;

export function forPeople(output: Value): string {
  if (typeof output === 'string') return output;
  if (
    isFields(output) &&
    Array.isArray(output.items) &&
    Object.keys(output).every((key) => key === 'items' || key === 'next')
  ) {
    const more = output.next ? `\n(more: --cursor ${String(output.next)})` : '';
    return output.items.length === 0 ? '(none)' : columns(output.items) + more;
  }
  return isFields(output) ? lines(output, '') : String(output);
}

const isFields = (value: Value): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isPlain = (value: Value): boolean => typeof value !== 'object' || value === null;

function lines(of: Fields, indent: string): string {
  const width = Math.max(0, ...Object.keys(of).map((key) => key.length));
  return Object.entries(of)
    .map(([key, value]) => {
      const label = `${indent}${key.padEnd(width)}  `;
      if (isPlain(value)) return label + plain(value);
      if (Array.isArray(value)) {
        if (value.every(isPlain)) return label + value.map(plain).join(', ');
        return `${indent}${key}\n${indented(columns(value), `${indent}  `)}`;
      }
      return `${indent}${key}\n${lines(value as Fields, `${indent}  `)}`;
    })
    .join('\n');
}

function columns(rows: Value[]): string {
  if (!rows.every(isFields)) return rows.map((row) => JSON.stringify(row)).join('\n');
  const flat = rows.map((row) => flattened(row as Fields));
  const keys = [...new Set(flat.flatMap((row) => Object.keys(row)))].filter((key) =>
    flat.some((row) => (row[key] ?? '') !== ''),
  );
  const width = keys.map((key) => Math.max(key.length, ...flat.map((row) => (row[key] ?? '').length)));
  const line = (cells: string[]) =>
    cells
      .map((cell, at) => cell.padEnd(width[at]!))
      .join('  ')
      .trimEnd();
  return [line(keys), ...flat.map((row) => line(keys.map((key) => row[key] ?? '')))].join('\n');
}

function flattened(row: Fields, prefix = ''): Record<string, string> {
  const cells: Record<string, string> = {};
  for (const [key, value] of Object.entries(row)) {
    if (isPlain(value)) cells[prefix + key] = plain(value);
    else if (isFields(value)) Object.assign(cells, flattened(value, `${prefix}${key}.`));
    else
      cells[prefix + key] = (value as Value[]).every(isPlain)
        ? (value as Value[]).map(plain).join(', ')
        : JSON.stringify(value);
  }
  return cells;
}

const plain = (value: Value): string =>
  value === null || value === undefined
    ? ''
    : String(value)
        .replace(/\s*\n\s*/g, ' ')
        // What somebody wrote must not steer the operator's terminal.
        .replace(new RegExp(unwritable, 'gu'), '');

const indented = (text: string, indent: string): string => text.replace(/^/gm, indent);
