import { afterAll, beforeAll, expect, it } from 'vitest';
import { readPeople } from '../../src/enrolment/sources/read-directory.ts';
import type { Cursor, DirectorySource, SourcePerson } from '../../src/enrolment/sources/reading.ts';
import { workRun } from '../../src/enrolment/sources/work.ts';
import { openEgressSockets } from '../../src/platform/egress-socket.ts';
import { openDirectory } from '../../src/platform/ldap.ts';
import { activeDirectoryConnector } from '../../src/provisioning/connectors/ldap-ad.ts';
import { freePort } from '../harness/free-port.ts';
import { describeWith } from '../harness/peers.ts';
import { type Samba, startSamba } from '../harness/samba.ts';
import { makeWorld } from '../harness/world.ts';
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

  it('is read as a source: people and no machines, and what has changed by its own count', async () => {
    const below = `OU=Source,${samba.suffix}`;
    const entry = (name: string, more: string): string => `dn: CN=${name},${below}\ncn: ${name}\n${more}\n`;
    await samba.change(
      [
        `dn: ${below}\nobjectClass: organizationalUnit\n`,
        entry('Ada', 'objectClass: user\nsAMAccountName: s-ada\nuserAccountControl: 544\n'),
        entry('Off', 'objectClass: user\nsAMAccountName: s-off\nuserAccountControl: 546\n'),
        entry('PC', 'objectClass: computer\nsAMAccountName: s-pc$\nuserAccountControl: 4128\n'),
      ].join('\n'),
    );
    const source: DirectorySource = {
      organizationId: 'here',
      make: 'ad',
      base: below,
      objectClass: 'user',
      columns: {
        key: 'sAMAccountName',
        name: 'cn',
        title: 'title',
        lineManager: 'manager',
        lastDay: 'accountExpires',
      },
      places: { from: 'tree' },
    };
    const { host, tlsPort: port, trust, manager } = samba;
    const directory = await openDirectory(
      { host, port, security: 'tls', trust },
      manager,
      openEgressSockets({ networks: ['127.0.0.0/8'], httpHosts: [], ports: [] }),
      AbortSignal.timeout(20_000),
    );
    const read = async (cursor?: Cursor) => {
      const reading = readPeople(directory, source, cursor);
      const people: SourcePerson[] = [];
      let step = await reading.next();
      for (; !step.done; step = await reading.next()) people.push(...step.value);
      return { people, end: step.value };
    };
    const all = await read();
    expect(all.end).toMatchObject({ whole: true, incremental: false });
    expect(
      all.people.map(({ cells, off }) => [cells.key, cells.organization, cells.lastDay, off]).sort(),
    ).toEqual([
      ['s-ada', 'here', '', false],
      ['s-off', 'here', '', true],
    ]);
    expect((await read(all.end.cursor)).people).toEqual([]);
    await samba.change(
      `dn: CN=Ada,${below}\nchangetype: modify\nreplace: title\ntitle: Chief\n-\nreplace: manager\nmanager: CN=Off,${below}\n`,
    );
    const since = await read(all.end.cursor);
    expect(since.end).toMatchObject({ whole: true, incremental: true });
    expect(since.people.filter(({ cells }) => cells.key === 's-ada')).toMatchObject([
      { cells: { title: 'Chief', lineManager: 's-off' } },
    ]);
    // Another domain controller counts for itself.
    const other = await read({ server: 'CN=Other', after: all.end.cursor!.after });
    expect(other.end.incremental).toBe(false);
    directory.close();
  });

  it('brings people in, gives what groups there stand for, and asks about whoever is switched off', async () => {
    const world = await makeWorld();
    try {
      world.services.config = {
        ...world.services.config,
        egress: { networks: ['127.0.0.0/8'], httpHosts: [], ports: [] },
      };
      const below = `OU=Whole,${samba.suffix}`;
      const entry = (name: string): string =>
        `dn: CN=${name},${below}\ncn: ${name}\nobjectClass: user\nsAMAccountName: w-${name}\nuserAccountControl: 544\n`;
      const group = `CN=Readers,${below}`;
      await samba.change(
        [
          `dn: ${below}\nobjectClass: organizationalUnit\n`,
          entry('Ada'),
          entry('Bo'),
          `dn: CN=Inner,${below}\nobjectClass: group\nsAMAccountName: w-inner\nmember: CN=Ada,${below}\n`,
          // By a group within it, which the domain follows itself.
          `dn: ${group}\nobjectClass: group\nsAMAccountName: w-readers\nmember: CN=Inner,${below}\n`,
        ].join('\n'),
      );
      const organizationId = world.organizations.acme.id;
      const { id: groupId } = await world.as('acmeManager', 'group.create', {
        organizationId,
        name: 'Readers',
        description: '',
      });
      const { sourceId } = await world.as('acmeManager', 'source.create', {
        organizationId,
        name: 'a domain',
        make: 'ad',
        settings: { host: samba.host, security: 'tls', trust: samba.trust, account: samba.manager.dn },
        password: samba.manager.password,
        base: below,
        objectClass: 'user',
        columns: { name: 'cn', title: 'title' },
        places: { from: 'source' },
        gives: [{ group, groupId }],
        everyMinutes: 60,
        wholeHours: 24,
        brake: { atLeast: 10, share: 0.1 },
      });
      await world.as('acmeManager', 'source.activate', { sourceId });
      const readNow = async (changesOnly: boolean) => {
        const { sourceRunId } = await world.as('acmeManager', 'source.read-now', { sourceId, changesOnly });
        await workRun(world.services, sourceRunId);
        return world.as('acmeManager', 'source-run.read', { sourceRunId });
      };
      expect(await readNow(false)).toMatchObject({ state: 'done', read: 2, counts: { new: 2, given: 1 } });
      // Renamed and moved to another name there: the same person, for the domain's own name of it stays.
      await samba.change(
        `dn: CN=Ada,${below}\nchangetype: modrdn\nnewrdn: CN=Adele\ndeleteoldrdn: 1\n\ndn: CN=Bo,${below}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 546\n`,
      );
      expect(await readNow(true)).toMatchObject({
        state: 'done',
        incremental: true,
        counts: { new: 0, changed: 1, proposed: 1, taken: 0 },
      });
      const { items } = await world.as('acmeManager', 'proposal.list', { sourceId, limit: 50 });
      expect(items).toMatchObject([{ displayName: 'Bo', why: 'off' }]);
      expect(await readNow(false)).toMatchObject({ counts: { new: 0, proposed: 0, given: 0, taken: 0 } });
      const { members } = await world.as('acmeManager', 'group.read', { groupId, limit: 50 });
      expect(members.items.map(({ displayName }) => displayName)).toEqual(['Adele']);
    } finally {
      await world.close();
    }
  });
});
