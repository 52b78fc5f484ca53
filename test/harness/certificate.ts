import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

/** An authority of a test's own, for servers that speak TLS on loopback. */
export type Authority = {
  /** PEM; what a client has to trust */
  certificate: string;
  /** A certificate for these names and addresses, and its key (PEM). */
  issue(names: readonly string[], valid?: { from: Date; until: Date }): { certificate: string; key: string };
};

/** Written out by hand (RFC 5280, section 4.1), for Node reads certificates and makes none. */
export function makeAuthority(name = 'Remit test authority'): Authority {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const own = certificateOf({ subject: name, issuer: name, publicKey, by: privateKey, authority: true });
  return {
    certificate: own,
    issue(names, valid) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return {
        certificate: certificateOf({
          subject: names[0]!,
          issuer: name,
          publicKey: pair.publicKey,
          by: privateKey,
          names,
          ...(valid ? { valid } : {}),
        }),
        key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}

const day = 86_400_000;

function certificateOf({
  subject,
  issuer,
  publicKey,
  by,
  names = [],
  authority = false,
  valid = { from: new Date(Date.now() - day), until: new Date(Date.now() + 30 * day) },
}: {
  subject: string;
  issuer: string;
  publicKey: KeyObject;
  by: KeyObject;
  names?: readonly string[];
  authority?: boolean;
  valid?: { from: Date; until: Date };
}): string {
  const info = publicKey.export({ type: 'spki', format: 'der' });
  const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    commonName(issuer),
    sequence(time(valid.from), time(valid.until)),
    commonName(subject),
    info,
    der(
      0xa3,
      sequence(
        extension('551d13', sequence(...(authority ? [der(0x01, Buffer.from([255]))] : [])), true),
        // an authority signs certificates and lists; a server signs handshakes
        extension('551d0f', der(0x03, Buffer.from(authority ? [1, 0x06] : [7, 0x80])), true),
        extension('551d0e', der(0x04, createHash('sha1').update(info).digest())),
        ...(names.length > 0 ? [extension('551d11', sequence(...names.map(alternative)))] : []),
        ...(authority ? [] : [extension('551d25', sequence(oid('2b06010505070301')))]),
      ),
    ),
  );
  const signature = sign('sha256', body, by);
  const whole = sequence(body, ecdsaWithSha256, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = whole.toString('base64').match(/.{1,64}/g)!;
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function der(tag: number, value: Buffer): Buffer {
  const bytes: number[] = [];
  for (let rest = value.length; rest > 0; rest >>= 8) bytes.unshift(rest & 255);
  const length = value.length < 128 ? [value.length] : [0x80 | bytes.length, ...bytes];
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
}
const sequence = (...parts: Buffer[]): Buffer => der(0x30, Buffer.concat(parts));
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const commonName = (name: string): Buffer =>
  sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))));
const time = (at: Date): Buffer =>
  der(0x18, Buffer.from(`${at.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));
const extension = (id: string, value: Buffer, critical = false): Buffer =>
  sequence(oid(id), ...(critical ? [der(0x01, Buffer.from([255]))] : []), der(0x04, value));
const alternative = (name: string): Buffer =>
  isIP(name) === 4 ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name));
