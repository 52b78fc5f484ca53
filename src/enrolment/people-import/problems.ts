import { type Problem as ProblemText, problem as sayProblem } from '../../platform/problems.ts';
import { type Details, type RefusalCode, refuse } from '../../platform/refusals.ts';
import { say, type Text } from '../say.ts';

/** What can be wrong with a row, besides what the same act done by hand would be refused for. */
export const rowProblems = [
  'encoding',
  'row-too-long',
  'quote-open',
  'quote-inside',
  'cells-many',
  'key-empty',
  'name-empty',
  'too-long',
  'unwritable',
  'formula',
  'twice',
  'address',
  'organization-empty',
  'organization-unknown',
  'organization-many',
  'day',
  'days-backwards',
  'day-past',
  'attribute-unknown',
  'role-unknown',
  'group-unknown',
  'manager-unknown',
  'manager-many',
  'manager-circle',
  'manager-refused',
  'ended',
  'elsewhere',
  'unseen',
  'changed',
] as const;
export type RowProblemCode = (typeof rowProblems)[number];

/** As it stands beside the row: said in the language of whoever reads it. */
export type RowProblem = { column?: string | undefined } & (
  | { code: RowProblemCode; values?: Record<string, string | number> }
  | { text: ProblemText; values: Record<string, string | number> }
  | { refusal: RefusalCode; details: Details }
);

/**
 * @param columns of the reading: a column is called as the file calls it
 */
export function sayRowProblem(problem: RowProblem, columns: Readonly<Record<string, string>> = {}): string {
  if ('refusal' in problem) return refuse(problem.refusal, problem.details).message;
  if ('text' in problem) return `${sayProblem(problem.text, problem.values)}.`;
  return say(`people-import.${problem.code}` as Text, {
    column: headingOf(problem.column, columns),
    ...problem.values,
  });
}

function headingOf(column: string | undefined, columns: Readonly<Record<string, string>>): string {
  if (column === undefined) return '';
  // A name may come in two columns.
  const named =
    column === 'name' ? (columns.name ?? columns.familyName ?? columns.givenName) : columns[column];
  return named ?? column;
}

/** The word that programs read. */
export const codeOf = (problem: RowProblem): string =>
  'refusal' in problem ? problem.refusal : 'text' in problem ? problem.text : problem.code;
