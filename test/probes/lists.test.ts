import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
import type { OperationName } from '../../src/server/operations.gen.ts';
import { addPerson } from '../harness/world.ts';
import { type ActorName, places } from './landscape.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
/** Every id of each kind that there is. */
let all: Record<
  'membership' | 'organization' | 'delegation' | 'invitation' | 'event' | 'application' | 'request',
  string[]
>;
beforeAll(async () => {
  stage = await openStage();
  await crowd();
  const ids = async (query: string): Promise<string[]> =>
    (await sql.raw<{ id: string }>(query).execute(stage.rehearsal.db)).rows.map(({ id }) => id);
  all = {
    membership: await ids(`select id from membership where state <> 'ended' and ends_at > remit_now()`),
    organization: await ids(`select id from organization where state <> 'closed'`),
    delegation: await ids(`select id from delegation where delegate_kind <> 'root' and state <> 'ended'`),
    invitation: await ids('select id from invitation'),
    event: await ids('select id from event'),
    application: await ids('select id from application'),
    request: await ids(`select id from request where state = 'open'`),
  };
});
afterAll(() => stage.close());

/** Namesakes, blank titles and equal times: what makes a page repeat or lose a row. Look-alikes in both branches. */
async function crowd(): Promise<void> {
  const { world, rehearsal } = stage;
  const names = ['namesake', 'namesake', 'Namesake', 'Ångström', 'angstrom', "o'neil"];
  for (const place of ['acme', 'acmeNorth', 'acmeSouth', 'acme2', 'acme2North', 'beta'] as const)
    for (const [index, name] of names.entries()) {
      const person = await addPerson(rehearsal.db, `crowd-${place}-${index}`, world.organizations[place]);
      await sql`update app_user set display_name = ${name} where id = ${person.userId}`.execute(rehearsal.db);
      await sql`update membership set sort_name = ${name.toLowerCase()} where id = ${person.membershipId}`.execute(
        rehearsal.db,
      );
    }
}

/** Walks a list to its end. */
async function walk(
  who: ActorName,
  name: OperationName,
  input: Record<string, unknown>,
  limit: number,
): Promise<unknown[] | string> {
  const rows: unknown[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 500; page += 1) {
    const { answer } = await stage.play(stage.actors[who], name, {
      ...input,
      limit,
      ...(cursor ? { cursor } : {}),
    });
    if (!answer.ok) return answer.code;
    const { items, next } = answer.output as { items: unknown[]; next?: string };
    expect(items.length).toBeLessThanOrEqual(limit);
    rows.push(...items);
    if (!next) return rows;
    expect(items.length, 'a page before the last is full').toBe(limit);
    cursor = next;
  }
  throw new Error(`${name} never ends`);
}

const readers: ActorName[] = [
  'owner',
  'auditor',
  'acmeManager',
  'acmeHelpDesk',
  'northManager',
  'acme2Manager',
  'holedManager',
  'guardian',
  'lineManager',
  'severalManager',
  'acmeKey',
  'acmeMember',
  'leaver',
];
const sorts = [
  'name',
  '-name',
  'organization',
  '-organization',
  'title',
  '-title',
  'firstDay',
  '-firstDay',
  'lastDay',
  '-lastDay',
];

/** A page of one row is a request for each row: those who see the most read by larger ones, but for the long run. */
const limitsFor = (who: ActorName): number[] =>
  process.env.REMIT_TEST_LONG === '1' || who === 'northManager' || who === 'acme2Manager'
    ? [1, 2, 50]
    : who === 'owner' || who === 'auditor'
      ? [50]
      : [11, 50];

