import { sql } from 'kysely';
import type { Chain, EntitlementLimit } from '../authority/delegation.ts';
import { type Facts, loadHeldBy } from '../authority/facts.ts';
import { gainedByJoining, gainedByLine, mayPassOn } from '../authority/gains.ts';
import type { ApplicationOf } from '../authority/within.ts';
import { permissionWords } from '../authority/words.ts';
import type { Context } from '../operation/operation.ts';
import { membershipTargets } from '../operation/targets.ts';
import { refuse } from '../platform/refusals.ts';

type Doer = Pick<Context, 'db'> & { facts: Facts };

/** The instance and its operator act without a delegation; nothing bounds them but what is recorded. */
const isBound = ({ facts }: Doer): boolean =>
  facts.actor.kind !== 'system' && facts.actor.kind !== 'operator';

/**
 * Whoever brings people into these places gives them what "members of" there have (ruling 2).
 * @throws Refusal `membership.gives-power` with the first thing that the doer could not pass on
 */
export async function requireMayBringIn(doer: Doer, paths: readonly string[]): Promise<void> {
  if (!isBound(doer)) return;
  const gained = await gainedByJoining(doer.db, [...new Set(paths)]);
  if (gained.length === 0) return;
  const applicationOf = await applicationsOf(doer, gained);
  for (const chain of gained)
    if (!mayPassOn(doer.facts, chain, undefined, applicationOf)) throw tooMuch(chain);
}

/**
 * Makes `change`, which writes a line manager, and refuses when those above in the line then have more over the person
 * and their reports than the doer could pass on. The refusal abandons the transaction with the change in it.
 */
export async function withinLine(
  doer: Doer,
  membershipId: string,
  lineManagerId: string,
  change: () => Promise<void>,
): Promise<void> {
  if (!isBound(doer)) return change();
  const { db } = doer;
  const { rows } = await sql<{ above: string[]; below: string[] }>`
    select array_prepend(l.id, l.line) as above,
      array(select m.id from membership m where m.line @> array[${membershipId}]::uuid[] and m.state <> 'ended') as below
    from membership l where l.id = ${lineManagerId}`.execute(db);
  const { above, below } = rows[0]!;
  const people = async () => {
    const targets = await membershipTargets(db, [membershipId, ...below]);
    return [membershipId, ...below].map((id) => targets.get(id)!);
  };
  const [heldBefore, peopleBefore] = [await loadHeldBy(db, above), await people()];
  await change();
  const gained = gainedByLine(heldBefore, await loadHeldBy(db, above), peopleBefore, await people());
  if (gained.length === 0) return;
  const applicationOf = await applicationsOf(
    doer,
    gained.map(({ chain }) => chain),
  );
  for (const gain of gained)
    if (!mayPassOn(doer.facts, gain.chain, gain.people, applicationOf)) throw tooMuch(gain.chain);
}

const tooMuch = (chain: Chain) =>
  refuse('membership.gives-power', {
    what: chain[0]!.permissions.slice(0, 3).map(permissionWords).join(', '),
  });

async function applicationsOf({ db, facts }: Doer, gained: readonly Chain[]): Promise<ApplicationOf> {
  const limits: EntitlementLimit[] = [...facts.links.values(), ...gained.flat()].map(
    (link) => link.entitlements,
  );
  const ids = limits.flatMap((limit) => (limit.all ? [] : limit.entitlements));
  const { rows } = await sql<{ id: string; applicationId: string }>`
    select id, application_id as "applicationId" from entitlement where id = any (${ids}::uuid[])`.execute(
    db,
  );
  const known = new Map(rows.map((row) => [row.id, row.applicationId]));
  return (id) => known.get(id);
}
