import { createSecretKey, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { SealingError, type SecretKeys } from './sealing.ts';

/** How an operator makes one, for messages and documents. */
export const makeSecretKey = 'echo "$(date +%Y-%m-%d):$(openssl rand -base64 32)"';

/** Keys as a setting or file has them, `id:base64` separated by commas; undefined when that is not what stands there. */
export function readSecretKeys(text: string): SecretKeys | undefined {
  const keys = text
    .split(',')
    .map((one) => /^([A-Za-z0-9_-]{1,40}):([A-Za-z0-9+/]{43}=)$/.exec(one.trim()))
    .map((found) => found && { id: found[1]!, bytes: Buffer.from(found[2]!, 'base64') });
  if (!keys.every((one) => one !== null && one.bytes.length === 32)) return undefined;
  if (new Set(keys.map((one) => one!.id)).size < keys.length) return undefined;
  return keys.map((one) => ({ id: one!.id, key: createSecretKey(one!.bytes) }));
}

/** Name of the file in the data directory that holds the key of an embedded database. */
const keyFile = 'secret-keys';

/**
 * The keys of a data directory, one made at the first call. Never twice, also when two processes come at once: a second
 * key would leave what the first has sealed closed.
 * @throws {SealingError} when the file holds something else
 */
export function secretKeysIn(dataDir: string): SecretKeys {
  const file = join(dataDir, keyFile);
  const text = contentOf(file) ?? made(file);
  const keys = readSecretKeys(text.trim());
  if (!keys)
    throw new SealingError(
      `${file} holds no secret keys (id:base64 of 32 bytes, separated by commas). Bring it back from where you keep a copy.`,
    );
  return keys;
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

// On the disk before anything is sealed with it, and under its name only when whole.
function made(file: string): string {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const id = randomBytes(4).toString('hex');
  const handle = openSync(draft, 'wx', 0o600);
  try {
    writeSync(handle, `${id}:${randomBytes(32).toString('base64')}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  return readFileSync(file, 'utf8');
}