describe('pages of any size are the same list (I07)', () => {
  const lists: [OperationName, Record<string, unknown>[]][] = [
    [
      'user.list',
      [...sorts.map((sort) => ({ sort })), { search: 'name' }, { search: 'canary' }, { status: 'left' }],
    ],
    ['organization.list', [{}, { search: 'canary' }]],
    ['invitation.list', [{ state: 'all' }, { state: 'open' }]],
    ['assignment.list', [{ ended: true }]],
    ['application.list', [{}]],
    ['access-role.list', [{}]],
    ['group.list', [{}]],
    ['access-rule.list', [{}]],
    ['event.list', [{}]],
    ['request.list', [{ box: 'inbox' }, { box: 'mine' }, { box: 'decided' }]],
    ['request.catalogue', [{}]],
    ['event.mine', [{}]],
    ['admin-role.list', [{}, { retired: true }]],
    ['ending.list', [{ days: 366 }, { days: 366, kind: 'invitation' }]],
    [
      'attention.list',
      [
        { kind: 'never-signed-in' },
        { kind: 'no-manager' },
        { kind: 'unused-delegation' },
        { kind: 'expiring-delegation' },
        { kind: 'unused-account' },
        { kind: 'expired-invitation' },
        { kind: 'left-behind' },
      ],
    ],
    ['ending.list', [{}, { days: 400 }]],
  ];
  for (const [name, filters] of lists)
    it(name, async () => {
      for (const who of readers)
        for (const filter of filters) {
          const label = `${who} ${JSON.stringify(filter)}`;
          const whole = await walk(who, name, filter, 200);
          if (typeof whole === 'string') continue;
          const texts = whole.map((row) => JSON.stringify(row));
          expect(new Set(texts).size, `${label}: the same row twice`).toBe(texts.length);
          for (const limit of limitsFor(who))
            expect(await walk(who, name, filter, limit), `${label} by ${limit}`).toEqual(whole);
        }
    });
});

describe('a list is the filter of the check (I07)', () => {
  const pairs: {
    list: OperationName;
    input: Record<string, unknown>;
    kind: keyof typeof all;
    read: OperationName;
    field: string;
    id: string;
    /** what is read and yet not listed here */
    matches?: (output: never) => boolean;
  }[] = [
    {
      list: 'user.list',
      input: {},
      kind: 'membership',
      read: 'membership.read',
      field: 'membershipId',
      id: 'membershipId',
    },
    {
      list: 'organization.list',
      input: { search: 'organization' },
      kind: 'organization',
      read: 'organization.read',
      field: 'organizationId',
      id: 'id',
    },
    {
      list: 'invitation.list',
      input: { state: 'all' },
      kind: 'invitation',
      read: 'invitation.read',
      field: 'invitationId',
      id: 'id',
    },
    { list: 'event.list', input: {}, kind: 'event', read: 'event.read', field: 'eventId', id: 'id' },
    {
      list: 'application.list',
      input: { retired: true },
      kind: 'application',
      read: 'application.read',
      field: 'applicationId',
      id: 'id',
    },
    {
      list: 'request.list',
      input: { box: 'inbox' },
      kind: 'request',
      read: 'request.read',
      field: 'requestId',
      id: 'requestId',
      matches: (output: { mayDecide: boolean }) => output.mayDecide,
    },
  ];
  for (const { list, input, kind, read, field, id, matches } of pairs)
    it(`${list} = those that ${read} shows`, async () => {
      for (const who of readers) {
        const rows = await walk(who, list, input, 200);
        const listed =
          typeof rows === 'string' ? [] : rows.map((row) => (row as Record<string, string>)[id]!);
        const readable: string[] = [];
        for (const one of all[kind]) {
          const { answer } = await stage.play(stage.actors[who], read, { [field]: one });
          if (answer.ok && (matches?.(answer.output as never) ?? true)) readable.push(one);
        }
        expect([...listed].sort(), who).toEqual(readable.sort());
      }
    });

  it('delegation.list = those that delegation.read shows', async () => {
    for (const who of readers) {
      const listed = new Set<string>();
      for (const place of places) {
        const rows = await walk(
          who,
          'delegation.list',
          { organizationId: stage.things[place].organizationId, below: true },
          200,
        );
        if (typeof rows !== 'string') for (const row of rows) listed.add((row as { id: string }).id);
      }
      const readable: string[] = [];
      for (const delegationId of all.delegation)
        if ((await stage.play(stage.actors[who], 'delegation.read', { delegationId })).answer.ok)
          readable.push(delegationId);
      expect([...listed].sort(), who).toEqual(readable.sort());
    }
  });

  it('user.count and user.export hold as many as user.list', async () => {
    for (const who of readers)
      for (const place of places) {
        const { organizationId } = stage.things[place];
        const rows = await walk(who, 'user.list', { organizationId }, 200);
        const counted = await stage.play(stage.actors[who], 'user.count', { organizationId });
        const exported = await stage.play(stage.actors[who], 'user.export', { organizationId });
        if (typeof rows === 'string') continue;
        if (counted.answer.ok)
          expect((counted.answer.output as { count: number }).count, `${who} ${place}`).toBe(rows.length);
        if (exported.answer.ok)
          expect((exported.answer.output as string).trim().split('\n').length - 1, `${who} ${place}`).toBe(
            rows.length,
          );
      }
  });
});

