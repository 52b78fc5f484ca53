import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { newId } from '../../src/platform/ids.ts';
import { makeWorld, type World } from '../harness/world.ts';

/** Who gains and loses what, before it is done; and then exactly that, or nothing. */
let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

const refused = (code: string) => expect.objectContaining({ code });
const at = (name: keyof World['organizations']) => world.organizations[name].id;
const member = (name: keyof World['people']) => world.people[name].membershipId;

const traces = async () =>
  (
    await sql<Record<string, number>>`
      select (select count(*) from event) as events, (select count(*) from delegation) as links,
        (select count(*) from delegation where state <> 'active') as stopped, (select count(*) from receipt) as receipts,
        (select coalesce(sum(version), 0) from membership) as versions, (select count(*) from idempotency) as keys`.execute(
      world.db,
    )
  ).rows[0]!;

const named = (powers: { who: { name: string }[] }[]): string[] =>
  [...new Set(powers.flatMap(({ who }) => who.map(({ name }) => name)))].sort();

describe('a preview', () => {
  it('says who loses what by name, and leaves no trace', async () => {
    const before = await traces();
    const shown = await world.as('owner', 'change.preview', {
      operation: 'delegation.end',
      input: { delegationId: world.delegations.acmeManager },
    });
    expect(await traces()).toEqual(before);
    expect(shown.counts.gains).toEqual({ people: 0, powers: 0, access: 0 });
    expect(shown.counts.loses.people).toBe(2);
    expect(named(shown.loses.powers)).toEqual(['acmeManager', 'northManager']);
    expect(shown.sentence).toBe('2 people lose something.');
    expect(shown.outside).toBe(false);
    const [first] = shown.loses.powers;
    expect(first!.places).toEqual([{ id: at('acme'), name: 'acme', below: true }]);
    expect(first!.permissions).toContain('user.invite');
    const access = shown.loses.powers.find((one) => one.permissions.includes('access.grant'))!;
    expect(access.access).toEqual(['notes', 'parts']);
  });

  it('says what a narrowing takes, and only that', async () => {
    const shown = await world.as('owner', 'change.preview', {
      operation: 'delegation.narrow',
      input: {
        delegationId: world.delegations.acmePeer,
        entitlements: { applicationIds: [world.applications.parts], entitlementIds: [] },
      },
    });
    expect(shown.loses.powers.map(({ permissions, access }) => ({ permissions, access }))).toEqual([
      { permissions: ['access.grant', 'access.end', 'request.decide'], access: ['notes'] },
    ]);
  });

  it('says what a new delegation gives, and what a date changes later', async () => {
    const input = {
      organizationId: at('acmeSouth'),
      delegate: { membershipId: member('southMember') },
      adminRoleId: adminRoleId('help-desk'),
    };
    const now = await world.as('owner', 'change.preview', { operation: 'delegation.create', input });
    expect(named(now.gains.powers)).toEqual(['southMember']);
    const begins = new Date(Date.now() + 40 * 86_400_000).toISOString();
    const later = await world.as('owner', 'change.preview', {
      operation: 'delegation.create',
      input: { ...input, from: begins },
    });
    expect(later.gains.powers).toEqual([]);
    expect(later.later).toMatchObject([
      { person: { name: 'southMember' }, fromBefore: null, fromAfter: begins },
    ]);
  });

  it('says whose access a ceiling held up', async () => {
    await sql`insert into assignment (id, membership_id, entitlement_id, why)
      values (${newId()}, ${member('acme2Member')}, ${world.entitlements.partsViewer}, 'direct')`.execute(
      world.db,
    );
    const shown = await world.as('owner', 'change.preview', {
      operation: 'delegation.pause',
      input: { delegationId: world.delegations.acme2Standing },
    });
    expect(shown.loses.access).toMatchObject([
      { name: 'acme2Member', applicationName: 'parts', entitlementName: 'viewer' },
    ]);
    expect(shown.counts.loses.access).toBe(1);
  });

  it('is refused exactly where the change would be', async () => {
    const end = (delegationId: string) => ({ operation: 'delegation.end', input: { delegationId } });
    await expect(
      world.as('acme2Manager', 'change.preview', end(world.delegations.acmeManager)),
    ).rejects.toEqual(refused('not-found'));
    await expect(world.as('owner', 'change.preview', end(newId()))).rejects.toEqual(refused('not-found'));
    await expect(world.as('acmePeer', 'change.preview', end(world.delegations.acmeManager))).rejects.toEqual(
      refused('delegation.not-above'),
    );
    await expect(
      world.as('owner', 'change.preview', { operation: 'delegation.end', input: {} }),
    ).rejects.toEqual(refused('input.invalid'));
    await expect(world.as('owner', 'change.preview', { operation: 'user.list', input: {} })).rejects.toEqual(
      refused('preview.none'),
    );
  });

  it('names nobody outside the reader’s reach, and says that there is more', async () => {
    // The peer's own power over the place goes too, and so does that of the owner above.
    const shown = await world.as('acmeManager', 'change.preview', {
      operation: 'organization.suspend',
      input: { organizationId: at('acmeNorth') },
    });
    expect(shown.outside).toBe(true);
    expect(JSON.stringify(shown)).not.toMatch(/owner|secondOwner/);
    expect(named(shown.loses.powers)).toContain('northManager');
    expect(shown.sentence).toMatch(/It reaches further than you see\.$/);
  });
});

