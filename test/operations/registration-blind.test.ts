import { Kysely, PostgresDialect, sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../../src/operation/pipeline.ts';
import { openDatabase } from '../../src/platform/database.ts';
import type { DB } from '../../src/platform/schema.gen.ts';
import { operations } from '../../src/server/operations.gen.ts';
import { type LetterWorld, makeLetterWorld } from '../harness/letters.ts';

/** A stranger's question says nothing about whose address it is (I40): same answer, same work, same letter. */
let world: LetterWorld;
let database: ReturnType<typeof openDatabase>;
let asked: string[] = [];
beforeAll(async () => {
  world = await makeLetterWorld();
  database = openDatabase(world.url);
  const { acmeNorth } = world.organizations;
  await world.as('northManager', 'registration.update', {
    organizationId: acmeNorth.id,
    open: true,
    words: 'Hi.',
  });
  // somebody invited there, somebody who waits for an answer, and somebody who was erased
  await world.as('northManager', 'invitation.create', {
    organizationId: acmeNorth.id,
    people: [{ email: 'invited@example.org' }],
  });
  await world.as('acmeHelpDesk', 'account.ask', {
    organizationId: acmeNorth.id,
    email: 'waiting@example.org',
  });
  await sql`update app_user set state = 'erased' where id = ${world.people.betaMember.userId}`.execute(
    world.db,
  );
  await world.after(60);
  world.services.db = new Kysely<DB>({
    dialect: new PostgresDialect({ pool: database.pool }),
    log: ({ query }) => {
      asked.push(query.sql);
    },
  });
});
afterAll(async () => {
  await database.close();
  await world.close();
});

const start = async (email: string) => {
  asked = [];
  const { output } = await run(world.services, operations['registration.start'], {
    credential: { kind: 'none' },
    requestId: 'test',
    input: {
      organizationId: world.organizations.acmeNorth.id,
      email,
      displayName: 'Stra Nger',
      message: 'Hello',
    },
  });
  const statements = asked;
  asked = [];
  const mails = await world.after(0);
  return { email, output, statements, mailed: asked.length, mails };
};

it('answers, works and writes alike for whoever it is', async () => {
  // the first of a process plans what the next ones reuse
  await start('first@example.org');
  const unknown = await start('nobody@example.org');
  expect(unknown.mails).toHaveLength(1);
  const known = [
    'northmember@example.org',
    'northmanager@example.org',
    'acme2member@example.org',
    'owner@example.org',
    'betamember@example.org',
    'invited@example.org',
    'waiting@example.org',
    'NorthMember@EXAMPLE.org',
  ];
  const letterOf = ({ email, mails }: typeof unknown) =>
    JSON.stringify([mails.map(({ email: { subject, text, html } }) => [subject, text, html])])
      .replaceAll(email, '<address>')
      .replace(/#[\w-]{16,}/g, '#<secret>')
      .replace(/\d\d:\d\d/g, '<time>');
  for (const email of known) {
    const answer = await start(email);
    expect(answer.output, email).toEqual(unknown.output);
    expect(answer.statements, email).toEqual(unknown.statements);
    expect(answer.mailed, email).toBe(unknown.mailed);
    expect(answer.mails, email).toHaveLength(1);
    expect(letterOf(answer), email).toBe(letterOf(unknown));
    const [letter] = answer.mails;
    expect(letter!.email.to![0]!.address!.toLowerCase()).toBe(email.toLowerCase());
    // nobody's name: neither whose address it is, nor who decides
    for (const name of Object.keys(world.people))
      expect(letterOf(answer)).not.toMatch(new RegExp(`\\b${name}\\b`));
  }
});
