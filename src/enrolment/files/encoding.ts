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
  const mark = encodingOfMark(bytes);
  const body = mark ? bytes.subarray(mark === 'utf-8' ? 3 : 2) : bytes;
  const encoding = mark ?? declared ?? encodingOfZeros(body);
  if (encoding) return strictly(body, encoding);
  const utf8 = strictly(body, 'utf-8');
  return 'text' in utf8
    ? utf8
    : { text: new TextDecoder('windows-1252').decode(body), encoding: 'windows-1252' };
}

/** What the first bytes say; of text that some editors save. */
export function encodingOfMark(bytes: Uint8Array): Encoding | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined;
}

/** Every other byte of western text is zero in UTF-16; which one says its order. */
export function encodingOfZeros(bytes: Uint8Array): Encoding | undefined {
  const sample = bytes.subarray(0, 400);
  if (sample.length < 4) return undefined;
  const [even, odd] = [0, 1].map((rest) => sample.filter((byte, at) => byte === 0 && at % 2 === rest).length);
  if (odd! > sample.length * 0.3 && even === 0) return 'utf-16le';
  return even! > sample.length * 0.3 && odd === 0 ? 'utf-16be' : undefined;
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
