import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { holds } from '../../src/authority/holds.ts';
import { explore, type Race, schedules, type Variant } from './explore.ts';
import { type As, makeStage, type Partner, type Stage } from './stage.ts';

/** People whom two write at once, and rules that give while somebody goes. */
let stage: Stage;
beforeAll(async () => {
  stage = await makeStage();
});
afterAll(() => stage.close());

/** What the two write. */
type Written = { title: string; lastDay: string | null; userName: string | null };

const patch = (path: string, value: string) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'add', path, value }],
});
const tagOf = async (as: As, { people, top }: Partner): Promise<number> => {
  const { meta } = await as(people.ann, 'scim-user.read', {
    organizationId: top.id,
    membershipId: people.cem.membershipId,
  });
  return Number(/\d+/.exec((meta as { version: string }).version)![0]);
};

it('loses nothing that two write of one person at once', async () => {
  const { db } = stage.world;
  const state = async ({ people }: Partner) => {
    const { rows } = await sql<Written>`
      select title, last_day as "lastDay", (select user_name from scim_user s where s.membership_id = m.id) as "userName"
      from membership m where m.id = ${people.cem.membershipId}`.execute(db);
    return rows[0]!;
  };
  const variants = ['whoever comes last', 'only what they saw', 'a person among them'].map(
    (name): Variant => ({
      name,
      race: async ({ as }, partner): Promise<Race> => {
        const { people, top } = partner;
        const target = { organizationId: top.id, membershipId: people.cem.membershipId };
        const expected = name === 'only what they saw' ? { ifMatch: await tagOf(as[0]!, partner) } : {};
        const feed = (by: 'ann' | 'bob', path: string, value: string) => (as: As) =>
          as(people[by], 'scim-user.update', { ...target, body: patch(path, value) }, expected);
        const byHand = (as: As) =>
          as(people.bob, 'membership.update', { membershipId: target.membershipId, lastDay: '2099-12-31' });
        return {
          acts: [
            feed('ann', 'title', 'Fitter'),
            name === 'a person among them' ? byHand : feed('bob', 'userName', `${people.cem.name}.fed`),
          ],
          state: async () => {
            const { userName, ...rest } = await state(partner);
            return { ...rest, isNamed: userName === `${people.cem.name}.fed` };
          },
          law: async (answers) => {
            const now = await state(partner);
            if (name === 'only what they saw') expect(answers.toSorted()).toEqual(['ok', 'version.stale']);
            else {
              expect(answers).toEqual(['ok', 'ok']);
              expect(now.title).toBe('Fitter');
              if (name === 'a person among them') expect(now.lastDay).toBe('2099-12-31');
              else expect(now.userName).toBe(`${people.cem.name}.fed`);
            }
          },
        };
      },
    }),
  );
  await explore(stage, variants, schedules(45));
});

it('gives nothing by rule to who is going (I14, I15)', async () => {
  const { db, entitlements } = stage.world;
  const variants = ['a rule made', 'a title that fits'].map(
    (name): Variant => ({
      name,
      race: async ({ as }, partner): Promise<Race> => {
        const { people, top } = partner;
        const { membershipId } = people.cem;
        const rule = (as: As) =>
          as(people.ann, 'access-rule.create', {
            organizationId: top.id,
            name: 'Fitters',
            title: 'Fitter',
            entitlementId: entitlements.partsViewer,
          });
        const entitle = (as: As) => as(people.ann, 'membership.update', { membershipId, title: 'Fitter' });
        const [first, second] = name === 'a rule made' ? [entitle, rule] : [rule, entitle];
        await first(as[0]!);
        return {
          acts: [second, (as) => as(people.bob, 'membership.end', { membershipId })],
          state: async () => holds(db, membershipId, entitlements.partsViewer),
          law: async (answers) => {
            expect(answers[1]).toBe('ok');
            expect(await holds(db, membershipId, entitlements.partsViewer)).toBe(false);
          },
        };
      },
    }),
  );
  await explore(stage, variants, schedules(24));
});
