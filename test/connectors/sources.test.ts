import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lostRuns, startDue } from '../../src/enrolment/sources/runs.ts';
import { workRun } from '../../src/enrolment/sources/work.ts';
import { passTime } from '../../src/platform/clock.ts';
import type { Input } from '../../src/server/operations.gen.ts';
import { describeWith } from '../harness/peers.ts';
import { type Slapd, startSlapd } from '../harness/slapd.ts';
import { makeWorld, type World } from '../harness/world.ts';

/** The whole way: a directory is set up as a source, read, and asked about; against a real slapd. */
describeWith('slapd', 'a source', () => {
  let slapd: Slapd;
  let world: World;
  let acme: string;
  beforeAll(async () => {
    world = await makeWorld();
    slapd = await startSlapd();
    acme = world.organizations.acme.id;
    world.services.config = {
      ...world.services.config,
      egress: { networks: ['127.0.0.1'], httpHosts: [], ports: [slapd.tlsPort] },
    };
    await slapd.change(
      [
        `dn: ou=staff,${slapd.people}\nobjectClass: organizationalUnit\n`,
        `dn: ou=north,ou=staff,${slapd.people}\nobjectClass: organizationalUnit\n`,
        ...people(['ada', 'bo', 'cy', 'di']),
        person('em', `ou=north,ou=staff,${slapd.people}`),
        `dn: cn=buyers,${slapd.groups}\nobjectClass: groupOfNames\ncn: buyers\nmember: ${dnOf('ada')}\nmember: ${dnOf('bo')}\n`,
      ].join('\n'),
    );
  });
  afterAll(async () => {
    await slapd?.close();
    await world?.close();
  });

  const dnOf = (uid: string): string => `uid=${uid},ou=staff,${slapd.people}`;
  const person = (uid: string, below: string, more = ''): string =>
    `dn: uid=${uid},${below}\nobjectClass: inetOrgPerson\ncn: ${uid} Ash\nsn: Ash\nmail: ${uid}@acme.example\n${more}`;
  const people = (uids: readonly string[]): string[] =>
    uids.map((uid) => person(uid, `ou=staff,${slapd.people}`));
  const change = (uid: string, what: string): Promise<void> =>
    slapd.change(`dn: ${dnOf(uid)}\nchangetype: modify\n${what}\n`);

  type As = Parameters<World['as']>[0];
  const create = (more: Partial<Input<'source.create'>> = {}, as: As = 'acmeManager') =>
    world.as(as, 'source.create', {
      organizationId: acme,
      name: `source ${Math.random()}`,
      make: 'ldap',
      settings: {
        host: slapd.host,
        port: slapd.tlsPort,
        security: 'tls',
        trust: slapd.trust,
        account: slapd.manager.dn,
      },
      password: slapd.manager.password,
      base: `ou=staff,${slapd.people}`,
      objectClass: 'inetOrgPerson',
      columns: { key: 'uid', name: 'cn', email: 'mail', title: 'title', lineManager: 'manager' },
      places: { from: 'source' },
      gives: [],
      everyMinutes: 60,
      wholeHours: 24,
      brake: { atLeast: 100, share: 0.1 },
      ...more,
    });
  async function readNow(sourceId: string, changesOnly = false, as: As = 'acmeManager') {
    const { sourceRunId } = await world.as(as, 'source.read-now', { sourceId, changesOnly });
    await workRun(world.services, sourceRunId);
    return world.as(as, 'source-run.read', { sourceRunId });
  }
  async function here(keys: readonly string[]) {
    const { rows } = await sql<{ key: string; state: string; place: string; title: string; name: string }>`
      select k.key, m.state, o.name as place, m.title, u.display_name as name from import_key k join membership m on m.user_id = k.id
      join app_user u on u.id = k.id join organization o on o.id = m.organization_id
      where k.key = any (${keys}::text[]) order by k.key`.execute(world.db);
    return rows;
  }
  const active = async (more: Partial<Input<'source.create'>> = {}): Promise<string> => {
    const { sourceId } = await create(more);
    await world.as('acmeManager', 'source.activate', { sourceId });
    return sourceId;
  };
  const open = (sourceId: string) =>
    world.as('acmeManager', 'proposal.list', { sourceId, limit: 50 }).then(({ items }) => items);

  it('is tried, brings people in, changes them, and asks about those who are gone', async () => {
    const { sourceId } = await create({
      places: {
        from: 'map',
        map: [
          { below: `OU=North,ou=staff,${slapd.people}`, organizationId: world.organizations.acmeNorth.id },
        ],
      },
    });
    const tried = await world.as('acmeManager', 'source.try', { sourceId });
    expect(tried).toMatchObject({ problem: null, encrypted: true, people: 5, more: false, off: 0 });
    expect(tried.first.find(({ fields }) => fields.key === 'em')).toMatchObject({
      organizationName: 'acmeNorth',
      known: false,
    });
    expect(await here(['ada'])).toEqual([]);
    await expect(readNow(sourceId)).rejects.toMatchObject({ code: 'source.not-active' });
    await world.as('acmeManager', 'source.activate', { sourceId });
    const all = await readNow(sourceId);
    expect(all).toMatchObject({ state: 'done', incremental: false, read: 5, counts: { new: 5, problem: 0 } });
    expect((await here(['ada', 'em'])).map(({ key, place }) => [key, place])).toEqual([
      ['ada', 'acme'],
      ['em', 'acmeNorth'],
    ]);

    // Whoever looks after the directory sees from the person that they come from it, and nobody else does.
    const [ada] = await idsOf(['ada']);
    const from = (as: As, membershipId = ada!) =>
      world.as(as, 'source.list', { membershipId }).then(({ items }) => items.map((one) => one.sourceId));
    expect(await from('acmeManager')).toEqual([sourceId]);
    expect(await from('acmeManager', world.people.acmeMember.membershipId)).toEqual([]);
    expect(await from('acme2Manager')).toEqual([]);

    // Somebody renamed there is the same person here.
    await slapd.change(
      `dn: ${dnOf('cy')}\nchangetype: modrdn\nnewrdn: uid=cynthia\ndeleteoldrdn: 1\n\ndn: ${dnOf('cynthia')}\nchangetype: modify\nreplace: cn\ncn: Cynthia Ash\n`,
    );
    await change('bo', 'replace: title\ntitle: Fitter');
    const since = await readNow(sourceId, true);
    expect(since).toMatchObject({
      state: 'done',
      incremental: true,
      counts: { new: 0, changed: 2, problem: 0 },
    });
    expect((await here(['bo', 'cy', 'cynthia'])).map(({ key, title, name }) => [key, title, name])).toEqual([
      ['bo', 'Fitter', 'bo Ash'],
      ['cy', '', 'Cynthia Ash'],
    ]);

    await slapd.change(`dn: ${dnOf('di')}\nchangetype: delete\n`);
    await change('bo', 'add: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z');
    await readNow(sourceId, true);
    expect((await open(sourceId)).map(({ displayName, why }) => [displayName, why])).toEqual([
      ['bo Ash', 'off'],
    ]);
    expect(await readNow(sourceId)).toMatchObject({ counts: { proposed: 1 } });
    const proposed = await open(sourceId);
    expect(proposed.map(({ displayName, why }) => [displayName, why]).sort()).toEqual([
      ['bo Ash', 'off'],
      ['di Ash', 'missing'],
    ]);
    // Nobody is ended by a reading, and nobody is asked about twice.
    expect((await here(['bo', 'di'])).map(({ state }) => state)).toEqual(['active', 'active']);
    expect(await readNow(sourceId)).toMatchObject({ counts: { proposed: 0 } });
    const idOf = (name: string): string =>
      proposed.find(({ displayName }) => displayName === name)!.proposalId;
    await world.as('acmeManager', 'proposal.settle', { proposalId: idOf('di Ash'), how: 'end' });
    await world.as('acmeManager', 'proposal.settle', { proposalId: idOf('bo Ash'), how: 'keep' });
    expect((await here(['bo', 'di'])).map(({ state }) => state)).toEqual(['active', 'ended']);
    await expect(
      world.as('acmeManager', 'proposal.settle', { proposalId: idOf('bo Ash'), how: 'end' }),
    ).rejects.toMatchObject({ code: 'proposal.settled' });
    await readNow(sourceId);
    expect(await open(sourceId)).toEqual([]);
    // Who was kept is asked about again after they were there in between.
    await change('bo', 'delete: pwdAccountLockedTime');
    await readNow(sourceId);
    await change('bo', 'add: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z');
    await readNow(sourceId);
    expect((await open(sourceId)).map(({ displayName }) => displayName)).toEqual(['bo Ash']);
    await change('bo', 'delete: pwdAccountLockedTime');
    await readNow(sourceId);
    expect(await open(sourceId)).toEqual([]);
    await world.as('acmeManager', 'source.retire', { sourceId });
  });

  it('gives what groups there stand for, and takes only what it gave', async () => {
    const { id: accessRoleId } = await world.as('owner', 'access-role.create', {
      organizationId: acme,
      name: 'Buying',
      description: '',
      entitlementIds: [world.entitlements.partsViewer],
    });
    const group = await world.as('acmeManager', 'group.create', {
      organizationId: acme,
      name: 'Buyers',
      description: '',
    });
    const buyers = `cn=buyers,${slapd.groups}`;
    const sourceId = await active({
      gives: [
        { group: buyers, accessRoleId },
        { group: buyers, groupId: group.id },
      ],
    });
    const [ada] = (await here(['ada'])).length ? await idsOf(['ada']) : [];
    // Ada has it by hand before: that is not the source's to take.
    await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [ada!],
      accessRoleIds: [accessRoleId],
    });
    expect(await readNow(sourceId)).toMatchObject({ state: 'done', counts: { given: 3, taken: 0 } });
    expect(await holders(accessRoleId, group.id)).toEqual({ role: ['ada', 'bo'], group: ['ada', 'bo'] });
    expect(await readNow(sourceId)).toMatchObject({ counts: { given: 0, taken: 0, new: 0, changed: 0 } });
    await slapd.change(`dn: ${buyers}\nchangetype: modify\nreplace: member\nmember: ${dnOf('cynthia')}\n`);
    // Taking waits for a reading of everything.
    expect(await readNow(sourceId, true)).toMatchObject({
      incremental: true,
      counts: { given: 2, taken: 0 },
    });
    expect(await readNow(sourceId)).toMatchObject({ counts: { given: 0, taken: 3 } });
    expect(await holders(accessRoleId, group.id)).toEqual({ role: ['ada', 'cynthia'], group: ['cynthia'] });
    // A group that is gone is no group without members.
    await slapd.change(`dn: ${buyers}\nchangetype: delete\n`);
    const failed = await readNow(sourceId);
    expect(failed).toMatchObject({ state: 'failed' });
    expect(failed.problem).toContain(buyers);
    expect(await holders(accessRoleId, group.id)).toEqual({ role: ['ada', 'cynthia'], group: ['cynthia'] });
    await world.as('acmeManager', 'source.retire', { sourceId });
  });

  it('follows groups within groups, in a circle, too, and accounts of a posixGroup', async () => {
    const group = await world.as('acmeManager', 'group.create', {
      organizationId: acme,
      name: 'Deep',
      description: '',
    });
    const named = (name: string): string => `cn=${name},${slapd.groups}`;
    const holding = (name: string, ...members: string[]): string =>
      `dn: ${named(name)}\nobjectClass: groupOfNames\ncn: ${name}\n${members.map((one) => `member: ${one}\n`).join('')}`;
    await slapd.change(
      [
        holding('outer', named('middle'), dnOf('gone'), `cn=nowhere,${slapd.people}`),
        holding('middle', named('inner'), named('outer')),
        holding('inner', dnOf('ada'), named('outer'), named('posix')),
        `dn: ${named('posix')}\nobjectClass: posixGroup\ncn: posix\ngidNumber: 500\nmemberUid: bo\nmemberUid: nobody*\n`,
      ].join('\n'),
    );
    const sourceId = await active({ gives: [{ group: named('outer'), groupId: group.id }] });
    const members = async (): Promise<string[]> =>
      (await world.as('acmeManager', 'group.read', { groupId: group.id, limit: 50 })).members.items.map(
        ({ displayName }) => displayName,
      );
    const { groups } = await world.as('acmeManager', 'source.try', { sourceId });
    expect(groups).toMatchObject([{ group: named('outer') }]);
    expect(await readNow(sourceId)).toMatchObject({ state: 'done', counts: { given: 2 } });
    expect((await members()).sort()).toEqual(['ada Ash', 'bo Ash']);
    expect(await readNow(sourceId)).toMatchObject({ counts: { given: 0, taken: 0 } });
    // Out of the group deep within: out of all above it.
    await slapd.change(`dn: ${named('inner')}\nchangetype: modify\ndelete: member\nmember: ${dnOf('ada')}\n`);
    expect(await readNow(sourceId)).toMatchObject({ counts: { given: 0, taken: 1 } });
    expect(await members()).toEqual(['bo Ash']);
    await world.as('acmeManager', 'source.retire', { sourceId });
  });

  it('takes nobody for their namesake, neither in a group nor as line manager', async () => {
    const twins = `ou=twins,${slapd.people}`;
    const one = (uid: string, below: string, mail: string, more = ''): string =>
      `dn: uid=${uid},${below}\nobjectClass: inetOrgPerson\ncn: ${mail}\nsn: Ash\nmail: ${mail}@acme.example\n${more}`;
    await slapd.change(
      [
        `dn: ${twins}\nobjectClass: organizationalUnit\n`,
        `dn: ou=deep,${twins}\nobjectClass: organizationalUnit\n`,
        one('zed', twins, 'zed'),
        one('zed', `ou=deep,${twins}`, 'abe'),
        one('uma', twins, 'uma'),
        one('UMA', `ou=deep,${twins}`, 'ulf'),
        one('solo', twins, 'solo', `manager: uid=zed,${twins}\n`),
        `dn: cn=named,${slapd.groups}\nobjectClass: posixGroup\ncn: named\ngidNumber: 501\nmemberUid: zed\nmemberUid: uma\nmemberUid: Solo\n`,
      ].join('\n'),
    );
    const group = await world.as('acmeManager', 'group.create', {
      organizationId: acme,
      name: 'Named',
      description: '',
    });
    const sourceId = await active({
      base: twins,
      columns: { key: 'mail', name: 'cn', lineManager: 'manager' },
      gives: [{ group: `cn=named,${slapd.groups}`, groupId: group.id }],
    });
    expect(await readNow(sourceId)).toMatchObject({
      state: 'done',
      counts: { new: 5, problem: 0, given: 2 },
    });
    const { members } = await world.as('acmeManager', 'group.read', { groupId: group.id, limit: 50 });
    expect(members.items.map(({ displayName }) => displayName).sort()).toEqual(['solo', 'uma']);
    const managerOfSolo = async (): Promise<string | undefined> => {
      const { rows } = await sql<{ name: string }>`
        select b.display_name as name from import_key k join membership m on m.user_id = k.id
        join membership l on l.id = m.line_manager_id join app_user b on b.id = l.user_id
        where k.key = 'solo@acme.example'`.execute(world.db);
      return rows[0]?.name;
    };
    expect(await managerOfSolo()).toBe('zed');
    // Somebody calls themselves by the number of another: they do not come to lead that one's people.
    await slapd.change(
      `dn: uid=zed,ou=deep,${twins}\nchangetype: modify\nreplace: mail\nmail: zed@acme.example\n`,
    );
    await readNow(sourceId);
    expect(await managerOfSolo()).toBe('zed');
    await world.as('acmeManager', 'source.retire', { sourceId });
  });

  async function idsOf(keys: readonly string[]): Promise<string[]> {
    const { rows } = await sql<{ id: string }>`
      select m.id from import_key k join membership m on m.user_id = k.id where k.key = any (${keys}::text[]) order by k.key`.execute(
      world.db,
    );
    return rows.map(({ id }) => id);
  }
  async function holders(roleId: string, groupId: string) {
    const { rows } = await sql<{ kind: 'role' | 'group'; key: string }>`
      select 'role' as kind, k.key from assignment a join membership m on m.id = a.membership_id join import_key k on k.id = m.user_id
        where a.access_role_id = ${roleId} and a.state = 'active'
      union all select 'group', k.key from group_member a join membership m on m.id = a.membership_id
        join import_key k on k.id = m.user_id where a.group_id = ${groupId} order by 2`.execute(world.db);
    const of = (kind: string): string[] => rows.filter((row) => row.kind === kind).map(({ key }) => key);
    return { role: of('role'), group: of('group') };
  }

  it('fills in fields that only a source fills in, and gives no more than its saver could', async () => {
    await world.as('acmeManager', 'attribute.define', {
      organizationId: acme,
      key: 'badge',
      label: 'Badge',
      kind: 'text',
      choices: [],
      required: false,
      seenBy: 'managers',
      changedBy: 'source',
      claim: false,
    });
    const { id: accessRoleId } = await world.as('owner', 'access-role.create', {
      organizationId: acme,
      name: 'Widening',
      description: '',
      entitlementIds: [world.entitlements.partsViewer],
    });
    const readers = `cn=readers,${slapd.groups}`;
    await slapd.change(
      `dn: ${readers}\nobjectClass: groupOfNames\ncn: readers\nmember: ${dnOf('ada')}\n\ndn: ${dnOf('ada')}\nchangetype: modify\nadd: employeeNumber\nemployeeNumber: 17\n`,
    );
    const sourceId = await active({
      columns: { key: 'uid', name: 'cn', 'attribute.badge': 'employeeNumber' },
      gives: [{ group: readers, accessRoleId }],
    });
    // The owner puts more into the role than the manager may hand out.
    await world.as('owner', 'access-role.update', {
      accessRoleId,
      entitlementIds: [world.entitlements.partsViewer, world.entitlements.ledgerClerk],
    });
    const read = await readNow(sourceId);
    expect(read).toMatchObject({ state: 'done', counts: { given: 0 } });
    expect(read.refused).toMatchObject([{ displayName: 'ada Ash' }]);
    const { rows } = await sql<{ badge: string }>`
      select m.attributes ->> 'badge' as badge from import_key k join membership m on m.user_id = k.id where k.key = 'ada'`.execute(
      world.db,
    );
    expect(rows).toEqual([{ badge: '17' }]);
    await slapd.change(`dn: ${readers}\nchangetype: delete\n`);
    await world.as('acmeManager', 'source.retire', { sourceId });
  });

  it('is tried as it would be, and keeps nothing of it', async () => {
    const { sourceId } = await create();
    const kept = () =>
      sql`select sealed, reading, settings, version from source where id = ${sourceId}`
        .execute(world.db)
        .then(({ rows }) => rows);
    const before = await kept();
    const attempt = (as: As, said: Omit<Input<'source.try'>, 'sourceId'>) =>
      world.as(as, 'source.try', { sourceId, ...said });
    const columns = { key: 'uid', name: 'cn', title: 'sn' };
    expect((await attempt('acmeManager', { columns })).first[0]!.fields.title).toBe('Ash');
    expect((await attempt('acmeManager', { objectClass: 'organizationalUnit' })).people).toBe(2);
    expect(await attempt('acmeManager', { base: `ou=nowhere,${slapd.people}` })).toMatchObject({
      people: 0,
      problem: expect.stringContaining('no entry'),
    });
    // The password goes nowhere else than it was given for, and no password goes where the operator allows nothing.
    const { settings } = await world.as('acmeManager', 'source.read', { sourceId });
    for (const other of [
      { host: 'localhost' },
      { port: slapd.port },
      { account: `cn=other,${slapd.suffix}` },
    ])
      await expect(attempt('acmeManager', { settings: { ...settings, ...other } })).rejects.toMatchObject({
        code: 'target.secrets-again',
      });
    for (const host of ['10.1.2.3', '169.254.169.254'])
      expect(
        await attempt('acmeManager', { settings: { ...settings, host }, password: 'guessed' }),
      ).toMatchObject({ problem: expect.stringContaining('does not allow') });
    expect(await attempt('acmeManager', { password: 'another one' })).toMatchObject({
      problem: expect.stringContaining('does not take'),
    });
    expect(await kept()).toEqual(before);

    // Before there is any: the same, and nothing comes of it.
    const fresh: Input<'source.try-new'> = {
      organizationId: acme,
      make: 'ldap',
      settings,
      password: slapd.manager.password,
      base: `ou=staff,${slapd.people}`,
      objectClass: 'inetOrgPerson',
      columns,
      places: { from: 'source' },
      gives: [],
    };
    const count = () =>
      sql<{ n: number }>`select count(*)::int as n from source`
        .execute(world.db)
        .then(({ rows }) => rows[0]!.n);
    const sources = await count();
    const tried = await world.as('acmeManager', 'source.try-new', fresh);
    expect(tried).toMatchObject({ problem: null, more: false });
    expect(await count()).toBe(sources);
    await expect(world.as('acme2Manager', 'source.try-new', fresh)).rejects.toMatchObject({
      code: 'not-found',
    });
    await world.as('acmeManager', 'source.retire', { sourceId });
  });

  it('reads nothing new with a password that somebody else gave', async () => {
    const { sourceId } = await create();
    const columns = { key: 'uid', name: 'cn', title: 'sn' };
    const again = { code: 'source.password-again' };
    const update = (as: As, said: Omit<Input<'source.update'>, 'sourceId'>) =>
      world.as(as, 'source.update', { sourceId, ...said });
    const gave = (as: As) =>
      world.as(as, 'source.read', { sourceId }).then(({ gavePassword, answers }) => [gavePassword, answers]);
    // What is read already, they see; more they do not.
    expect(await world.as('acmePeer', 'source.try', { sourceId })).toMatchObject({ problem: null });
    for (const said of [
      { columns },
      { base: slapd.people },
      { objectClass: 'person' },
      { places: { from: 'tree' } as const },
      { gives: [{ group: `cn=x,${slapd.groups}`, groupId: world.organizations.acme.id }] },
    ]) {
      await expect(world.as('acmePeer', 'source.try', { sourceId, ...said })).rejects.toMatchObject(again);
      await expect(update('acmePeer', said)).rejects.toMatchObject(again);
    }
    await update('acmePeer', { everyMinutes: 120, wholeHours: 48 });
    expect(await gave('acmeManager')).toEqual([true, 'acmeManager']);
    // Who changes the brake answers for it, and reads no more by it.
    await update('acmePeer', { brake: { atLeast: 5, share: 0.1 }, columns: (await read()).columns });
    expect(await gave('acmePeer')).toEqual([false, 'acmePeer']);
    await update('acmePeer', { columns, password: slapd.manager.password });
    expect(await gave('acmePeer')).toEqual([true, 'acmePeer']);
    await expect(update('acmeManager', { columns: { name: 'mail' } })).rejects.toMatchObject(again);
    await world.as('acmeManager', 'source.retire', { sourceId });

    function read() {
      return world.as('acmePeer', 'source.read', { sourceId });
    }
  });

  it('is let work only by whoever could do by hand what comes of it', async () => {
    await world.as('owner', 'delegation.create', {
      organizationId: acme,
      delegate: { membershipId: world.people.acmeHelpDesk.membershipId },
      permissions: ['organization.read', 'user.read', 'source.configure'],
    } as never);
    await passTime(world.db, 11);
    const { sourceId } = await create({ brake: { atLeast: 0, share: 0 } });
    const refused = { code: 'not-permitted' };
    await expect(world.as('acmeHelpDesk', 'source.activate', { sourceId })).rejects.toMatchObject(refused);
    await world.as('acmeManager', 'source.activate', { sourceId });
    await change('ada', 'replace: title\ntitle: Three');
    // Having it read decides nothing: what comes of that is the saver's, under the saver's limits and the brake.
    const held = await readNow(sourceId, false, 'acmeHelpDesk');
    expect(held.state).toBe('held');
    const word = { sourceId, sourceRunId: held.sourceRunId };
    await expect(world.as('acmeHelpDesk', 'source.agree', word)).rejects.toMatchObject(refused);
    await world.as('acmePeer', 'source.agree', word);
    await workRun(world.services, held.sourceRunId);
    expect((await here(['ada']))[0]!.title).toBe('Three');
    // Pausing only stops.
    await world.as('acmeHelpDesk', 'source.pause', { sourceId });
    await world.as('acmeManager', 'source.retire', { sourceId });
  });

  it('knows nothing any more of somebody who was erased, and does not bring them in again', async () => {
    const sourceId = await active();
    await readNow(sourceId);
    const { rows: before } = await sql<{ id: string; key: string; dn: string; userId: string }>`
      select e.external_id as id, e.key, e.dn, k.id as "userId" from source_entry e join import_key k on k.key = e.key
      where e.source_id = ${sourceId} and e.key = 'em'`.execute(world.db);
    const [em] = before;
    const stored = async (): Promise<number> => {
      const { rows } = await sql<{ n: number }>`
        select (select count(*) from source_entry e where e.external_id = ${em!.id} or e.key = 'em' or e.dn = ${em!.dn})
          + (select count(*) from source_member m where m.dn = ${em!.dn})
          + (select count(*) from source_erased x where encode(x.digest, 'escape') like ${`%${em!.id}%`}) as n`.execute(
        world.db,
      );
      return Number(rows[0]!.n);
    };
    expect(await stored()).toBeGreaterThan(0);
    const people = () =>
      sql<{ n: number }>`select count(*)::int as n from app_user`
        .execute(world.db)
        .then(({ rows }) => rows[0]!.n);
    const many = await people();
    // As whatever erases somebody leaves it: the trigger is asked, not that.
    await sql`update app_user set state = 'erased' where id = ${em!.userId}`.execute(world.db);
    expect(await stored()).toBe(0);
    expect(await readNow(sourceId)).toMatchObject({ state: 'done', counts: { new: 0, proposed: 0 } });
    expect(await readNow(sourceId, true)).toMatchObject({ state: 'done', counts: { new: 0, proposed: 0 } });
    expect(await stored()).toBe(0);
    expect(await people()).toBe(many);
    await world.as('acmeManager', 'source.retire', { sourceId });
  });

  it('waits for a person above a share, also when it comes in small steps', async () => {
    const sourceId = await active({ brake: { atLeast: 1, share: 0.1 } });
    await change('ada', 'replace: title\ntitle: One');
    expect(await readNow(sourceId, true)).toMatchObject({ state: 'done', counts: { changed: 1 } });
    await change('bo', 'replace: title\ntitle: Two');
    const held = await readNow(sourceId, true);
    expect(held).toMatchObject({ state: 'held', counts: { changed: 1 } });
    expect((await here(['bo']))[0]!.title).toBe('Fitter');
    expect(await world.as('acmeManager', 'source.read', { sourceId })).toMatchObject({
      heldRunId: held.sourceRunId,
    });
    // Another reading takes its place, and that one is agreed to.
    const anew = await readNow(sourceId);
    expect(anew.state).toBe('held');
    const agree = (sourceRunId: string) => world.as('acmeManager', 'source.agree', { sourceId, sourceRunId });
    await expect(agree(held.sourceRunId)).rejects.toMatchObject({ code: 'source.not-held' });
    await agree(anew.sourceRunId);
    await workRun(world.services, anew.sourceRunId);
    expect((await here(['bo']))[0]!.title).toBe('Two');
    const { items } = await world.as('acmeManager', 'source-run.list', { sourceId, limit: 50 });
    expect(items.map(({ state }) => state)).toEqual(['done', 'over', 'done']);
    await world.as('acmeManager', 'source.retire', { sourceId });
  });

  it('ends nobody by a reading that failed or was cut, and says so', async () => {
    const sourceId = await active();
    expect((await readNow(sourceId)).state).toBe('done');
    const cursor = (): Promise<unknown> =>
      sql`select cursor from source where id = ${sourceId}`.execute(world.db).then(({ rows }) => rows);
    const before = await cursor();
    await slapd.stop();
    await slapd.start({ limits: 'size.soft=2 size.hard=2' });
    expect(await readNow(sourceId)).toMatchObject({ state: 'failed' });
    await slapd.stop();
    expect((await readNow(sourceId)).problem).toContain('does not answer');
    await slapd.start({});
    const seen = await world.as('acmeManager', 'source.read', { sourceId });
    expect(seen.failingSince).not.toBeNull();
    expect(seen.problem).toContain('does not answer');
    expect(await cursor()).toEqual(before);
    expect(await open(sourceId)).toEqual([]);
    // An empty part of the tree looks like a right that was lost.
    await world.as('acmeManager', 'source.update', { sourceId, base: slapd.groups });
    await sql`update source_run set state = 'over' where source_id = ${sourceId} and state = 'waiting'`.execute(
      world.db,
    );
    expect((await readNow(sourceId)).state).toBe('failed');
    expect(await open(sourceId)).toEqual([]);
    const { rows } = await sql<{ type: string }>`
      select type from event where target_id = ${sourceId} order by position`.execute(world.db);
    expect(rows.filter(({ type }) => type === 'source.failed')).toHaveLength(1);
    await world.as('acmeManager', 'source.retire', { sourceId });
  });

  it('is read when its time comes, everything from time to time, once by however many processes', async () => {
    const sourceId = await active({ everyMinutes: 60, wholeHours: 2 });
    const runs = async () =>
      (await world.as('acmeManager', 'source-run.list', { sourceId, limit: 50 })).items.map(
        ({ state, incremental }) => `${state} ${incremental}`,
      );
    const due = async (): Promise<void> => {
      await Promise.all([startDue(world.db), startDue(world.db)]);
      const { rows } = await sql<{ id: string }>`select id from source_run where state = 'waiting'`.execute(
        world.db,
      );
      await Promise.all(rows.flatMap(({ id }) => [workRun(world.services, id), workRun(world.services, id)]));
    };
    // Whoever switched it on does not wait for the next round.
    expect(await runs()).toEqual(['waiting false']);
    await due();
    await due();
    expect(await runs()).toEqual(['done false']);
    await passTime(world.db, 3700);
    await due();
    await passTime(world.db, 3700);
    await due();
    expect(await runs()).toEqual(['done false', 'done true', 'done false']);
    // A process that died while it read: another one reads anew.
    await world.as('acmeManager', 'source.read-now', { sourceId, changesOnly: false });
    await sql`update source_run set state = 'reading', lease = 1, leased_until = remit_now() + interval '1 minute'
      where source_id = ${sourceId} and state = 'waiting'`.execute(world.db);
    expect(await lostRuns(world.db)).toEqual([]);
    await passTime(world.db, 130);
    const [lost] = await lostRuns(world.db);
    await workRun(world.services, lost!);
    expect((await runs())[0]).toBe('done false');
    await world.as('acmeManager', 'source.pause', { sourceId });
    await passTime(world.db, 9000);
    await due();
    expect(await runs()).toHaveLength(4);
    await world.as('acmeManager', 'source.retire', { sourceId });
  });
});
