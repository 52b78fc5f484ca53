import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { holds } from '../../src/authority/holds.ts';
import { newId } from '../../src/platform/ids.ts';
import { makeLinkSecret } from '../../src/platform/one-time-secrets.ts';
import { addPerson, type Place } from '../harness/world.ts';
import { explore, type Race, schedules, type Variant } from './explore.ts';
import { type As, growPartner, makeStage, type Partner, type Stage } from './stage.ts';

/** Places, seats and roles that change while people come and are given things. */
let stage: Stage;
beforeAll(async () => {
  stage = await makeStage();
});
afterAll(() => stage.close());

const owner = () => stage.world.people.owner;
const enrol = (as: As, { people }: Partner, by: 'ann' | 'bob', where: Place) =>
  as(people[by], 'user.enrol', {
    organizationId: where.id,
    userName: `u${newId().replaceAll('-', '').slice(12)}`,
    displayName: 'New Person',
  });
const invite = async (
  as: As,
  { people }: Partner,
  by: 'ann' | 'bob',
  where: Place,
  email = `${newId()}@example.org`,
): Promise<string> => {
  const { results } = await as(people[by], 'invitation.create', {
    organizationId: where.id,
    people: [{ email, displayName: 'New Person' }],
  });
  return results[0]!.invitationId!;
};

it('gives no seat twice (seats at the limit: I01)', async () => {
  const { db } = stage.world;
  const taken = async (delegationId: string): Promise<number> => {
    const { rows } = await sql<{ taken: number }>`select seats_taken(${delegationId})::int as taken`.execute(
      db,
    );
    return rows[0]!.taken;
  };
  const variants = [
    ...[0, 1].map(
      (left): Variant => ({
        name: `${left} left`,
        race: async ({ as }, partner): Promise<Race> => {
          const { standing } = partner.delegations;
          // Somebody who has an account accepts: a password would only cost time.
          const email = 'betamember@example.org';
          const invitationId = await invite(as[0]!, partner, 'ann', partner.west, email);
          const token = await makeLinkSecret(db, 'invitation', invitationId, 3600);
          const before = await taken(standing);
          const seats = before + left;
          await sql`update delegation set seats = ${seats} where id = ${standing}`.execute(db);
          return {
            acts: [
              (as) => enrol(as, partner, 'ann', partner.east),
              (as) => invite(as, partner, 'bob', partner.top),
              (as) => as(stage.world.people.betaMember, 'invitation.accept', { token }),
            ],
            state: async () => (await taken(standing)) - before,
            law: async (answers) => {
              expect(await taken(standing)).toBe(seats);
              // Whoever was invited has their seat already.
              expect(answers[2]).toBe('ok');
              expect(answers.filter((answer) => answer === 'seats.full')).toHaveLength(2 - left);
            },
          };
        },
      }),
    ),
    {
      name: 'while they are lowered',
      race: async (_, partner): Promise<Race> => {
        const { standing } = partner.delegations;
        const before = await taken(standing);
        return {
          acts: [
            (as) => as(owner(), 'delegation.narrow', { delegationId: standing, seats: before + 1 }),
            (as) => enrol(as, partner, 'ann', partner.east),
            (as) => enrol(as, partner, 'bob', partner.west),
          ],
          state: async () => (await taken(standing)) - before,
          law: async (answers) => {
            if (answers[0] === 'ok') expect(await taken(standing)).toBeLessThanOrEqual(before + 1);
            else expect(answers).toEqual(['seats.taken', 'ok', 'ok']);
          },
        };
      },
    } satisfies Variant,
  ];
  await explore(stage, variants, schedules(160));
});

