import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWorld, type World } from '../harness/world.ts';

/** Who gains and loses what, before it is done; and then exactly that, or nothing. */
let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

const refused = (code: string) => expect.objectContaining({ code });

describe('a preview', () => {
  it('says who loses what by name, and changes nothing', async () => {
    const { rows: before } = await countEvents();
    const shown = await world.as('owner', 'change.preview', {
      operation: 'delegation.end',
      input: { delegationId: world.delegations.acmeManager },
    });
    expect(shown.counts.gains).toEqual({ people: 0, powers: 0, access: 0 });
    expect(shown.outside).toBe(false);
    expect((await countEvents()).rows).toEqual(before);
  });
});

const countEvents = () => sql<{ events: number }>`select count(*) as events from event`.execute(world.db);
