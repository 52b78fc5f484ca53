import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Target } from '../../src/authority/delegation.ts';
import { holders } from '../../src/authority/holders.ts';
import { loadFacts } from '../../src/authority/load-facts.ts';
import { adminRoleId, type Permission } from '../../src/authority/permissions.ts';
import { dominates, loadPower } from '../../src/authority/power.ts';
import { run } from '../../src/operation/pipeline.ts';
import { passTime } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { type Input, operations } from '../../src/server/operations.gen.ts';
import { makeWorld, type OrganizationName, type PersonName, type World } from '../harness/world.ts';

/** What nobody may do here, whatever was delegated: a deny on every path (I13), and never against those above. */
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const at = (name: OrganizationName) => world.organizations[name].id;
const member = (name: PersonName) => world.people[name].membershipId;
const refused = (code: string) => expect.objectContaining({ code });
const set = (by: PersonName, input: Input<'exception.create'>) => world.as(by, 'exception.create', input);
const lift = (by: PersonName, exceptionId: string) => world.as(by, 'exception.lift', { exceptionId });
const may = async (person: PersonName, permission: Permission, place: OrganizationName) =>
  (await world.as(person, 'decision.explain', { permission, organizationId: at(place) })).effect;
/** The other manager of acme stands beside: with both there, neither binds the other. */
const leaveAlone = () =>
  sql`update delegation set state = 'ended', ended_at = remit_now() where id = ${world.delegations.acmePeer}`.execute(
    world.db,
  );
const names = async (person: PersonName) =>
  (await world.as(person, 'user.list', { limit: 100 })).items.map(({ displayName }) => displayName);

