import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { performImport } from '../enrolment/import/run.ts';
import { carryOnToTheEnd } from '../enrolment/people-import/run.ts';
import { enrolmentSubscribers } from '../enrolment/subscribers.ts';
import { waitingMailer } from '../notices/mail.ts';
import { noticeSubscribers } from '../notices/subscribers.ts';
import type { AnyOperation } from '../operation/operation.ts';
import { type Call, run } from '../operation/pipeline.ts';
import { type Config, ConfigError, readConfig, withSecretKeys } from '../platform/config.ts';
import { normalAddress } from '../platform/email-address.ts';
import { Refusal } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { SealingError } from '../platform/sealing.ts';
import { markTargets } from '../provisioning/sending/marks.ts';
import { refusalOf } from '../server/faults.ts';
import { reachDatabase } from './database.ts';
import { CommandError, endingOf } from './exit-codes.ts';
import { overHttp } from './over-http.ts';

/** Whoever a command speaks for: a named user or the operator on the database, or an API key at a server. */
export type Caller = {
  call: (declared: AnyOperation, input: unknown) => Promise<unknown>;
  /** what to say of it in a sentence */
  who: string;
  /** throws what went wrong in work that goes on beside the calls */
  check: () => void;
  /** waits for such work first */
  close(): Promise<void>;
};

/** The options by which every command names its caller. */
export type CallerOptions = {
  as?: string | undefined;
  in?: string | undefined;
  apiKey?: string | undefined;
  server?: string | undefined;
};

/**
 * What the operator may do without naming a user: look, take over and hand out whole organizations as files.
 * Everything else is somebody's act, decided by what they were given (ruling 17).
 */
const operatorsOwn = new Set(['import.plan', 'import.apply']);

export const operatorMay = (declared: AnyOperation): boolean =>
  operatorsOwn.has(declared.name) ||
  (declared.effect === 'reading' && declared.needs !== 'self' && declared.needs !== 'public');

export async function callerFor(options: CallerOptions): Promise<Caller> {
  const key = options.apiKey ?? (options.as === undefined ? process.env.REMIT_API_KEY : undefined);
  if (key !== undefined) {
    if (options.as !== undefined)
      throw new CommandError('usage', 'Give --as or --api-key, not both: an act is somebody’s or a key’s.');
    return overHttp(options.server ?? process.env.REMIT_URL ?? 'http://localhost:4000', key);
  }
  if (options.server !== undefined)
    throw new CommandError('usage', 'A server asks for an API key: give --api-key, or REMIT_API_KEY.');
  return onDatabase(options);
}

/** The same pipeline as the server's, on the same database: the same decisions (I10). */
async function onDatabase({ as, in: place }: CallerOptions): Promise<Caller> {
  const given = settings();
  const { database, close } = await reachDatabase(given);
  let working = Promise.resolve();
  let failed: { error: unknown } | undefined;
  const check = () => {
    if (failed) throw failed.error;
  };
  try {
    const services = {
      db: database.db,
      // Most commands need no secret: with a database of one's own they work without the keys, and the others say so.
      config: given.databaseUrl === undefined ? await guarded(async () => withSecretKeys(given)) : given,
      subscribers: [...enrolmentSubscribers, markTargets, ...noticeSubscribers(waitingMailer)],
    };
    const membershipId =
      as === undefined ? undefined : await guarded(() => findMembership(database.db, as, place));
    return {
      who: as ?? 'the operator',
      check,
      close: () => working.then(check).finally(close),
      call: (declared, input) =>
        guarded(async () => {
          if (membershipId === undefined && !operatorMay(declared))
            throw new CommandError(
              'usage',
              `Say who does this: --as <e-mail or user name>, or --api-key. Without a name only the operator's own commands work.`,
            );
          const call: Call = { credential: { kind: 'none' }, input, requestId: randomUUID() };
          if (membershipId === undefined) call.actAs = 'operator';
          else call.credential = { kind: 'membership', membershipId };
          const { output } = await run(services, declared, call);
          // No worker may be running beside this database; where one is, the two agree on who does it.
          if (declared.name === 'import.apply' && output.importId)
            working = guarded(() => performImport(services, output.importId)).catch((error: unknown) => {
              failed = { error };
            });
          const carried = ['people-import.differ', 'people-import.apply'].includes(declared.name);
          if (carried)
            working = guarded(() => carryOnToTheEnd(services, output.importId)).catch((error: unknown) => {
              failed = { error };
            });
          return output as unknown;
        }),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @throws CommandError naming every bad setting, and what `check` finds */
export function settings(check: (config: Config) => void = () => {}): Config {
  try {
    const config = readConfig(process.env);
    check(config);
    return config;
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandError('usage', error.message, 'cli.settings');
    throw error;
  }
}

/** Refusals and faults as the ending of a command. */
async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (error instanceof SealingError) throw new CommandError('unavailable', error.message);
    // undefined table or column: the schema is another version's
    if (['42P01', '42703', '3D000'].includes((error as { code?: string }).code ?? ''))
      throw new CommandError(
        'unavailable',
        'This database is not at this version’s schema. Run remit migrate.',
      );
    const refusal = refusalOf(error, 'this command');
    if (refusal.kind === 'fault' && !(error instanceof Refusal)) throw error;
    throw new CommandError(endingOf(refusal.kind), refusal.message, refusal.code, refusal.details);
  }
}

type Found = {
  id: string;
  displayName: string;
  organizationName: string;
  organizationId: string;
  isHome: boolean;
};

/** The membership that `--as` (and `--in`, where there are several) names; the home when not said. */
async function findMembership(db: Kysely<DB>, as: string, place: string | undefined): Promise<string> {
  const { rows } = await sql<Found>`
    select m.id, u.display_name as "displayName", o.name as "organizationName", o.id as "organizationId",
      u.home_organization_id = o.id as "isHome"
    from app_user u join membership m on m.user_id = u.id and m.state <> 'ended' join organization o on o.id = m.organization_id
    where u.proved_email = ${normalAddress(as)} or lower(u.user_name) = lower(${as}) or u.id::text = ${as} or m.id::text = ${as}
    order by u.display_name, o.path`.execute(db);
  const named =
    place === undefined
      ? rows
      : rows.filter((row) => row.organizationId === place || row.organizationName === place);
  if (rows.length === 0 || named.length === 0)
    throw new CommandError(
      'refused',
      `Nobody here is called ${as}${place && rows.length > 0 ? ` in ${place}` : ''}.`,
      'cli.unknown-user',
    );
  if (named.length === 1) return named[0]!.id;
  const homes = named.filter((row) => row.isHome);
  if (place === undefined && homes.length === 1) return homes[0]!.id;
  throw new CommandError(
    'usage',
    `${as} is in several organizations; name one with --in: ${named.map((row) => `${row.organizationName} (${row.organizationId})`).join(', ')}.`,
    'cli.ambiguous-user',
  );
}
