import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../../src/enrolment/people-import/parts.ts';
import { requireReading } from '../../src/enrolment/people-import/reading.ts';
import { carryOn } from '../../src/enrolment/people-import/run.ts';
import type { Input, Output } from '../../src/server/operations.gen.ts';
import { makeWorld, type World } from '../harness/world.ts';

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

type As = Parameters<World['as']>[0];
type Reading = Input<'people-import.differ'>['reading'];
type Place = keyof World['organizations'];

const columns = { key: 'Number', name: 'Name', email: 'Mail', organization: 'Unit', title: 'Function' };
let names = 0;
/** Keys and names that no other test has. */
const fresh = (): string => {
  names += 1;
  return `n${names}`;
};

async function upload(file: string | Buffer, as: As = 'acmeManager', at: Place = 'acme'): Promise<string> {
  const { importId } = await world.as(as, 'people-import.create', {
    organizationId: world.organizations[at].id,
    fileName: 'people.csv',
  });
  await world.as(as, 'people-import.put-part', {
    importId,
    n: 1,
    base64: Buffer.from(file).toString('base64'),
  });
  return importId;
}

async function differ(
  file: string | Buffer,
  reading: Partial<Reading> = {},
  as: As = 'acmeManager',
  at: Place = 'acme',
): Promise<{ importId: string } & Output<'people-import.read'>> {
  const importId = await upload(file, as, at);
  await world.as(as, 'people-import.differ', { importId, reading: { columns, dates: 'iso', ...reading } });
  await carryOn(world.services, importId);
  const seen = await world.as(as, 'people-import.read', {
    importId,
    show: 'problem',
    after: 0,
    afterKey: '',
    limit: 200,
  });
  return { ...seen, importId };
}

async function apply(importId: string, mode: 'all' | 'rows' = 'rows', as: As = 'acmeManager') {
  await world.as(as, 'people-import.apply', { importId, mode });
  await carryOn(world.services, importId);
  return world.as(as, 'people-import.read', {
    importId,
    show: 'problem',
    after: 0,
    afterKey: '',
    limit: 200,
  });
}

const problemsOf = ({ rows }: Output<'people-import.read'>) =>
  rows.map(({ line, problem }) => [line, problem!.code, problem!.column] as const);

async function person(key: string) {
  const { rows } = await sql<Record<string, unknown>>`
    select u.display_name as name, u.email, m.title, m.attributes, m.first_day as "firstDay", m.last_day as "lastDay", o.name as place,
      m.state, m.id, m.path, (select k.key from import_key k join membership l on l.user_id = k.id where l.id = m.line_manager_id) as manager
    from import_key k join app_user u on u.id = k.id join membership m on m.user_id = u.id join organization o on o.id = m.organization_id
    where k.key = ${key}`.execute(world.db);
  return rows;
}

describe('row by row', () => {
  it('brings in those who are new, with an event for each row, and changes nothing the second time', async () => {
    const [one, two] = [fresh(), fresh()];
    const file = `Number;Name;Mail;Unit;Function\n${one};Ada Ash;ada@acme.example;acme;Fitter\n${two};Bo Birch;;acmeNorth;\n`;
    const seen = await differ(file);
    expect(seen).toMatchObject({ state: 'compared', counts: { new: 2, changed: 0, same: 0, problem: 0 } });
    const done = await apply(seen.importId);
    expect(done).toMatchObject({ state: 'done', done: 2, total: 2 });
    expect(await person(one)).toMatchObject([
      { name: 'Ada Ash', email: 'ada@acme.example', title: 'Fitter', place: 'acme', state: 'active' },
    ]);
    expect(await person(two)).toMatchObject([
      { name: 'Bo Birch', email: null, title: '', place: 'acmeNorth' },
    ]);
    const { rows: events } = await sql<{ type: string; delegations: string[]; actor: string }>`
      select e.type, e.delegations, e.actor_id as actor from event e join import_key k on k.id = e.subject_id
      where k.key in (${one}, ${two}) order by e.position`.execute(world.db);
    expect(events.map(({ type }) => type).sort()).toEqual([
      'membership.created',
      'membership.created',
      'user.created',
      'user.created',
    ]);
    for (const { delegations, actor } of events) {
      expect(delegations[0]).toBe(world.delegations.acmeManager);
      expect(actor).toBe(world.people.acmeManager.userId);
    }
    const again = await differ(file);
    expect(again.counts).toMatchObject({ new: 0, changed: 0, same: 2, problem: 0 });
  });

  it('changes what differs, each field with its event, and never who signs in for themselves', async () => {
    const key = fresh();
    const first = (name: string, title: string, unit = 'acme') =>
      `Number,Name,Mail,Unit,Function\n${key},${name},,${unit},${title}\n`;
    await apply((await differ(first('Cas Cedar', 'Fitter'))).importId);
    const seen = await differ(first('Cas Cypress', 'Foreman'));
    expect(seen.counts).toMatchObject({ new: 0, changed: 1, same: 0 });
    const read = await world.as('acmeManager', 'people-import.read', {
      importId: seen.importId,
      show: 'changed',
      after: 0,
      afterKey: '',
      limit: 10,
    });
    expect(read.rows).toMatchObject([{ line: 2, key, changes: ['name', 'title'] }]);
    expect(await apply(seen.importId)).toMatchObject({ state: 'done', counts: { problem: 0 } });
    expect(await person(key)).toMatchObject([{ name: 'Cas Cypress', title: 'Foreman' }]);
    await sql`update app_user set proved_email = ${`${key}@acme.example`} where display_name = 'Cas Cypress'`.execute(
      world.db,
    );
    expect((await differ(first('Cas Other', 'Foreman'))).counts).toMatchObject({ same: 1, changed: 0 });
    expect(problemsOf(await differ(first('Cas Cypress', 'Foreman', 'acmeSouth')))).toEqual([
      [2, 'elsewhere', 'organization'],
    ]);
  });

  it('ends nobody and brings nobody back', async () => {
    const [gone, stays] = [fresh(), fresh()];
    const file = `Number,Name,Mail,Unit,Function\n${gone},Dee Dogwood,,acme,\n${stays},Eli Elm,,acme,\n`;
    await apply((await differ(file)).importId);
    const [left] = await person(gone);
    await world.as('acmeManager', 'membership.end', { membershipId: left!.id as string });
    const seen = await differ(file.split('\n').slice(0, 2).join('\n'));
    expect(problemsOf(seen)).toEqual([[2, 'ended', 'key']]);
    expect((await apply(seen.importId)).state).toBe('done');
    expect((await person(gone)).map(({ state }) => state)).toEqual(['ended']);
    const read = await world.as('acmeManager', 'people-import.read', {
      importId: seen.importId,
      show: 'missing',
      after: 0,
      afterKey: '',
      limit: 200,
    });
    expect(read.missing.map(({ key }) => key)).toContain(stays);
    expect((await person(stays)).map(({ state }) => state)).toEqual(['active']);
  });
});

