/** What can be wrong with the files of a take-over: a reason, and what to do about it. */
const catalogue = {
  'file-missing': ['The file is missing.', 'Add it; only this one is required.'],
  'file-unknown': ['This is none of the six files.', 'Leave it out, or give it one of the six names.'],
  'file-empty': ['The file has no heading.', 'The first line names the columns.'],
  'file-too-long': ['The file has more than {limit} rows.', 'Take over a part of the tree at a time.'],
  encoding: ['The bytes here are not {encoding}.', 'Save the file as UTF-8 and try again.'],
  'row-too-long': [
    'The line is longer than {limit} characters.',
    'A quote that was never closed, or a file that is no table?',
  ],
  'quote-open': [
    'A cell begins with a quote that is never closed.',
    'Close it, or double quotes inside a cell.',
  ],
  'quote-inside': ['Something stands after a closing quote.', 'Double the quotes inside a quoted cell.'],
  'column-missing': ['There is no column {column}.', 'Add it, or say which column holds it.'],
  'column-twice': ['The column {column} is there twice.', 'Keep one of them.'],
  'cells-many': [
    'The row has more cells than the heading.',
    'Put a cell that holds a separator into quotes.',
  ],
  'cells-few': ['The row has fewer cells than the heading.', 'Fill it up with empty cells.'],
  empty: ['The cell is empty.', 'Fill it in.'],
  'too-long': ['The text is longer than {limit} characters.', 'Shorten it.'],
  'control-character': ['There is a control character (such as NUL) in it.', 'Remove it.'],
  formula: [
    'It begins like a formula ({value}).',
    'A spreadsheet would run it. Change it, or put an apostrophe in front if it is meant so.',
  ],
  doubled: ['{value} stands here already, in line {other}.', 'Remove one of the two rows.'],
  'name-doubled': [
    'Its parent has another organization of this name, in line {other}.',
    'Names are unique below one parent: change one.',
  ],
  'name-taken': ['Another organization of this name stands here already.', 'Change one of the two names.'],
  'parent-unknown': ['There is no organization {value}.', 'Add a row for it, or name another parent.'],
  cycle: ['It stands below itself: {value}.', 'Give one of them another parent.'],
  'root-none': ['No row has an empty parent.', 'One organization, the topmost, has an empty parent.'],
  'root-many': ['A second row has an empty parent; the first is line {other}.', 'Give it a parent.'],
  'too-deep': ['The tree would be more than {limit} levels deep.', 'Put it higher up.'],
  'user-unknown': ['There is no user {value} in users.csv.', 'Add a row for them, or remove this one.'],
  'organization-unknown': [
    'There is no organization {value} in organizations.csv.',
    'Add a row for it, or remove this one.',
  ],
  'application-unknown': [
    'There is no application {value} in applications.csv.',
    'Add it there, or remove this row.',
  ],
  'role-unknown': [
    'The application {application} has no role {value} in applications.csv.',
    'Add it there, or remove this row.',
  ],
  'admin-role-unknown': ['There is no role {value} for managers.', 'Use delegated-manager.'],
  'user-nowhere': [
    'This user belongs to no organization.',
    'Add a row to memberships.csv; the first one is their home.',
  ],
  address: ['{value} is not an e-mail address.', 'Mend it, or leave the cell empty.'],
  'not-yes-no': ['{value} is neither true nor false.', 'Write true or false.'],
  'above-ceiling': [
    'This is more than may be handed out here: {missing}',
    'Remove the row, or ask a level above to widen what may be handed out.',
  ],
  protected: [
    'This person may do, or has, something that you cannot give: you may not choose where their invitation goes.',
    'Leave the address as it is here, or ask a level above to change it.',
  ],
  closed: [
    'This organization was closed here.',
    'Closing is final. Remove it from the file, or give it another id.',
  ],
  'user-name-taken': [
    'Somebody else has this user name in the same home.',
    'User names are unique in an organization: change one.',
  ],
  moved: [
    'It stands below another parent here.',
    'Moving is an act of its own; put the parent of now into the file.',
  ],
} as const satisfies Record<string, readonly [string, string]>;

export type ProblemCode = keyof typeof catalogue;
export const problemCodes = Object.keys(catalogue) as ProblemCode[];

export type Problem = {
  file: string;
  /** counted from 1, the heading included; absent where it is about the whole file */
  line?: number | undefined;
  column?: string | undefined;
  code: ProblemCode;
  /** what is wrong, and what to do, in one sentence each */
  reason: string;
  advice: string;
};

/** More are counted but not kept: a file with every row bad must not fill the memory or the page. */
export const mostShown = 1000;

/** Collects every problem, keeps the first thousand. */
export class Problems {
  readonly shown: Problem[] = [];
  count = 0;

  /** Takes back what turned out to be another problem. */
  drop(code: ProblemCode, file: string): void {
    const at = this.shown.findIndex((problem) => problem.code === code && problem.file === file);
    if (at < 0) return;
    this.shown.splice(at, 1);
    this.count -= 1;
  }

  add(
    code: ProblemCode,
    file: string,
    line?: number,
    column?: string,
    details: Record<string, string | number> = {},
  ): void {
    this.count += 1;
    if (this.shown.length >= mostShown) return;
    const fill = (text: string): string =>
      text.replace(/\{(\w+)\}/g, (_, name: string) =>
        short(String(details[name] ?? (name === 'column' ? column : ''))),
      );
    const [reason, advice] = catalogue[code];
    this.shown.push({ file, line, column, code, reason: fill(reason), advice: fill(advice) });
  }
}

// A cell that is wrong may be anything and of any length.
const short = (text: string): string => {
  const plain = text.replace(/\p{Cc}/gu, ' ');
  return plain.length > 80 ? `${plain.slice(0, 77)}…` : plain;
};
