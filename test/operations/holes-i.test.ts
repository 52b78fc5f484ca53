import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { passTime } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { connectorNamed } from '../../src/provisioning/connectors/all.ts';
import { mendByPolicy } from '../../src/provisioning/reconciling/by-policy.ts';
import { likenessOf } from '../../src/provisioning/reconciling/mending-rules.ts';
import type { Input } from '../../src/server/operations.gen.ts';
import { makeWorld, type PersonName, type World } from '../harness/world.ts';

/** Ways round a limit that an attack found: through what is done about accounts at connected systems. */
let world: World;
let names = 0;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());
beforeEach(() => sql`update target set state = 'retired'`.execute(world.db));

const member = (person: PersonName) => world.people[person].membershipId;
const connect = async (more: Partial<Input<'target.create'>> = {}, as: PersonName = 'secondOwner') => {
  names += 1;
  const { id } = await world.as(as, 'target.create', {
    organizationId: world.organizations.acme.id,
    connector: 'csv',
    name: `file ${names}`,
    settings: { folder: `f${names}`, columns: 'name,mail' },
    mapping: [
      { to: 'name', pieces: [{ field: 'displayName' }] },
      { to: 'mail', pieces: [{ field: 'email' }] },
    ],
    roles: [{ entitlementId: world.entitlements.partsViewer }],
    ...more,
  });
  await sql`update target set state = 'active' where id = ${id}`.execute(world.db);
  return id;
};
const run = async (targetId: string): Promise<string> => {
  const id = newId();
  await sql`insert into reconcile_run (id, target_id, state, whole, finished_at) values (${id}, ${targetId}, 'done', true, remit_now())`.execute(
    world.db,
  );
  return id;
};
type Row = { kind?: string; external?: string; account?: string; ours?: boolean; likeness?: string };
const difference = async (
  targetId: string,
  { kind = 'orphan', external, account, ours = false, likeness }: Row,
): Promise<{ id: string; runId: string }> => {
  const [id, runId] = [newId(), await run(targetId)];
  await sql`insert into difference (id, run_id, target_id, kind, account_id, external_id, fields, takes, likeness, ours)
    values (${id}, ${runId}, ${targetId}, ${kind}, ${account ?? null}, ${external ?? null}, '{}', false, ${likeness ?? null}, ${ours})`.execute(
    world.db,
  );
  return { id, runId };
};
const account = async (targetId: string, person: PersonName, more: { external?: string } = {}) => {
  const id = newId();
  const { userId } = world.people[person];
  await sql`insert into account (id, target_id, user_id, correlation, external_id, stands, wanted)
    values (${id}, ${targetId}, ${userId}, ${userId}, ${more.external ?? null}, ${more.external ? 'enabled' : 'none'}, 'enabled')`.execute(
    world.db,
  );
  return id;
};
const give = (person: PersonName) =>
  sql`insert into assignment (id, membership_id, entitlement_id, why)
    values (${newId()}, ${member(person)}, ${world.entitlements.partsViewer}, 'direct')`.execute(world.db);
/** Somebody of Acme who looks after systems there, and nothing else. */
const operator = async (person: PersonName) => {
  await world.as('owner', 'delegation.create', {
    organizationId: world.organizations.acme.id,
    delegate: { membershipId: member(person) },
    permissions: ['target.read', 'target.operate', 'user.read'],
  } as never);
  await passTime(world.db, 11);
};