describe('set from above, it is a deny on every path (I13)', () => {
  it('to decide, with the reason and nobody named', async () => {
    await set('owner', { organizationId: at('acme'), permissions: ['user.invite'], reason: 'audit' });
    expect(await may('acmeManager', 'user.invite', 'acmeSouth')).toBe('deny');
    expect(await may('northManager', 'user.invite', 'acmeNorth')).toBe('deny');
    expect(await may('acmeManager', 'user.enrol', 'acmeSouth')).toBe('permit');
    expect(await may('acme2Manager', 'user.invite', 'acme2')).toBe('permit');
    expect(await may('owner', 'user.invite', 'acme')).toBe('permit');
    expect(await may('secondOwner', 'user.invite', 'acme')).toBe('permit');
    await expect(
      world.as('acmeManager', 'invitation.create', {
        organizationId: at('acmeSouth'),
        people: [{ email: 'new@example.org' }],
      }),
    ).rejects.toEqual(refused('not-permitted'));
  });

  it('to lists, counts, search and export', async () => {
    const before = await names('acmeManager');
    expect(before).toContain('northMember');
    await set('owner', { organizationId: at('acmeNorth'), permissions: ['user.read'] });
    const after = await names('acmeManager');
    expect(after).toEqual(before.filter((name) => !/^(north|site)/.test(name)));
    expect((await world.as('acmeManager', 'user.count', { organizationId: at('acme') })).count).toBe(
      after.length,
    );
    expect((await world.as('acmeManager', 'user.list', { search: 'northMember' })).items).toEqual([]);
    expect(await world.as('acmeManager', 'user.export', { organizationId: at('acme') })).not.toContain(
      'northMember',
    );
    await expect(
      world.as('acmeManager', 'membership.read', { membershipId: member('northMember') }),
    ).rejects.toEqual(refused('not-found'));
    expect(await names('owner')).toContain('northMember');
  });

  it('to a person in lists, alone', async () => {
    const before = await names('acmeManager');
    await set('owner', {
      organizationId: at('acme'),
      membershipId: member('southMember'),
      permissions: ['user.read'],
    });
    expect(await names('acmeManager')).toEqual(before.filter((name) => name !== 'southMember'));
  });

  it('to bulk, row by row, and to one application or role', async () => {
    await set('owner', { organizationId: at('acmeSouth'), entitlementId: world.entitlements.partsBuyer });
    const give = async (entitlementId: string) =>
      (
        await world.as('acmeManager', 'assignment.grant', {
          membershipIds: [member('southMember'), member('acmeMember')],
          entitlementIds: [entitlementId],
          accessRoleIds: [],
        })
      ).results.map(({ ok }) => ok);
    expect(await give(world.entitlements.partsBuyer)).toEqual([false, true]);
    expect(await give(world.entitlements.partsViewer)).toEqual([true, true]);
    await set('owner', { organizationId: at('acmeSouth'), applicationId: world.applications.notes });
    expect(await give(world.entitlements.notesReader)).toEqual([false, true]);
    // And to everybody below at once: the exception further down is in the way.
    await expect(
      world.as('acmeManager', 'assignment.grant', {
        organizationId: at('acme'),
        entitlementIds: [world.entitlements.notesReader],
        accessRoleIds: [],
      }),
    ).rejects.toEqual(refused('not-permitted'));
  });

  it('to an invitation that was sent before, when it is accepted', async () => {
    const { makeLinkSecret } = await import('../../src/platform/one-time-secrets.ts');
    const sent = await world.as('acmeManager', 'invitation.create', {
      organizationId: at('acmeSouth'),
      people: [{ email: 'new@example.org' }],
    });
    const invitationId = sent.results[0]!.invitationId!;
    await set('owner', { organizationId: at('acmeSouth'), permissions: ['user.invite'] });
    const token = await makeLinkSecret(world.db, 'invitation', invitationId, 3600);
    const accept = () =>
      run(world.services, operations['invitation.accept'], {
        credential: { kind: 'none' },
        input: { token, displayName: 'New', password: 'a long enough sentence' },
        requestId: 'test',
      });
    await expect(accept()).rejects.toEqual(refused('invitation.dead'));
    expect(await sql`select 1 from app_user where email = 'new@example.org'`.execute(world.db)).toMatchObject(
      {
        rows: [],
      },
    );
  });

  it('to the approval of a request', async () => {
    const asked = await world.as('southMember', 'request.create', {
      entitlementId: world.entitlements.partsViewer,
      reason: 'work',
    });
    const exception = await set('owner', {
      organizationId: at('acmeSouth'),
      applicationId: world.applications.parts,
      permissions: ['request.decide'],
    });
    const approve = () =>
      world.as('acmeManager', 'request.decide', { requestId: asked.requestId, approve: true });
    await expect(approve()).rejects.toMatchObject({ kind: expect.stringMatching(/forbidden|absent/) });
    await lift('owner', exception.id);
    expect((await approve()).state).toBe('approved');
  });

  it('to an API key', async () => {
    const { key } = await world.as('acmeManager', 'client.create', {
      organizationId: at('acmeSouth'),
      name: 'feed',
      permissions: ['user.read', 'user.invite'],
    });
    const list = () =>
      run(world.services, operations['user.list'], {
        credential: { kind: 'key', keyHash: createHash('sha256').update(key).digest() },
        input: {},
        requestId: 'test',
      });
    expect((await list()).output).toMatchObject({ items: [{ displayName: 'southMember' }] });
    await set('owner', { organizationId: at('acmeSouth'), permissions: ['user.read'] });
    await expect(list()).rejects.toEqual(refused('not-permitted'));
  });

  it('to what is held through a relation', async () => {
    await world.as('owner', 'delegation.create', {
      organizationId: at('acme'),
      delegate: { relation: 'members', organizationId: at('acme') },
      whereRelation: true,
      adminRoleId: adminRoleId('help-desk'),
    });
    expect(await names('siteMember')).toEqual(['siteMember']);
    await set('owner', { organizationId: at('acmeNorthSite'), permissions: ['user.read'] });
    await expect(names('siteMember')).rejects.toEqual(refused('not-permitted'));
    expect(await names('southMember')).toEqual(['southMember']);
  });

  it('to a deputy', async () => {
    await sql`
      insert into delegation (id, kind, chain, giver_user_id, giver_membership_id, delegate_kind, delegate_user_id, delegate_membership_id,
        permissions, scope, place_paths, entitlements, may_pass_on)
      values (${newId()}, 'approve', '{}', ${world.people.acmeManager.userId}, ${member('acmeManager')}, 'user', ${world.people.acmeMember.userId},
        ${member('acmeMember')}, '{request.decide}', ${JSON.stringify([{ places: [{ ...world.organizations.acme, below: true }] }])}::jsonb,
        '{r.1}', '{"all":true}', 0)`.execute(world.db);
    const asked = await world.as('southMember', 'request.create', {
      entitlementId: world.entitlements.partsViewer,
      reason: 'work',
    });
    const exception = await set('owner', {
      organizationId: at('acmeSouth'),
      permissions: ['request.decide'],
    });
    const decide = () =>
      world.as('acmeMember', 'request.decide', { requestId: asked.requestId, approve: true });
    await expect(decide()).rejects.toMatchObject({ kind: expect.stringMatching(/forbidden|absent/) });
    const target: Target = {
      kind: 'organization',
      id: at('acmeSouth'),
      organizationId: at('acmeSouth'),
      path: 'r.1.2',
      off: false,
    };
    const able = async () =>
      (await holders(world.db, 'request.decide', target)).map(({ displayName }) => displayName).sort();
    expect(await able()).toEqual(['owner', 'secondOwner']);
    await lift('owner', exception.id);
    expect(await able()).toEqual(expect.arrayContaining(['acmeManager', 'acmeMember']));
    expect((await decide()).state).toBe('approved');
  });

  it('to taking over an account whose owner is free of it (I12)', async () => {
    const power = async () =>
      dominates(
        await loadFacts(world.db, { kind: 'membership', membershipId: member('acmeManager') }),
        await loadPower(world.db, world.people.northManager.userId),
      );
    expect(await power()).toBe(true);
    // Set under the north's own link: the manager above it stays free, whoever stands beside it is bound.
    await leaveAlone();
    const made = await set('northManager', {
      organizationId: at('acmeNorthSite'),
      permissions: ['user.enrol'],
    });
    expect(await power()).toBe(true);
    await sql`update delegation set state = 'active', ended_at = null where id = ${world.delegations.acmePeer}`.execute(
      world.db,
    );
    // Whoever came back beside is bound, while the north is free: the north then has something that they have not.
    const peer = async () =>
      dominates(
        await loadFacts(world.db, { kind: 'membership', membershipId: member('acmePeer') }),
        await loadPower(world.db, world.people.northManager.userId),
      );
    expect(await peer()).toBe(false);
    expect(await power()).toBe(true);
    await lift('acmeManager', made.id);
    expect(await peer()).toBe(true);
    await world.as('owner', 'exception.create', {
      organizationId: at('acmeNorth'),
      permissions: ['credential.reset'],
    });
    await expect(
      world.as('acmeManager', 'credential.reset', { membershipId: member('northMember') }),
    ).rejects.toEqual(refused('not-permitted'));
  });

  it('of everything, leaves the place to those above only', async () => {
    await set('owner', { organizationId: at('acmeNorth') });
    await expect(names('northManager')).rejects.toMatchObject({
      code: 'not-permitted',
      message: expect.stringContaining('An exception from above'),
    });
    await expect(
      world.as('acmeManager', 'organization.read', { organizationId: at('acmeNorth') }),
    ).rejects.toEqual(refused('not-found'));
    expect((await world.as('secondOwner', 'organization.read', { organizationId: at('acmeNorth') })).id).toBe(
      at('acmeNorth'),
    );
  });

  it('from and until, by database time', async () => {
    const day = 86_400_000;
    const iso = (time: number) => new Date(time).toISOString();
    await set('owner', {
      organizationId: at('acme'),
      permissions: ['user.invite'],
      from: iso(Date.now() + day),
      until: iso(Date.now() + 2 * day),
    });
    expect(await may('acmeManager', 'user.invite', 'acme')).toBe('permit');
    await passTime(world.db, 90_000);
    expect(await may('acmeManager', 'user.invite', 'acme')).toBe('deny');
    await passTime(world.db, 90_000);
    expect(await may('acmeManager', 'user.invite', 'acme')).toBe('permit');
    const listed = async (lifted: boolean) =>
      (await world.as('owner', 'exception.list', { organizationId: at('acme'), lifted })).items.map(
        ({ state }) => state,
      );
    expect(await listed(false)).toEqual([]);
    expect(await listed(true)).toEqual(['over']);
  });
});

