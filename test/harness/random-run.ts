import { sql } from 'kysely';
import { adminRoleId } from '../../src/authority/permissions.ts';
import { endLapsedMemberships } from '../../src/directory/sweep.ts';
import { run, type Services } from '../../src/operation/pipeline.ts';
import { passTime } from '../../src/platform/clock.ts';
import { type OperationName, operations } from '../../src/server/operations.gen.ts';

/** A long run of random acts by random people, the same for the same seed: most succeed, some are refused. */
export type RandomRun = {
  /** one act; gives its name, and the code of its refusal */
  step: () => Promise<{ name: string; refused: string | undefined }>;
  chance: (share: number) => boolean;
  pick: <T>(from: readonly T[]) => T;
  ids: (query: string) => Promise<string[]>;
};

type Act = [name: string, input: () => Promise<Record<string, unknown> | undefined>];

/** Numbers between 0 and 1 from a seed (mulberry32). */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function randomRun(services: Services, seed: number): RandomRun {
  const { db } = services;
  const next = numbersFrom(seed);
  const chance = (share: number): boolean => next() < share;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!;
  const some = <T>(from: readonly T[], most: number): T[] => [
    ...new Set(Array.from({ length: 1 + Math.floor(next() * most) }, () => pick(from))),
  ];
  let made = 0;
  const number = (): number => {
    made += 1;
    return made;
  };
  const name = (): string => `made ${seed} ${number()}`;
  const ids = async (query: string): Promise<string[]> =>
    (await sql.raw<{ id: string }>(`${query} order by id`).execute(db)).rows.map(({ id }) => id);
  const organization = async (): Promise<string> => pick(await ids('select id from organization'));
  const open = async (): Promise<string> =>
    pick(await ids("select id from organization where state = 'active' and not place_is_off(path)"));
  const owners = `select d.delegate_membership_id as id from delegation d join delegation r on r.id = d.parent_id
    where r.delegate_kind = 'root' and d.state = 'active' and d.delegate_kind = 'user'`;
  // Owners go on acting: without them most acts would be refused after a while.
  const member = async (): Promise<string> =>
    pick(await ids(`select id from membership where state <> 'ended' and id not in (${owners})`));
  const nearby = async (membershipId: string): Promise<string> =>
    pick(
      await ids(`select m.id from membership m join membership o on o.path = any (path_ancestors(m.path)) or m.path = any (path_ancestors(o.path))
        where o.id = '${membershipId}' and m.state = 'active' and m.id <> o.id`),
    );
  const withLineManager = async (): Promise<Record<string, unknown>> => {
    const membershipId = await member();
    // Everybody may have left by now but the owners: then there is nothing to do.
    return { membershipId, lineManagerId: membershipId && (await nearby(membershipId)) };
  };
  const link = async (state = "state <> 'ended'"): Promise<string> =>
    pick(await ids(`select id from delegation where cardinality(chain) > 1 and ${state}`));
  const role = async (): Promise<string> =>
    pick(await ids("select id from entitlement where state = 'active'"));
  const bundle = async (): Promise<string> => pick(await ids('select id from access_role'));
  const application = async (): Promise<string> => pick(await ids('select id from application'));
  const daysOn = async (days: number): Promise<string> => {
    const { rows } = await sql<{
      day: string;
    }>`select (remit_now() + make_interval(days => ${days}))::date::text as day`.execute(db);
    return rows[0]!.day;
  };
  const instantOn = async (days: number): Promise<string> => {
    const { rows } = await sql<{
      at: Date;
    }>`select remit_now() + make_interval(days => ${days}) as at`.execute(db);
    return rows[0]!.at.toISOString();
  };
  const parents = async (): Promise<{ child: string; parent: string }> => ({
    child: pick(await ids('select id from organization where parent_id is not null')),
    parent: await open(),
  });

  const acts: Act[] = [
    ['organization.create', async () => ({ parentId: await open(), name: name() })],
    ['organization.suspend', async () => ({ organizationId: await organization() })],
    ['organization.resume', async () => ({ organizationId: await organization() })],
    ['organization.resume', async () => ({ organizationId: await organization() })],
    [
      'organization.update',
      async () => ({
        organizationId: await organization(),
        timeZone: pick(['UTC', 'Asia/Tokyo', 'America/Lima']),
      }),
    ],
    [
      'user.enrol',
      async () => ({
        organizationId: await open(),
        userName: `u${seed}-${number()}`,
        displayName: name(),
        entitlementIds: chance(0.5) ? [await role()] : [],
      }),
    ],
    [
      'user.enrol',
      async () => ({
        organizationId: await open(),
        userName: `u${seed}-${number()}`,
        displayName: name(),
      }),
    ],
    ['membership.update', withLineManager],
    ['membership.update', withLineManager],
    [
      'membership.update',
      async () => ({
        membershipId: await member(),
        lineManagerId: chance(0.3) ? null : await member(),
        title: name(),
      }),
    ],
    [
      'membership.update',
      async () => ({
        membershipId: await member(),
        lastDay: chance(0.3) ? null : await daysOn(1 + Math.floor(next() * 40)),
      }),
    ],
    ['membership.suspend', async () => ({ membershipId: await member() })],
    ['membership.resume', async () => ({ membershipId: await member() })],
    ['membership.resume', async () => ({ membershipId: await member() })],
    [
      'membership.end',
      async () => ({ membershipId: await member(), ...(chance(0.5) ? { lastDay: await daysOn(2) } : {}) }),
    ],
    ['delegation.create', newDelegation],
    ['delegation.create', newDelegation],
    ['delegation.create', newDelegation],
    ['delegation.pause', async () => ({ delegationId: await link() })],
    ['delegation.resume', async () => ({ delegationId: await link("state = 'paused'") })],
    ['delegation.narrow', async () => ({ delegationId: await link(), until: await instantOn(30) })],
    ['delegation.end', async () => ({ delegationId: await link() })],
    [
      'delegation.hand-over',
      async () => {
        const vacant = await ids(
          "select d.id from delegation d join membership m on m.id = d.delegate_membership_id where d.state = 'active' and m.state = 'ended'",
        );
        return vacant.length > 0 ? { delegationId: pick(vacant), membershipId: await member() } : undefined;
      },
    ],
    ['assignment.grant', async () => ({ membershipIds: [await member()], entitlementIds: [await role()] })],
    ['assignment.grant', async () => ({ membershipIds: [await member()], accessRoleIds: [await bundle()] })],
    [
      'assignment.grant',
      async () => ({
        organizationId: await open(),
        entitlementIds: [await role()],
        ...(chance(0.4) ? { until: await instantOn(20) } : {}),
      }),
    ],
    [
      'assignment.end',
      async () => ({ assignmentId: pick(await ids("select id from assignment where state = 'active'")) }),
    ],
    ['assignment.undo', async () => ({ assignmentIds: [pick(await ids('select id from assignment'))] })],
    [
      'access-role.create',
      async () => ({
        organizationId: await open(),
        name: name(),
        entitlementIds: some(await ids("select id from entitlement where state = 'active'"), 3),
      }),
    ],
    [
      'access-role.update',
      async () => ({
        accessRoleId: await bundle(),
        entitlementIds: some(await ids("select id from entitlement where state = 'active'"), 3),
      }),
    ],
    ['access-role.retire', async () => (chance(0.2) ? { accessRoleId: await bundle() } : undefined)],
    [
      'application.register',
      async () => ({
        organizationId: await open(),
        key: `app${seed}-${number()}`,
        name: name(),
        roles: [
          { key: 'one', name: 'One' },
          { key: 'two', name: 'Two' },
        ],
      }),
    ],
    [
      'application.add-role',
      async () => ({ applicationId: await application(), key: `role-${number()}`, name: name() }),
    ],
    ['application.retire', async () => (chance(0.1) ? { applicationId: await application() } : undefined)],
    ['entitlement.retire', async () => (chance(0.15) ? { entitlementId: await role() } : undefined)],
    [
      'client.create',
      async () => ({ organizationId: await open(), name: name(), permissions: ['user.read'] }),
    ],
    ['client.end', async () => ({ clientId: pick(await ids('select id from client')) })],
    ['organization.close', async () => (chance(0.15) ? { organizationId: await organization() } : undefined)],
    // Whatever other rooms have brought since; left out where they have not.
    [
      'organization.move',
      async () => {
        const { child, parent } = await parents();
        return { organizationId: child, parentId: parent };
      },
    ],
    [
      'organization.merge',
      async () => {
        if (!chance(0.2)) return undefined;
        const { child, parent } = await parents();
        return { organizationId: child, intoId: parent };
      },
    ],
    [
      'admin-role.create',
      async () => ({
        organizationId: await open(),
        name: name(),
        description: '',
        permissions: ['user.read', 'organization.read'],
      }),
    ],
    [
      'admin-role.update',
      async () => ({
        adminRoleId: pick(await ids('select id from admin_role where key is null')),
        permissions: some(['user.read', 'organization.read', 'access.read', 'user.invite'], 3),
      }),
    ],
    [
      'exception.create',
      async () => ({
        organizationId: await organization(),
        permissions: some(['user.invite', 'access.grant', 'membership.end'], 2),
        reason: '',
      }),
    ],
    ['exception.lift', async () => ({ exceptionId: pick(await ids('select id from exception')) })],
  ];

  async function newDelegation(): Promise<Record<string, unknown>> {
    const until = chance(0.3) ? { until: await instantOn(5 + Math.floor(next() * 60)) } : {};
    const base = { organizationId: await open(), mayPassOn: pick([0, 1, 'same']), ...until };
    const custom = await ids('select id from admin_role where key is null');
    const adminRole =
      custom.length > 0 && chance(0.2)
        ? pick(custom)
        : adminRoleId(
            pick(['delegated-manager', 'delegated-manager', 'help-desk', 'application-manager', 'auditor']),
          );
    if (chance(0.12)) return { organizationId: base.organizationId, delegate: 'organization', ...until };
    if (chance(0.15))
      return {
        ...base,
        mayPassOn: 0,
        delegate: {
          relation: pick(['managers', 'line-managers', 'members']),
          organizationId: base.organizationId,
        },
        adminRoleId: adminRole,
      };
    const delegate = { membershipId: await member() };
    if (chance(0.15))
      return { ...base, delegate, adminRoleId: adminRole, reports: { depth: pick(['direct', 'all']) } };
    if (chance(0.15))
      return { ...base, delegate, adminRoleId: adminRole, membershipIds: [await member(), await member()] };
    if (chance(0.15))
      return {
        ...base,
        delegate,
        adminRoleId: adminRole,
        holes: [{ organizationId: await organization(), below: true }],
      };
    return { ...base, delegate, adminRoleId: adminRole };
  }

  async function step(): Promise<{ name: string; refused: string | undefined }> {
    if (chance(0.25)) {
      await passTime(db, Math.floor(next() * 4 * 86_400));
      if (chance(0.5)) await endLapsedMemberships(services);
      return { name: 'time', refused: undefined };
    }
    const [operation, input] = pick(acts);
    if (!(operation in operations)) return { name: operation, refused: 'not there' };
    const given = await input();
    if (!given || Object.values(given).flat().includes(undefined))
      return { name: operation, refused: 'nothing to do' };
    // Owners most of the time, so that most acts succeed; anybody with a link otherwise.
    const who = chance(0.8)
      ? await ids(owners)
      : await ids(
          "select distinct d.delegate_membership_id as id from delegation d where d.state = 'active' and d.delegate_kind = 'user'",
        );
    try {
      await run(services, operations[operation as OperationName], {
        credential: { kind: 'membership', membershipId: pick(who) },
        input: given,
        requestId: 'random',
      });
      return { name: operation, refused: undefined };
    } catch (error) {
      if ((error as Error).name !== 'Refusal')
        throw Object.assign(error as Error, {
          message: `${operation} ${JSON.stringify(given)}: ${(error as Error).message}`,
        });
      return { name: operation, refused: (error as { code: string }).code };
    }
  }
  return { step, chance, pick, ids };
}