describe('what is there at a connected system', () => {
  it('nobody takes as their own, nor leaves as it is of their own (I02)', async () => {
    await operator('acmePeer');
    await give('acmePeer');
    await give('northMember');
    const id = await connect();
    const orphan = await difference(id, { external: 'admin' });
    const settle = (differenceId: string, how: 'adopt' | 'leave', person?: PersonName) =>
      world.as('acmePeer', 'difference.settle', {
        differenceId,
        how,
        ...(person ? { membershipId: member(person) } : {}),
      });
    await expect(settle(orphan.id, 'adopt', 'acmePeer')).rejects.toMatchObject({ code: 'user.self' });
    expect(await settle(orphan.id, 'adopt', 'northMember')).toMatchObject({ settledHow: 'adopted' });

    const own = await account(id, 'acmePeer', { external: 'p' });
    const other = await account(id, 'acmeMember', { external: 'm' });
    const drift = await difference(id, { kind: 'drift', account: own });
    const theirs = await difference(id, { kind: 'drift', account: other });
    await expect(settle(drift.id, 'leave')).rejects.toMatchObject({ code: 'user.self' });
    expect(
      await world.as('acmePeer', 'difference.settle-all', {
        provisioningTargetId: id,
        how: 'leave',
        kind: 'drift',
      }),
    ).toMatchObject({ count: 1 });
    const { items } = await world.as('owner', 'difference.list', { provisioningTargetId: id });
    expect(items.map((one) => one.id)).toEqual([drift.id]);
    expect(theirs.id).not.toBe(drift.id);
    await sql`update account set dead_at = remit_now(), attempts = 10 where target_id = ${id}`.execute(
      world.db,
    );
    const ignore = (accountId: string) =>
      world.as('acmePeer', 'account.ignore', { accountId, reason: 'It may stay.' });
    await expect(ignore(own)).rejects.toMatchObject({ code: 'user.self' });
    expect(await ignore(other)).toMatchObject({ state: 'ignored' });
  });

  it('is not taken, looked at or ended where another system has it as somebody’s', async () => {
    const { acme2 } = world.organizations;
    const dropDir = await mkdtemp(join(tmpdir(), 'remit-holes-'));
    world.services.config = { ...world.services.config, dropDir };
    const mine = await connect();
    const { userId } = world.people.acme2Member;
    const folder = join(dropDir, `f${names}`);
    await mkdir(folder);
    await writeFile(
      join(folder, 'accounts.csv'),
      `id,enabled,name,mail,roles\n${userId},true,Somebody Elsewhere,s@acme-2.example,\nforeign,true,Nobody,n@x.example,\n`,
    );
    const theirs = await connect({ organizationId: acme2.id }, 'owner');
    await account(theirs, 'acme2Member', { external: userId });
    const { id: differenceId } = await difference(mine, { external: userId, ours: true });
    const { id: old } = await difference(mine, { external: 'of-before', ours: true });
    await give('southMember');
    const settle = (how: 'adopt' | 'delete', id = differenceId) =>
      world.as('acmePeer', 'difference.settle', {
        differenceId: id,
        how,
        ...(how === 'adopt' ? { membershipId: member('southMember') } : {}),
      });
    await expect(settle('adopt')).rejects.toMatchObject({ code: 'difference.not-adoptable' });
    await expect(settle('adopt', old)).rejects.toMatchObject({ code: 'difference.not-adoptable' });
    await expect(settle('delete')).rejects.toMatchObject({ code: 'difference.not-takeable' });
    expect(
      await world.as('acmePeer', 'difference.settle-all', {
        provisioningTargetId: mine,
        how: 'delete',
        kind: 'orphan',
      }),
    ).toMatchObject({ count: 1 });
    const look = (id: string) => world.as('acmePeer', 'difference.look', { differenceId: id });
    expect(await look(differenceId)).toEqual({ there: true, sides: [], problem: null });
    const foreign = await difference(mine, { external: 'foreign' });
    expect(JSON.stringify(await look(foreign.id))).toContain('n@x.example');
    expect(JSON.stringify(await world.as('owner', 'difference.look', { differenceId }))).toContain(
      's@acme-2.example',
    );
    await rm(dropDir, { recursive: true });
  });
});

