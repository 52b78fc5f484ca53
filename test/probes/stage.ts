import { sql } from 'kysely';
import { run } from '../../src/operation/pipeline.ts';
import { Refusal } from '../../src/platform/refusals.ts';
import { type OperationName, operations } from '../../src/server/operations.gen.ts';
import { type Atlas, readAtlas } from './atlas.ts';
import { type Actor, type Landscape, makeLandscape } from './landscape.ts';
import { openRehearsal, type Rehearsal, type Written } from './rehearsal.ts';

/** What came of an act: what a caller would see, and what was written. */
export type Outcome = {
  answer:
    | { ok: true; output: unknown }
    | { ok: false; code: string; kind: string; detail: string; details: unknown };
  written: Written[];
};

export type Stage = Landscape & {
  rehearsal: Rehearsal;
  atlas: Atlas;
  /** membership -> who gave it its delegation: named to its holder */
  givers: Map<string, { userId: string; name: string }>;
  /** Runs an operation as somebody, through the real pipeline, and undoes it. `before` makes the moment, then `input` is read. */
  play: (
    actor: Actor,
    name: OperationName,
    input: unknown,
    options?: { before?: () => Promise<void>; idempotencyKey?: string; ifMatch?: number },
  ) => Promise<Outcome>;
  /** Several acts one after the other, each seeing what those before did; all of it is undone at the end. */
  scene: <T>(script: (act: Act) => Promise<T>) => Promise<T>;
  close: () => Promise<void>;
};

export type Act = (
  actor: Pick<Actor, 'credential'>,
  name: OperationName,
  input: unknown,
  options?: { idempotencyKey?: string; ifMatch?: number },
) => Promise<Outcome['answer']>;

/** The landscape, with everything that is done on it undone again. */
export async function openStage(): Promise<Stage> {
  const landscape = await makeLandscape();
  const { services } = landscape.world;
  const rehearsal = await openRehearsal(landscape.world.url);
  services.db = rehearsal.db;
  const atlas = await readAtlas(rehearsal.db);
  const { rows: givers } = await sql<{ membershipId: string; userId: string; name: string }>`
    select d.delegate_membership_id as "membershipId", u.id as "userId", u.display_name as name
    from delegation d join app_user u on u.id = d.giver_user_id where d.delegate_membership_id is not null`.execute(
    rehearsal.db,
  );
  const through = landscape.actors.lineManager;
  const { rows: related } = await sql<{ membershipId: string; userId: string; name: string }>`
    select ${through.membershipId} as "membershipId", u.id as "userId", u.display_name as name
    from delegation d join app_user u on u.id = d.giver_user_id where d.id = ${through.related}`.execute(
    rehearsal.db,
  );
  const actOn =
    (db: Rehearsal['db']): Act =>
    (actor, name, input, options = {}) =>
      answerOf(() =>
        run({ ...services, db }, operations[name], {
          credential: actor.credential,
          input,
          requestId: 'probe',
          caller: { address: '192.0.2.1', userAgent: 'probe', sessionToken: undefined },
          ...options,
        }),
      );
  /**
   * For a moment that is undone: what the process keeps of a session goes by stamps, and one that was undone comes again with
   * another meaning. Outside of here nobody reads before a commit.
   */
  const moment = (): Rehearsal['db'] => rehearsal.db.$extendTables();
  return {
    ...landscape,
    givers: new Map([
      ...givers.map(({ membershipId, ...giver }) => [membershipId, giver] as const),
      ...related.map(({ membershipId, ...giver }) => [membershipId, giver] as const),
    ]),
    rehearsal,
    atlas,
    play: async (actor, name, input, { before, ...options } = {}) => {
      const { result, written } = await rehearsal.attempt(async () => {
        if (before) {
          await before();
          // What made the moment is not the act.
          await rehearsal.forget();
        }
        const act = actOn(before ? moment() : rehearsal.db);
        return await act(actor, name, typeof input === 'function' ? input() : input, options);
      });
      return { answer: result, written };
    },
    scene: async (script) => (await rehearsal.attempt(() => script(actOn(moment())))).result,
    close: async () => {
      await rehearsal.close();
      await landscape.world.close();
    },
  };
}

async function answerOf(act: () => Promise<{ output: unknown }>): Promise<Outcome['answer']> {
  try {
    return { ok: true, output: JSON.parse(JSON.stringify((await act()).output ?? null)) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, code: error.code, kind: error.kind, detail: error.message, details: error.details };
  }
}
