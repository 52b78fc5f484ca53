/** How the bytes of a file became text. */
export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export type Encoding = (typeof encodings)[number];

export type Decoded = { text: string; encoding: Encoding } | { badLine: number; encoding: Encoding };

/**
 * Reads a file's bytes as text. A byte order mark or the caller's word decides; without either, what is valid UTF-8 is
 * that, much of zero bytes is UTF-16, and the rest comes from an old Windows spreadsheet.
 * @returns the text, or the first line (from 1) whose bytes are not of the encoding that was declared
 */
export function decode(bytes: Uint8Array, declared?: Encoding): Decoded {
  const mark = byteOrderMark(bytes);
  const encoding = mark?.encoding ?? declared;
  const body = mark ? bytes.subarray(mark.length) : bytes;
  if (encoding) return strictly(body, encoding);
  const zeros = zeroBytes(body);
  if (zeros) return strictly(body, zeros);
  const utf8 = strictly(body, 'utf-8');
  return 'text' in utf8
    ? utf8
    : { text: new TextDecoder('windows-1252').decode(body), encoding: 'windows-1252' };
}

function byteOrderMark(bytes: Uint8Array): { encoding: Encoding; length: number } | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return { encoding: 'utf-8', length: 3 };
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: 'utf-16le', length: 2 };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: 'utf-16be', length: 2 };
  return undefined;
}

/** Every other byte of western text is zero in UTF-16; which one says its order. */
function zeroBytes(bytes: Uint8Array): Encoding | undefined {
  const sample = bytes.subarray(0, 400);
  if (sample.length < 4) return undefined;
  const even = sample.filter((byte, index) => byte === 0 && index % 2 === 0).length;
  const odd = sample.filter((byte, index) => byte === 0 && index % 2 === 1).length;
  if (odd > sample.length * 0.3 && even === 0) return 'utf-16le';
  if (even > sample.length * 0.3 && odd === 0) return 'utf-16be';
  return undefined;
}

function strictly(bytes: Uint8Array, encoding: Encoding): Decoded {
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), encoding };
  } catch {
    // Bytes that do not fit become U+FFFD; the first of them is on the line to name.
    const text = new TextDecoder(encoding).decode(bytes);
    return { badLine: lineOf(text, Math.max(0, text.indexOf('\ufffd'))), encoding };
  }
}

export function lineOf(text: string, position: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < position; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}
