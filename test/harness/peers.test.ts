import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Mariadb, startMariadb } from './mariadb.ts';
import { describeWith } from './peers.ts';
import { runProgram, type Slapd, startSlapd } from './slapd.ts';

describeWith('slapd', 'the OpenLDAP of the tests', () => {
  let slapd: Slapd;
  beforeAll(async () => {
    slapd = await startSlapd();
  });
  afterAll(() => slapd.close());

  it('answers in clear, with StartTLS and encrypted, keeps what it holds, and ends', async () => {
    await slapd.change(
      `dn: uid=ada,${slapd.people}\nobjectClass: inetOrgPerson\nuid: ada\ncn: Ada\nsn: Lovelace\nuserPassword: secret-1\n`,
    );
    await slapd.stop();
    await expect(slapd.search()).rejects.toThrow(/Can't contact/);
    await slapd.start();
    expect((await slapd.search('(uid=ada)'))[0]).toMatchObject({
      dn: `uid=ada,${slapd.people}`,
      values: { sn: ['Lovelace'] },
    });
    expect(await slapd.signsIn(`uid=ada,${slapd.people}`, 'secret-1')).toBe(true);
    expect(await slapd.signsIn(`uid=ada,${slapd.people}`, 'secret-2')).toBe(false);
  });

  it('has a certificate that others accept', async () => {
    const { host, port, tlsPort, manager } = slapd;
    const trust = join(mkdtempSync(join(tmpdir(), 'remit-trust-')), 'authority.pem');
    writeFileSync(trust, slapd.trust);
    const who = ['-x', '-D', manager.dn, '-w', manager.password, '-o', `TLS_CACERT=${trust}`];
    for (const args of [
      ['-ZZ', '-H', `ldap://${host}:${port}`],
      ['-H', `ldaps://${host}:${tlsPort}`],
    ])
      expect(await runProgram('ldapwhoami', [...who, ...args])).toContain(manager.dn);
    const wrong = [...who.slice(0, -1), `TLS_CACERT=/etc/ssl/certs/ca-certificates.crt`];
    await expect(
      runProgram('ldapwhoami', [...wrong, '-ZZ', '-H', `ldap://${host}:${port}`]),
    ).rejects.toThrow();
    rmSync(dirname(trust), { recursive: true });
  });
});

describeWith('mariadb', 'the MariaDB of the tests', () => {
  let mariadb: Mariadb;
  beforeAll(async () => {
    mariadb = await startMariadb();
  });
  afterAll(() => mariadb.close());

  it('takes our client by TLS and by nothing else', async () => {
    const { host, port, user, password, database, trust } = mariadb;
    const options = { host, port, user, password, database };
    const client = await createConnection({ ...options, ssl: { ca: trust } });
    await client.query('create table person (name varchar(50))');
    await client.execute('insert into person values (?)', ['Ada']);
    await client.end();
    expect(await mariadb.sql(`select name from ${database}.person`)).toEqual([['Ada']]);
    await expect(createConnection(options)).rejects.toThrow(/Access denied/);
  });
});
