import { type Act, permitFor } from '../access/rules.ts';
import { decide, type Permit } from '../authority/decide.ts';
import {
  type Chain,
  type EntitlementRef,
  hasEntitlement,
  type Link,
  scopeCovers,
  type Target,
} from '../authority/delegation.ts';
import { isOwners } from '../authority/exception.ts';
import type { Facts } from '../authority/facts.ts';
import type { Permission } from '../authority/permissions.ts';
import { isAtOrBelow } from '../authority/place.ts';
import { regionsOf } from '../authority/region.ts';
import { isSelf, selvesOf } from '../authority/self.ts';
import type { Approver, RiskClass } from './policy.ts';

/** What a decision about a request is judged on. */
export type Asking = {
  /** null: a stranger */
  requesterId: string | null;
  /** the person whom it is for, if they are there already */
  subjectId: string | null;
  /**
   * whose address is to be invited: they do not decide it either. Only this: by anything more, somebody would learn that
   * an address is known (I40)
   */
  addresseeId?: string | null;
  /** the membership that it is for, with its person; or the organization that it is about */
  target: Target;
  /** one delegation must let its holder do all of this: a yes is a giving */
  gives: readonly Permission[];
  /** what it was for when it was asked (I34), with how much harm it can do */
  entitlements: readonly (EntitlementRef & { risk: RiskClass })[];
  /** who is asked at the moment */
  approvers: readonly Approver[];
  /** the nearest line manager who is there and not concerned: a membership */
  lineManager: string | null;
  /** who made them that: neither they themselves nor anybody concerned (ruling 2) */
  lineSetBy?: readonly string[];
  /** where the applications stand that it is for */
  applications: readonly { id: string; organizationId: string; path: string }[];
};

export type Verdict =
  | { may: true; permit: Permit }
  | { may: false; why: 'no-right' | 'own' | 'not-independent' };

/** By user: who invited them, or reset their sign-in. */
export type BroughtBy = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * May this actor decide this request? Nobody decides what they asked for or would get (I32), and nobody whom the
 * asker invited, appointed, named their deputy or reset is a second person, nor is a key of theirs (ruling 8). Pure: the
 * inbox and the decision both ask it (I07).
 */
export function mayDecide(facts: Facts, asking: Asking, brought: BroughtBy): Verdict {
  const own = asApprover(facts, asking, () => true);
  const asDeputy = own ? undefined : decidesForAnother(facts, asking, brought);
  if (!own && !asDeputy) return { may: false, why: 'no-right' };
  const concerned = concernedIn(asking);
  if ([...concerned, asking.addresseeId ?? null].some((id) => id !== null && isSelf(facts, id)))
    return { may: false, why: 'own' };
  if (
    selvesOf(facts).some((self) => concerned.some((id) => brought.get(self)?.has(id))) ||
    standsInFor(facts).some((giver) => concerned.some((id) => isSelf(giver, id)))
  )
    return { may: false, why: 'not-independent' };
  const independent = asApprover(facts, asking, (chain) => !appointedBy(chain, concerned));
  if (independent) return { may: true, permit: independent };
  return asDeputy ?? decidesForAnother(facts, asking, brought) ?? { may: false, why: 'not-independent' };
}

/** Whom somebody decides for as a deputy, and whom these decide for. */
const standsInFor = ({ deputyFor }: Facts): Facts[] =>
  deputyFor.flatMap(({ giver }) => [giver, ...standsInFor(giver)]);

/** One of those who are asked, and under which delegation; a policy that names somebody needs none. */
function asApprover(facts: Facts, asking: Asking, usable: (chain: Chain) => boolean): Permit | undefined {
  if (facts.noStanding) return undefined;
  for (const approver of asking.approvers) {
    const permit = asThis(facts, approver, asking, usable);
    if (permit) return permit;
  }
  return undefined;
}

function asThis(
  facts: Facts,
  approver: Approver,
  asking: Asking,
  usable: (chain: Chain) => boolean,
): Permit | undefined {
  const { target } = asking;
  const manages = (more: (chain: Chain) => boolean): Permit | undefined =>
    permitFor(
      facts,
      actOf(asking),
      target,
      (chain) => usable(chain) && passesOn(chain, asking) && more(chain),
    );
  const member = facts.actor.kind === 'user' ? facts.actor : undefined;
  const named = (is: boolean): Permit | undefined =>
    is && !facts.held.some((link) => !usable([link])) ? { effect: 'permit', because: [] } : undefined;
  switch (approver.kind) {
    case 'managers':
      return manages(() => true);
    case 'level-above':
      return manages((chain) => reachesAbove(chain, target.path));
    case 'owners':
      return manages(isOwners);
    case 'holders': {
      const decision = decide(facts, approver.permission, target);
      // A deputy's permission is not their own: `decidesForAnother` knows what they were named for.
      const own = decision.effect === 'permit' && decision.because[0]?.kind !== 'approve';
      return own && usable(decision.because) ? decision : undefined;
    }
    case 'application-managers':
      return manages(isForApplications) ?? managesWhereItStands(facts, asking, usable);
    case 'line-manager':
      return named(
        !!member?.membershipId &&
          member.membershipId === asking.lineManager &&
          !asking.lineSetBy?.some((id) => isSelf(facts, id) || concernedIn(asking).includes(id)),
      );
    case 'people':
      return named(!!member?.membershipId && approver.membershipIds.includes(member.membershipId));
    case 'members':
      return named(member?.organizationId === approver.organizationId);
  }
}

