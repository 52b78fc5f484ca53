import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaughtMail } from '../../src/notices/catcher.ts';
import { run } from '../../src/operation/pipeline.ts';
import { databaseNow, passTime } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { speakingIn } from '../../src/platform/language.ts';
import { makeLinkSecret } from '../../src/platform/one-time-secrets.ts';
import { wake } from '../../src/requests/wake.ts';
import { type Input, type OperationName, type Output, operations } from '../../src/server/operations.gen.ts';
import { type LetterWorld, makeLetterWorld } from '../harness/letters.ts';
import { addPerson, type Person, type PersonName, type World } from '../harness/world.ts';

// One world for all of it: what a test leaves behind is about people of its own.
let world: LetterWorld;
beforeAll(async () => {
  world = await makeLetterWorld();
});
afterAll(() => world.close());

const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });
type Who = PersonName | Person;
const member = (who: Who) => (typeof who === 'string' ? world.people[who] : who).membershipId;
const north = () => world.organizations.acmeNorth.id;
const decide = (who: Who, requestId: string, approve = true) =>
  world.as(who, 'request.decide', { requestId, approve });
const newcomer = (place: keyof World['organizations'] = 'acmeNorth') =>
  addPerson(world.db, `newcomer${newId().slice(-8)}`, world.organizations[place]);
const leads = (manager: Who, report: Who) =>
  sql`update membership set line_manager_id = ${member(manager)} where id = ${member(report)}`.execute(
    world.db,
  );
const invitations = async (email: string) =>
  (
    await sql<{ id: string; state: string; under: string | null }>`
      select id, state, invited_under as under from invitation where email = ${email} order by created_at`.execute(
      world.db,
    )
  ).rows;
const toAndSubject = ({ email }: CaughtMail) =>
  `${email.to?.map((one) => one.address).join()}: ${email.subject}`;
const asStranger = async <N extends OperationName>(name: N, input: Input<N>): Promise<Output<N>> =>
  (await run(world.services, operations[name], { credential: { kind: 'none' }, input, requestId: 'test' }))
    .output as never;

describe('an account that a manager or a line manager asks for', () => {
  const ask = (who: Who, email: string, more: object = {}) =>
    world.as(who, 'account.ask', { organizationId: north(), email, displayName: 'Kim New', ...more });

  it('becomes an invitation of whoever says yes, which is taken back when that is undone', async () => {
    const { requestId, kind, subject } = await ask('acmeHelpDesk', 'kim@example.org', { title: 'Guide' });
    expect({ kind, subject }).toMatchObject({
      kind: 'account',
      subject: { membershipId: null, displayName: 'Kim New' },
    });
    expect((await ask('acmeHelpDesk', 'KIM@example.org')).requestId).toBe(requestId);
    expect(await invitations('kim@example.org')).toEqual([]);
    await decide('northManager', requestId);
    expect(await invitations('kim@example.org')).toMatchObject([
      { state: 'open', under: world.delegations.northManager },
    ]);
    await world.as('northManager', 'request.undo', { requestId });
    expect(await invitations('kim@example.org')).toMatchObject([{ state: 'revoked' }]);
  });

  it('is asked for by line managers there, and by nobody else without a right', async () => {
    const [leader, who] = [await newcomer(), await newcomer()];
    await expect(ask(leader, 'lee@example.org')).rejects.toEqual(refusal('not-permitted'));
    await leads(leader, who);
    expect((await ask(leader, 'lee@example.org')).state).toBe('open');
    await leads('northManager', who);
    await expect(ask(leader, 'lea@example.org')).rejects.toEqual(refusal('not-permitted'));
    await expect(ask('betaMember', 'lea@example.org')).rejects.toEqual(refusal('not-found'));
  });

  it('is answered alike whether or not the address is known elsewhere (I40)', async () => {
    const [known, unknown] = [
      await ask('acmeHelpDesk', 'betamember@example.org'),
      await ask('acmeHelpDesk', 'nobody.knows@example.org'),
    ];
    const shape = ({
      requestId: _,
      words: __,
      details: ___,
      createdAt: ____,
      steps: _____,
      dueAt: ______,
      ...rest
    }: typeof known) => rest;
    expect(shape(known)).toEqual(shape(unknown));
    await decide('northManager', known.requestId);
    expect(await invitations('betamember@example.org')).toHaveLength(1);
  });

  it('is refused to whoever decides where the address has come in meanwhile', async () => {
    const { requestId } = await ask('acmeHelpDesk', 'mei@example.org');
    await world.as('acmeManager', 'invitation.create', {
      organizationId: north(),
      people: [{ email: 'mei@example.org' }],
    });
    await expect(decide('northManager', requestId)).rejects.toEqual(refusal('invitation.open-already'));
    const here = await ask('acmeHelpDesk', 'northmember@example.org');
    await expect(decide('northManager', here.requestId)).rejects.toEqual(refusal('membership.exists'));
    const own = await ask('acmeHelpDesk', 'northmanager@example.org');
    await expect(decide('northManager', own.requestId)).rejects.toEqual(refusal('request.own'));
  });
});

