import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { workRun } from '../../src/enrolment/sources/work.ts';
import { describeWith } from '../harness/peers.ts';
import { type Slapd, startSlapd } from '../harness/slapd.ts';
import { makeWorld, type World } from '../harness/world.ts';

/** A directory of many, which gives 500 at a time and no more: read page by page, in memory that does not grow with it. */
const people = process.env.REMIT_TEST_LONG ? 100_000 : 1_200;
/** MB of living heap above the start, however many they are. */
const mostHeap = 64;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
/** MB that are in use, without what only waits to be collected. */
function living(): number {
  collect();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

describeWith('slapd', 'a large directory', () => {
  let slapd: Slapd;
  let world: World;
  beforeAll(async () => {
    world = await makeWorld();
    slapd = await startSlapd({ limits: 'size.soft=500 size.hard=500 size.pr=500 size.prtotal=unlimited' });
    world.services.config = {
      ...world.services.config,
      egress: { networks: ['127.0.0.1'], httpHosts: [], ports: [slapd.tlsPort] },
    };
    const step = 10_000;
    for (let from = 0; from < people; from += step) {
      const some = Array.from({ length: Math.min(step, people - from) }, (_, n) => {
        const uid = `p${from + n}`;
        return `dn: uid=${uid},${slapd.people}\nobjectClass: inetOrgPerson\ncn: Person ${uid}\nsn: Ash\ntitle: Fitter ${n % 50}\nmail: ${uid}@many.example\n`;
      });
      await slapd.change(some.join('\n'));
    }
  }, 600_000);
  afterAll(async () => {
    await slapd?.close();
    await world?.close();
  });

  it(`of ${people} comes in whole, within bounds of memory, and a second reading changes nothing`, async () => {
    const { sourceId } = await world.as('acmeManager', 'source.create', {
      organizationId: world.organizations.acme.id,
      name: 'many',
      make: 'ldap',
      settings: { host: slapd.host, port: slapd.tlsPort, trust: slapd.trust, account: slapd.manager.dn },
      password: slapd.manager.password,
      base: slapd.people,
      objectClass: 'inetOrgPerson',
      columns: { key: 'uid', name: 'cn', title: 'title', email: 'mail' },
    });
    await world.as('acmeManager', 'source.activate', { sourceId });
    const read = async () => {
      const { sourceRunId } = await world.as('acmeManager', 'source.read-now', { sourceId });
      const before = living();
      let most = 0;
      const looking = setInterval(() => {
        most = Math.max(most, living() - before);
      }, 500);
      await workRun(world.services, sourceRunId);
      clearInterval(looking);
      most = Math.max(most, living() - before);
      expect(most).toBeLessThan(mostHeap);
      const { state, read, counts } = await world.as('acmeManager', 'source-run.read', { sourceRunId });
      return { state, read, counts };
    };
    expect(await read()).toMatchObject({ state: 'done', read: people, counts: { new: people, problem: 0 } });
    expect(await read()).toMatchObject({
      state: 'done',
      read: people,
      counts: { new: 0, changed: 0, proposed: 0, problem: 0 },
    });
    const { rows } = await sql<{ n: number; keys: number }>`
      select count(*)::int as n, count(distinct k.key)::int as keys from import_key k join membership m on m.user_id = k.id
      where k.key like 'p%' and m.state = 'active'`.execute(world.db);
    expect(rows).toEqual([{ n: people, keys: people }]);
  }, 1_800_000);
});
