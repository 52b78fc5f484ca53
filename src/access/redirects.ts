/** Why a redirect address cannot be registered; undefined when it can. */
export type RedirectProblem = 'not-an-address' | 'not-https' | 'fragment' | 'credentials' | 'wildcard';

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Redirects are compared character by character (RFC 9700, section 4.1.3), so one stands here exactly as it will
 * be sent: https, or plain http to this machine only (RFC 8252, section 8.3), without fragment or pattern.
 */
export function redirectProblem(address: string): RedirectProblem | undefined {
  if (address.includes('*')) return 'wildcard';
  if (!URL.canParse(address)) return 'not-an-address';
  const url = new URL(address);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback.has(url.hostname)))
    return 'not-https';
  if (address.includes('#')) return 'fragment';
  if (url.username !== '' || url.password !== '') return 'credentials';
  return undefined;
}
