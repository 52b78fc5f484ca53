import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { demoApplications } from '../../demo/applications.ts';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { passTime } from '../../src/platform/clock.ts';
import { linkSecret } from '../harness/mailbox.ts';
import { Refused, Visitor } from '../harness/visitor.ts';
import { type Stage, startStage } from './running.ts';

/**
 * The main job end to end, over the public API and real mail: what the browser story does by hand. One test a step,
 * in order, on one instance.
 */
let stage: Stage;
let owner: Visitor;
let petra: Visitor;
let mara: Visitor;
let nils: Visitor;
let sam: Visitor;
const password = 'a long enough password';
const ids = {} as Record<string, string>;
const later = (seconds: number) => passTime(stage.database.db, seconds);
const visitor = () => new Visitor(stage.url);
const refused = async (attempt: Promise<unknown>): Promise<Refused> => {
  const error = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Refused);
  return error as Refused;
};

async function membershipOf(person: Visitor): Promise<string> {
  const session = await person.call('session.read', {});
  if (!session.signedIn) throw new Error('not signed in');
  return session.membership.id;
}

/** The secret of the newest mail; what leaves the building waits ten seconds, so time passes first (ruling 12). */
async function mailedSecret(address: string, subject: RegExp): Promise<string> {
  await later(11);
  return linkSecret(await stage.mailbox.mailTo(address, subject));
}

async function accept(address: string, subject: RegExp, name?: string): Promise<Visitor> {
  const token = await mailedSecret(address, subject);
  const guest = visitor();
  const shown = await guest.call('invitation.look-up', { token });
  expect(shown).toMatchObject({ state: 'open', email: address, step: 'password' });
  await guest.call('invitation.accept', { token, password, ...(name ? { displayName: name } : {}) });
  return guest;
}

beforeAll(async () => {
  stage = await startStage();
}, 60_000);
afterAll(() => stage?.close());

it('1. an empty instance makes its owner through a link that only the operator reads', async () => {
  const token = readFileSync(join(stage.dataDir, 'set-up-link.txt'), 'utf8').trim().split('#')[1]!;
  owner = visitor();
  const made = await owner.call('setup.complete', {
    token,
    organizationName: 'Lumen Energy',
    displayName: 'Olga Ortiz',
    email: 'olga@lumen.example',
    password,
    timeZone: 'Europe/Amsterdam',
  });
  ids.root = made.organizationId;
  expect(
    (
      await refused(
        visitor().call('setup.complete', {
          token,
          organizationName: 'Other',
          displayName: 'X',
          email: 'x@x.example',
          password,
        }),
      )
    ).status,
  ).toBe(422);
  await owner.call('invitation.create', {
    organizationId: ids.root,
    people: [{ email: 'petra@lumen.example', displayName: 'Petra Power' }],
    manager: { adminRoleId: adminRoleId('power-user'), mayPassOn: 'same' },
  });
  petra = await accept('petra@lumen.example', /invite/i);
});

it('2. the power user registers applications, bundles roles, and onboards a partner with its first manager', async () => {
  for (const { key, name, description, roles } of demoApplications) {
    const url = stage.applications[key]!;
    const made = await petra.call('application.register', {
      organizationId: ids.root!,
      key,
      name,
      description,
      homeUrl: url,
      redirectUris: [`${url}/callback`],
      postLogoutRedirectUris: [`${url}/`],
      roles: [...roles],
    });
    ids[key] = made.id;
    for (const role of made.roles) ids[`${key}/${role.key}`] = role.entitlementId;
  }
  const crew = await petra.call('access-role.create', {
    organizationId: ids.root!,
    name: 'Field crew',
    entitlementIds: [ids['parts-desk/buyer']!, ids['field-notes/reader']!],
  });
  ids.crew = crew.id;
  const partner = await petra.call('partner.onboard', {
    name: 'Acme Solar',
    managerName: 'Mara Moss',
    managerEmail: 'mara@acme.example',
  });
  ids.acme = partner.organizationId;
  ids.standing = partner.delegationId;
  await petra.call('assignment.grant', {
    organizationId: ids.acme,
    entitlementIds: [ids['parts-desk/viewer']!],
  });
  const other = await petra.call('partner.onboard', {
    name: 'Bright Installers',
    managerName: 'Bea Bright',
    managerEmail: 'bea@bright.example',
  });
  ids.bright = other.organizationId;
});

it('3. the manager gets a mail, sets a password, and sees their own organization and nothing else', async () => {
  mara = await accept('mara@acme.example', /manager|invite/i);
  const { items } = await mara.call('organization.list', {});
  expect(items.map(({ name }) => name)).toEqual(['Acme Solar']);
  expect((await refused(mara.call('organization.read', { organizationId: ids.bright! }))).status).toBe(404);
  expect((await refused(mara.call('organization.read', { organizationId: ids.root! }))).status).toBe(404);
  const mine = await mara.call('delegation.mine', {});
  expect(mine.mayDo).toContain('invite people');
  expect(mine.received[0]!.sentence).toMatch(
    /You may act as manager for Acme Solar and everything below it, handing out .*Parts Desk/,
  );
});