it('tells of everybody who came in what minds a part as a whole, and mails nobody', async () => {
  const told: string[] = [];
  const once = async (_: unknown, changes: readonly { type: string; targetId: string | null }[]) => {
    told.push(
      ...changes.flatMap(({ type, targetId }) => (type === 'membership.created' ? (targetId ?? []) : [])),
    );
  };
  const minding = { name: 'minding', on: ['membership.created'], once };
  const mailing = {
    name: 'mailing',
    on: ['membership.created'],
    run: () => Promise.reject(new Error('mailed')),
  };
  const [one, two] = [fresh(), fresh()];
  const seen = await differ(`Number,Name,Mail,Unit,Function\n${one},Jil,,acme,\n${two},Kai,,nowhere,\n`);
  await world.as('acmeManager', 'people-import.apply', { importId: seen.importId, mode: 'rows' });
  await carryOn({ ...world.services, subscribers: [minding, mailing] }, seen.importId);
  expect(told).toEqual([(await person(one))[0]!.id]);
});

describe('everybody or nobody', () => {
  it('is refused while a row has a problem, and writes all or nothing', async () => {
    const [one, two] = [fresh(), fresh()];
    const bad = await differ(`Number,Name,Mail,Unit,Function\n${one},Fay Fir,,acme,\n${two},,,acme,\n`);
    await expect(apply(bad.importId, 'all')).rejects.toMatchObject({ code: 'import.invalid' });
    const good = await differ(
      `Number,Name,Mail,Unit,Function\n${one},Fay Fir,,acme,\n${two},Gus Gorse,,acmeNorth,\n`,
    );
    // Somebody else brings the second one in meanwhile.
    const other = await differ(`Number,Name,Mail,Unit,Function\n${two},Gus Gorse,,acmeNorth,\n`);
    await apply(other.importId);
    expect(await apply(good.importId, 'all')).toMatchObject({
      state: 'failed',
      failure: { code: 'import.changed' },
    });
    expect(await person(one)).toEqual([]);
    await world.as('acmeManager', 'people-import.differ', {
      importId: good.importId,
      reading: { columns, dates: 'iso' },
    });
    await carryOn(world.services, good.importId);
    expect(await apply(good.importId, 'all')).toMatchObject({ state: 'done', counts: { new: 1, same: 1 } });
    expect(await person(one)).toHaveLength(1);
  });
});

