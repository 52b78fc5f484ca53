import {
  type AccountValues,
  ConnectorError,
  type Description,
  type Seen,
  type Session,
} from '../connectors/connector.ts';
import type { RoleRow } from '../store.ts';
import type { Presence, Stands } from '../wanted/desired.ts';
import { type Step, sameValue, stepsTo } from '../wanted/difference.ts';
import { type Look, refsOf } from '../wanted/look.ts';
import type { Problem } from './outcome.ts';
import type { QueuedPassword } from './passwords.ts';
import type { Claimed } from './queue.ts';

/** What is known of an account while it is worked on; kept after each step, so that a broken one is told from a done one. */
export type Found = {
  stands: Stands;
  externalId: string | null;
  thereDigest: string;
  roles: string[];
  what: string[];
  calls: number;
  took: boolean;
  /** the password that waited was taken */
  passwordTaken: boolean;
  /** values are to be others than those that are there, and were not sent */
  withheld: boolean;
  /** names of those, where what is there was read */
  differing: string[] | null;
  /** roles were found there that are to be taken, which nobody had counted: nothing was written */
  uncounted: boolean;
  /** it was to be made, and stood there already, by no attempt of ours */
  wasThere: boolean;
};

export type Attempted = Found & {
  /** an answer had been lost, and what is there was read */
  readBack: boolean;
  failure?: { problem: Problem; after?: number | undefined; status?: string | undefined; fault?: unknown };
};

/** A call that broke off is judged by what it was: reading may always be done again. */
const reading = ['find', 'read'];

/**
 * Brings one account to what it should be. What is there is read before it is written to where an answer was lost, or where
 * its values differ; else what was last known of it is gone by. Answers with how it stands, however far it came.
 * @param withhold values are not written over what is there: many would be at once, and a person has to agree. All else is
 *   done: who is to be switched off is, and a password arrives
 */
export async function attempt(
  session: Session,
  { can }: Pick<Description, 'can'>,
  claimed: Claimed,
  { desired, digest }: Look,
  roles: readonly RoleRow[],
  { password, withhold = false }: { password?: QueuedPassword | undefined; withhold?: boolean } = {},
): Promise<Attempted> {
  const found: Attempted = {
    stands: claimed.stands,
    externalId: claimed.externalId,
    thereDigest: claimed.thereDigest,
    roles: claimed.roles,
    what: [],
    calls: 0,
    took: false,
    passwordTaken: false,
    withheld: false,
    differing: null,
    uncounted: false,
    wasThere: false,
    readBack: false,
  };
  const { correlation } = claimed;
  let step = '';
  const call = async <T>(name: string, made: () => Promise<T>): Promise<T> => {
    step = name;
    found.what.push(name);
    found.calls += 1;
    const answer = await made();
    step = '';
    return answer;
  };
  const refs = refsOf(desired.roles, roles).flatMap((ref) => ref ?? []);
  const lookedAfter = roles.flatMap(({ externalId }) => externalId ?? []);
  const should = { presence: desired.presence, roles: refs, values: desired.values };

  /** What is there by what the target says; undefined: nothing. */
  const readThere = async (): Promise<Seen | undefined> => {
    const seen =
      found.externalId !== null ? await call('read', () => session.read(found.externalId!)) : undefined;
    if (seen || !can.find) return seen;
    return await call('find', () => session.find(correlation));
  };
  const noteSeen = (seen: Seen | undefined): void => {
    found.stands = seen
      ? seen.enabled
        ? 'enabled'
        : 'disabled'
      : found.externalId === null
        ? 'none'
        : 'gone';
    found.externalId = seen?.id ?? null;
    found.roles = seen?.roles
      ? seen.roles.filter((role) => lookedAfter.includes(role))
      : seen
        ? found.roles
        : [];
  };

  let keeping = withhold;
  try {
    let seen: Seen | undefined;
    let wasRead = false;
    if (session.bring) {
      // People do all of it in one go. What they said is the only thing that is known, and is asked every time.
      const before = claimed.stands;
      seen = await call('find', () => session.find(correlation));
      noteSeen(seen);
      found.withheld = withhold && seen !== undefined && desired.presence !== 'none';
      const values = found.withheld ? seen!.values : desired.values;
      const whole = { correlation, presence: desired.presence, values, roles: refs };
      noteSeen(await call('bring', () => session.bring!(whole)));
      if (found.externalId === null && (claimed.externalId !== null || before === 'gone'))
        found.stands = 'gone';
      found.took = lowers(desired.presence, before) || claimed.roles.some((ref) => !refs.includes(ref));
      found.thereDigest =
        found.externalId === null
          ? ''
          : Object.keys(should.values).length > 0 && !found.withheld
            ? digest
            : found.thereDigest;
      return found;
    }
    if (found.stands === 'unsure' || claimed.verify) {
      // What cannot be read is taken to be there: switching off and deleting twice are no errors, nor is making it twice.
      seen = await readThere();
      wasRead = true;
      if (!seen && !can.find)
        seen =
          found.externalId !== null || desired.presence !== 'enabled'
            ? {
                id: found.externalId ?? correlation,
                correlation,
                enabled: true,
                values: {},
                roles: undefined,
              }
            : undefined;
      noteSeen(seen);
      found.readBack = true;
    } else if (found.stands === 'enabled' || found.stands === 'disabled') {
      if (!keeping && digest !== found.thereDigest && Object.keys(should.values).length > 0 && can.find) {
        seen = await readThere();
        wasRead = true;
        noteSeen(seen);
      } else
        seen = {
          id: found.externalId!,
          correlation,
          enabled: found.stands === 'enabled',
          values: {},
          roles: found.roles,
        };
    }
    for (let round = 0; round < 3; round += 1) {
      const comparing = !keeping && (wasRead || digest !== found.thereDigest);
      found.withheld = keeping && seen !== undefined && desired.presence !== 'none';
      if (found.withheld && wasRead && can.find) {
        found.differing = namesThatDiffer(should.values, seen!.values);
        // Somebody there made it so already.
        found.withheld = found.differing.length > 0;
      }
      const wanted = { ...should, values: seen && !comparing ? {} : should.values };
      const steps = stepsTo(wanted, seen, { correlation, can, lookedAfter });
      // Known only since it was read: what would be taken is counted before (I49).
      if (
        wasRead &&
        seen?.roles &&
        desired.presence === 'enabled' &&
        !claimed.cleared &&
        steps.some(takesRoles)
      ) {
        found.uncounted = true;
        return found;
      }
      try {
        for (const one of steps) await carryOut(one, { session, found, call, correlation });
        if (found.stands === 'enabled' || found.stands === 'disabled')
          found.thereDigest =
            Object.keys(should.values).length > 0 && !found.withheld ? digest : found.thereDigest;
        if (
          password &&
          !(password.first && found.wasThere) &&
          desired.presence !== 'none' &&
          found.externalId !== null
        ) {
          const { form, value } = password;
          await call('set-password', () => session.setPassword(found.externalId!, form, value));
          found.passwordTaken = true;
        }
        return found;
      } catch (error) {
        if (!(error instanceof ConnectorError) || round === 2) throw error;
        // There already, under our name: an answer of before was lost. It is ours, and is gone on from.
        if (error.problem === 'exists' && step === 'create' && can.find) {
          seen = await call('find', () => session.find(correlation));
          if (!seen) throw error;
          // No answer of ours was lost: it is from another time, and its values are others' until they were counted (I49).
          found.wasThere = claimed.stands !== 'unsure';
          keeping ||= found.wasThere;
        } else if (error.problem === 'absent' && step !== 'create') {
          // Somebody took it away there: what should be decides whether it is made again.
          found.externalId = null;
          seen = can.find ? await call('find', () => session.find(correlation)) : undefined;
        } else throw error;
        wasRead = true;
        noteSeen(seen);
      }
    }
    return found;
  } catch (error) {
    return failed(found, step, error);
  }
}

