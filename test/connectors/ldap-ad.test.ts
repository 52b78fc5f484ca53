import { afterAll, beforeAll } from 'vitest';
import { activeDirectoryConnector } from '../../src/provisioning/connectors/ldap-ad.ts';
import { freePort } from '../harness/free-port.ts';
import { describeWith } from '../harness/peers.ts';
import { type Samba, startSamba } from '../harness/samba.ts';
import { conforms } from './suite.ts';

let samba: Samba;
let nobody: number;

describeWith('samba', 'Active Directory', () => {
  beforeAll(async () => {
    samba = await startSamba();
    nobody = await freePort();
  });
  afterAll(() => samba?.close());

  conforms('a domain of Samba', activeDirectoryConnector, () => {
    const settings = {
      host: samba.host,
      trust: samba.trust,
      account: samba.manager.dn,
      base: samba.people,
      groupBase: samba.groups,
    };
    return {
      connector: activeDirectoryConnector,
      settings,
      secrets: { password: samba.manager.password },
      allowed: { ports: [nobody] },
      person: (name) => ({ sAMAccountName: name, cn: `Ada ${name}`, sn: name }),
      text: 'title',
      other: 'displayName',
      many: 'otherTelephone',
      rename: (name) => ({ cn: `Ada, called ${name}`, sAMAccountName: name }),
      async signsIn({ values }, password) {
        const [entry] = await samba.search(`(sAMAccountName=${String(values.sAMAccountName)})`);
        return await samba.signsIn(entry!.dn, password);
      },
      passwords: {},
      nobodyThere: { ...settings, port: String(nobody) },
      wrongSecrets: { password: 'wrong' },
    };
  });
});
