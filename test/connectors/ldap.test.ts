import { createHash, randomBytes } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import { afterAll, beforeAll } from 'vitest';
import { ldapConnector } from '../../src/provisioning/connectors/ldap.ts';
import { freePort } from '../harness/free-port.ts';
import { describeWith } from '../harness/peers.ts';
import { type Slapd, startSlapd } from '../harness/slapd.ts';
import { type Adapter, conforms } from './suite.ts';

let slapd: Slapd;
let nobody: number;

const adapterOf = (more: Record<string, string> = {}): Adapter => {
  const { tlsPort, host, manager, people, groups, trust } = slapd;
  const settings = {
    host,
    port: String(tlsPort),
    security: 'tls',
    trust,
    account: manager.dn,
    base: people,
    groupBase: groups,
    ...more,
  };
  return {
    connector: ldapConnector,
    settings,
    secrets: { password: manager.password },
    allowed: { ports: [tlsPort, slapd.port, nobody] },
    person: (name) => ({ uid: name, cn: `Ada ${name}`, sn: name }),
    text: 'title',
    other: 'displayName',
    many: 'mail',
    rename: (name) => ({ uid: name }),
    signsIn: async ({ values }, password) => {
      const [entry] = await slapd.search(`(uid=${String(values.uid)})`);
      return await slapd.signsIn(entry!.dn, password);
    },
    passwords: {
      ssha512: (clear) => {
        const salt = randomBytes(8);
        const digest = createHash('sha512').update(clear).update(salt).digest();
        return `{SSHA512}${Buffer.concat([digest, salt]).toString('base64')}`;
      },
      argon2id: (clear) => hash(clear, { memoryCost: 19_456, timeCost: 2, parallelism: 1 }),
    },
    nobodyThere: { ...settings, port: String(nobody) },
    wrongSecrets: { password: 'wrong' },
  };
};

describeWith('slapd', 'OpenLDAP', () => {
  beforeAll(async () => {
    slapd = await startSlapd();
    nobody = await freePort();
  });
  afterAll(() => slapd.close());

  conforms('an account that is locked', ldapConnector, () => ({
    ...adapterOf(),
    async fill(act) {
      const names = Array.from({ length: 520 }, (_, n) => `uid=fill${n},${slapd.people}`);
      await slapd.change(
        names.map((dn) => `dn: ${dn}\nobjectClass: inetOrgPerson\ncn: Fill\nsn: Fill\n`).join('\n'),
      );
      await act((await slapd.search('(objectClass=inetOrgPerson)', { attributes: ['1.1'] })).length);
      await slapd.change(names.map((dn) => `dn: ${dn}\nchangetype: delete\n`).join('\n'));
    },
    async cutShort(act) {
      await slapd.stop();
      await slapd.start({ limits: 'size.soft=3 size.hard=3' });
      await act();
      await slapd.stop();
      await slapd.start({});
    },
  }));

  conforms('an account that is moved, by StartTLS', ldapConnector, () => ({
    ...adapterOf({
      disabling: 'move',
      disabledBase: slapd.disabled,
      security: 'starttls',
      port: String(slapd.port),
    }),
    // As applications do: they look for people below one base, and sign in as what they find.
    async signsIn({ values }, password) {
      const [entry] = await slapd.search(`(uid=${String(values.uid)})`, { base: slapd.people });
      return !!entry && (await slapd.signsIn(entry.dn, password));
    },
  }));

  conforms('an account that expires, in groups of unique names', ldapConnector, () => {
    const { signsIn: _, ...without } = adapterOf({
      disabling: 'expire',
      objectClasses: 'inetOrgPerson, shadowAccount',
      groupClass: 'groupOfUniqueNames',
    });
    return without;
  });
});
