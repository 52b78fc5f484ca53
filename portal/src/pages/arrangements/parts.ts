export type Part = { name: string; managerName?: string; managerEmail?: string };

/** What is wrong in a line, counted from one as it stands in the field; `no-email` leaves somebody out, the others stop. */
export type Doubt = {
  line: number;
  kind: 'no-email' | 'no-address' | 'no-name' | 'too-much';
  what: string;
};

/**
 * One a line: a name; or name, manager, e-mail, with commas, semicolons or tabs between them. The e-mail is whatever
 * holds an @, so that "East, east@example.org" works too; whoever is named and cannot be invited is said.
 */
export function readParts(text: string): { parts: Part[]; doubts: Doubt[] } {
  const parts: Part[] = [];
  const doubts: Doubt[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const doubt = (kind: Doubt['kind'], what: string): number => doubts.push({ line: index + 1, kind, what });
    const pieces = raw
      .split(/[,;\t]/)
      .map((piece) => piece.trim())
      .filter(Boolean);
    if (pieces.length === 0) continue;
    const [email, ...emails] = pieces.filter((piece) => piece.includes('@'));
    const [name, manager, ...more] = pieces.filter((piece) => !piece.includes('@'));
    if (name === undefined) {
      doubt('no-name', raw.trim());
      continue;
    }
    const address = email?.replace(/^.*<|>$/g, '');
    const [extra] = [...more, ...emails];
    if (address !== undefined && !looksLikeAddress.test(address)) doubt('no-address', address);
    else if (extra !== undefined) doubt(email === undefined ? 'no-address' : 'too-much', extra);
    else if (manager !== undefined && email === undefined) doubt('no-email', manager);
    parts.push({
      name,
      ...(manager ? { managerName: manager } : {}),
      ...(address ? { managerEmail: address } : {}),
    });
  }
  return { parts, doubts };
}

/** Enough to find a slip of the pen; the server reads addresses in full. */
const looksLikeAddress = /^[^\s@]+@[^\s@]+$/;