describe('what a system does by itself', () => {
  it('ends nothing once whoever chose it may not have systems connected any more (ruling 16)', async () => {
    const { id: delegationId } = await world.as('owner', 'delegation.create', {
      organizationId: world.organizations.acme.id,
      delegate: { membershipId: member('acmeMember') },
      permissions: ['organization.read', 'application.read', 'user.read', 'target.read', 'target.configure'],
    });
    await passTime(world.db, 11);
    const id = await connect({ mending: { orphan: 'delete' } as never }, 'acmeMember');
    const planned = async (one: { id: string; runId: string }) => {
      await mendByPolicy(world.services, connectorNamed, one.runId);
      const { rows } = await sql<{
        planned: string | null;
      }>`select planned from difference where id = ${one.id}`.execute(world.db);
      return rows[0]!.planned;
    };
    expect(await planned(await difference(id, { external: 'a' }))).toBe('delete');
    await world.as('owner', 'delegation.end', { delegationId });
    expect(await planned(await difference(id, { external: 'b' }))).toBeNull();
  });

  it('knows nobody by what they write themselves, also where that was allowed later', async () => {
    const field = {
      organizationId: world.organizations.acmeNorth.id,
      key: 'staff_number',
      label: 'Staff number',
      kind: 'text',
    } as const;
    await world.as('owner', 'attribute.define', { ...field, changedBy: 'managers' } as never);
    const fills = (who: 'managers' | 'source'): Promise<unknown> =>
      sql`update attribute_definition set changed_by = ${who} where key = 'staff_number'`.execute(world.db);
    await fills('source');
    const id = await connect({
      mapping: [
        { to: 'name', pieces: [{ field: 'displayName' }] },
        { to: 'mail', pieces: [{ field: 'attribute.staff_number' }] },
      ],
      mending: { orphan: 'adopt', match: 'mail' },
    } as never);
    expect(await world.as('owner', 'target.read', { provisioningTargetId: id })).toMatchObject({
      mending: { orphan: 'adopt' },
    });
    await sql`update attribute_definition set changed_by = 'self', seen_by = 'self' where key = 'staff_number'`.execute(
      world.db,
    );
    await world.as('owner', 'membership.update', {
      membershipId: member('siteMember'),
      attributes: { staff_number: '0001' },
    });
    await give('siteMember');
    await sql`update app_user set proved_email = email where id = ${world.people.siteMember.userId}`.execute(
      world.db,
    );
    await account(id, 'siteMember');
    const one = await difference(id, { external: 'chief', likeness: likenessOf(id, '0001')! });
    await mendByPolicy(world.services, connectorNamed, one.runId);
    const settled = async () =>
      (
        await sql<{
          how: string | null;
        }>`select settled_how as how from difference where id = ${one.id}`.execute(world.db)
      ).rows[0]!.how;
    expect(await settled()).toBeNull();
    // Nor by what managers write of those whom they look after (I01).
    await fills('managers');
    await sql`update reconcile_run set mended_at = null where id = ${one.runId}`.execute(world.db);
    await mendByPolicy(world.services, connectorNamed, one.runId);
    expect(await settled()).toBeNull();
    await fills('source');
    await sql`update reconcile_run set mended_at = null where id = ${one.runId}`.execute(world.db);
    await mendByPolicy(world.services, connectorNamed, one.runId);
    expect(await settled()).toBe('adopted');
  });
});

it('a system asks nobody by hand whom whoever saves it does not see', async () => {
  const asks = (people: string, as: PersonName) =>
    connect({ connector: 'by-hand', settings: { who: 'people', people }, mapping: [] } as never, as);
  await world.as('owner', 'delegation.create', {
    organizationId: world.organizations.acme.id,
    delegate: { membershipId: member('acmeHelpDesk') },
    permissions: ['organization.read', 'target.read', 'target.configure', 'user.read'],
  } as never);
  await passTime(world.db, 11);
  await asks(member('northMember'), 'acmeHelpDesk');
  for (const id of [member('acme2Member'), newId()])
    await expect(asks(id, 'acmeHelpDesk')).rejects.toMatchObject({ code: 'not-found' });
  await asks(member('acme2Member'), 'owner');
});