it('4. the manager invites one and fifty, enrols, makes a sub-organization and its manager, gives access', async () => {
  const north = await mara.call('organization.create', { parentId: ids.acme!, name: 'Acme North' });
  ids.north = north.id;
  await mara.call('invitation.create', {
    organizationId: ids.north,
    people: [{ email: 'nils@acme.example', displayName: 'Nils North' }],
    manager: { entitlements: { applicationIds: [ids['parts-desk']!] }, mayPassOn: 0 },
  });
  nils = await accept('nils@acme.example', /manager|invite/i);
  expect(
    (
      await refused(
        mara.call('invitation.create', {
          organizationId: ids.bright!,
          people: [{ email: 'x@acme.example' }],
        }),
      )
    ).status,
  ).toBe(404);

  const text = Array.from({ length: 50 }, (_, n) => `Person ${n} <person${n}@acme.example>`).join('\n');
  const checked = await mara.call('invitation.check', {
    organizationId: ids.acme!,
    text: `${text}\nnot an address\nmara@acme.example`,
  });
  expect(checked.counts['will-invite']).toBe(50);
  const people = checked.people
    .filter(({ verdict }) => verdict === 'will-invite')
    .map(({ email, name }) => ({ email: email!, displayName: name ?? '' }));
  const sent = await mara.call('invitation.create', { organizationId: ids.acme!, people });
  expect(sent.results.every(({ ok }) => ok)).toBe(true);

  const enrolled = await mara.call('user.enrol', {
    organizationId: ids.north,
    userName: 'tessa',
    displayName: 'Tessa Torque',
  });
  const tessa = visitor();
  await tessa.call('code.redeem', {
    organization: 'Acme North',
    userName: 'tessa',
    code: enrolled.code,
    password,
  });
  expect(
    (
      await refused(
        visitor().call('code.redeem', {
          organization: 'Acme North',
          userName: 'tessa',
          code: enrolled.code,
          password,
        }),
      )
    ).status,
  ).toBeGreaterThanOrEqual(400);

  await nils.call('invitation.create', {
    organizationId: ids.north,
    people: [{ email: 'sam@acme.example', displayName: 'Sam Sparks' }],
  });
  sam = await accept('sam@acme.example', /invite/i);
  ids.samMembership = await membershipOf(sam);
  const given = await nils.call('assignment.grant', {
    membershipIds: [ids.samMembership, enrolled.membershipId],
    entitlementIds: [ids['parts-desk/buyer']!],
  });
  expect(given.results.map(({ ok }) => ok)).toEqual([true, true]);
  const tooMuch = await refused(
    nils.call('assignment.grant', {
      membershipIds: [ids.samMembership],
      entitlementIds: [ids['field-notes/author']!],
    }),
  );
  // Access that Nils may neither hand out nor see answers as access that does not exist (I08).
  expect(tooMuch.status).toBe(404);

  await nils.call('credential.recover', { membershipId: ids.samMembership });
  await stage.mailbox.mailTo('sam@acme.example', /password|sign/i);
  expect((await mara.call('invitation.list', { organizationId: ids.acme! })).items.length).toBe(50);
  expect(await mara.call('user.export', { organizationId: ids.acme! })).toContain('Tessa Torque');
});

it('5. a person signs on once to both applications, asks for a role, and has it after one approval', async () => {
  await later(11);
  const parts = await sam.open(`${stage.applications['parts-desk']}/sign-in`);
  expect(parts.status).toBe(200);
  expect(parts.text).toContain('Sam Sparks');
  expect(parts.text).toContain('Acme North');
  expect(parts.text).toMatch(/buyer/);
  expect(parts.text).toMatch(/viewer/);
  const notes = await sam.open(`${stage.applications['field-notes']}/sign-in`);
  expect(notes.text).toContain('Sam Sparks');
  expect(notes.text).not.toMatch(/reader/);

  const catalogue = await sam.call('request.catalogue', {});
  expect(JSON.stringify(catalogue)).toContain('Field Notes');
  const asked = await sam.call('request.create', {
    entitlementId: ids['field-notes/reader']!,
    reason: 'I read the reports of my sites.',
  });
  expect((await sam.call('request.create', { entitlementId: ids['field-notes/reader']! })).requestId).toBe(
    asked.requestId,
  );
  expect(
    (await refused(sam.call('request.decide', { requestId: asked.requestId, approve: true }))).status,
  ).toBeGreaterThanOrEqual(403);
  const inbox = await mara.call('request.list', { box: 'inbox' });
  expect(inbox.items.map(({ requestId }) => requestId)).toEqual([asked.requestId]);
  await mara.call('request.decide', { requestId: asked.requestId, approve: true });
  await later(11);
  const again = await sam.open(`${stage.applications['field-notes']}/refresh`, 'POST');
  expect(again.text).toMatch(/reader/);
});