describe('setting one', () => {
  it('is for those below, and leaves who set it free', async () => {
    await leaveAlone();
    await set('northManager', { organizationId: at('acmeNorthSite'), permissions: ['membership.end'] });
    expect(await may('northManager', 'membership.end', 'acmeNorthSite')).toBe('permit');
    expect(await may('acmeManager', 'membership.end', 'acmeNorthSite')).toBe('permit');
  });

  it('never binds a peer or somebody above', async () => {
    // The peer stands beside in acme, help desk and application manager, too; the auditor above.
    await expect(
      set('acmeManager', { organizationId: at('acmeSouth'), permissions: ['user.invite'] }),
    ).rejects.toEqual(refused('exception.above'));
    await expect(set('acmeManager', { organizationId: at('acmeSouth') })).rejects.toEqual(
      refused('exception.above'),
    );
    await leaveAlone();
    await expect(
      set('acmeManager', { organizationId: at('acmeSouth'), permissions: ['audit.read'] }),
    ).rejects.toEqual(refused('exception.above'));
    const made = await set('acmeManager', { organizationId: at('acmeNorth'), permissions: ['user.invite'] });
    expect(await may('northManager', 'user.invite', 'acmeNorth')).toBe('deny');
    expect(await may('acmeManager', 'user.invite', 'acmeNorth')).toBe('permit');
    expect(await may('owner', 'user.invite', 'acmeNorth')).toBe('permit');
    expect(made).toMatchObject({ setBy: 'acmeManager', mayLift: true, permissionWords: ['invite people'] });
  });

  it('is not aimed at oneself or at somebody above', async () => {
    const aim = (by: PersonName, person: PersonName, organizationId = at('acme')) =>
      set(by, { organizationId, membershipId: member(person), permissions: ['membership.end'] });
    await expect(aim('acmeManager', 'acmeManager')).rejects.toEqual(refused('user.self'));
    await expect(aim('northManager', 'acmeManager', at('acmeNorth'))).rejects.toEqual(refused('not-found'));
    await expect(aim('acmeManager', 'northMember', at('acmeSouth'))).rejects.toEqual(
      refused('exception.elsewhere'),
    );
    await expect(aim('owner', 'secondOwner', at('root'))).rejects.toEqual(refused('exception.above'));
    await expect(aim('owner', 'acmeMember')).resolves.toMatchObject({ person: { name: 'acmeMember' } });
  });

  it('needs the right all over the place, in one chain', async () => {
    const own = { permissions: ['user.invite'] } as const;
    for (const place of ['beta', 'root', 'acme2'] as const)
      await expect(
        set('acmeManager', { organizationId: at(place), permissions: [...own.permissions] }),
      ).rejects.toEqual(refused('not-found'));
    await expect(
      set('acmeHelpDesk', { organizationId: at('acmeSouth'), permissions: [...own.permissions] }),
    ).rejects.toEqual(refused('not-permitted'));
    // A hole further down is in the way of "and those below".
    await sql`update delegation set scope = ${JSON.stringify([
      {
        places: [{ ...world.organizations.acme, below: true }],
        holes: [{ ...world.organizations.acmeNorthSite, below: true }],
      },
    ])}::jsonb where id = ${world.delegations.acmeManager}`.execute(world.db);
    await expect(
      set('acmeManager', { organizationId: at('acmeNorth'), permissions: ['delegation.end'] }),
    ).rejects.toEqual(refused('not-permitted'));
    await expect(
      set('acmeManager', { organizationId: at('acmeNorth'), entitlementId: world.entitlements.ledgerClerk }),
    ).rejects.toEqual(refused('not-found'));
    await expect(
      set('acmeManager', { organizationId: at('acmeNorth'), applicationId: world.applications.ledger }),
    ).rejects.toEqual(refused('not-found'));
  });

  it('is one event with the whole row, and the reason outside of it', async () => {
    const made = await set('owner', {
      organizationId: at('acme'),
      permissions: ['user.invite'],
      membershipId: member('acmeMember'),
      reason: 'because of Ann',
    });
    await lift('owner', made.id);
    await lift('owner', made.id);
    const { rows } = await sql<{
      type: string;
      subject_id: string;
      before: object | null;
      after: Record<string, unknown>;
      personal: object | null;
      delegations: string[];
    }>`select type, subject_id, before, after, personal, delegations from event where target_id = ${made.id} order by position`.execute(
      world.db,
    );
    expect(rows).toMatchObject([
      {
        type: 'exception.created',
        subject_id: world.people.acmeMember.userId,
        before: null,
        after: {
          state: 'active',
          set_under: world.delegations.owner,
          permissions: ['user.invite'],
          path: 'r.1',
        },
        personal: { reason: 'because of Ann' },
        delegations: [world.delegations.owner, world.delegations.rootRow],
      },
      { type: 'exception.lifted', before: { state: 'active' }, after: { state: 'lifted' } },
    ]);
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows.map(({ after, before }) => [after, before]))).not.toContain('Ann');
  });
});

