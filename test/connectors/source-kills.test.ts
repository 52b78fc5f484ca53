import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lostRuns } from '../../src/enrolment/sources/runs.ts';
import { workRun } from '../../src/enrolment/sources/work.ts';
import { passTime } from '../../src/platform/clock.ts';
import { describeWith } from '../harness/peers.ts';
import { type Slapd, startSlapd } from '../harness/slapd.ts';
import { makeWorld, type World } from '../harness/world.ts';
import type { Order, Told } from './source-victim.ts';

/** A process that reads a directory is killed with signal 9 wherever it is: another one reads anew, or goes on writing. */
describeWith('slapd', 'a reading of a directory', () => {
  let slapd: Slapd;
  let world: World;
  let groupId: string;
  const victims: ChildProcess[] = [];
  beforeAll(async () => {
    world = await makeWorld();
    slapd = await startSlapd();
    world.services.config = {
      ...world.services.config,
      egress: { networks: ['127.0.0.1'], httpHosts: [], ports: [slapd.tlsPort] },
    };
    const group = await world.as('acmeManager', 'group.create', {
      organizationId: world.organizations.acme.id,
      name: 'Readers',
      description: '',
    });
    groupId = group.id;
  });
  afterAll(async () => {
    for (const child of victims) child.kill('SIGKILL');
    await slapd?.close();
    await world?.close();
  });

  /** Started ahead: starting takes longer than what they do. */
  const raise = (): void => {
    const file = fileURLToPath(new URL('source-victim.ts', import.meta.url));
    victims.push(fork(file, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
  };
  async function killed(runId: string, kill: Order['kill']): Promise<Told | undefined> {
    if (victims.length === 0) raise();
    raise();
    const child = victims.shift()!;
    let told: Told | undefined;
    child.once('message', (message) => {
      told = message as Told;
    });
    const gone = once(child, 'exit');
    child.send({ url: world.url, runId, port: slapd.tlsPort, kill } satisfies Order);
    expect(await gone).toEqual([null, 'SIGKILL']);
    return told;
  }

  /** A directory of its own, read once; then two are new, one changes, one is gone, one is in a group. */
  async function reading(name: string, kill?: Order['kill']) {
    const below = `ou=${name},${slapd.people}`;
    const group = `cn=${name},${slapd.groups}`;
    const person = (uid: string): string =>
      `dn: uid=${name}-${uid},${below}\nobjectClass: inetOrgPerson\nuid: ${name}-${uid}\ncn: ${uid}\nsn: Ash\n`;
    await slapd.change(
      [
        `dn: ${below}\nobjectClass: organizationalUnit\n`,
        ...['gone', 'known', 'same'].map(person),
        `dn: ${group}\nobjectClass: groupOfNames\ncn: ${name}\nmember: uid=${name}-same,${below}\n`,
      ].join('\n'),
    );
    const { sourceId } = await world.as('acmeManager', 'source.create', {
      organizationId: world.organizations.acme.id,
      name,
      make: 'ldap',
      settings: { host: slapd.host, port: slapd.tlsPort, trust: slapd.trust, account: slapd.manager.dn },
      password: slapd.manager.password,
      base: below,
      objectClass: 'inetOrgPerson',
      columns: { key: 'uid', name: 'cn', title: 'title' },
      gives: [{ group, groupId }],
      brake: { atLeast: 100, share: 0 },
    });
    await world.as('acmeManager', 'source.activate', { sourceId });
    const begun = async (): Promise<string> =>
      (await world.as('acmeManager', 'source.read-now', { sourceId })).sourceRunId;
    await workRun(world.services, await begun());
    await slapd.change(
      [
        person('new1'),
        person('new2'),
        `dn: uid=${name}-gone,${below}\nchangetype: delete\n`,
        `dn: uid=${name}-known,${below}\nchangetype: modify\nreplace: title\ntitle: Chief\n`,
        `dn: ${group}\nchangetype: modify\nreplace: member\nmember: uid=${name}-known,${below}\n`,
      ].join('\n'),
    );
    const runId = await begun();
    const told = await killed(runId, kill);
    const state = async (): Promise<string> =>
      (await world.as('acmeManager', 'source-run.read', { sourceRunId: runId })).state;
    if (!told) {
      // Whoever was at it is believed to be there for two minutes.
      await passTime(world.db, 130);
      if ((await state()) !== 'done') {
        expect(await lostRuns(world.db)).toContain(runId);
        await workRun(world.services, runId);
      }
    }
    const { rows: ended } = await sql<Record<string, unknown>>`
      select r.state, r.problem, i.state as import, i.phase from source_run r left join people_import i on i.id = r.import_id
      where r.id = ${runId}`.execute(world.db);
    expect(ended[0], JSON.stringify([kill, ended])).toMatchObject({ state: 'done' });
    return { statements: told?.statements ?? 0, outcome: await outcome(name, sourceId) };
  }

  async function outcome(name: string, sourceId: string): Promise<unknown> {
    const { rows } = await sql`
      select k.key, m.state, m.title, count(*) over (partition by k.key) as times,
        (select count(*) from group_member g where g.membership_id = m.id) as grouped,
        (select count(*) from source_gift g where g.membership_id = m.id) as gifts,
        (select string_agg(p.why || ' ' || p.state, ',') from proposal p where p.membership_id = m.id) as proposed,
        (select jsonb_object_agg(type, n) from (select e.type, count(*) as n from event e where e.subject_id = k.id group by e.type) t) as events
      from import_key k join membership m on m.user_id = k.id where starts_with(k.key, ${`${name}-`}) order by k.key`.execute(
      world.db,
    );
    const { rows: left } = await sql`
      select (select count(*) from source_member m join source_run r on r.id = m.run_id where r.source_id = s.id) as members,
        s.failures, s.cursor is not null as cursor from source s where s.id = ${sourceId}`.execute(world.db);
    return JSON.parse(JSON.stringify([rows, left]).replaceAll(`${name}-`, ''));
  }

  it('is lost nowhere, does nothing twice, and ends nobody, wherever its process is killed', async () => {
    raise();
    const plain = await reading('plain');
    expect(plain.outcome).toMatchObject([
      [
        { key: 'gone', state: 'active', proposed: 'missing open', times: 1 },
        { key: 'known', title: 'Chief', grouped: 1, gifts: 1, times: 1 },
        { key: 'new1', state: 'active', times: 1, events: { 'membership.created': 1 } },
        { key: 'new2', state: 'active', times: 1 },
        { key: 'same', grouped: 0, gifts: 0, times: 1 },
      ],
      [{ members: 0, failures: 0, cursor: true }],
    ]);
    expect(plain.statements).toBeGreaterThan(60);
    // All of them in the long run; in the short one a few, spread over it.
    const step = process.env.REMIT_TEST_LONG ? 1 : Math.ceil((plain.statements * 2) / 4);
    for (let nth = Math.ceil(step / 2) + 3; nth <= plain.statements * 2; nth += step) {
      const kill = { at: Math.floor(nth / 2), answered: nth % 2 === 0 };
      const { outcome } = await reading(`kill${nth}`, kill);
      expect(outcome, `statement ${kill.at}${kill.answered ? ', answered' : ''}`).toEqual(plain.outcome);
    }
  }, 900_000);
});