it('files nobody where the organization stood before (move against invite: I05)', async () => {
  const { db } = stage.world;
  const variants = [true, false].map(
    (home): Variant => ({
      name: home ? 'moved inside' : 'moved while somebody below is invited and given access',
      race: async (_, partner): Promise<Race> => {
        const { people, east, west } = partner;
        const stale = async (): Promise<number> => {
          const { rows } = await sql<{ stale: number }>`
            select (select count(*) from membership m join organization o on o.id = m.organization_id where m.path <> o.path)::int
              + (select count(*) from invitation i join organization o on o.id = i.organization_id where i.path <> o.path and i.state = 'open')::int
              + (select count(*) from delegation d, jsonb_array_elements(d.scope) box, jsonb_array_elements(box -> 'places') p
                join organization o on o.id::text = p ->> 'id' where o.path <> p ->> 'path' and d.state <> 'ended')::int as stale`.execute(
            db,
          );
          return rows[0]!.stale;
        };
        return {
          acts: [
            (as) => as(owner(), 'organization.move', { organizationId: east.id, parentId: west.id }),
            (as) => invite(as, partner, 'ann', east),
            (as) =>
              home
                ? enrol(as, partner, 'bob', east)
                : as(people.bob, 'assignment.grant', {
                    membershipIds: [people.cem.membershipId],
                    entitlementIds: [stage.world.entitlements.partsBuyer],
                  }),
          ],
          state: async () => {
            const { rows } = await sql<{ people: number; parent: boolean }>`
              select (select count(*)::int from membership where organization_id = ${east.id}) as people,
                (select parent_id = ${west.id} from organization where id = ${east.id}) as parent`.execute(
              db,
            );
            return rows[0];
          },
          law: async (answers) => {
            expect(answers[0]).toBe('ok');
            expect(await stale()).toBe(0);
          },
        };
      },
    }),
  );
  await explore(stage, variants, schedules(120));
});

it('gives no more of a role than whoever gives it may (role edit against grant: I01)', async () => {
  const { db, entitlements } = stage.world;
  const variants = ['added', 'taken out'].map(
    (what): Variant => ({
      name: `something ${what}`,
      race: async ({ as }, partner): Promise<Race> => {
        const { people, top } = partner;
        const small = [entitlements.partsViewer];
        const large = [entitlements.partsViewer, entitlements.notesReader];
        const { id } = await as[0]!(owner(), 'access-role.create', {
          organizationId: top.id,
          name: 'Workshop',
          entitlementIds: what === 'added' ? small : large,
        });
        const give = (as: As, by: 'ann' | 'bob', to: 'cem' | 'dot') =>
          as(people[by], 'assignment.grant', {
            membershipIds: [people[to].membershipId],
            accessRoleIds: [id],
          }).then(({ results }) => {
            const [result] = results;
            if (!result?.ok)
              throw Object.assign(new Error(), { name: 'Refusal', code: result?.refusal?.code });
          });
        return {
          acts: [
            (as) =>
              as(owner(), 'access-role.update', {
                accessRoleId: id,
                entitlementIds: what === 'added' ? large : small,
              }),
            (as) => give(as, 'ann', 'cem'),
            (as) => give(as, 'bob', 'dot'),
          ],
          state: async () => {
            const { rows } = await sql<{ given: number; contents: number }>`
              select (select count(*)::int from assignment where access_role_id = ${id} and state = 'active') as given,
                (select count(*)::int from access_role_entitlement where access_role_id = ${id}) as contents`.execute(
              db,
            );
            return rows[0];
          },
          law: async () => {
            // The managers hand out parts only: what they gave, they gave while the role held nothing else.
            const { rows } = await sql<{ wrong: number }>`
              select count(*)::int as wrong from event g, event e
              where e.target_id = ${id} and e.type = 'access-role.updated' and g.type = 'assignment.given'
                and g.after ->> 'accessRoleId' = ${id} and (g.position > e.position) = ${what === 'added'}`.execute(
              db,
            );
            expect(rows[0]!.wrong).toBe(0);
            // And no manager's ceiling lets the rest be held, whatever the role holds.
            for (const one of ['cem', 'dot'] as const)
              expect(await holds(db, people[one].membershipId, entitlements.notesReader)).toBe(false);
          },
        };
      },
    }),
  );
  await explore(stage, variants, schedules(120));
});

