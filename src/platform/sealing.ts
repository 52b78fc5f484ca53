import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';

/**
 * Secrets at rest: what the instance must know as it is (to sign with, say) stands sealed in the database, so that
 * whoever reads a backup of it can use none of it. Authenticated encryption by AES-256-GCM (NIST SP 800-38D) under a
 * key that HKDF-SHA-256 (RFC 5869) derives for each purpose. What is sealed names its purpose and its row: moved to
 * another row it does not open.
 *
 * It protects from reading, not from writing: whoever may write to the database can give themselves anything.
 */

/** What is sealed. Each has a derived key of its own. */
export type Purpose =
  | 'webhook-secret'
  | 'target-secret'
  | 'source-secret'
  | 'queued-password'
  | 'sign-in-key'
  | 'sign-in-cookie-key';

/** 32 bytes under a name. A key object, so that no log or answer prints the bytes. */
export type SecretKey = { id: string; key: KeyObject };

/** The first seals, all unseal: so keys can be changed. */
export type SecretKeys = readonly SecretKey[];

/** Something cannot be sealed or opened; the message says what to do, and holds no secret. */
export class SealingError extends Error {
  override name = 'SealingError';
}

/** Bits 96, 128: the lengths of nonce and tag that SP 800-38D, sections 5.2.1 and 8.2.2, gives for random nonces. */
const nonceBytes = 12;
const tagBytes = 16;

const form = /^v1\.([A-Za-z0-9_-]{1,40})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22,})$/;

/** True for text that `seal` made, or that looks so. */
export const isSealed = (text: string): boolean => text.startsWith('v1.');

/**
 * Seals a text as `v1.<key's id>.<nonce>.<ciphertext and tag>`, in base64url. Nonces are random: a key is good for 2^32 of
 * them (SP 800-38D, section 8.3), more than there will be secrets.
 * @param rowId the row that it stands in; it opens with no other
 * @throws {SealingError} when there is no key
 */
export function seal(keys: SecretKeys, purpose: Purpose, rowId: string, text: string): string {
  const [first] = keys;
  if (!first)
    throw new SealingError(
      'A secret has to be kept, and there is no key to seal it with. Set REMIT_SECRET_KEYS to what the server has.',
    );
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', derived(first, purpose), nonce);
  cipher.setAAD(about(purpose, rowId));
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return ['v1', first.id, nonce.toString('base64url'), body.toString('base64url')].join('.');
}

/**
 * The text that was sealed for this purpose and row.
 * @throws {SealingError} when its key is not among these, is another one of the same name, or the text was changed
 */
export function unseal(keys: SecretKeys, purpose: Purpose, rowId: string, sealed: string): string {
  const [, keyId = '', nonce64 = '', body64 = ''] = form.exec(sealed) ?? [];
  const what = `The ${purpose} of row ${rowId}`;
  if (keyId === '') throw new SealingError(`${what} is not as it was written. Bring it back from a backup.`);
  const key = keys.find(({ id }) => id === keyId);
  if (!key)
    throw new SealingError(
      `${what} was sealed with the key ${keyId}, which is not among the secret keys (${keys.map(({ id }) => id).join(', ') || 'there are none'}). Bring that key back, behind the others, in REMIT_SECRET_KEYS (where that is not set: in the file secret-keys of REMIT_DATA_DIR).`,
    );
  const nonce = Buffer.from(nonce64, 'base64url');
  const body = Buffer.from(body64, 'base64url');
  try {
    // Base64 leaves bits over that mean nothing: only the one text that was written opens.
    if (body.toString('base64url') !== body64) throw new Error('changed');
    const decipher = createDecipheriv('aes-256-gcm', derived(key, purpose), nonce, {
      authTagLength: tagBytes,
    });
    decipher.setAAD(about(purpose, rowId));
    decipher.setAuthTag(body.subarray(-tagBytes));
    return Buffer.concat([decipher.update(body.subarray(0, -tagBytes)), decipher.final()]).toString('utf8');
  } catch {
    throw new SealingError(
      `${what} does not open with the key ${keyId}: that is another key than the one it was sealed with, or the row was changed. Bring the right key back in REMIT_SECRET_KEYS (where that is not set: in the file secret-keys of REMIT_DATA_DIR), or the row from a backup.`,
    );
  }
}

/**
 * What was stored, plain or sealed, as it should stand: sealed with the first key. Undefined when it does already.
 * @throws {SealingError}
 */
export function sealedAnew(
  keys: SecretKeys,
  purpose: Purpose,
  rowId: string,
  stored: string,
): string | undefined {
  if (isSealed(stored) && form.exec(stored)?.[1] === keys[0]?.id) return undefined;
  return seal(keys, purpose, rowId, isSealed(stored) ? unseal(keys, purpose, rowId, stored) : stored);
}

/** No salt: the key is random and of full length, so extraction has nothing to mend (RFC 5869, section 3.1). */
const derived = ({ key }: SecretKey, purpose: Purpose): Buffer =>
  Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `remit sealing v1 ${purpose}`, 32));

const about = (purpose: Purpose, rowId: string): Buffer => Buffer.from(`${purpose}\n${rowId}`);
