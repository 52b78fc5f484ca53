import type { Kind } from '../platform/refusals.ts';

/** What the command ends with. docs/cli.md lists them, and a test compares. */
export const exitCodes = {
  done: { code: 0, means: 'done' },
  refused: { code: 1, means: 'refused: not permitted, not found, or it does not fit what is there' },
  usage: {
    code: 2,
    means: 'wrong use: an unknown command or option, a value that is not right, a bad setting',
  },
  unavailable: {
    code: 3,
    means: 'unavailable: the database or the server cannot be reached, or is busy; try again',
  },
  fault: { code: 4, means: 'fault: something broke on our side' },
  interrupted: { code: 130, means: 'interrupted' },
} as const;

export type Ending = keyof typeof exitCodes;

const endings: Record<Kind, Ending> = {
  unauthenticated: 'refused',
  invalid: 'usage',
  absent: 'refused',
  forbidden: 'refused',
  stale: 'refused',
  conflict: 'refused',
  unprocessable: 'refused',
  gone: 'refused',
  'too-large': 'refused',
  'too-many': 'unavailable',
  unavailable: 'unavailable',
  fault: 'fault',
};

/** Ends the command with one sentence for the person who gave it. */
export class CommandError extends Error {
  readonly ending: Ending;
  readonly code: string;
  readonly details: Record<string, unknown>;
  constructor(
    ending: Ending,
    message: string,
    code = `cli.${ending}`,
    details: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = 'CommandError';
    this.ending = ending;
    this.code = code;
    this.details = details;
  }
}

export const endingOf = (kind: Kind): Ending => endings[kind];
