import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeWorld, type World } from '../harness/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code });

describe('the risk of a role', () => {
  it('is set with the role and changed by whoever looks after the application', async () => {
    const application = await world.as('owner', 'application.register', {
      organizationId: world.organizations.root.id,
      key: 'pay',
      name: 'Pay',
      roles: [
        { key: 'reader', name: 'Reader', risk: 'low' },
        { key: 'payer', name: 'Payer' },
      ],
    });
    expect(application.roles.map(({ key, risk }) => [key, risk])).toEqual([
      ['payer', 'normal'],
      ['reader', 'low'],
    ]);
    const entitlementId = application.roles[0]!.entitlementId;
    const added = await world.as('owner', 'application.add-role', {
      applicationId: application.id,
      key: 'chief',
      name: 'Chief',
      risk: 'high',
    });
    expect(added).toMatchObject({ key: 'chief', risk: 'high' });
    expect(await world.as('owner', 'entitlement.update', { entitlementId, risk: 'high' })).toMatchObject({
      risk: 'high',
      name: 'Payer',
    });
    await expect(
      world.as('acmeManager', 'entitlement.update', { entitlementId, risk: 'low' }),
    ).rejects.toEqual(refusal('not-found'));
    const { rows } = await sql<{ was: string; is: string }>`
      select before->>'risk' as was, after->>'risk' as is from event where type = 'entitlement.updated'`.execute(
      world.db,
    );
    expect(rows).toEqual([{ was: 'normal', is: 'high' }]);
  });
});