/** Reads that are replayed after the world outside has changed; each answer has to be the same, byte for byte. */
const reads: [OperationName, (stage: Stage) => Record<string, unknown>][] = [
  ['user.list', () => ({})],
  ['user.list', () => ({ search: 'canary' })],
  ['user.count', () => ({})],
  ['organization.list', () => ({})],
  ['organization.list', () => ({ search: 'o' })],
  ['organization.read', ({ things }) => ({ organizationId: things.acmeSouth.organizationId })],
  ['map.read', () => ({})],
  ['map.read', ({ things }) => ({ organizationId: things.acme.organizationId })],
  ['membership.read', ({ things }) => ({ membershipId: things.acmeSouth.membershipId })],
  ['membership.end-preview', ({ things }) => ({ membershipId: things.acmeSouth.membershipId })],
  ['access.of', ({ things }) => ({ membershipId: things.acmeSouth.membershipId })],
  ['assignment.list', () => ({ ended: true })],
  ['invitation.list', () => ({ state: 'all' })],
  ['delegation.list', ({ things }) => ({ organizationId: things.acme.organizationId, below: true })],
  ['delegation.vacant', () => ({})],
  ['event.list', () => ({})],
  ['event.export', ({ things }) => ({ organizationId: things.acme.organizationId })],
  ['organization.export', ({ things }) => ({ organizationId: things.acme.organizationId })],
  ['application.list', () => ({})],
  ['access-role.list', () => ({})],
  ['group.list', () => ({})],
  ['access-rule.list', () => ({})],
  ['access-rule.read', ({ things }) => ({ accessRuleId: things.acme.accessRuleId })],
  ['group.read', ({ things }) => ({ groupId: things.acme.groupId })],
  ['request.list', () => ({ box: 'inbox' })],
  ['request.list', () => ({ box: 'decided' })],
  ['request.catalogue', () => ({})],
  ['entitlement.grantable', ({ things }) => ({ organizationId: things.acmeSouth.organizationId })],
  ['client.list', ({ things }) => ({ organizationId: things.acmeSouth.organizationId })],
  ['webhook.list', ({ things }) => ({ organizationId: things.acmeSouth.organizationId })],
  ['webhook-delivery.list', ({ things }) => ({ webhookId: things.acmeSouth.webhookId })],
  ['attribute.list', ({ things }) => ({ organizationId: things.acmeSouth.organizationId })],
  ['admin-role.list', () => ({})],
  ['home.read', () => ({})],
  ['delegation.mine', () => ({})],
  ['ending.list', () => ({})],
  ['attention.list', () => ({})],
  [
    'decision.evaluate-many',
    ({ world, things }) => ({
      evaluations: (['owner', 'acmeManager', 'acme2Manager', 'betaMember'] as const).flatMap((name) =>
        (['acmeSouth', 'acme2', 'beta', 'root'] as const).map((place) => ({
          subject: { type: 'user', id: world.people[name].userId },
          action: { name: 'organization.read' },
          resource: { type: 'organization', id: things[place].organizationId },
        })),
      ),
    }),
  ],
  ['exception.list', ({ things }) => ({ organizationId: things.acmeSouth.organizationId })],
  ['separation.list', () => ({})],
  ['separation.list-conflicts', () => ({})],
  ['separation.list-exceptions', () => ({ over: true })],
  ['membership.delegations', ({ things }) => ({ membershipId: things.acmeSouth.membershipId })],
  ['acting.on-me', () => ({})],
  ['arrangement.list', () => ({})],
  [
    'invitation.check',
    ({ things }) => ({
      organizationId: things.acmeSouth.organizationId,
      text: 'somebody@elsewhere.example, new@example.org',
    }),
  ],
];

