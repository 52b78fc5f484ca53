import { alwaysAfter } from '../../authority/facts.ts';
import type { Holding, MayBegin } from '../../authority/holds.ts';
import type { AccountValues, ConnectorField } from '../connectors/connector.ts';
import { type Known, type Mapping, valuesOf } from './mapping.ts';

/**
 * What should be of one person in one target: from what they hold, never from what happened. Pure: the same facts give the
 * same answer, so that no older change can overtake a newer one (I47), and it says when time alone changes it.
 */
export type Presence = 'none' | 'disabled' | 'enabled';

export const lossPolicies = ['disable', 'delete', 'delete-after', 'leave'] as const;

export type Policy = {
  /** an account is made this many days before the first day, switched off; 0: on the first day itself */
  prepareDays: number;
  /**
   * When nothing mapped is held any more. `leave`: without roles but switched on while the person belongs to an organization
   * still, off after their last day (I17).
   */
  onLoss: (typeof lossPolicies)[number];
  /** with `delete-after`: days of 24 hours after the loss */
  deleteAfterDays: number;
};

/**
 * What a role of the target stands for. Accounts are by entitlements alone; the other two only add roles to them. That of an
 * organization comes with a membership there or below by which the account is held: to bring somebody in gives nothing.
 */
export type RoleFor = {
  /** as the target calls it; null: it gives the account and no role */
  name: string | null;
  /** whoever saved the target may not hand it out any more: nobody gets it anew, and who has it keeps it while it is held */
  stopped?: boolean;
} & (
  | { entitlementId: string; organizationId?: undefined; groupId?: undefined }
  | { organizationId: string; entitlementId?: undefined; groupId?: undefined }
  | { groupId: string; entitlementId?: undefined; organizationId?: undefined }
);

/** One membership that has not ended, as it stands. */
export type Belonging = {
  membershipId: string;
  /** its organization and those above */
  organizationIds: readonly string[];
  /** state of membership, person and places above; the days are `startsAt` and `endsAt`, half-open */
  active: boolean;
  startsAt: Date;
  endsAt: Date;
  home: boolean;
  groupIds: readonly string[];
  /** what may be sent of it: undefined when whoever saved the target may not see it */
  known: Known | undefined;
};

export type Person = {
  /** all of the person's holdings, those that are not mapped too */
  holdings: readonly Holding[];
  belongings: readonly Belonging[];
  /** when a rule of a relation may come to give something that is mapped; see `loadHoldings` */
  mayBegin?: readonly MayBegin[];
};

/** What is known of the account: `unsure` after a lost answer, and to be treated as there. */
export type Stands = 'none' | 'unsure' | 'disabled' | 'enabled' | 'gone';
export type Account = {
  stands: Stands;
  deleteAfter: Date | null;
  /** names of roles that it has there, as far as known */
  roleNames?: readonly string[];
};

export type Wish = {
  policy: Policy;
  roles: readonly RoleFor[];
  mapping: Mapping;
  /** the connector's values */
  fields: readonly ConnectorField[];
};

export type Desired = {
  presence: Presence;
  /** names in the target, sorted, each once; none unless enabled */
  roles: string[];
  /** what is to be written of the person; empty when nothing is (after a loss, or out of sight) */
  values: AccountValues;
  /** to be kept with the account: when it is deleted. Null when it is not to be: whoever came back is safe */
  deleteAfter: Date | null;
  /** the soonest instant at which time alone may change any of this; null: never */
  nextChangeAt: Date | null;
  /** the membership that the values come from */
  membershipId: string | null;
};

const day = 24 * 60 * 60 * 1000;

/**
 * Access that begins so soon is not prepared for: it is access just given, which may be undone meanwhile (ruling 12).
 */
const justGiven = 60_000;

