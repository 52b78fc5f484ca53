/** A version that nothing has: an If-Match which is none of our tags matches nothing. */
const none = -1;

export const tagOf = (version: number): string => `"${version}"`;

/**
 * The version that the client saw last (RFC 9110, section 13.1.1); undefined when it does not mind. Proxies that
 * compress weaken a tag, so a weak one is read like a strong one.
 */
export function versionOf(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined;
  const found = /^\s*(?:W\/)?"(\d{1,9})"\s*$/.exec(ifMatch);
  return found ? Number(found[1]) : none;
}