it('lets nobody appoint with what an admin role came to hold meanwhile (I01)', async () => {
  const { db } = stage.world;
  const variant: Variant = {
    name: 'admin role widened',
    race: async ({ as }, partner): Promise<Race> => {
      const { people, top } = partner;
      const { id } = await as[0]!(owner(), 'admin-role.create', {
        organizationId: top.id,
        name: 'Desk',
        description: '',
        permissions: ['user.read'],
      });
      const appoint = (as: As, by: 'ann' | 'bob', to: 'cem' | 'dot') =>
        as(people[by], 'delegation.create', {
          organizationId: top.id,
          delegate: { membershipId: people[to].membershipId },
          adminRoleId: id,
          reason: '',
        });
      return {
        acts: [
          // Registering applications is nothing that a partner's manager may do.
          (as) =>
            as(owner(), 'admin-role.update', {
              adminRoleId: id,
              permissions: ['user.read', 'application.configure'],
            }),
          (as) => appoint(as, 'ann', 'cem'),
          (as) => appoint(as, 'bob', 'dot'),
        ],
        state: async () => {
          const { rows } = await sql<{ made: number; permissions: number }>`
            select (select count(*)::int from delegation where admin_role_id = ${id}) as made,
              (select cardinality(permissions) from admin_role where id = ${id}) as permissions`.execute(db);
          return rows[0];
        },
        law: async () => {
          const { rows } = await sql<{ late: number }>`
            select count(*)::int as late from event g, event e where e.target_id = ${id} and e.type = 'admin-role.updated'
              and g.type = 'delegation.created' and g.after ->> 'admin_role_id' = ${id} and g.position > e.position`.execute(
            db,
          );
          expect(rows[0]!.late).toBe(0);
        },
      };
    },
  };
  await explore(stage, [variant], schedules(80));
});

it('lets no ending wait longer than a second for a busy boundary (I14, I15)', async () => {
  const { db, entitlements } = stage.world;
  const waits: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    const partner = await growPartner(stage);
    const { people, top, delegations } = partner;
    const members = await Promise.all(
      Array.from({ length: 24 }, (_, one) => addPerson(db, `busy-${round}-${one}`, top)),
    );
    // Three pools give without a pause, one after another each; a fourth ends in the middle of it.
    let given = 0;
    let half: () => void = () => {};
    const busy = new Promise<void>((resolve) => {
      half = resolve;
    });
    const giving = [0, 1, 2].map(async (pool) => {
      for (const [index, { membershipId }] of members.entries()) {
        if (index % 3 !== pool) continue;
        const { results } = await stage.as[pool]!(people.ann, 'assignment.grant', {
          membershipIds: [membershipId],
          entitlementIds: [entitlements.partsViewer],
        }).catch((error) => {
          expect(error).toMatchObject({ name: 'Refusal' });
          return { results: [] };
        });
        given += results.filter(({ ok }) => ok).length;
        if (index >= 6) half();
      }
    });
    await busy;
    const started = performance.now();
    await stage.as[3]!(owner(), 'delegation.end', { delegationId: delegations.ann });
    waits.push(performance.now() - started);
    await Promise.all(giving);
    const { rows } = await sql<{ before: number; late: number }>`
      select count(*) filter (where g.position < e.position)::int as before, count(*) filter (where g.position > e.position)::int as late
      from event e, event g where e.type = 'delegation.ended' and e.target_id = ${delegations.ann} and g.type = 'assignment.given'
        and g.path >= ${top.path} and g.path < ${`${top.path}/`}`.execute(db);
    expect(rows[0]).toEqual({ before: given, late: 0 });
  }
  expect(Math.max(...waits)).toBeLessThan(1_000);
});