/** @param account undefined: there was never one */
export function desired(person: Person, account: Account | undefined, wish: Wish, at: Date): Desired {
  const { policy, roles } = wish;
  const ofEntitlements = new Set(roles.flatMap(({ entitlementId }) => entitlementId ?? []));
  const mapped = person.holdings.filter(({ entitlementId }) => ofEntitlements.has(entitlementId));
  const held = mapped.filter((one) => one.held);
  const handedOut = new Set(roles.flatMap((role) => (role.stopped ? [] : (role.entitlementId ?? []))));
  const isHandedOut = (one: Holding): boolean => handedOut.has(one.entitlementId);
  // Those that may still come to be held: not begun, or stopped by what can be lifted again.
  const waiting = mapped.filter((one) => !one.held && at < one.until);
  const begins = (one: Holding): number => one.from.getTime() - policy.prepareDays * day;
  const near = waiting.filter(
    (one) => at < one.from && at.getTime() >= begins(one) && one.from.getTime() - at.getTime() > justGiven,
  );
  const there = account !== undefined && account.stands !== 'none' && account.stands !== 'gone';
  const belongs = person.belongings.filter((one) => one.active && one.startsAt <= at && at < one.endsAt);

  let presence: Presence;
  let deleteAfter: Date | null = null;
  if (!there) presence = held.some(isHandedOut) ? 'enabled' : near.some(isHandedOut) ? 'disabled' : 'none';
  else if (held.length > 0)
    presence = account.stands === 'disabled' && !held.some(isHandedOut) ? 'disabled' : 'enabled';
  else if (waiting.length > 0) presence = 'disabled';
  else if (policy.onLoss === 'leave')
    presence = belongs.length > 0 && account.stands !== 'disabled' ? 'enabled' : 'disabled';
  else if (policy.onLoss === 'delete') presence = 'none';
  else {
    if (policy.onLoss === 'delete-after')
      deleteAfter = account.deleteAfter ?? new Date(at.getTime() + policy.deleteAfterDays * day);
    presence = deleteAfter && at >= deleteAfter ? 'none' : 'disabled';
  }

  const source = sourceOf(person, held.length > 0 ? held : near);
  // Nothing of somebody out of sight goes out anew; what is there already follows what is held, or it would never end.
  if (!there && !source?.known) presence = 'none';
  const instants = [
    ...mapped.map((one) => one.changesAt),
    ...(person.mayBegin ?? []).flatMap((one) => (ofEntitlements.has(one.entitlementId) ? one.changesAt : [])),
    ...waiting.flatMap((one) => [
      one.from,
      one.until,
      new Date(begins(one)),
      new Date(one.from.getTime() - justGiven),
    ]),
    ...person.belongings.flatMap((one) => [one.startsAt, one.endsAt]),
    deleteAfter,
  ];
  return {
    presence,
    roles:
      held.length > 0 && presence !== 'disabled'
        ? rolesOf(roles, held, belongs, account?.roleNames ?? [])
        : [],
    values:
      source?.known && presence !== 'none' ? valuesOf(wish.mapping, source.known, wish.fields, !there) : {},
    deleteAfter,
    nextChangeAt: soonest(instants, at),
    membershipId: source?.membershipId ?? null,
  };
}

/** The membership whose values are written: the home where several give it, then the one that gave it first. */
function sourceOf({ belongings }: Person, by: readonly Holding[]): Belonging | undefined {
  const first = new Map<string, number>();
  for (const { membershipId, from } of by)
    first.set(membershipId, Math.min(first.get(membershipId) ?? Number.POSITIVE_INFINITY, from.getTime()));
  return belongings
    .filter(({ membershipId }) => first.has(membershipId))
    .sort(
      (one, other) =>
        Number(other.home) - Number(one.home) ||
        compare(first.get(one.membershipId)!, first.get(other.membershipId)!) ||
        compare(one.membershipId, other.membershipId),
    )[0];
}

function rolesOf(
  roles: readonly RoleFor[],
  held: readonly Holding[],
  belongs: readonly Belonging[],
  had: readonly string[],
): string[] {
  const entitlementIds = new Set(held.map(({ entitlementId }) => entitlementId));
  const by = new Set(held.map(({ membershipId }) => membershipId));
  const organizationIds = new Set(
    belongs.flatMap((one) => (by.has(one.membershipId) ? one.organizationIds : [])),
  );
  const groupIds = new Set(belongs.flatMap((one) => one.groupIds));
  const has = (role: RoleFor): boolean =>
    role.entitlementId !== undefined
      ? entitlementIds.has(role.entitlementId)
      : role.organizationId !== undefined
        ? organizationIds.has(role.organizationId)
        : groupIds.has(role.groupId);
  const given = roles.flatMap((role) =>
    role.name !== null && has(role) && (!role.stopped || had.includes(role.name)) ? [role.name] : [],
  );
  return [...new Set(given)].sort(compare);
}

/** What is for ever does not change by time. */
function soonest(instants: readonly (Date | null)[], at: Date): Date | null {
  const ahead = instants.flatMap((one) => (one && one > at && one < alwaysAfter ? [one.getTime()] : []));
  return ahead.length > 0 ? new Date(Math.min(...ahead)) : null;
}

const compare = <T extends string | number>(one: T, other: T): number =>
  one < other ? -1 : one > other ? 1 : 0;