describe('asking to join as a stranger', () => {
  const open = (isOpen = true) =>
    world.as('northManager', 'registration.update', {
      organizationId: north(),
      open: isOpen,
      words: 'Welcome.',
    });
  const start = (email: string) =>
    asStranger('registration.start', {
      organizationId: north(),
      email,
      displayName: 'Stra Nger',
      message: 'Hello',
    });
  const pending = async (email: string) =>
    (
      await sql<{ id: string; requestId: string | null }>`
        select id, request_id as "requestId" from registration where email = ${email} order by created_at`.execute(
        world.db,
      )
    ).rows;
  const proof = async (email: string) =>
    makeLinkSecret(world.db, 'registration', (await pending(email))[0]!.id, 3600);

  it('is possible where the organization says so, and answers alike where there is none (I08)', async () => {
    const page = (organizationId: string) => asStranger('registration.page', { organizationId });
    await expect(page(north())).rejects.toEqual(refusal('registration.closed'));
    await expect(page(newId())).rejects.toEqual(refusal('registration.closed'));
    await expect(start('early@example.org')).rejects.toEqual(refusal('registration.closed'));
    for (const who of ['northMember', 'acme2Manager', 'acmeHelpDesk'] as const)
      await expect(
        world.as(who, 'registration.update', { organizationId: north(), open: true }),
      ).rejects.toMatchObject({ name: 'Refusal' });
    expect(await open()).toMatchObject({ open: true, url: expect.stringContaining(`/register/${north()}`) });
    expect(await page(north())).toEqual({
      organizationId: north(),
      organizationName: 'acmeNorth',
      words: 'Welcome.',
    });
    expect(await world.as('northManager', 'registration.read', { organizationId: north() })).toMatchObject({
      open: true,
    });
  });

  it('goes from the mailed link to a request, and from a yes to the usual invitation; a no is mailed, too', async () => {
    await open();
    // What other tests left to be mailed is out of the way.
    await world.after(30);
    for (const email of ['ada.joins@example.org', 'bea.joins@example.org']) await start(email);
    const proofs = await world.after(0);
    expect(proofs.map(toAndSubject).sort()).toEqual([
      expect.stringMatching(/ada\.joins@example\.org.*: Confirm your address to ask to join acmeNorth/),
      expect.stringMatching(/bea\.joins@example\.org.*: Confirm your address to ask to join acmeNorth/),
    ]);
    for (const { email } of proofs) {
      const [, token] = /register\/confirm#([\w-]+)/.exec(email.text!)!;
      await asStranger('registration.confirm', { token: token! });
    }
    const told = await world.after(0);
    expect(told.map(toAndSubject).join()).toContain('northmanager@example.org');
    await decide('northManager', (await pending('ada.joins@example.org'))[0]!.requestId!);
    await decide('northManager', (await pending('bea.joins@example.org'))[0]!.requestId!, false);
    expect(await world.after(5)).toEqual([]);
    expect((await world.after(6)).map(toAndSubject).sort()).toEqual([
      expect.stringMatching(/ada\.joins@example\.org.*: northManager invites you to acmeNorth/),
      expect.stringMatching(/bea\.joins@example\.org.*: acmeNorth did not say yes/),
    ]);
  });

  it('is written about in the language of the page that it was asked on', async () => {
    await open();
    await world.after(30);
    const [ada, bea] = ['ada.frisch@example.org', 'bea.frisch@example.org'];
    for (const email of [ada, bea]) await speakingIn('de', () => start(email));
    const proofs = await world.after(0);
    expect(proofs.map(({ email }) => email.html!.slice(0, 40))).toEqual(
      Array.from({ length: 2 }, () => expect.stringContaining('lang="de"')),
    );
    for (const { email } of proofs) {
      const [, token] = /register\/confirm#([\w-]+)/.exec(email.text!)!;
      await asStranger('registration.confirm', { token: token! });
    }
    await world.after(0);
    await decide('northManager', (await pending(ada))[0]!.requestId!);
    await decide('northManager', (await pending(bea))[0]!.requestId!, false);
    expect((await world.after(11)).map(toAndSubject).sort()).toEqual([
      `${ada}: northManager lädt Sie zu acmeNorth ein`,
      `${bea}: acmeNorth hat nicht Ja gesagt`,
    ]);
  });

  it('is nobody’s request before the address is proved, and a place only after a yes', async () => {
    await open();
    expect(await start('stranger@example.org')).toEqual({ sent: true });
    const { rows } =
      await sql`select 1 from request where kind = 'account' and payload ->> 'email' = 'stranger@example.org'`.execute(
        world.db,
      );
    expect(rows).toEqual([]);
    const token = await proof('stranger@example.org');
    expect(await asStranger('registration.confirm', { token })).toEqual({
      organizationName: 'acmeNorth',
      email: 'stranger@example.org',
    });
    await expect(asStranger('registration.confirm', { token })).rejects.toEqual(refusal('auth.code-invalid'));
    const requestId = (await pending('stranger@example.org'))[0]!.requestId!;
    const seen = await world.as('northManager', 'request.read', { requestId });
    expect(seen).toMatchObject({
      kind: 'account',
      requestedBy: 'Stra Nger',
      mayDecide: true,
      reason: 'Hello',
    });
    expect(seen.details.email).toBe('stranger@example.org');
    await decide('northManager', requestId);
    expect(await invitations('stranger@example.org')).toMatchObject([{ state: 'open' }]);
    const { rows: users } = await sql`select 1 from app_user where email = 'stranger@example.org'`.execute(
      world.db,
    );
    expect(users).toEqual([]);
  });

  it('says the same of an address that is known, and fills nobody’s inbox', async () => {
    await open();
    for (let n = 0; n < 5; n += 1) expect(await start('owner@example.org')).toEqual({ sent: true });
    expect(await pending('owner@example.org')).toHaveLength(3);
    const { rows } = await sql<{ mailed: boolean }>`
      select target_id is not null as mailed from event where type = 'registration.started' order by id desc limit 5`.execute(
      world.db,
    );
    expect(rows.map(({ mailed }) => mailed)).toEqual([false, false, true, true, true]);
    await expect(start('no address')).rejects.toEqual(refusal('invitation.no-address'));
  });

  it('comes to nothing once the page is closed, and ends by time when nobody decides (I30)', async () => {
    await open();
    await start('late@example.org');
    await start('waits@example.org');
    await asStranger('registration.confirm', { token: await proof('waits@example.org') });
    await open(false);
    await expect(
      asStranger('registration.confirm', { token: await proof('late@example.org') }),
    ).rejects.toEqual(refusal('registration.closed'));
    const requestId = (await pending('waits@example.org'))[0]!.requestId!;
    await passTime(world.db, 60 * 86_400);
    await wake(world.services, requestId);
    expect((await world.as('northManager', 'request.read', { requestId })).state).toBe('refused');
    expect(await invitations('waits@example.org')).toEqual([]);
  });
});

