/** An entry as `ldapsearch` prints it; names of attributes in lower case. */
export type LdifEntry = { dn: string; values: Record<string, string[]> };

/** Reads what `ldapsearch -LLL -o ldif-wrap=no` prints (RFC 2849). */
export function parseLdif(text: string): LdifEntry[] {
  return text
    .split(/\n\n+/)
    .map((block) => {
      const values: Record<string, string[]> = {};
      for (const line of block.split('\n')) {
        const found = /^([^:#]+)(::?) ?(.*)$/.exec(line);
        if (!found) continue;
        const [, name = '', colon, value = ''] = found;
        const text = colon === '::' ? Buffer.from(value, 'base64').toString('utf8') : value;
        values[name.toLowerCase()] = [...(values[name.toLowerCase()] ?? []), text];
      }
      const { dn = [], ...others } = values;
      return { dn: dn[0] ?? '', values: others };
    })
    .filter(({ dn }) => dn !== '');
}
