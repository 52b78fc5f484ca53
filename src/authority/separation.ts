import type { Refusal } from '../platform/refusals.ts';
import { refuse } from '../platform/refusals.ts';
import { decide } from './decide.ts';
import type { Facts } from './facts.ts';
import { isAtOrBelow } from './place.ts';
import { isSelf } from './self.ts';

/**
 * Separation of duties: roles that one person may not hold together (I37). What is given is refused by the database when
 * it is written (sql/0026-separation.sql); what is read at use yields here, so that whatever was written, by whatever path
 * and for whenever, nobody holds too many at any check. Pure.
 */
export type SeparationSet = {
  id: string;
  /** where it stands: memberships there and below count */
  path: string;
  /** this many of its parts, or more, are too many for one person */
  tooMany: number;
  /** roles of applications */
  parts: readonly string[];
  /** people with a live exception now */
  excepted: readonly string[];
  /** the next bound of any of their exceptions; null when there is none ahead */
  changesAt?: string | null;
};

/** Something that a person holds now, by one source. */
export type Duty = {
  userId: string;
  path: string;
  entitlementId: string;
  /** of the assignment or the rule */
  assignmentId: string;
  ruleId: string | null;
  startsAt: Date;
};

/**
 * Which of these yield. What was given stays before what a rule finds, and what came first before what came later: of a
 * set that must not be held whole the first ones stay. The order is a total one, so that every asker has the same answer.
 */
export function yielding<D extends Duty>(sets: readonly SeparationSet[], duties: readonly D[]): Set<D> {
  const kept = new Map<string, Set<string>>();
  const gone = new Set<D>();
  for (const duty of [...duties].sort(comesFirst)) {
    const counting = sets.filter(
      ({ path, parts, excepted }) =>
        parts.includes(duty.entitlementId) && isAtOrBelow(duty.path, path) && !excepted.includes(duty.userId),
    );
    const held = counting.map(({ id }) => kept.get(`${id} ${duty.userId}`) ?? new Set<string>());
    const fits = counting.every(
      ({ tooMany }, n) => held[n]!.has(duty.entitlementId) || held[n]!.size + 1 < tooMany,
    );
    if (!fits) {
      gone.add(duty);
      continue;
    }
    counting.forEach(({ id }, n) => {
      kept.set(`${id} ${duty.userId}`, held[n]!.add(duty.entitlementId));
    });
  }
  return gone;
}

function comesFirst(one: Duty, other: Duty): number {
  return (
    Number(one.ruleId !== null) - Number(other.ruleId !== null) ||
    one.startsAt.getTime() - other.startsAt.getTime() ||
    compare(one.assignmentId, other.assignmentId) ||
    compare(one.path, other.path) ||
    compare(one.entitlementId, other.entitlementId)
  );
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** A role that stands in the way, and through which membership it is held, when it is known. */
export type Part = {
  entitlementId: string;
  name: string;
  applicationName: string;
  membershipId: string | null;
  organizationId: string;
  path: string;
  userId: string | null;
  line?: string[] | null;
};

/** What would be too many together, as the database or a look before says it. */
export type Broken = {
  id: string;
  name: string;
  organizationId: string;
  path: string;
  roles: readonly Part[];
};

/**
 * What of it an actor may know: the set where they see who has which access, a role where they see what its holder has,
 * or it is their own. The rest is one bit (ruling 10).
 */
export function brokenAsSeen(
  facts: Facts | undefined,
  { id, name, organizationId, path, roles }: Broken,
): { name: string | null; roles: Part[] } {
  const { actor } = facts ?? {};
  if (actor?.kind === 'system' || actor?.kind === 'operator') return { name, roles: [...roles] };
  if (!facts) return { name: null, roles: [] };
  const sees = (target: Parameters<typeof decide>[2]): boolean =>
    decide(facts, 'access.read', target).effect === 'permit';
  return {
    name: sees({ kind: 'separation', id, organizationId, path, off: false }) ? name : null,
    roles: roles.filter(
      (role) =>
        role.membershipId === null ||
        isSelf(facts, role.userId) ||
        sees({
          kind: 'membership',
          id: role.membershipId,
          organizationId: role.organizationId,
          path: role.path,
          off: false,
          userId: role.userId ?? undefined,
          line: role.line ?? undefined,
        }),
    ),
  };
}

/** The one refusal, naming what this actor may know of it. */
export function refuseBroken(facts: Facts | undefined, broken: Broken): Refusal {
  const seen = brokenAsSeen(facts, broken);
  const names = [...new Set(seen.roles.map(({ name, applicationName }) => `${applicationName} ${name}`))];
  const roles = names.sort().join(', ');
  const which = seen.name === null ? roles : roles ? `${seen.name}: ${roles}` : seen.name;
  return refuse('separation.broken', which ? { which } : {});
}