describe('what happens outside changes no answer inside (I06)', () => {
  const insiders: ActorName[] = [
    'acmeManager',
    'northManager',
    'acmeHelpDesk',
    'lineManager',
    'acmeMember',
    'acmeKey',
  ];
  it('replays every read, byte for byte', async () => {
    const { rehearsal } = stage;
    const { result } = await rehearsal.attempt(async () => {
      const ask = async (): Promise<Map<string, string>> => {
        const answers = new Map<string, string>();
        for (const who of insiders)
          for (const [name, input] of reads) {
            const { answer } = await stage.play(stage.actors[who], name, input(stage));
            answers.set(`${who} ${name} ${JSON.stringify(input(stage))}`, JSON.stringify(answer));
          }
        return answers;
      };
      const before = await ask();
      const owners = async () => (await stage.play(stage.actors.owner, 'user.list', {})).answer;
      const sawBefore = JSON.stringify(await owners());
      await stir();
      expect(JSON.stringify(await owners()), 'the owner sees that something changed').not.toBe(sawBefore);
      return { before, after: await ask() };
    });
    const changed = [...result.before].filter(([question, answer]) => result.after.get(question) !== answer);
    expect(
      changed
        .map(([question, answer]) => `${question}\n  ${answer}\n  ${result.after.get(question)}`)
        .join('\n'),
    ).toBe('');
  });

  /** Changes whatever stands outside acme: names, states, people, links, access, invitations, applications. */
  async function stir(): Promise<void> {
    const { db } = stage.rehearsal;
    const outside = sql`not (path = 'r.1' or path like 'r.1.%')`;
    const organizations = sql`(select id from organization where ${outside})`;
    for (const statement of [
      sql`update organization set name = name || ' stirred', description = 'stirred', version = version + 1 where ${outside}`,
      sql`update organization set domains = '{elsewhere.example}' where path = 'r.2'`,
      sql`update app_user set display_name = display_name || ' stirred', version = version + 1
        where id in (select user_id from membership where ${outside})
          and id not in (select user_id from membership where path = 'r.1' or path like 'r.1.%')
          and id not in (select giver_user_id from delegation where delegate_kind = 'user' and giver_user_id is not null)`,
      sql`update membership set title = 'stirred', version = version + 1 where ${outside}`,
      sql`update membership set state = 'suspended' where path = 'r.2' or path like 'r.10%'`,
      sql`insert into app_user (id, home_organization_id, display_name, email, proved_email)
        select ${newId()}, id, 'canary new', 'somebody@elsewhere.example', 'somebody@elsewhere.example' from organization where path = 'r.2'`,
      sql`insert into membership (id, user_id, organization_id, path, sort_name)
        select ${newId()}, u.id, o.id, o.path, 'canary new' from app_user u, organization o where u.display_name = 'canary new' and o.path = 'r.10'`,
      sql`update invitation set state = 'revoked', message = 'stirred' where ${outside}`,
      sql`update request set state = 'withdrawn' where ${outside}`,
      sql`update assignment set state = 'ended' where membership_id in (select id from membership where ${outside})`,
      sql`update application set name = name || ' stirred' where organization_id in ${organizations} and key like 'own-%'`,
      sql`update entitlement set name = name || ' stirred' where application_id in (select id from application where key like 'own-%' and organization_id in ${organizations})`,
      sql`update access_role set name = name || ' stirred' where organization_id in (select id from organization where path like 'r.10%' or path = 'r.2')`,
      sql`update admin_role set name = 'stirred' where organization_id in (select id from organization where path like 'r.10%' or path = 'r.2')`,
      sql`update exception set state = 'lifted', reason = 'stirred' where path like 'r.10%' or path = 'r.2'`,
      sql`update separation set reason = 'stirred' where organization_id in (select id from organization where path like 'r.10%' or path = 'r.2')`,
      sql`update attribute_definition set label = 'stirred' where organization_id in (select id from organization where path like 'r.10%' or path = 'r.2')`,
      sql`update client set name = 'stirred' where organization_id in ${organizations}`,
      sql`update delegation set state = 'ended', ended_at = remit_now() where place_paths[1] like 'r.10%' or place_paths[1] = 'r.2'`,
      sql`insert into event (id, type, operation, actor_kind, organization_id, path, target_kind)
        select ${newId()}, 'organization.updated', 'organization.update', 'system', id, path, 'organization' from organization where path = 'r.10'`,
    ])
      await statement.execute(db);
  }
});
