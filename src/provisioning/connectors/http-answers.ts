import { type Egress, EgressError, type OutgoingAnswer, type OutgoingCall } from '../../platform/egress.ts';
import { ConnectorError, type ConnectorProblem } from './connector.ts';

/** What connectors over HTTP share: one call, and what its answer means. */
export type Caller = (call: Omit<OutgoingCall, 'want' | 'deadline'>) => Promise<OutgoingAnswer>;

/**
 * Calls, and turns everything but a 2xx into what it means.
 * @param said what the target's own error says, in its protocol; shown to whoever mends it, so without values
 * @throws {ConnectorError}
 */
export function callerOver(egress: Egress, deadline: AbortSignal, said?: (body: string) => string): Caller {
  return async (call) => {
    let answer: OutgoingAnswer;
    try {
      answer = await egress.call({ ...call, want: 'body', deadline });
    } catch (error) {
      if (!(error instanceof EgressError)) throw error;
      throw unanswered(error, call.method !== 'GET');
    }
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw refusal(answer, call.method !== 'GET', said?.(answer.body) ?? '');
  };
}

/** What kept an answer from coming, in a connector's words. */
export function unanswered(error: EgressError, writing: boolean): ConnectorError {
  const { hindrance } = error;
  const of: Record<EgressError['hindrance'], [ConnectorProblem, string]> = {
    'no-trust': ['no-trust', 'Its certificate is not one that can be trusted.'],
    timeout: ['unreachable', 'It did not answer in time.'],
    unreachable: ['unreachable', 'It cannot be reached.'],
    'name-not-found': ['unreachable', 'Its name is not known.'],
    'too-large': ['failing', 'It answered more than is read.'],
    'not-an-address': ['bad-settings', 'Its address is none.'],
    'not-https': ['not-allowed', 'Its address does not begin with https.'],
    'credentials-in-address': ['bad-settings', 'Its address holds a password.'],
    'port-not-allowed': ['not-allowed', 'Its port is not one that may be called from here.'],
    'address-not-allowed': ['not-allowed', 'Its address is not one that may be called from here.'],
  };
  const [problem, text] = of[hindrance];
  return new ConnectorError(problem, text, {
    mayHaveHappened: writing && error.mayHaveHappened,
    cause: error,
  });
}

/**
 * What a status other than 2xx means (RFC 9110, section 15). A fault of the server's own may have come after it did what
 * was asked, so what wrote is looked at again.
 */
function refusal({ status, headers }: OutgoingAnswer, writing: boolean, said: string): ConnectorError {
  const after = secondsOf(headers['retry-after']);
  const told = said ? `: ${said}` : '.';
  const options = { status: String(status), after };
  if (status === 429 || (status === 503 && after !== undefined))
    return new ConnectorError('slow-down', `It asks to be left in peace (${status})${told}`, options);
  if (status >= 500)
    return new ConnectorError('failing', `It answered with a fault of its own (${status})${told}`, {
      ...options,
      mayHaveHappened: writing,
    });
  if (status === 401 || status === 403)
    return new ConnectorError('no-permission', `It does not let us do that (${status})${told}`, options);
  if (status === 404 || status === 410)
    return new ConnectorError('absent', `It knows nothing under that address (${status})${told}`, options);
  if (status === 409) return new ConnectorError('exists', `It has that already (${status})${told}`, options);
  if (status >= 300 && status < 400)
    return new ConnectorError(
      'bad-settings',
      `It sends us on to another address (${status}), where no password is taken to.`,
      options,
    );
  return new ConnectorError('refused', `It refused (${status})${told}`, options);
}

/** Retry-After in seconds (RFC 9110, section 10.2.3); an instant is left to the queue's own pauses. */
const secondsOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,6}$/.test(text.trim()) ? Number(text) : undefined;

/** Reads JSON that a target answered. @throws {ConnectorError} `failing` when it is none */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConnectorError('failing', 'It answered something that is not JSON.', { cause });
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * An address below a base, each part written so that it stays one part.
 * @throws {ConnectorError} `refused` for an id that would lead up (RFC 3986, section 5.2.4: also when it is escaped)
 */
export function below(base: string, ...parts: string[]): string {
  if (parts.some((part) => /^\.{0,2}$/.test(part)))
    throw new ConnectorError('refused', 'An account there has an id that leads to another address.');
  return [base.replace(/\/+$/, ''), ...parts.map((part) => encodeURIComponent(part))].join('/');
}