describe('everybody or nobody of a file that is too large for one transaction', () => {
  /** As the operation leaves it for more than 5,000 people. */
  const asLarge = async (importId: string, phase: string, done = 0) => {
    await world.as('acmeManager', 'people-import.apply', { importId, mode: 'all' });
    await sql`update people_import set total = 6000, phase = ${phase}, done = ${done} where id = ${importId}`.execute(
      world.db,
    );
    await carryOn(world.services, importId);
    const { rows } = await sql<{ state: string; code: string | null }>`
      select state, failure ->> 'code' as code from people_import where id = ${importId}`.execute(world.db);
    return rows[0]!;
  };
  const file = (keys: string[]) =>
    `Number,Name,Mail,Unit,Function\n${keys.map((key) => `${key},Pia ${key},,acme,`).join('\n')}\n`;

  it('is checked whole before its first part, and comes in by parts', async () => {
    const [one, two, three] = [fresh(), fresh(), fresh()];
    const good = await differ(file([one, two]));
    expect(await asLarge(good.importId, 'checking')).toEqual({ state: 'done', code: null });
    expect(await person(one)).toHaveLength(1);
    const late = await differ(file([fresh(), three]));
    await apply((await differ(file([three]))).importId);
    expect(await asLarge(late.importId, 'checking')).toEqual({ state: 'failed', code: 'import.changed' });
  });

  it('stops at what a part is refused for, and says what was done', async () => {
    const [one, two] = [fresh(), fresh()];
    const late = await differ(file([one, two]));
    await apply((await differ(file([two]))).importId);
    expect(await asLarge(late.importId, 'people', 40)).toEqual({
      state: 'failed',
      code: 'people-import.stopped',
    });
    expect(await person(one)).toEqual([]);
  });
});

it('holds a few thousand rows of a file at a time, however large it is', async () => {
  const lines = Array.from(
    { length: 60_000 },
    (_, n) => `${n},Some body ${n},body${n}@example.org,acme,Fitter`,
  );
  const importId = await upload(`Number,Name,Mail,Unit,Function\n${lines.join('\n')}\n`);
  const held: number[] = [];
  for await (const rows of rowsOf(world.db, importId, {})) held.push(rows.length);
  expect(held.reduce((sum, count) => sum + count, 0)).toBe(60_001);
  expect(Math.max(...held)).toBeLessThan(8000);
});

