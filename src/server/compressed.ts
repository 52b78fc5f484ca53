import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const compress = {
  br: (bytes: Buffer) =>
    promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 7 } }),
  gzip: (bytes: Buffer) => promisify(gzip)(bytes, { level: 7 }),
};

export type Encoding = keyof typeof compress;

/** The better of what the client takes (RFC 9110, section 12.5.3); a weight of nought takes it not. */
export function encodingFor(accepted: string | undefined): Encoding | undefined {
  const taken = (accepted ?? '')
    .split(',')
    .map((part) => part.trim().split(/\s*;\s*/))
    .filter(([, weight]) => !/^q=0(\.0*)?$/.test(weight ?? ''))
    .map(([name]) => name);
  return (['br', 'gzip'] as const).find((name) => taken.includes(name));
}

/** What gains by compression; pictures and fonts are compressed already. */
const worthIt = /^\/assets\/[\w.-]+\.(js|css|svg|json)$/;

/**
 * Compressed copies of the portal's hashed files, made when first asked for and kept: their names change with their
 * content. Undefined for any other file, which is sent as it is.
 */
export function compressedFiles(
  directory: string,
): (path: string, encoding: Encoding) => Promise<Buffer | undefined> {
  const kept = new Map<string, Promise<Buffer | undefined>>();
  return (path, encoding) => {
    if (!worthIt.test(path)) return Promise.resolve(undefined);
    const key = `${encoding} ${path}`;
    const found = kept.get(key) ?? make(join(directory, path), encoding);
    kept.set(key, found);
    // What does not exist is forgotten: asking for made-up names must not fill the memory.
    return found.then((bytes) => {
      if (!bytes) kept.delete(key);
      return bytes;
    });
  };
}

async function make(file: string, encoding: Encoding): Promise<Buffer | undefined> {
  try {
    return await compress[encoding](await readFile(file));
  } catch {
    return undefined;
  }
}
