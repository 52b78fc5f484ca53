import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Actor, Credential } from '../../authority/facts.ts';
import { type Operation, operation } from '../../operation/operation.ts';
import { type Call, run } from '../../operation/pipeline.ts';
import type { SubscriberServices } from '../../operation/subscribers.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { Refusal, refuse } from '../../platform/refusals.ts';
import type { DB } from '../../platform/schema.gen.ts';
import { applyPlan, importEvents } from './apply.ts';
import { decideImport, type ImportAsked } from './decide-import.ts';
import { describePlan } from './plan.ts';
import type { Progress } from './work.ts';

/** Who asked for a take-over, to act in their name when the work is done; no secret stands in it. */
export type ImportActor =
  | { kind: 'membership'; membershipId: string }
  | { kind: 'client'; clientId: string }
  | { kind: 'operator' }
  | { kind: 'system' };

export function importActor(actor: Actor): ImportActor {
  switch (actor.kind) {
    case 'user':
      if (!actor.membershipId) throw refuse('auth.required');
      return { kind: 'membership', membershipId: actor.membershipId };
    case 'client':
      return { kind: 'client', clientId: actor.clientId };
    case 'operator':
    case 'system':
      return { kind: actor.kind };
    case 'anonymous':
      throw refuse('auth.required');
  }
}

export type ImportRun = {
  id: string;
  organizationId: string;
  actor: ImportActor;
  planHash: string;
  files: ImportAsked['files'] | null;
  options: Pick<ImportAsked, 'columns' | 'handOut'>;
  state: 'waiting' | 'running' | 'done' | 'failed';
};

async function readRun(db: Kysely<DB>, importId: string): Promise<ImportRun | undefined> {
  const { rows } = await sql<ImportRun>`
    select r.id, r.organization_id as "organizationId", r.actor, r.plan_hash as "planHash", r.files, r.options, r.state
    from import_run r where r.id = ${importId}`.execute(db);
  return rows[0];
}

/** Letters of files with some hundred rows: after those, nobody notices what the database believes. */
const fewRows = 100_000;

/**
 * Does the work of a take-over that was asked for: all of it in one transaction, as the actor who asked, whose facts
 * are decided again. May be called twice (a job that is tried again): a run that is done stays done, and of two at
 * once one works. Whatever comes of it stands under the id.
 */
export async function performImport(services: SubscriberServices, importId: string): Promise<void> {
  const asked = await readRun(services.db, importId);
  if (!asked?.files || asked.state === 'done' || asked.state === 'failed') return;
  const call = await callOf(services.db, asked);
  // Nobody was told of these people yet: their own invitations come later, so no mail follows from these events;
  // what they should have in connected systems does.
  const quiet = { ...services, subscribers: services.subscribers.filter(({ once }) => once) };
  try {
    await run(quiet, work(services.db, asked), call);
    // What comes right after, connected systems above all, would be planned for an organization without people: five
    // times as slow for 1,500 of them, until the database counts by itself within a minute.
    if (JSON.stringify(asked.files).length > fewRows)
      await sql`analyze organization, app_user, membership, assignment, delegation, application, entitlement`.execute(
        services.db,
      );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const result = { code: error.code, text: error.message, details: error.details };
    await sql`update import_run set state = 'failed', result = ${JSON.stringify(result)}::jsonb, files = null, finished_at = remit_now()
      where id = ${importId} and state in ('waiting', 'running')`.execute(services.db);
  }
}

/** The call of whoever asked, as of now. */
export async function callOf(
  db: Kysely<DB>,
  asked: Pick<ImportRun, 'id' | 'actor' | 'organizationId'>,
): Promise<Call> {
  const { actor, organizationId } = asked;
  const call = { input: { organizationId }, requestId: asked.id };
  if (actor.kind === 'operator' || actor.kind === 'system')
    return { ...call, credential: { kind: 'none' }, actAs: actor.kind };
  if (actor.kind === 'membership') return { ...call, credential: actor };
  const { rows } = await sql<{
    hash: Buffer;
  }>`select key_hash as hash from client where id = ${actor.clientId}`.execute(db);
  const credential: Credential = rows[0] ? { kind: 'key', keyHash: rows[0].hash } : { kind: 'none' };
  return { ...call, credential };
}

/** The second half of `import.apply`: the same permission, decided at the time of the work. */
const work = (outside: Kysely<DB>, asked: ImportRun): Operation =>
  operation({
    name: 'import.apply',
    summary: 'Do the work of a take-over.',
    http: 'POST /imports',
    input: z.object({ organizationId: z.uuid() }),
    output: z.object({}),
    needs: {
      permission: 'organization.import',
      target: (db, input) => organizationTarget(db, input.organizationId),
      visibleBy: 'organization.read',
    },
    effect: 'changing',
    events: importEvents,
    run: async (context) => {
      const { rows } = await sql<{ mine: boolean }>`
        select pg_try_advisory_xact_lock(hashtextextended(${asked.id}, 0)) as mine`.execute(context.db);
      const now = await readRun(context.db, asked.id);
      if (!rows[0]!.mine || !now?.files || now.state === 'done') {
        context.nothingChanged();
        return {};
      }
      const progress = progressOf(outside, asked.id);
      await progress('reading', 0, 0);
      const decided = await decideImport(
        context,
        context.target,
        { ...asked, ...asked.options, files: now.files },
        true,
      );
      if (decided.problems.count > 0) throw refuse('import.invalid', { count: decided.problems.count });
      if (!decided.work || decided.planHash !== asked.planHash) throw refuse('import.changed');
      try {
        await applyPlan(context, decided.work, progress);
      } catch (error) {
        // Somebody made the same thing by hand in this moment: look at the new difference.
        if ((error as { code?: string }).code === '23505') throw refuse('import.changed');
        throw error;
      }
      const counts = describePlan(decided.work.plan).map(({ examples: _, ...counted }) => counted);
      context.record({
        type: 'import.applied',
        targetKind: 'import',
        targetId: asked.id,
        organizationId: context.target.organizationId,
        path: context.target.path,
        after: { id: asked.id, state: 'done', counts },
        because: decided.work.ceiling.because,
      });
      await finish(context.db, asked.id, { counts });
      return {};
    },
  }) as unknown as Operation;

/** Written on a connection of its own, so that others see it while the work is not committed. */
const progressOf =
  (outside: Kysely<DB>, importId: string): Progress =>
  async (phase, done, total) => {
    await sql`update import_run set state = 'running', phase = ${phase}, done = ${done}, total = ${total} where id = ${importId}`.execute(
      outside,
    );
  };

/** In the transaction of the work: either all of it is there and the run says so, or none of it. */
async function finish(trx: Kysely<DB>, importId: string, result: unknown): Promise<void> {
  await sql`update import_run set state = 'done', phase = 'done', done = total, result = ${JSON.stringify(result)}::jsonb, files = null,
    finished_at = remit_now() where id = ${importId}`.execute(trx);
}