describe('a change that was previewed', () => {
  const pause = () => ({ delegationId: world.delegations.northManager });
  const look = async () =>
    (await world.as('owner', 'change.preview', { operation: 'delegation.pause', input: pause() })).token;

  it('is done while nothing moved, by any of its tokens, and refused when the world did', async () => {
    const token = await look();
    // Each look has a token of its own: nobody tells from two of them whether something beyond their boundary moved (I06).
    expect(await look()).not.toBe(token);
    const extra = newId();
    await sql`insert into delegation (id, kind, parent_id, chain, delegate_kind, delegate_user_id, delegate_membership_id, permissions, scope, place_paths, entitlements)
      select ${extra}, 'administer', d.parent_id, d.chain, 'user', ${world.people.northManager.userId}, ${member('northManager')}, '{user.read}',
        d.scope, d.place_paths, d.entitlements from delegation d where d.id = ${world.delegations.northManager}`.execute(
      world.db,
    );
    const before = await traces();
    await expect(world.as('owner', 'delegation.pause', pause(), { ifPreview: token })).rejects.toEqual(
      refused('preview.stale'),
    );
    expect(await traces()).toEqual(before);
    const earlier = await look();
    await look();
    await world.as('owner', 'delegation.pause', pause(), { ifPreview: earlier });
    const { rows } = await sql<{
      state: string;
    }>`select state from delegation where id = ${world.delegations.northManager}`.execute(world.db);
    expect(rows).toEqual([{ state: 'paused' }]);
  });

  it('is refused when the row it works on is another than the one shown', async () => {
    const input = { delegationId: world.delegations.acmePeer };
    const { token } = await world.as('owner', 'change.preview', { operation: 'delegation.end', input });
    await sql`update delegation set version = version + 1 where id = ${input.delegationId}`.execute(world.db);
    await expect(world.as('owner', 'delegation.end', input, { ifPreview: token })).rejects.toEqual(
      refused('preview.stale'),
    );
  });

  it('is done where it changes twice what it wrote itself: who leaves, and who follows', async () => {
    const input = { membershipId: member('northManager'), successorId: member('acmePeer') };
    const { token } = await world.as('owner', 'change.preview', { operation: 'membership.end', input });
    const { behind } = await world.as('owner', 'membership.end', input, { ifPreview: token });
    expect(behind!.items).toContainEqual(expect.objectContaining({ kind: 'delegation', handed: true }));
  });

  it('takes a token only where there is a preview', async () => {
    await expect(
      world.as(
        'owner',
        'organization.update',
        { organizationId: at('beta'), name: 'Beta' },
        { ifPreview: 'x' },
      ),
    ).rejects.toEqual(refused('preview.none'));
  });

  it('is done once: an earlier answer comes back without looking again', async () => {
    const input = { delegationId: world.delegations.acme2Manager };
    const { token } = await world.as('owner', 'change.preview', { operation: 'delegation.end', input });
    const options = { ifPreview: token, idempotencyKey: newId() };
    const first = await world.as('owner', 'delegation.end', input, options);
    expect(await world.as('owner', 'delegation.end', input, options)).toEqual(first);
  });
});

describe('ten thousand people', () => {
  it('are compared in a bounded number of statements', async () => {
    const large = await makeWorld();
    const many = 10_000;
    const { id, path } = large.organizations.beta;
    const standing = newId();
    const scope = JSON.stringify([{ places: [{ id, path, below: true }] }]);
    const { owner, rootRow } = large.delegations;
    await sql`insert into delegation (id, kind, parent_id, chain, delegate_kind, delegate_organization_id, permissions, scope, place_paths, entitlements, may_pass_on)
      select ${standing}, 'administer', ${owner}, ${[owner, rootRow]}::uuid[], 'organization', ${id}, r.permissions, ${scope}::jsonb, ${[path]}::text[], '{"all": true}', 5
      from delegation r where r.id = ${rootRow}`.execute(large.db);
    await sql`
      with people as (
        insert into app_user (id, home_organization_id, display_name) select gen_random_uuid(), ${id}, 'Person ' || n from generate_series(1, ${many}) n returning id, display_name
      ),
      members as (
        insert into membership (id, user_id, organization_id, path, sort_name) select gen_random_uuid(), p.id, ${id}, ${path}, lower(p.display_name) from people p returning id, user_id
      ),
      links as (
        insert into delegation (id, kind, parent_id, chain, delegate_kind, delegate_user_id, delegate_membership_id, admin_role_id, scope, place_paths, entitlements)
        select gen_random_uuid(), 'administer', ${standing}, ${[standing, owner, rootRow]}::uuid[], 'user', m.user_id, m.id, ${adminRoleId('delegated-manager')},
          ${scope}::jsonb, ${[path]}::text[], '{"all": true}' from members m
      )
      insert into assignment (id, membership_id, entitlement_id, why) select gen_random_uuid(), m.id, ${large.entitlements.partsViewer}, 'direct' from members m`.execute(
      large.db,
    );
    await sql`analyze`.execute(large.db);
    const started = performance.now();
    const shown = await large.as('owner', 'change.preview', {
      operation: 'delegation.pause',
      input: { delegationId: standing },
    });
    console.log(`preview of ${many} people: ${Math.round(performance.now() - started)} ms`);
    expect(shown.counts.loses).toMatchObject({ people: many, access: many });
    expect(shown.loses.access).toHaveLength(20);
    expect(shown.loses.powers.every(({ who, people }) => who.length === 20 && people === many)).toBe(true);
    await large.close();
  }, 120_000);
});
