import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Input } from '../../src/server/operations.gen.ts';
import type { PersonName } from '../harness/world.ts';
import { makeStage, type Stage } from './stage.ts';

/** Fields of the organization's own, all the way: recorded of a person, read by a rule, mapped onto their account. */
let stage: Stage;
let targetId: string;
const at = () => stage.world.organizations.acme.id;
const field = (key: string, more: Partial<Input<'attribute.define'>>) =>
  stage.as('acmeManager', 'attribute.define', {
    organizationId: at(),
    key,
    label: key,
    kind: 'text',
    ...more,
  });
const record = async (
  attributes: Record<string, string | number | boolean | null>,
  person: PersonName = 'northMember',
) => {
  const { membershipId } = stage.world.people[person];
  await stage.as('acmeManager', 'membership.update', { membershipId, attributes });
  await stage.settleAll(targetId);
};
const account = (person: PersonName = 'northMember') =>
  [...stage.remote.there.values()].find(
    ({ correlation }) => correlation === stage.world.people[person].userId,
  );

beforeAll(async () => {
  stage = await makeStage();
  await field('depot', { kind: 'choice', choices: ['north', 'south'] });
  await field('desk', { kind: 'number' });
  await field('since', { kind: 'date' });
  await field('cost', { changedBy: 'source' });
  await stage.as('acmeManager', 'access-rule.create', {
    organizationId: at(),
    name: 'The north',
    fields: [{ key: 'depot', in: ['north'] }],
    entitlementId: stage.world.entitlements.partsViewer,
  });
  targetId = await stage.connect({
    mapping: [
      { to: 'name', pieces: [{ field: 'displayName' }] },
      { to: 'mail', pieces: [{ field: 'attribute.since' }] },
      { to: 'title', pieces: [{ text: 'desk ' }, { field: 'attribute.desk' }] },
    ],
  });
});
afterAll(() => stage.close());

describe('a field', () => {
  it('gives the account by a rule, and stands in it as it is mapped', async () => {
    await record({ depot: 'south', desk: 7.5, since: '2026-03-01' });
    expect(account()).toBeUndefined();
    await record({ depot: 'north' });
    expect(account()).toMatchObject({
      enabled: true,
      roles: ['viewers'],
      values: { mail: '2026-03-01', title: 'desk 7.5' },
    });
  });

  it('changes there when it changes here, and is gone there when it is here', async () => {
    await record({ depot: 'north', desk: 8, since: '2026-03-02' });
    expect(account()?.values).toMatchObject({ mail: '2026-03-02', title: 'desk 8' });
    await record({ desk: null, since: null });
    const { mail, title } = account()!.values;
    expect([mail || null, title || null]).toEqual([null, null]);
  });

  it('takes the access with it', async () => {
    await record({ depot: 'north' });
    expect(account()).toMatchObject({ roles: ['viewers'] });
    await record({ depot: 'south' });
    expect(account()?.enabled ?? false).toBe(false);
  });
});
