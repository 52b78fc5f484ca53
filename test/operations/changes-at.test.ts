import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Held, loadHoldings } from '../../src/authority/holds.ts';
import { newId } from '../../src/platform/ids.ts';
import { makeWorld, type World } from '../harness/world.ts';

/** What is held says until when it stands: nothing may begin or end before that, whatever it rests on (I17, I18). */
let world: World;
let start: Date;
beforeEach(async () => {
  world = await makeWorld();
  start = (await loadHoldings(world.db, { userId: newId() })).at;
});
afterEach(() => world.close());

const hours = (n: number): Date => new Date(start.getTime() + n * 3_600_000);
const userId = (): string => world.people.northMember.userId;

async function assign(
  entitlement: keyof World['entitlements'],
  from?: number,
  until?: number,
): Promise<void> {
  await sql`insert into assignment (id, membership_id, entitlement_id, why, starts_at, ends_at)
    values (${newId()}, ${world.people.northMember.membershipId}, ${world.entitlements[entitlement]}, 'direct',
      ${from === undefined ? '-infinity' : hours(from)}, ${until === undefined ? 'infinity' : hours(until)})`.execute(
    world.db,
  );
}

async function addRule(
  entitlement: keyof World['entitlements'],
  change: { relation?: string; from?: number; until?: number },
) {
  await sql`insert into access_rule (id, organization_id, relation, entitlement_id, starts_at, ends_at)
    values (${newId()}, ${world.organizations.acme.id}, ${change.relation ?? null}, ${world.entitlements[entitlement]},
      ${change.from === undefined ? '-infinity' : hours(change.from)}, ${change.until === undefined ? 'infinity' : hours(change.until)})`.execute(
    world.db,
  );
}

const heldOf = ({ holdings }: Held): string =>
  [...new Set(holdings.flatMap((one) => (one.held ? `${one.applicationKey} ${one.entitlementKey}` : [])))]
    .sort()
    .join(', ');

const nextOf = ({ holdings, mayBegin }: Held): Date | undefined =>
  [
    ...holdings.flatMap(({ changesAt }) => changesAt ?? []),
    ...mayBegin.map(({ changesAt }) => changesAt),
  ].sort((one, other) => one.getTime() - other.getTime())[0];

/** Walks from bound to bound: just before each nothing has changed. Answers what was held from which hour on. */
async function walk(): Promise<[number, string][]> {
  const walked: [number, string][] = [];
  for (let steps = 0; steps < 30; steps += 1) {
    const now = await loadHoldings(world.db, { userId: userId() });
    const held = heldOf(now);
    if (walked.at(-1)?.[1] !== held)
      walked.push([Math.round((now.at.getTime() - start.getTime()) / 36_000) / 100, held]);
    const next = nextOf(now);
    if (!next) return walked;
    expect(next.getTime()).toBeGreaterThan(now.at.getTime());
    await standAt(next, -1);
    const before = await loadHoldings(world.db, { userId: userId() });
    expect(heldOf(before), `just before ${next.toISOString()}`).toBe(held);
    await standAt(next, 0);
  }
  throw new Error('it never ends');
}

/** Time stands still there, so that the statements of one look are all at that instant. */
async function standAt(at: Date, milliseconds: number): Promise<void> {
  const to = new Date(at.getTime() + milliseconds);
  await sql`create or replace function remit_now() returns timestamptz language sql stable as ${sql.raw(`'select ''${to.toISOString()}''::timestamptz'`)}`.execute(
    world.db,
  );
}

describe('until when an answer stands', () => {
  it('is the next bound of membership, assignment and rule', async () => {
    await assign('partsViewer', 2, 9);
    await assign('notesReader');
    await addRule('partsViewer', { from: 12, until: 40 });
    await sql`update membership set starts_at = ${hours(5)}, ends_at = ${hours(30)}
      where id = ${world.people.northMember.membershipId}`.execute(world.db);
    expect(await walk()).toEqual([
      [0, ''],
      [5, 'notes reader, parts viewer'],
      [9, 'notes reader'],
      [12, 'notes reader, parts viewer'],
      [30, ''],
    ]);
  });

  it('is that of each link of the standing chain', async () => {
    await assign('partsViewer');
    const { acmeStanding } = world.delegations;
    await sql`update delegation set starts_at = ${hours(3)}, ends_at = ${hours(8)} where id = ${acmeStanding}`.execute(
      world.db,
    );
    expect(await walk()).toEqual([
      [0, ''],
      [3, 'parts viewer'],
      [8, ''],
    ]);
  });

  it('is that of what a relation reads, for those too who do not stand in it yet', async () => {
    await addRule('partsViewer', { relation: 'line-managers' });
    await sql`update membership set line_manager_id = ${world.people.northMember.membershipId}, ends_at = ${hours(7)}
      where id = ${world.people.siteMember.membershipId}`.execute(world.db);
    expect(await walk()).toEqual([
      [0, 'parts viewer'],
      [7, ''],
    ]);
  });

  it('of a manager whose link begins and ends', async () => {
    await addRule('notesReader', { relation: 'managers' });
    await sql`update delegation set delegate_user_id = ${userId()}, delegate_membership_id = ${world.people.northMember.membershipId},
      starts_at = ${hours(4)}, ends_at = ${hours(6)} where id = ${world.delegations.northManager}`.execute(
      world.db,
    );
    expect(await walk()).toEqual([
      [0, ''],
      [4, 'notes reader'],
      [6, ''],
    ]);
  });

  it('of what is kept apart: another part that begins or ends, and exceptions', async () => {
    await addRule('partsBuyer', {});
    const id = newId();
    await sql`insert into separation (id, organization_id, name) values (${id}, ${world.organizations.root.id}, 'Apart')`.execute(
      world.db,
    );
    for (const one of ['partsViewer', 'partsBuyer'] as const)
      await sql`insert into separation_part (separation_id, entitlement_id) values (${id}, ${world.entitlements[one]})`.execute(
        world.db,
      );
    await sql`insert into separation_exception (id, separation_id, user_id, membership_id, starts_at, ends_at, asked_by, approved_by)
      values (${newId()}, ${id}, ${userId()}, ${world.people.northMember.membershipId}, ${hours(10)}, ${hours(20)},
        ${world.people.acmeManager.userId}, ${world.people.owner.userId})`.execute(world.db);
    await assign('partsViewer', 4, 30);
    expect(await walk()).toEqual([
      [0, 'parts buyer'],
      [4, 'parts viewer'],
      [10, 'parts buyer, parts viewer'],
      [20, 'parts viewer'],
      [30, 'parts buyer'],
    ]);
  });

  it('takes no statement more than it took', async () => {
    await assign('partsViewer', undefined, 9);
    let asked = 0;
    const counting = world.db.withPlugin({
      transformQuery: ({ node }) => {
        asked += 1;
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    expect((await loadHoldings(counting, { userId: userId() })).holdings).toHaveLength(1);
    expect(asked).toBe(1);
  });
});