/** Power that is asked for hangs below whoever gives it, so their own has to let them pass it on. */
const passesOn = ([held]: Chain, { gives }: Asking): boolean =>
  !gives.includes('delegation.create') || held!.mayPassOn > 0;

/** What it gives is limited to some applications: its holder looks after these. */
const isForApplications = ([held]: Chain): boolean => held?.entitlements.all !== true;

/** Whoever decides about it in the organization that the application belongs to, wherever the person is. */
function managesWhereItStands(
  facts: Facts,
  asking: Asking,
  usable: (chain: Chain) => boolean,
): Permit | undefined {
  const permits = asking.applications.map((application) => {
    const entitlements = asking.entitlements.filter((one) => one.applicationId === application.id);
    const target = { kind: 'application', off: false, ...application };
    return permitFor(facts, actOf({ gives: asking.gives, entitlements }), target, usable);
  });
  // About no application at all: nobody looks after it as an application's manager.
  return permits.every((permit) => permit !== undefined) ? permits[0] : undefined;
}

export const actOf = ({ gives, entitlements }: Pick<Asking, 'gives' | 'entitlements'>): Act => ({
  permissions: gives,
  entitlements,
  below: false,
});

/** Its boundary begins above the organization, not in it. */
const reachesAbove = (chain: Chain, path: string): boolean =>
  regionsOf(chain).some(
    ({ place }) => place.path === '' || (place.path !== path && isAtOrBelow(path, place.path)),
  );

/**
 * A deputy decides what their giver may decide, within what they were named for, and what their giver may not decide
 * for being concerned, they may not either (I29).
 */
function decidesForAnother(facts: Facts, asking: Asking, brought: BroughtBy): Verdict | undefined {
  if (facts.noStanding) return undefined;
  let nearest: Verdict | undefined;
  for (const { link, giver } of facts.deputyFor) {
    if (!scopeCovers(link, asking.target, false) || !namedFor(link, asking)) continue;
    const theirs = mayDecide(giver, notBy(facts, asking), brought);
    if (theirs.may)
      return { may: true, permit: { effect: 'permit', because: [link, ...theirs.permit.because] } };
    if (theirs.why !== 'no-right') nearest = { may: false, why: 'not-independent' };
  }
  return nearest;
}

/** Whoever made somebody a line manager decides nothing by it, not as their deputy either (ruling 2). */
const notBy = (deputy: Facts, asking: Asking): Asking =>
  asking.lineSetBy?.some((id) => isSelf(deputy, id)) ? { ...asking, lineManager: null } : asking;

/** A deputy for some applications, or for some risks, decides what is about these alone, and nothing without any. */
function namedFor(link: Link, { entitlements }: Asking): boolean {
  const { all, risk } = link.entitlements;
  if (all && !risk) return true;
  return (
    entitlements.length > 0 &&
    entitlements.every((one) => hasEntitlement([link], one) && (!risk || risk.includes(one.risk)))
  );
}

/** Who asked, and whom it is for. */
export const concernedIn = ({
  requesterId,
  subjectId,
}: Pick<Asking, 'requesterId' | 'subjectId'>): string[] =>
  [requesterId, subjectId].filter((id) => id !== null);

/** One of these people made the holder of the chain, or a manager above, what they are. A ceiling appoints nobody. */
export const appointedBy = (chain: Chain, userIds: readonly string[]): boolean =>
  chain.some(
    ({ delegateKind, giverUserId }) =>
      delegateKind !== 'organization' && giverUserId !== null && userIds.includes(giverUserId),
  );

/** The memberships in which these people act. */
export const membersAmong = (
  everybody: readonly Facts[],
): { membershipId: string; organizationId: string }[] =>
  everybody.flatMap(({ actor }) =>
    actor.kind === 'user' && actor.membershipId && actor.organizationId
      ? [{ membershipId: actor.membershipId, organizationId: actor.organizationId }]
      : [],
  );
