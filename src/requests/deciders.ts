import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import { whoBroughtActors } from '../authority/brought.ts';
import { type Holder, holderOf, nearestFirst } from '../authority/holders.ts';
import { type Candidate, loadCandidates, loadFactsOf } from '../authority/load-facts.ts';
import { ancestorsOf } from '../authority/place.ts';
import { withGivers } from '../authority/self.ts';
import type { DB } from '../platform/schema.gen.ts';
import type { Approver } from './policy.ts';
import { type Asking, mayDecide, membersAmong } from './rules.ts';
import { say } from './say.ts';
import { askingOf, type RequestRow } from './store.ts';

/**
 * Who can decide, to whoever asks: somebody of their own organization, or a level above; unnamed and uncounted,
 * because a standard user sees neither (ruling 9).
 */
export const whoDecides = z.object({
  level: z.enum(['here', 'above', 'nobody']),
  words: z.string(),
});
export type WhoDecides = z.infer<typeof whoDecides>;

/**
 * The people who can decide it now, nearest first: by the same rule as the decision itself. Looked up when asked,
 * never kept: whoever may decide at that moment does (I35).
 * @param step another step than the open one, with everybody who could come to be asked there
 */
export async function whoMayDecide(db: Kysely<DB>, row: RequestRow, step?: number): Promise<Holder[]> {
  const asking = askingOf(row, step);
  return (await lookForDeciders(db, [asking]))(asking);
}

/**
 * The same of many at once, for as long as nothing changes: everybody who may decide any of them is looked up together.
 * @param voters memberships that have said something: looked up by themselves, because of very many who stand in a
 * relation only some are looked through, and no vote is lost for that (I36)
 */
export async function lookForDeciders(
  db: Kysely<DB>,
  askings: readonly Asking[],
  voters: readonly string[] = [],
): Promise<(asking: Asking) => Holder[]> {
  const candidates = await candidatesFor(db, askings, voters);
  const people = candidates.map(({ facts }) => facts);
  const brought = await whoBroughtActors(db, people);
  return (asking) => {
    const places = new Set(ancestorsOf(asking.target.path));
    for (const { path } of asking.applications) for (const place of ancestorsOf(path)) places.add(place);
    return nearestFirst(
      candidates.flatMap((candidate) => {
        if (!candidate.reaches(places) && !isNamed(candidate, asking)) return [];
        const verdict = mayDecide(candidate.facts, asking, brought);
        return verdict.may ? holderOf(candidate, verdict.permit.because) : [];
      }),
    );
  };
}

/** With what tells quickly that somebody cannot be one of those asked; whoever might be is then judged by the rule. */
type Prepared = Candidate & {
  /** may reach one of these places: wider than the rule */
  reaches: (places: ReadonlySet<string>) => boolean;
  standsFor: readonly { membershipId: string; organizationId: string }[];
};

function prepare(candidate: Candidate): Prepared {
  const everybody = withGivers(candidate.facts);
  const boxes = everybody.flatMap(({ held }) => held.flatMap(({ scope }) => scope));
  const named = boxes.some(({ places }) => !places)
    ? undefined
    : [...new Set(boxes.flatMap(({ places }) => places!.map(({ path }) => path)))];
  return {
    ...candidate,
    reaches: (places) => !named || named.some((path) => path === '' || places.has(path)),
    standsFor: membersAmong(everybody),
  };
}

const isNamed = ({ standsFor }: Prepared, { approvers, lineManager }: Asking): boolean =>
  standsFor.some(
    ({ membershipId, organizationId }) =>
      membershipId === lineManager ||
      approvers.some(
        (one) =>
          (one.kind === 'people' && one.membershipIds.includes(membershipId)) ||
          (one.kind === 'members' && one.organizationId === organizationId),
      ),
  );

const byRight = new Set<Approver['kind']>([
  'managers',
  'level-above',
  'owners',
  'holders',
  'application-managers',
]);

/** Everybody who might be one of those asked: wider than the rule, which then decides. */
export async function candidatesFor(
  db: Kysely<DB>,
  askings: readonly Asking[],
  others: readonly string[] = [],
): Promise<Prepared[]> {
  const asks = ({ approvers }: Asking, is: (kind: Approver['kind']) => boolean): boolean =>
    approvers.some(({ kind }) => is(kind));
  const targets = askings.flatMap((asking) => [
    ...(asks(asking, (kind) => byRight.has(kind)) ? [asking.target] : []),
    // Or where the application stands, wherever the person is.
    ...(asks(asking, (kind) => kind === 'application-managers') ? asking.applications : []),
  ]);
  const found = targets.length > 0 ? await loadCandidates(db, targets, true) : [];
  for (const facts of await loadFactsOf(db, [...new Set([...(await namedBy(db, askings)), ...others])]))
    found.push({ facts, canSignIn: true });
  const once = new Map<string, Prepared>();
  for (const one of found) {
    const { actor } = one.facts;
    if (actor.kind === 'user' && actor.membershipId && !once.has(actor.membershipId))
      once.set(actor.membershipId, prepare(one));
  }
  return [...once.values()];
}

/** Memberships that the approvers name: themselves, and their deputies' deputies. */
async function namedBy(db: Kysely<DB>, askings: readonly Asking[]): Promise<string[]> {
  const named = askings.flatMap(({ approvers, lineManager }) =>
    approvers.map((approver) => ({ approver, lineManager })),
  );
  const organizations = named.flatMap(({ approver }) =>
    approver.kind === 'members' ? approver.organizationId : [],
  );
  const people = named.flatMap(({ approver, lineManager }) =>
    approver.kind === 'people'
      ? approver.membershipIds
      : approver.kind === 'line-manager' && lineManager
        ? [lineManager]
        : [],
  );
  if (people.length === 0 && organizations.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    with recursive named (id) as (
      select m.id from membership m where m.state = 'active' and (m.id = any (${people}::uuid[]) or m.organization_id = any (${organizations}::uuid[]))
      union
      select d.delegate_membership_id from named n join delegation d
        on d.giver_membership_id = n.id and d.kind = 'approve' and d.state = 'active' and d.delegate_membership_id is not null)
    select id from named`.execute(db);
  return rows.map(({ id }) => id);
}

export async function decidersOf(db: Kysely<DB>, row: RequestRow): Promise<WhoDecides> {
  const independent = await whoMayDecide(db, row);
  if (independent.length === 0)
    return {
      level: 'nobody',
      words: say('decides.nobody'),
    };
  if (independent.some(({ organizationId }) => organizationId === row.organizationId))
    return { level: 'here', words: say('decides.here', { organization: row.organizationName }) };
  return { level: 'above', words: say('decides.above') };
}
