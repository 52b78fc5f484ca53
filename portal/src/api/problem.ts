import type { RefusalCode } from '../../../src/platform/refusals.ts';

/** `server.unreachable` is ours: no answer came at all. */
export type ProblemCode = RefusalCode | 'server.unreachable';

/**
 * A no of the server (problem+json, RFC 9457) as the portal shows it. `text` is written for the reader and says
 * what to do; `details` are the code's own fields.
 */
export class Problem extends Error {
  readonly status: number;
  readonly code: ProblemCode;
  readonly text: string;
  readonly details: Record<string, unknown>;

  constructor(status: number, code: ProblemCode, text: string, details: Record<string, unknown> = {}) {
    super(text);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.text = text;
    this.details = details;
  }
}

/** Reads the answer of a refused call; anything that is not a problem of ours becomes a fault. */
export async function problemOf(response: Response, fallback: string): Promise<Problem> {
  const body: unknown = await response.json().catch(() => undefined);
  if (body && typeof body === 'object' && 'code' in body && typeof body.code === 'string') {
    const { code, detail, title, type: _type, status: _status, ...details } = body as Record<string, unknown>;
    return new Problem(response.status, code as ProblemCode, String(detail ?? title ?? fallback), details);
  }
  return new Problem(response.status, 'server.fault', fallback);
}

export const isProblem = (error: unknown, code?: ProblemCode): error is Problem =>
  error instanceof Problem && (code === undefined || error.code === code);
