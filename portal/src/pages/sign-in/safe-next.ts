/**
 * Where to go after signing in: only a path of this very site, so that no link can lead a person astray. Anything
 * else leads home.
 * @param origin of this site, such as `https://remit.example`
 */
export function safeNext(next: string | undefined, origin: string): string {
  // a browser reads `//host` and `/\\host` as another site, and drops tabs and line breaks before it looks
  if (!next || !/^\/(?![/\\])/.test(next) || /[\\\s]/.test(next)) return '/';
  const url = new URL(next, origin);
  return url.origin === origin ? `${url.pathname}${url.search}${url.hash}` : '/';
}