describe('lifting one (ruling 4)', () => {
  it('is for holders of the link it was set under, and above', async () => {
    const made = await set('owner', { organizationId: at('acme'), permissions: ['membership.end'] });
    await expect(lift('acmeManager', made.id)).rejects.toEqual(refused('exception.from-above'));
    await expect(lift('acmeHelpDesk', made.id)).rejects.toMatchObject({
      kind: expect.stringMatching(/forbidden|absent/),
    });
    await expect(lift('acme2Manager', made.id)).rejects.toEqual(refused('not-found'));
    await lift('secondOwner', made.id);
    expect(await may('acmeManager', 'membership.end', 'acme')).toBe('permit');
    await leaveAlone();
    const below = await set('northManager', {
      organizationId: at('acmeNorthSite'),
      permissions: ['user.invite'],
    });
    await sql`update delegation set state = 'active', ended_at = null where id = ${world.delegations.acmePeer}`.execute(
      world.db,
    );
    await expect(lift('acmePeer', below.id)).rejects.toEqual(refused('exception.from-above'));
    await lift('acmeManager', below.id);
  });

  it('needs what it gives back, all over the place', async () => {
    await leaveAlone();
    await sql`update delegation set may_pass_on = 1 where id = ${world.delegations.northManager}`.execute(
      world.db,
    );
    const made = await set('northManager', {
      organizationId: at('acmeNorthSite'),
      permissions: ['user.invite'],
    });
    const narrowed = ['exception.set', 'delegation.create', 'delegation.read', 'organization.read'];
    await sql`update delegation set admin_role_id = null, permissions = ${narrowed} where id = ${world.delegations.northManager}`.execute(
      world.db,
    );
    await expect(lift('northManager', made.id)).rejects.toEqual(refused('exception.from-above'));
    await sql`update delegation set permissions = permissions || '{user.invite}' where id = ${world.delegations.northManager}`.execute(
      world.db,
    );
    await lift('northManager', made.id);
  });

  it('gives nobody back what the lifter does not hold: somebody appointed from above since', async () => {
    await world.as('owner', 'delegation.end', { delegationId: world.delegations.acmePeer });
    for (const person of ['acmeHelpDesk', 'acmeApplicationManager', 'auditor'] as const)
      await sql`update delegation set state = 'ended', ended_at = remit_now() where delegate_membership_id = ${member(person)}`.execute(
        world.db,
      );
    const made = await set('northManager', { organizationId: at('acmeNorthSite') });
    await world.as('owner', 'delegation.create', {
      organizationId: at('acmeNorthSite'),
      delegate: { membershipId: member('betaMember') },
      permissions: ['organization.move', 'organization.read'],
    });
    expect(await may('betaMember', 'organization.move', 'acmeNorthSite')).toBe('deny');
    await expect(lift('northManager', made.id)).rejects.toEqual(refused('exception.from-above'));
    await lift('owner', made.id);
    expect(await may('betaMember', 'organization.move', 'acmeNorthSite')).toBe('permit');
  });
});

