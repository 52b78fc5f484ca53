/** Versions as entity tags (RFC 7644, section 3.14); weak ones, because the same state may be written in other ways. */
export const etagOf = (version: number | string): string => `W/"${version}"`;

/** Versions named by If-Match or If-None-Match, weak or not; `any` for `*`. Undefined where nothing readable was sent. */
export function versionsOf(header: string | undefined): 'any' | string[] | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (text === '*') return 'any';
  const tags = text.split(',').flatMap((tag) => {
    const found = /^(?:W\/)?"([^"]*)"$/.exec(tag.trim());
    return found ? [found[1]!] : [];
  });
  return tags.length > 0 ? tags : undefined;
}
