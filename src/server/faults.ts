import { problem } from '../platform/problems.ts';
import { Refusal, refuse } from '../platform/refusals.ts';

/** Codes by which the driver or PostgreSQL says that it is not there (any more), or not yet. */
const away = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  '57P01',
  '57P02',
  '57P03',
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  '25P03',
  '53300',
]);

/** Two changes that wait for each other, or a statement that ran out of its time: worth trying again. */
const busy = new Set(['40001', '40P01', '55P03', '57014']);

const awaySays =
  /connection terminated|timeout exceeded when trying to connect|connection timeout|server closed the connection/i;

/** What the client is told about whatever was thrown: a refusal as it is, anything else as our fault. */
export function refusalOf(error: unknown, requestId: string): Refusal {
  if (error instanceof Refusal) return error;
  const { code, message = '', statusCode, syscall, cause } = (error ?? {}) as Partial<Thrown>;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return refuse('input.too-large', { limit: problem('limit.body') });
  if (statusCode === 429) return refuse('auth.too-many', { seconds: 60 });
  if (typeof code === 'string' && code.startsWith('FST_') && statusCode && statusCode < 500)
    return refuse('input.invalid', { problem: problem('http.unreadable', { code }) });
  if (
    syscall === 'connect' ||
    isAway(code, message) ||
    (cause instanceof Error && isAway((cause as Partial<Thrown>).code, cause.message))
  )
    return refuse('server.unavailable');
  if (typeof code === 'string' && busy.has(code)) return refuse('server.busy');
  return refuse('server.fault', { requestId });
}

type Thrown = { code: string; message: string; statusCode: number; syscall: string; cause: unknown };

const isAway = (code: unknown, message: string): boolean =>
  (typeof code === 'string' && away.has(code)) || awaySays.test(message);
