/**
 * Where to go after signing in: only a path of this very site, so that no link can lead a person astray. Anything
 * else leads home.
 * @param origin of this site, such as `https://remit.example`
 */
export function safeNext(next: string | undefined, origin: string): string {
  // a browser reads `//host` and `/\\host` as another site, and drops tabs and line breaks before it looks
  if (!next || !isPath(next) || /[\\\s\p{Cc}]/u.test(next)) return '/';
  const url = new URL(next, origin);
  // `/a/..//host` becomes `//host` only now; and no path of ours has a slash in disguise
  if (url.origin !== origin || !isPath(url.pathname) || /%(2f|5c|00)/i.test(url.pathname)) return '/';
  return `${url.pathname}${url.search}${url.hash}`;
}

/** One slash, and no second one that would make it the name of a host. */
const isPath = (text: string): boolean => /^\/(?![/\\])/.test(text);
