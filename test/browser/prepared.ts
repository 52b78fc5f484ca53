import { sql } from 'kysely';
import { demoPassword, demoPeople } from '../../demo/people.ts';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { newId } from '../../src/platform/ids.ts';
import { makeLinkSecret } from '../../src/platform/one-time-secrets.ts';
import { Visitor } from '../harness/visitor.ts';
import type { Stage, Tab } from './stage.ts';

/** Somebody of the demo who calls the API: what stands on the pages is prepared so, and looked at in a browser. */
export async function caller(stage: Stage, name: keyof typeof demoPeople): Promise<Visitor> {
  const visitor = new Visitor(stage.url);
  await visitor.call('session.create', { email: demoPeople[name].email, password: demoPassword });
  return visitor;
}

export type Who = keyof typeof demoPeople | 'stranger';

/** One browser a person, signed in once. */
export function tabsOf(stage: Stage): (who: Who) => Promise<Tab> {
  const tabs = new Map<Who, Tab>();
  return async (who) => {
    const known = tabs.get(who);
    if (known) return known;
    const tab = await stage.tab({ reducedMotion: 'reduce' });
    if (who !== 'stranger') await tab.signIn(demoPeople[who].email);
    tabs.set(who, tab);
    return tab;
  };
}

/** The demo with something on every page, and where it stands. */
export type Prepared = Awaited<ReturnType<typeof prepare>>;

export async function prepare(stage: Stage) {
  const [petra, mara, bea, sam] = await Promise.all(
    (['petra', 'mara', 'bea', 'sam'] as const).map((name) => caller(stage, name)),
  );
  const place = async (name: string): Promise<string> =>
    (await petra!.call('organization.list', { search: name })).items.find((one) => one.name === name)!.id;
  const bright = (await bea!.call('organization.list', {})).items[0]!.id;
  const membership = async (who: Visitor, search: string): Promise<string> =>
    (await who.call('user.list', { search })).items[0]!.membershipId;
  const acme = await place('Acme Solar');
  const application = (await petra!.call('application.list', { search: 'Parts' })).items[0]!;

  // Somebody who asks, and somebody with a time and an access of their own.
  const offers = (await sam!.call('request.catalogue', {})).items;
  const author = offers.find(({ name }) => name === 'Author')!;
  const { requestId: request } = await sam!.call('request.create', {
    entitlementId: author.id,
    reason: 'I write the reports of the north.',
  });
  await mara!.call('assignment.grant', {
    membershipIds: [await membership(mara!, 'Sam Sparks')],
    entitlementIds: [application.roles.find(({ key }) => key === 'buyer')!.entitlementId],
    accessRoleIds: [],
  });
  await mara!.call('attribute.define', {
    organizationId: acme,
    key: 'badge',
    label: 'Badge number',
    kind: 'text',
  });
  await petra!.call('client.create', {
    organizationId: await place('Lumen Energy'),
    name: 'Reports',
    permissions: ['user.read'],
  });
  await mara!.call('client.create', {
    organizationId: acme,
    name: 'Payroll feed',
    permissions: ['user.read'],
  });

  const { id: feed } = await mara!.call('client.create', {
    organizationId: acme,
    name: 'Directory of head office',
    permissions: ['organization.read', 'user.read', 'membership.update'],
    feed: true,
  });

  // Not switched on: nothing is read.
  const { sourceId: source } = await mara!.call('source.create', {
    organizationId: acme,
    name: 'Head office',
    make: 'ldap',
    settings: { host: 'ldap.invalid', account: 'cn=remit,dc=example' },
    password: 'a lamp beside the window',
    base: 'ou=people,dc=example',
    objectClass: 'inetOrgPerson',
    columns: { name: 'cn', email: 'mail' },
  });

  // Told of what does not happen here: nothing is called.
  const { id: webhook } = await mara!.call('webhook.create', {
    organizationId: acme,
    name: 'Notice board',
    url: 'https://hooks.invalid/board',
    types: ['organization.closed'],
  });

  await sql`insert into webhook_delivery (id, webhook_id, event_type, organization_id, state, attempts, last_status)
    values (${newId()}, ${webhook}, 'organization.closed', ${acme}, 'failed', 10, 503)`.execute(
    stage.running.services.db,
  );

  // A line manager, and a place that strangers can ask to join.
  await mara!.call('membership.update', {
    membershipId: await membership(mara!, 'Sam Sparks'),
    lineManagerId: await membership(mara!, 'Nils North'),
  });
  await mara!.call('registration.update', {
    organizationId: acme,
    open: true,
    words: 'Fitters only, please.',
  });

  // One invitation in every state it can be in.
  const invite = async (who: Visitor, organizationId: string, email: string, more = {}): Promise<string> => {
    const { results } = await who.call('invitation.create', {
      organizationId,
      people: [{ email, displayName: '' }],
      message: 'Welcome to the crew.',
      ...more,
    });
    return results[0]!.invitationId!;
  };
  const { db } = stage.running.services;
  const link = async (invitationId: string): Promise<string> =>
    `/invitation#${await makeLinkSecret(db, 'invitation', invitationId, 3600)}`;
  const day = "remit_now() - interval '1 day'";
  const open = await link(
    await invite(mara!, acme, 'open@acme-solar.example', {
      manager: { adminRoleId: adminRoleId('delegated-manager'), entitlements: 'same', mayPassOn: 0 },
    }),
  );
  const known = await link(await invite(mara!, acme, 'bea@bright.example'));
  const expiredId = await invite(mara!, acme, 'expired@acme-solar.example');
  const expired = await link(expiredId);
  await sql`update invitation set expires_at = ${sql.raw(day)} where id = ${expiredId}`.execute(db);
  const revokedId = await invite(mara!, acme, 'revoked@acme-solar.example');
  const revoked = await link(revokedId);
  await mara!.call('invitation.revoke', { invitationId: revokedId });
  const accepted = await link(await invite(mara!, acme, 'accepted@acme-solar.example'));
  await new Visitor(stage.url).call('invitation.accept', {
    token: accepted.split('#')[1]!,
    displayName: 'Ada Accepted',
    password: 'a lamp beside the window',
  });
  const tess = await caller(stage, 'tess');
  const { memberships } = (await tess.call('session.read', {})) as {
    memberships: { id: string; organizationName: string }[];
  };
  const tessAtBright = memberships.find(
    ({ organizationName }) => organizationName === 'Bright Installers',
  )!.id;
  const appointed = await bea!.call('delegation.create', {
    organizationId: bright,
    delegate: { membershipId: tessAtBright },
    adminRoleId: adminRoleId('delegated-manager'),
  });
  await tess.call('session.switch', { membershipId: tessAtBright });
  const dead = await link(await invite(tess, bright, 'dead@bright.example'));
  await bea!.call('delegation.end', { delegationId: appointed.id });

  return {
    acme,
    application: application.id,
    sam: await membership(mara!, 'Sam Sparks'),
    nils: await membership(mara!, 'Nils North'),
    mara: await membership(petra!, 'Mara Moss'),
    north: await place('Acme Solar North'),
    bea: await membership(bea!, 'Bea Bright'),
    bright,
    request,
    webhook,
    feed,
    source,
    target: (await petra!.call('target.list', {})).items[0]!.id,
    /** a delegation that has ended, with its receipt */
    ended: appointed.id,
    /** addresses of the page behind an invitation's link, by what became of it */
    invitations: { open, known, expired, revoked, accepted, dead },
  };
}
