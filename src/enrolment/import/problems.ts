import { say } from '../say.ts';

/** What can be wrong with the files of a take-over: a reason, and what to do about it. */
export const problemCodes = [
  'file-missing',
  'file-unknown',
  'file-empty',
  'file-too-long',
  'encoding',
  'row-too-long',
  'quote-open',
  'quote-inside',
  'column-missing',
  'column-twice',
  'cells-many',
  'cells-few',
  'empty',
  'too-long',
  'control-character',
  'formula',
  'doubled',
  'name-doubled',
  'name-taken',
  'parent-unknown',
  'cycle',
  'root-none',
  'root-many',
  'too-deep',
  'user-unknown',
  'organization-unknown',
  'application-unknown',
  'role-unknown',
  'admin-role-unknown',
  'user-nowhere',
  'address',
  'not-yes-no',
  'above-ceiling',
  'protected',
  'closed',
  'user-name-taken',
  'moved',
] as const;
export type ProblemCode = (typeof problemCodes)[number];

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
    const values = Object.fromEntries(
      Object.entries({ column: column ?? '', ...details }).map(([name, value]) => [
        name,
        short(String(value)),
      ]),
    );
    const reason = say(`import.${code}.reason`, values);
    const advice = say(`import.${code}.advice`, values);
    this.shown.push({ file, line, column, code, reason, advice });
  }
}

// A cell that is wrong may be anything and of any length.
const short = (text: string): string => {
  const plain = text.replace(/\p{Cc}/gu, ' ');
  return plain.length > 80 ? `${plain.slice(0, 77)}…` : plain;
};
