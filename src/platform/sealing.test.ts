import { createSecretKey, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { SealingError, seal, sealedAnew, unseal } from './sealing.ts';
import { readSecretKeys, secretKeysIn } from './sealing-keys.ts';

const key = (id: string) => ({ id, key: createSecretKey(randomBytes(32)) });
const [one, other] = [key('one'), key('other')];
const secret = 'whsec_grüße 密';

describe('what is sealed', () => {
  it('opens with its key, purpose and row alone, and is never the same twice', () => {
    const sealed = seal([one], 'webhook-secret', 'row', secret);
    expect(sealed).toMatch(/^v1\.one\.[\w-]{16}\.[\w-]+$/);
    expect(unseal([other, one], 'webhook-secret', 'row', sealed)).toBe(secret);
    expect(seal([one], 'webhook-secret', 'row', secret)).not.toBe(sealed);
    for (const open of [
      () => unseal([one], 'sign-in-key', 'row', sealed),
      () => unseal([one], 'webhook-secret', 'row 2', sealed),
      () => unseal([key('one')], 'webhook-secret', 'row', sealed),
    ])
      expect(open).toThrow(/does not open with the key one[\s\S]*Bring the right key back/);
    expect(() => unseal([other], 'webhook-secret', 'row', sealed)).toThrow(
      /key one, which is not among the secret keys \(other\)\. Bring that key back/,
    );
  });

  it('opens in no other way than it was written: each character counts', () => {
    const sealed = seal([one], 'webhook-secret', 'row', secret);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`;
      expect(() => unseal([one], 'webhook-secret', 'row', changed)).toThrow(SealingError);
    }
    for (const broken of ['', secret, sealed.slice(0, -1), `${sealed}A`, `${sealed}=`])
      expect(() => unseal([one], 'webhook-secret', 'row', broken)).toThrow(SealingError);
  });

  it('stays as it is under the first key, and is sealed anew when plain or under another', () => {
    const sealed = seal([one], 'webhook-secret', 'row', secret);
    expect(sealedAnew([one, other], 'webhook-secret', 'row', sealed)).toBeUndefined();
    for (const stored of [sealed, secret]) {
      const anew = sealedAnew([other, one], 'webhook-secret', 'row', stored)!;
      expect(unseal([other], 'webhook-secret', 'row', anew)).toBe(secret);
    }
    expect(() => sealedAnew([other], 'webhook-secret', 'row', sealed)).toThrow(SealingError);
    expect(() => seal([], 'webhook-secret', 'row', secret)).toThrow(/REMIT_SECRET_KEYS/);
  });
});

describe('secret keys', () => {
  const text = (id: string, bytes = 32) => `${id}:${Buffer.alloc(bytes, id).toString('base64')}`;

  it('are read in their order, and never printed', () => {
    const keys = readSecretKeys(`${text('new')}, ${text('old')}`)!;
    expect(keys.map(({ id }) => id)).toEqual(['new', 'old']);
    const bytes = Buffer.alloc(32, 'new');
    for (const shown of [JSON.stringify(keys), inspect(keys, { depth: 9, showHidden: true })])
      for (const form of ['base64', 'hex', 'latin1'] as const)
        expect(shown).not.toContain(bytes.toString(form));
  });

  it.each([
    '',
    'a',
    text('a', 31),
    text('a', 33),
    `${text('a')},`,
    `${text('a')},${text('a')}`,
    `:${text('a')}`,
  ])('%j is none', (wrong) => expect(readSecretKeys(wrong)).toBeUndefined());

  const dir = mkdtempSync(join(tmpdir(), 'remit-keys-'));
  afterAll(() => rmSync(dir, { recursive: true }));

  it('are made once in a data directory, for its owner alone', () => {
    const [made] = secretKeysIn(dir);
    const [again] = secretKeysIn(dir);
    expect(again!.id).toBe(made!.id);
    expect(again!.key.equals(made!.key)).toBe(true);
    expect(readdirSync(dir)).toEqual(['secret-keys']);
    const file = join(dir, 'secret-keys');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const kept = readFileSync(file, 'utf8');
    writeFileSync(file, '');
    expect(() => secretKeysIn(dir)).toThrow(/holds no secret keys[\s\S]*Bring it back/);
    expect(readFileSync(file, 'utf8')).toBe('');
    writeFileSync(file, kept);
    expect(secretKeysIn(dir)[0]!.id).toBe(made!.id);
  });
});