describe('the list', () => {
  it('is what one may read there, at the place, above it and below it', async () => {
    const top = await set('owner', { organizationId: at('root'), permissions: ['membership.end'] });
    const acme = await set('owner', {
      organizationId: at('acme'),
      permissions: ['user.enrol'],
      reason: 'why',
    });
    const north = await set('owner', {
      organizationId: at('acmeNorth'),
      below: false,
      permissions: ['user.enrol'],
    });
    const beta = await set('owner', { organizationId: at('beta'), permissions: ['user.enrol'] });
    const listed = async (by: PersonName, place: OrganizationName, below = false) =>
      (await world.as(by, 'exception.list', { organizationId: at(place), below })).items.map(({ id }) => id);
    expect(await listed('owner', 'acme')).toEqual([top.id, acme.id]);
    expect(await listed('owner', 'acme', true)).toEqual([top.id, acme.id, north.id]);
    expect(await listed('owner', 'acmeNorthSite')).toEqual([top.id, acme.id]);
    expect(await listed('acmeManager', 'acmeNorth')).toEqual([acme.id, north.id]);
    expect(await listed('northManager', 'acmeNorth', true)).toEqual([north.id]);
    await expect(listed('acmeManager', 'beta')).rejects.toEqual(refused('not-found'));
    expect(await listed('owner', 'beta')).toEqual([top.id, beta.id]);
    const { items } = await world.as('acmeManager', 'exception.list', { organizationId: at('acme') });
    expect(items[0]).toMatchObject({ setBy: 'a level above', mayLift: false, reason: 'why', person: null });
    const first = await world.as('owner', 'exception.list', {
      organizationId: at('acme'),
      below: true,
      limit: 2,
    });
    const second = await world.as('owner', 'exception.list', {
      organizationId: at('acme'),
      below: true,
      limit: 2,
      cursor: first.next!,
    });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([top.id, acme.id, north.id]);
  });
});

describe('nobody is locked out (I38)', () => {
  it('because owners are bound by nobody’s, not each other’s', async () => {
    await set('owner', { organizationId: at('root') });
    expect(await may('secondOwner', 'exception.set', 'root')).toBe('permit');
    expect((await names('secondOwner')).length).toBeGreaterThan(10);
    // The one who set it leaves; the other one lifts it.
    await sql`insert into credential (user_id, password_hash) values (${world.people.secondOwner.userId}, 'x')`.execute(
      world.db,
    );
    await world.as('secondOwner', 'membership.end', { membershipId: member('owner') });
    const [one] = (await world.as('secondOwner', 'exception.list', { organizationId: at('root') })).items;
    await lift('secondOwner', one!.id);
    expect(await may('acmeManager', 'user.invite', 'acme')).toBe('permit');
  });
});