describe('my team', () => {
  const list = async (who: Who, depth: 'direct' | 'all' = 'direct') =>
    (await world.as(who, 'report.list', { depth })).items;

  it('is who reports to me at this moment, with what they have', async () => {
    const [leader, middle, low] = [await newcomer('acme'), await newcomer(), await newcomer()];
    await leads(leader, middle);
    await leads(middle, low);
    await world.as('acmeManager', 'assignment.grant', {
      membershipIds: [member(low)],
      entitlementIds: [world.entitlements.partsBuyer],
      until: new Date((await databaseNow(world.db)).getTime() + 20 * 86_400_000).toISOString(),
    });
    await passTime(world.db, 11);
    expect((await list(leader)).map(({ membershipId }) => membershipId)).toEqual([member(middle)]);
    const all = await list(leader, 'all');
    expect(all.map(({ membershipId, direct }) => [membershipId, direct]).sort()).toEqual(
      [
        [member(low), false],
        [member(middle), true],
      ].sort(),
    );
    expect(all.find(({ membershipId }) => membershipId === member(low))).toMatchObject({
      accessCount: 1,
      endsSoon: [{ name: 'buyer', applicationName: 'parts' }],
    });
    const { access } = await world.as(leader, 'report.read', { membershipId: member(low) });
    expect(access).toMatchObject([{ entitlementName: 'buyer', mayExtend: true, mayEnd: true }]);
    const asked = await world.as(leader, 'extension.ask', { assignmentId: access[0]!.assignmentId });
    expect(asked).toMatchObject({ forSomebodyElse: true, mine: true });
    expect(
      (await world.as(leader, 'request.catalogue', { membershipId: member(low) })).items.map(
        ({ name }) => name,
      ),
    ).toContain('viewer');
    // The same second that the line changes, nothing of it is theirs to see or ask any more.
    await leads('northManager', middle);
    expect(await list(leader, 'all')).toEqual([]);
    await expect(world.as(leader, 'report.read', { membershipId: member(low) })).rejects.toEqual(
      refusal('not-found'),
    );
    await expect(world.as(leader, 'ending.ask', { assignmentId: access[0]!.assignmentId })).rejects.toEqual(
      refusal('not-found'),
    );
    await expect(
      world.as(leader, 'request.create', {
        membershipId: member(low),
        entitlementId: world.entitlements.partsViewer,
      }),
    ).rejects.toEqual(refusal('not-found'));
  });

  it('says which kinds of things one can ask for', async () => {
    const who = await newcomer();
    const kinds = async () => (await world.as(who, 'request.kinds', {})).kinds;
    expect(await kinds()).toEqual(['access', 'extension', 'ending', 'organization', 'delegation']);
    await leads(who, await newcomer());
    expect(await kinds()).toContain('account');
  });
});
