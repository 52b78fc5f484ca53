import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { carryOn } from '../../src/enrolment/people-import/run.ts';
import { headingText, readingOf, rowsText } from '../../src/enrolment/sources/as-file.ts';
import { readPeople } from '../../src/enrolment/sources/read-directory.ts';
import {
  type Cursor,
  type DirectorySource,
  missingFrom,
  type SourcePerson,
} from '../../src/enrolment/sources/reading.ts';
import { openEgressSockets } from '../../src/platform/egress-socket.ts';
import { type Directory, openDirectory } from '../../src/platform/ldap.ts';
import { describeWith } from '../harness/peers.ts';
import { type Slapd, startSlapd } from '../harness/slapd.ts';
import { makeWorld, type World } from '../harness/world.ts';

describeWith('slapd', 'people of a directory', () => {
  let slapd: Slapd;
  let world: World;
  let source: DirectorySource;
  beforeAll(async () => {
    world = await makeWorld();
    slapd = await startSlapd();
    source = {
      organizationId: world.organizations.acme.id,
      make: 'ldap',
      base: slapd.people,
      objectClass: 'inetOrgPerson',
      columns: { key: 'uid', name: 'cn', email: 'mail', title: 'title', lineManager: 'manager' },
      places: { from: 'tree' },
    };
    await slapd.change(
      [
        `dn: ou=acmeNorth,${slapd.people}\nobjectClass: organizationalUnit\n`,
        `dn: ou=acmeNorthSite,ou=acmeNorth,${slapd.people}\nobjectClass: organizationalUnit\n`,
        person('ada', slapd.people),
        person(
          'bo',
          `ou=acmeNorth,${slapd.people}`,
          `manager: uid=ada,${slapd.people}\ntitle: Fitter, chief\n`,
        ),
        person(
          'cy',
          `ou=acmeNorthSite,ou=acmeNorth,${slapd.people}`,
          `manager: UID=Bo,OU=acmeNorth,${slapd.people}\n`,
        ),
        person('di', slapd.people, 'pwdAccountLockedTime: 000001010000Z\n'),
        person('em', slapd.people, `manager: uid=gone,${slapd.people}\n`),
      ].join('\n'),
    );
  });
  afterAll(async () => {
    await slapd?.close();
    await world?.close();
  });
  const person = (uid: string, below: string, more = ''): string =>
    `dn: uid=${uid},${below}\nobjectClass: inetOrgPerson\ncn: ${uid} Ash\nsn: Ash\nmail: ${uid}@acme.example\n${more}`;

  const opened = (): Promise<Directory> =>
    openDirectory(
      { host: slapd.host, port: slapd.tlsPort, security: 'tls', trust: slapd.trust },
      { dn: slapd.manager.dn, password: slapd.manager.password },
      openEgressSockets({ networks: ['127.0.0.1'], httpHosts: [], ports: [slapd.tlsPort] }),
      AbortSignal.timeout(20_000),
    );
  async function read(cursor?: Cursor) {
    const directory = await opened();
    const people: SourcePerson[] = [];
    const reading = readPeople(directory, source, cursor);
    for (;;) {
      const step = await reading.next();
      if (step.done) {
        directory.close();
        return { people, end: step.value };
      }
      people.push(...step.value);
    }
  }

  it('come in as those of a file: place, title and line manager', async () => {
    const { people, end } = await read();
    expect(end).toMatchObject({ whole: true, incremental: false, cursor: { server: '' } });
    expect(people.filter(({ off }) => off).map(({ cells }) => cells.key)).toEqual(['di']);
    const file =
      headingText(source) +
      rowsText(
        source,
        people.filter(({ off }) => !off),
      );
    const { importId } = await world.as('acmeManager', 'people-import.create', {
      organizationId: source.organizationId,
      fileName: 'directory',
    });
    await world.as('acmeManager', 'people-import.put-part', {
      importId,
      n: 1,
      base64: Buffer.from(file).toString('base64'),
    });
    await world.as('acmeManager', 'people-import.differ', { importId, reading: readingOf(source) });
    await carryOn(world.services, importId);
    await world.as('acmeManager', 'people-import.apply', { importId, mode: 'rows' });
    await carryOn(world.services, importId);
    const { rows } = await sql<Record<string, unknown>>`
      select k.key, u.email, m.title, o.name as place,
        (select l.key from import_key l join membership n on n.user_id = l.id where n.id = m.line_manager_id) as manager
      from import_key k join app_user u on u.id = k.id join membership m on m.user_id = u.id
      join organization o on o.id = m.organization_id where k.key in ('ada', 'bo', 'cy', 'di', 'em') order by k.key`.execute(
      world.db,
    );
    expect(rows).toEqual([
      { key: 'ada', email: 'ada@acme.example', title: '', place: 'acme', manager: null },
      { key: 'bo', email: 'bo@acme.example', title: 'Fitter, chief', place: 'acmeNorth', manager: 'ada' },
      { key: 'cy', email: 'cy@acme.example', title: '', place: 'acmeNorthSite', manager: 'bo' },
      { key: 'em', email: 'em@acme.example', title: '', place: 'acme', manager: null },
    ]);
  });

  it('are read as changed since a cursor, and as all of them, alike', async () => {
    const before = await read();
    await slapd.change(`dn: uid=em,${slapd.people}\nchangetype: modify\nreplace: title\ntitle: New\n`);
    const since = await read(before.end.cursor);
    expect(since.end).toMatchObject({ whole: true, incremental: true });
    const all = await read();
    // What changed shortly before is read once more, and is the same.
    for (const one of since.people) expect(all.people).toContainEqual(one);
    expect(since.people.find(({ cells }) => cells.key === 'em')!.cells.title).toBe('New');
    expect(since.people.length).toBeLessThanOrEqual(all.people.length);
    const later = { server: '', after: '20990101000000Z' };
    expect((await read(later)).people).toEqual([]);
    expect(missingFrom(['x'], new Set(), (await read(later)).end)).toEqual([]);
    // Another server counts otherwise: everything is read.
    expect((await read({ server: 'other', after: '20990101000000Z' })).end.incremental).toBe(false);
  });

  it('are missing only after a reading of everything', async () => {
    const { people } = await read();
    const known = people.map(({ id }) => id);
    const gone = people.find(({ cells }) => cells.key === 'em')!;
    await slapd.change(`dn: uid=em,${slapd.people}\nchangetype: delete\n`);
    const after = await read();
    const found = (list: readonly SourcePerson[]) => new Set(list.map(({ id }) => id));
    expect(missingFrom(known, found(after.people), after.end)).toEqual([gone.id]);

    await slapd.stop();
    await slapd.start({ limits: 'size.soft=2 size.hard=2' });
    const cut = await read();
    expect(cut.end).toEqual({ whole: false, incremental: false });
    expect(missingFrom(known, found(cut.people), cut.end)).toEqual([]);

    await slapd.stop();
    await slapd.start({});
    const directory = await opened();
    await slapd.stop();
    await expect(readPeople(directory, source).next()).rejects.toMatchObject({ problem: 'unreachable' });
    await slapd.start({});
  });

  it('are none that could not be known again', async () => {
    await slapd.stop();
    await slapd.start({ limits: 'size.prtotal=unlimited\naccess to attrs=entryUUID by * none' });
    await expect(readPeople(await opened(), source).next()).rejects.toMatchObject({ code: 50 });
    await slapd.stop();
    await slapd.start({});
  });
});