describe('bad rows', () => {
  it('are each named by line and column, and leave the good ones in', async () => {
    const [good, twin, late] = [fresh(), fresh(), fresh()];
    const rows = [
      `${good},Hal Hazel,hal@acme.example,acme,`,
      ',Nobody,,acme,',
      `${fresh()},,,acme,`,
      `${fresh()},Ivy,not an address,acme,`,
      `${fresh()},Jo,,beta,`,
      `${fresh()},Jo,,,`,
      `${fresh()},=cmd(),,acme,`,
      `=1+1,Kit,,acme,`,
      `${fresh()},Lee,,acme,x,y`,
      `${fresh()},${'M'.repeat(201)},,acme,`,
      `${twin},Ned,,acme,`,
      `${twin},Ned,,acme,`,
      `${fresh()},"Ona,,acme,`,
      `${fresh()},P"a"t,,acme,`,
      `${fresh()},"Quin"x,,acme,`,
      `${fresh()},Ro\0b,,acme,`,
      `${fresh()},S${'\u202e'}am,,acme,`,
      `${fresh()},${'x'.repeat(70_000)},,acme,`,
      `${late},Tom,,acme / acmeNorth,`,
      `${fresh()},"Una,,acme,`,
    ];
    const seen = await differ(`Number,Name,Mail,Unit,Function\n${rows.join('\n')}\n`);
    expect(problemsOf(seen)).toEqual([
      [3, 'key-empty', 'key'],
      [4, 'name-empty', 'name'],
      [5, 'address', 'email'],
      [6, 'organization-unknown', 'organization'],
      [7, 'organization-empty', 'organization'],
      [8, 'formula', 'name'],
      [9, 'formula', 'key'],
      [10, 'cells-many', ''],
      [11, 'too-long', 'name'],
      [13, 'twice', 'key'],
      [14, 'quote-inside', ''],
      [16, 'quote-inside', ''],
      [17, 'unwritable', 'name'],
      [18, 'unwritable', 'name'],
      [19, 'row-too-long', ''],
      [21, 'quote-open', ''],
    ]);
    await apply(seen.importId);
    for (const key of [good, twin, late]) expect(await person(key)).toHaveLength(1);
    expect(await person(late)).toMatchObject([{ place: 'acmeNorth' }]);
  });

  it('come back as a file that nothing in a spreadsheet runs, and mended they make it whole', async () => {
    const [one, two, three] = [fresh(), fresh(), fresh()];
    const seen = await differ(
      `Number;Name;Mail;Unit;Function\r\n${one};Uma Umbra;;acme;\r\n${two};"=HYPERLINK(""x"")";;acme;@sum\r\n${three};Van;+49 1;nowhere;-1\r\n`,
    );
    const done = await apply(seen.importId);
    expect(done.counts).toMatchObject({ new: 1, problem: 2 });
    const file = await world.as('acmeManager', 'people-import.errors', { importId: seen.importId });
    const lines = file
      .replace(/^\ufeff/, '')
      .trim()
      .split('\r\n');
    expect(lines[0]).toBe('Number;Name;Mail;Unit;Function;Problem');
    expect(lines).toHaveLength(3);
    for (const cell of lines.slice(1).flatMap((line) => line.split(';')))
      expect(cell.replace(/^"/, '')).not.toMatch(/^[=+\-@\t\r]/);
    const mended = file
      .replace(/"'=HYPERLINK\(""x""\)"/, 'Vic Violet')
      .replace("'@sum", 'Clerk')
      .replace("'+49 1", '')
      .replace('nowhere', 'acmeSouth')
      .replace("'-1", '');
    const again = await differ(mended);
    expect(again.counts).toMatchObject({ new: 2, problem: 0 });
    await apply(again.importId);
    expect(await person(two)).toMatchObject([{ name: 'Vic Violet', title: 'Clerk' }]);
    expect(await person(three)).toMatchObject([{ name: 'Van', place: 'acmeSouth' }]);
  });

  it('in another encoding are found or read', async () => {
    const text = (key: string) => `Number\tName\tMail\tUnit\tFunction\n${key}\tZoë Žižek\t\tacme\tChéf\n`;
    for (const encode of [
      (key: string) => Buffer.from(`\ufeff${text(key)}`, 'utf16le'),
      (key: string) => Buffer.from(`\ufeff${text(key)}`, 'utf8'),
      (key: string) => Buffer.from(text(key), 'utf16le'),
    ]) {
      const key = fresh();
      const seen = await differ(encode(key));
      expect(problemsOf(seen)).toEqual([]);
      await apply(seen.importId);
      expect(await person(key)).toMatchObject([{ name: 'Zoë Žižek', title: 'Chéf' }]);
    }
    const old = fresh();
    await apply(
      (await differ(Buffer.from(`Number,Name,Mail,Unit,Function\n${old},Zo\xeb,,acme,\n`, 'latin1')))
        .importId,
    );
    expect(await person(old)).toMatchObject([{ name: 'Zoë' }]);
    const mixed = Buffer.concat([
      Buffer.from(`Number,Name,Mail,Unit,Function\n${fresh()},Zoë Žižek,,acme,\n${fresh()},Zo`),
      Buffer.from([0xeb]),
      Buffer.from(',,acme,\n'),
    ]);
    expect(problemsOf(await differ(mixed))).toEqual([[3, 'encoding', 'name']]);
  });

  it('are not made of what spreadsheets leave at the ends of a file', async () => {
    const [one, two] = [fresh(), fresh()];
    const seen = await differ(
      `sep=;\r\nNumber;Name;Mail;Unit;Function\r\n${one};Wil;;acme;\r\n;;;;\r\n"";" ";;;\r\n${two};Xia;;acme;\r\n;;;;\r\n\x1a`,
    );
    expect(problemsOf(seen)).toEqual([]);
    expect(seen.counts).toMatchObject({ new: 2 });
    await expect(upload('')).rejects.toMatchObject({ code: 'people-import.empty' });
  });

  it('keep their line breaks in their cells, and say which column the file means', async () => {
    const seen = await differ(
      `Number,Name,Mail,Unit,Function\n${fresh()},,,acme,"-1\n=2"\n${fresh()},=3,,acme,\n${fresh()},"x"y,,,\n`,
    );
    const file = await world.as('acmeManager', 'people-import.errors', { importId: seen.importId });
    expect(file).toContain(`"'-1\n=2"`);
    expect(file).toContain('Name begins like a formula');
    expect(file).toContain('Line 5: A quote');
    expect((await differ(file)).counts).toMatchObject({ problem: 3 });
  });

  it('do not hide in a heading', async () => {
    const wide = await upload(`${Array.from({ length: 10_000 }, (_, n) => `c${n}`).join(',')}\n`);
    await expect(world.as('acmeManager', 'people-import.check', { importId: wide })).rejects.toMatchObject({
      code: 'people-import.heading',
    });
    await expect(differ('Number,Name\n1,A\n')).rejects.toMatchObject({ code: 'people-import.heading' });
    await expect(differ('\n\n')).rejects.toMatchObject({ code: 'people-import.empty' });
    await expect(
      differ('Number,Name\n', { columns: { key: 'Number', name: 'Name', salary: 'Pay' } }),
    ).rejects.toMatchObject({ code: 'input.invalid' });
    const importId = await upload('Personalnummer;Vorname;Nachname;E-Mail;Abteilung\n1;A;B;;\n');
    expect(await world.as('acmeManager', 'people-import.check', { importId })).toMatchObject({
      separator: ';',
      guess: {
        key: 'Personalnummer',
        givenName: 'Vorname',
        familyName: 'Nachname',
        email: 'E-Mail',
        organization: 'Abteilung',
      },
    });
  });
});

describe('over the set', () => {
  it('puts people into groups by name, within what the importer may, and gives access for its days', async () => {
    const name = `Crew ${fresh()}`;
    const group = await world.as('acmeManager', 'group.create', {
      organizationId: world.organizations.acme.id,
      name,
      description: '',
    });
    const [one, two, three] = [fresh(), fresh(), fresh()];
    const reading = { columns: { ...columns, groups: 'Groups' } };
    const file = (cell: string) =>
      `Number,Name,Mail,Unit,Function,Groups\n${one},Gil,,acme,,${cell}\n${two},Hal,,acmeNorth,,"${cell}; "\n`;
    await apply((await differ(file(''), reading)).importId);
    const seen = await differ(`${file(name)}${three},Ina,,acme,,no such group\n`, reading);
    expect(seen.counts).toMatchObject({ changed: 2, problem: 1 });
    expect(problemsOf(seen)).toEqual([[4, 'group-unknown', 'groups']]);
    await apply(seen.importId);
    const { rows } = await sql<{ key: string }>`
      select k.key from group_member x join membership m on m.id = x.membership_id join import_key k on k.id = m.user_id
      where x.group_id = ${group.id} order by 1`.execute(world.db);
    expect(rows.map(({ key }) => key)).toEqual([one, two].sort());
    expect((await differ(file(name), reading)).counts).toMatchObject({ same: 2, changed: 0 });
    // A manager of a part of it only does not fill a group of the whole.
    const four = fresh();
    const north = await differ(
      `Number,Name,Mail,Unit,Function,Groups\n${four},Jan,,acmeNorth,,${name}\n`,
      reading,
      'northManager',
      'acmeNorth',
    );
    expect(north.counts).toMatchObject({ new: 0, problem: 1 });
    const first = await differ(
      `Number,Name,Mail,Unit,Function,Groups\n${four},Jan,,acme,,${name}\n`,
      reading,
    );
    await apply(first.importId);
    const { rows: more } = await sql`select 1 from group_member where group_id = ${group.id}`.execute(
      world.db,
    );
    expect(more).toHaveLength(3);
  });

  it('takes the seats there are, in the order of the file, and says of the others that none is left', async () => {
    const { rows } = await sql<{ id: string; taken: number }>`
      select d.id, seats_taken(d.id) as taken from delegation d join organization o on o.id = ${world.organizations.acme.id}
      where d.kind = 'administer' and d.delegate_kind = 'organization' and d.state <> 'ended' and d.place_paths @> array[o.path]`.execute(
      world.db,
    );
    const { id, taken } = rows[0]!;
    await sql`update delegation set seats = ${taken + 3} where id = ${id}`.execute(world.db);
    try {
      const keys = Array.from({ length: 8 }, fresh);
      const seen = await differ(
        `Number,Name,Mail,Unit,Function\n${keys.map((key) => `${key},Kim ${key},,acme,`).join('\n')}\n`,
      );
      const done = await apply(seen.importId);
      expect(done).toMatchObject({ state: 'done', counts: { problem: 5 } });
      const here = await Promise.all(keys.map(async (key) => (await person(key)).length));
      expect(here).toEqual([1, 1, 1, 0, 0, 0, 0, 0]);
    } finally {
      await sql`update delegation set seats = null where id = ${id}`.execute(world.db);
    }
  });

  it('changes titles of many at once, but for those whose new title would give what the importer could not', async () => {
    const keys = Array.from({ length: 6 }, fresh);
    const file = (title: (n: number) => string) =>
      `Number,Name,Mail,Unit,Function\n${keys.map((key, n) => `${key},Lee ${key},,acmeNorth,${title(n)}`).join('\n')}\n`;
    const north = ['northManager', 'acmeNorth'] as const;
    await apply(
      (
        await differ(
          file(() => 'Fitter'),
          {},
          ...north,
        )
      ).importId,
      'rows',
      'northManager',
    );
    await sql`insert into access_rule (id, organization_id, title, entitlement_id)
      values (gen_random_uuid(), ${world.organizations.acme.id}, 'Bursar', ${world.entitlements.notesReader})`.execute(
      world.db,
    );
    const title = (n: number) => (n === 2 ? 'Bursar' : `Foreman ${n}`);
    const seen = await differ(file(title), {}, ...north);
    const done = await apply(seen.importId, 'rows', 'northManager');
    expect(problemsOf(done)).toEqual([[4, 'membership.gives-access', '']]);
    const titles = await Promise.all(keys.map(async (key) => (await person(key))[0]!.title));
    expect(titles).toEqual(keys.map((_, n) => (n === 2 ? 'Fitter' : title(n))));
    await sql`update access_rule set state = 'ended'`.execute(world.db);
  });

  it('reads days in the zone of each organization, for all rows at once', async () => {
    const [one, two] = [fresh(), fresh()];
    const reading = { columns: { ...columns, firstDay: 'From', lastDay: 'To' } };
    const seen = await differ(
      `Number,Name,Mail,Unit,Function,From,To\n${one},Max,,acme,,2027-03-28,2027-03-28\n${two},Ned,,acme,,2027-10-31,2027-10-31\n`,
      reading,
    );
    await apply(seen.importId);
    const { rows } = await sql<{ hours: number }>`
      select extract(epoch from m.ends_at - m.starts_at)::float8 / 3600 as hours from membership m
      join import_key k on k.id = m.user_id where k.key in (${one}, ${two}) order by m.starts_at`.execute(
      world.db,
    );
    // The days on which clocks change, in Amsterdam.
    expect(rows.map(({ hours }) => hours)).toEqual([23, 25]);
  });
});

describe('under the ceiling of the importer, each column as by hand', () => {
  const line = (key: string, unit: string, title = '') =>
    `Number,Name,Mail,Unit,Function\n${key},Wim,,${unit},${title}\n`;

  it('the organization', async () => {
    const key = fresh();
    const north = await differ(line(key, 'acmeSouth'), {}, 'northManager', 'acmeNorth');
    expect(problemsOf(north)).toEqual([[2, 'organization-unknown', 'organization']]);
    await expect(upload(line(key, 'acme'), 'northManager', 'acme')).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(upload(line(key, 'acme'), 'acmeMember', 'acme')).rejects.toMatchObject({
      kind: expect.stringMatching(/forbidden|absent/),
    });
  });

  it('the title that a rule reads', async () => {
    const [key, other] = [fresh(), fresh()];
    await sql`insert into access_rule (id, organization_id, title, entitlement_id)
      values (gen_random_uuid(), ${world.organizations.acme.id}, 'Treasurer', ${world.entitlements.notesReader})`.execute(
      world.db,
    );
    const seen = await differ(
      `Number,Name,Mail,Unit,Function\n${key},Xan,,acmeNorth,Treasurer\n${other},Yve,,acmeNorth,Fitter\n`,
      {},
      'northManager',
      'acmeNorth',
    );
    const byHand = await world
      .as('northManager', 'user.enrol', {
        organizationId: world.organizations.acmeNorth.id,
        userName: key,
        displayName: 'Xan',
        title: 'Treasurer',
        entitlementIds: [],
        accessRoleIds: [],
      })
      .then(
        () => 'done',
        (error: { code: string }) => error.code,
      );
    expect(problemsOf(seen).map(([, code]) => code)).toEqual(byHand === 'done' ? [] : [byHand]);
    expect(byHand).toBe('membership.gives-access');
    await apply(seen.importId, 'rows', 'northManager');
    expect(await person(key)).toEqual([]);
    expect(await person(other)).toHaveLength(1);
    await sql`update access_rule set state = 'ended'`.execute(world.db);
  });

  it('the line manager, who may not come to more by it than could be passed on', async () => {
    const [boss, report] = [fresh(), fresh()];
    const reading = { columns: { ...columns, lineManager: 'Boss' } };
    await apply((await differ(line(boss, 'acme'))).importId);
    const [head] = await person(boss);
    await sql`insert into delegation (id, kind, parent_id, chain, delegate_kind, delegate_user_id, delegate_membership_id, giver_user_id,
        permissions, scope, place_paths, entitlements)
      select gen_random_uuid(), 'administer', d.id, d.id || d.chain, 'user', m.user_id, m.id, ${world.people.owner.userId},
        '{organization.move}', '[{"reports": {}}]', '{}', '{"all": true}'
      from delegation d, membership m where d.id = ${world.delegations.owner} and m.id = ${head!.id as string}`.execute(
      world.db,
    );
    const seen = await differ(`Number,Name,Mail,Unit,Function,Boss\n${report},Zia,,acme,,${boss}\n`, reading);
    const done = await apply(seen.importId);
    expect(problemsOf(done)).toEqual([[2, 'membership.gives-power', '']]);
    expect(await person(report)).toEqual([]);
  });

  it('and whatever was taken from the importer between looking and doing', async () => {
    const key = fresh();
    const seen = await differ(line(key, 'acmeNorth'), {}, 'northManager', 'acmeNorth');
    await world.as('northManager', 'people-import.apply', { importId: seen.importId, mode: 'rows' });
    await world.as('acmeManager', 'delegation.end', { delegationId: world.delegations.northManager });
    await carryOn(world.services, seen.importId);
    const { rows } = await sql<{ state: string; failure: { code: string } }>`
      select state, failure from people_import where id = ${seen.importId}`.execute(world.db);
    expect(rows).toMatchObject([{ state: 'failed', failure: { code: expect.stringMatching(/not-/) } }]);
    expect(await person(key)).toEqual([]);
  });
});

it('records fields as the organization defines them, and days in its time zone', async () => {
  for (const [key, kind, more] of [
    ['grade', 'choice', '{A,B}'],
    ['desk', 'number', '{}'],
    ['fed', 'text', '{}'],
  ] as const)
    await sql`insert into attribute_definition (id, organization_id, key, label, kind, choices, changed_by)
      values (gen_random_uuid(), ${world.organizations.acme.id}, ${key}, ${key}, ${kind}, ${more}::text[], ${key === 'fed' ? 'source' : 'managers'})`.execute(
      world.db,
    );
  const keys = [fresh(), fresh(), fresh(), fresh(), fresh(), fresh()];
  const rest = [
    'a,"7,5",,31.1.2026,',
    'C,,,,',
    ',many,,,',
    ',,x,,',
    ',,,2026-02-30,',
    ',,,1.3.2026,28.2.2026',
  ];
  const seen = await differ(
    `Number,Name,grade,desk,fed,From,To\n${keys.map((key, n) => `${key},Liv ${n},${rest[n]}`).join('\n')}\n`,
    {
      columns: {
        key: 'Number',
        name: 'Name',
        'attribute.grade': 'grade',
        'attribute.desk': 'desk',
        'attribute.fed': 'fed',
        firstDay: 'From',
        lastDay: 'To',
      },
      dates: 'day-first',
    },
  );
  expect(problemsOf(seen)).toEqual([
    [3, 'attribute.choice', 'attribute.grade'],
    [4, 'attribute.number', 'attribute.desk'],
    [5, 'attribute.not-yours', 'attribute.fed'],
    [6, 'day', 'firstDay'],
    [7, 'days-backwards', 'lastDay'],
  ]);
  await apply(seen.importId);
  expect(await person(keys[0]!)).toMatchObject([
    { attributes: { grade: 'A', desk: 7.5 }, firstDay: '2026-01-31', lastDay: null },
  ]);
  const { rows } = await sql<{ at: string }>`
    select e.after ->> 'startsAt' as at from event e join import_key k on k.id = e.subject_id
    where k.key = ${keys[0]!} and e.type = 'membership.created'`.execute(world.db);
  expect(rows).toEqual([{ at: '2026-01-30T23:00:00.000Z' }]);
});

it('is nobody else’s, not even of a manager of the same place', async () => {
  const { importId } = await differ(`Number,Name,Mail,Unit,Function\n${fresh()},Abe,,acme,\n`);
  const read = { importId, after: 0, afterKey: '', limit: 10 };
  for (const act of [
    () => world.as('acmePeer', 'people-import.read', read),
    () => world.as('acmePeer', 'people-import.errors', { importId }),
    () => world.as('acmePeer', 'people-import.put-part', { importId, n: 1, base64: 'YQ==' }),
    () => world.as('acmePeer', 'people-import.apply', { importId, mode: 'rows' }),
    () => world.as('owner', 'people-import.cancel', { importId }),
  ])
    await expect(act()).rejects.toMatchObject({ code: 'not-found' });
});

const read = (importId: string, show: 'new' | 'changed' | 'ending' | 'problem' | 'missing', search = '') =>
  world.as('acmeManager', 'people-import.read', {
    importId,
    show,
    search,
    after: 0,
    afterKey: '',
    limit: 50,
  });

describe('what would change, by person', () => {
  it('shows who comes with what, what was there, and who leaves; and finds them', async () => {
    const [boss, one, two] = [fresh(), fresh(), fresh()];
    const reading = {
      columns: { ...columns, lineManager: 'Boss', firstDay: 'From', lastDay: 'To' },
    };
    const file = (title: string, last: string) =>
      `Number,Name,Mail,Unit,Function,Boss,From,To\n${boss},"Ash, Ada",,acme,,,,\n${one},Bo Birch ${one},,acmeNorth,${title},${boss},2026-02-01,${last}\n`;
    await apply((await differ(file('Fitter', ''), reading)).importId);
    expect(await person(boss)).toMatchObject([{ name: 'Ada Ash' }]);
    const seen = await differ(
      `${file('Foreman', '2099-12-31')}${two},Cy Cedar,cy@acme.example,acme,,,,\n`,
      reading,
    );
    expect(seen.counts).toMatchObject({ new: 1, changed: 1, ending: 1, same: 1 });
    const { rows: fresh_ } = await read(seen.importId, 'new');
    expect(fresh_).toMatchObject([
      { key: two, name: 'Cy Cedar', membershipId: null, differences: expect.any(Array) },
    ]);
    expect(fresh_[0]!.differences).toContainEqual({
      field: 'email',
      label: '',
      was: null,
      becomes: 'cy@acme.example',
    });
    const { rows: changed } = await read(seen.importId, 'changed');
    expect(changed[0]!.differences).toEqual(
      [
        { field: 'title', label: '', was: 'Fitter', becomes: 'Foreman' },
        { field: 'lastDay', label: '', was: null, becomes: '2099-12-31' },
      ].map((one) => expect.objectContaining(one)),
    );
    expect((await read(seen.importId, 'ending')).rows.map(({ key }) => key)).toEqual([one]);
    expect((await read(seen.importId, 'changed', `birch ${one}`)).rows).toHaveLength(1);
    expect((await read(seen.importId, 'changed', 'nobody of that name')).rows).toEqual([]);
    await apply(seen.importId);
    expect(await person(one)).toMatchObject([{ title: 'Foreman', lastDay: '2099-12-31' }]);
  });

  it('says of somebody whose line manager’s own row is refused that this is why, down the line', async () => {
    const [bad, one, two, three] = [fresh(), fresh(), fresh(), fresh()];
    const reading = { columns: { ...columns, lineManager: 'Boss' } };
    const rows = [
      `${bad},Ida,not-an-address,acme,,`,
      `${one},Jo,,acme,,${bad}`,
      `${two},Kit,,acme,,${one}`,
      `${three},Lou,,acme,,nobody-at-all`,
    ];
    const seen = await differ(`Number,Name,Mail,Unit,Function,Boss\n${rows.join('\n')}\n`, reading);
    expect(problemsOf(seen)).toEqual([
      [2, 'address', 'email'],
      [3, 'manager-refused', 'lineManager'],
      [4, 'manager-refused', 'lineManager'],
      [5, 'manager-unknown', 'lineManager'],
    ]);
  });

  it('takes rows that were mended for a part, of which nobody is missing', async () => {
    const [one, two] = [fresh(), fresh()];
    const whole = await differ(`Number,Name,Mail,Unit,Function\n${one},Mo,,acme,\n${two},Nat,,nowhere,\n`);
    await apply(whole.importId);
    const file = await world.as('acmeManager', 'people-import.errors', { importId: whole.importId });
    const again = await differ(file.replace('nowhere', 'stillnowhere'));
    expect(again).toMatchObject({ part: true, counts: { problem: 1, missing: 0 } });
    const twice = await world.as('acmeManager', 'people-import.errors', { importId: again.importId });
    expect(twice.split('\r\n')[0]!.replace(/^\ufeff/, '')).toBe('Number,Name,Mail,Unit,Function,Problem');
    const mended = await differ(twice.replace('stillnowhere', 'acme'));
    expect(mended).toMatchObject({ part: true, counts: { new: 1, missing: 0 } });
    expect((await read(mended.importId, 'missing')).missing).toEqual([]);
    const said = await differ(`Number,Name,Mail,Unit,Function\n${one},Mo,,acme,\n`, { part: false });
    expect(said.counts!.missing).toBeGreaterThan(0);
  });
});

it('gives the access role of a row for the days of that row, to those who are new and those who are here', async () => {
  const role = `Season ${fresh()}`;
  await world.as('owner', 'access-role.create', {
    organizationId: world.organizations.acme.id,
    name: role,
    description: '',
    entitlementIds: [world.entitlements.partsViewer],
  });
  const [here, dated, open, wrong] = [fresh(), fresh(), fresh(), fresh()];
  await apply((await differ(`Number,Name,Mail,Unit,Function\n${here},Ida,,acme,\n`)).importId);
  const reading = {
    columns: { key: 'Number', name: 'Name', accessRole: 'Role', accessFrom: 'From', accessUntil: 'Until' },
  };
  const seen = await differ(
    `Number,Name,Role,From,Until\n${here},Ida,${role},2098-01-10,2098-03-31\n${dated},Jan,${role},2098-01-11,2098-02-28\n` +
      `${open},Kim,${role},,\n${wrong},Lou,${role},2098-03-01,2098-02-01\n`,
    reading,
  );
  expect(problemsOf(seen)).toEqual([[5, 'days-backwards', 'accessUntil']]);
  await apply(seen.importId);
  const { rows } = await sql<{ key: string; from: string | null; until: string | null; later: boolean }>`
    select k.key, a.first_day::text as from, a.last_day::text as until, a.starts_at > remit_now() + interval '1 day' as later
    from assignment a join membership m on m.id = a.membership_id join import_key k on k.id = m.user_id
    join access_role r on r.id = a.access_role_id where r.name = ${role} and a.state = 'active'`.execute(
    world.db,
  );
  expect(new Map(rows.map(({ key, ...days }) => [key, days]))).toEqual(
    new Map([
      [here, { from: '2098-01-10', until: '2098-03-31', later: true }],
      [dated, { from: '2098-01-11', until: '2098-02-28', later: true }],
      [open, { from: null, until: null, later: false }],
    ]),
  );
  expect(() => requireReading({ columns: { name: 'Name', accessFrom: 'From' } } as never)).toThrow();
});

it('tells nobody who may not change a person whether a hidden field holds what they guess', async () => {
  const key = fresh();
  await sql`insert into attribute_definition (id, organization_id, key, label, kind, seen_by)
    values (gen_random_uuid(), ${world.organizations.acme.id}, 'grading', 'Grading', 'text', 'managers')`.execute(
    world.db,
  );
  const reading = { columns: { key: 'Number', name: 'Name', 'attribute.grading': 'Grading' } };
  const file = (grading: string) => `Number,Name,Grading\n${key},Oda,${grading}\n`;
  await apply((await differ(file('high'), reading)).importId);
  await sql`update admin_role set permissions = array_remove(permissions, 'membership.update')
    where id = (select admin_role_id from delegation where id = ${world.delegations.acmeManager})`
    .execute(world.db)
    .catch(() => undefined);
  await sql`update delegation set permissions = '{organization.read,user.read,user.enrol}', admin_role_id = null
    where id = ${world.delegations.acmeManager}`.execute(world.db);
  const [right, wrong] = [await differ(file('high'), reading), await differ(file('low'), reading)];
  expect(right.counts).toEqual(wrong.counts);
  expect(problemsOf(right)).toEqual(problemsOf(wrong));
  expect(right.counts).toMatchObject({ same: 0, problem: 1 });
});