it('5b. somebody who belongs to two organizations has one sign-in, and rights do not mix', async () => {
  const bea = await accept('bea@bright.example', /manager|invite/i);
  await bea.call('invitation.create', {
    organizationId: ids.bright!,
    people: [{ email: 'sam@acme.example', displayName: 'Sam' }],
  });
  const token = await mailedSecret('sam@acme.example', /Bright/);
  expect((await visitor().call('invitation.look-up', { token })).step).toBe('sign-in');
  const joined = await sam.call('invitation.accept', { token });
  expect((await refused(sam.call('invitation.accept', { token }))).status).toBe(410);
  await sam.call('session.switch', { membershipId: joined.membershipId });
  const bright = await sam.open(`${stage.applications['parts-desk']}/sign-in`);
  expect(bright.text).toContain('Bright Installers');
  expect(bright.text).not.toMatch(/buyer/);
  await sam.call('session.switch', { membershipId: ids.samMembership! });
});

it('6. a manager leaves and nobody below loses anything; then the power user narrows, and ends', async () => {
  await mara
    .call('invitation.create', {
      organizationId: ids.acme!,
      people: [{ email: 'paul@acme.example', displayName: 'Paul Peer' }],
      manager: { mayPassOn: 0 },
    })
    .catch(() => undefined);
  const invited = await petra.call('invitation.create', {
    organizationId: ids.acme!,
    people: [{ email: 'peer@acme.example', displayName: 'Peer Prince' }],
    manager: { mayPassOn: 2 },
  });
  expect(invited.results[0]!.ok).toBe(true);
  const peer = await accept('peer@acme.example', /manager|invite/i);
  const south = await peer.call('organization.create', { parentId: ids.acme!, name: 'Acme South' });
  await peer.call('invitation.create', {
    organizationId: south.id,
    people: [{ email: 'sue@acme.example', displayName: 'Sue South' }],
    manager: {},
  });
  const sue = await accept('sue@acme.example', /manager|invite/i);
  const peerMembership = await membershipOf(peer);

  const preview = await mara.call('membership.end-preview', { membershipId: peerMembership });
  expect(JSON.stringify(preview)).toContain('Mara Moss');
  await mara.call('membership.end', { membershipId: peerMembership });
  expect((await refused(peer.call('user.count', {}))).status).toBeGreaterThanOrEqual(401);
  expect((await sue.call('user.list', {})).items.map(({ displayName }) => displayName)).toEqual([
    'Sue South',
  ]);
  const { items } = await mara.call('delegation.vacant', {});
  expect(items.map(({ below }) => below)).toEqual([1]);
  const maraMembership = await membershipOf(mara);
  const handed = await mara.call('delegation.hand-over', {
    delegationId: items[0]!.delegation.id,
    membershipId: maraMembership,
  });
  expect(handed.moved).toBe(1);
  expect((await sue.call('user.list', {})).items).toHaveLength(1);

  await petra.call('delegation.narrow', {
    delegationId: ids.standing!,
    entitlements: { applicationIds: [ids['parts-desk']!] },
  });
  const narrowed = await sam.open(`${stage.applications['field-notes']}/refresh`, 'POST');
  expect(narrowed.text).not.toMatch(/reader/);

  await mara.call('invitation.create', {
    organizationId: ids.acme!,
    people: [{ email: 'late@acme.example', displayName: 'Late Lou' }],
  });
  const late = await mailedSecret('late@acme.example', /invite/i);
  await petra.call('delegation.end', { delegationId: ids.standing! });
  expect((await refused(mara.call('organization.read', { organizationId: ids.acme! }))).status).toBe(404);
  expect(
    (await refused(nils.call('user.enrol', { organizationId: ids.north!, userName: 'x1', displayName: 'X' })))
      .status,
  ).toBe(404);
  expect((await visitor().call('invitation.look-up', { token: late })).state).toBe('dead');
  expect((await refused(visitor().call('invitation.accept', { token: late, password }))).problem.code).toBe(
    'invitation.dead',
  );
  const why = await mara.call('decision.explain', { permission: 'user.invite', organizationId: ids.acme! });
  expect(why).toMatchObject({ effect: 'deny' });
  expect(why.sentence).toMatch(/What Acme Solar may hand out was ended on/);
  expect(why.sentence).not.toContain('Petra');
  const ended = await sam.open(`${stage.applications['parts-desk']}/refresh`, 'POST');
  expect(ended.text).not.toMatch(/buyer/);
});

it('7. every step stands in the trail: who, for whom, under which delegations, what changed', async () => {
  const all = await petra.call('event.list', { organizationId: ids.acme!, limit: 200 });
  const types = new Set(all.items.map(({ type }) => type));
  for (const type of [
    'organization.created',
    'delegation.created',
    'invitation.created',
    'invitation.accepted',
    'membership.created',
    'assignment.given',
    'request.created',
    'membership.ended',
    'delegation.handed-over',
    'delegation.narrowed',
    'delegation.ended',
  ])
    expect(types, type).toContain(type);
  const given = all.items.find(
    ({ type, actor, subject }) =>
      type === 'assignment.given' && actor.name === 'Nils North' && subject?.name === 'Sam Sparks',
  )!;
  expect(given.delegations.length).toBeGreaterThanOrEqual(3);
  expect(given.after).toBeTruthy();
  expect((await refused(mara.call('event.list', {}))).status).toBe(403);
});
