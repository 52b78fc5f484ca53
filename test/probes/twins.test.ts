import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operationNames } from '../../src/server/operations.gen.ts';
import { acts, twinElsewhere } from './acts.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

/** A system that refuses everything would pass every probe; here each operation has to do its work. */
describe('each operation, asked by somebody who may', () => {
  for (const name of operationNames.filter((one) => !twinElsewhere[one])) {
    it(name, async () => {
      const { input, twin } = acts[name] as (typeof acts)['user.list'];
      const things = stage.things[twin.at];
      const { answer, written } = await stage.play(
        stage.actors[twin.by],
        name,
        () => (twin.input ?? input)(things, stage),
        twin.before ? { before: () => twin.before!(stage, things) } : {},
      );
      expect(answer).toMatchObject({ ok: true });
      expect(twin.shows ?? twin.writes, 'a twin says what comes of it').toBeTruthy();
      if (twin.shows && answer.ok)
        expect(
          twin.shows(answer.output as never, things, stage),
          JSON.stringify(answer.output).slice(0, 2000),
        ).toBe(true);
      if (twin.writes) expect(written.map(({ table }) => table)).toContain(twin.writes);
    });
  }
});