const takesRoles = (step: Step): boolean => step.do === 'update' && step.change.rolesRemoved.length > 0;

const namesThatDiffer = (wanted: AccountValues, there: AccountValues): string[] =>
  Object.keys(wanted)
    .filter((name) => !sameValue(wanted[name]!, there[name] ?? null))
    .sort();

type Hands = {
  session: Session;
  found: Found;
  call: <T>(name: string, made: () => Promise<T>) => Promise<T>;
  correlation: string;
};

async function carryOut(step: Step, { session, found, call }: Hands): Promise<void> {
  const id = found.externalId!;
  switch (step.do) {
    case 'create': {
      const made = await call('create', () => session.create(step.wanted));
      found.externalId = made.id;
      found.stands = step.wanted.enabled ? 'enabled' : 'disabled';
      found.roles = [...step.wanted.roles];
      return;
    }
    case 'update':
      await call('update', () => session.update(id, step.change));
      found.took ||= step.change.rolesRemoved.length > 0;
      found.roles = [
        ...found.roles.filter((role) => !step.change.rolesRemoved.includes(role)),
        ...step.change.rolesAdded.filter((role) => !found.roles.includes(role)),
      ];
      return;
    case 'enable':
      await call('enable', () => session.enable(id));
      found.stands = 'enabled';
      return;
    case 'disable':
      await call('disable', () => session.disable(id));
      found.stands = 'disabled';
      found.took = true;
      return;
    case 'delete':
      await call('delete', () => session.delete(id));
      found.stands = 'gone';
      found.externalId = null;
      found.thereDigest = '';
      found.roles = [];
      found.took = true;
  }
}

function failed(found: Attempted, step: string, error: unknown): Attempted {
  const ours = error instanceof ConnectorError;
  const lost = step !== '' && !reading.includes(step) && (!ours || error.mayHaveHappened);
  return {
    ...found,
    stands: lost ? 'unsure' : found.stands,
    failure: ours
      ? { problem: error.problem, after: error.after, status: error.status }
      : { problem: 'fault', fault: error },
  };
}

/** How far what is wanted lies below what is there. */
export const lowers = (wanted: Presence | undefined, stands: Stands): boolean =>
  wanted === 'none'
    ? stands === 'enabled' || stands === 'disabled' || stands === 'unsure'
    : wanted === 'disabled' && (stands === 'enabled' || stands === 'unsure');
