import { inSight } from '../access/give.ts';
import { loadThings } from '../access/things.ts';
import { chainIn } from '../authority/chain.ts';
import { type Decision, decide } from '../authority/decide.ts';
import type { Link, Target } from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';
import { holders } from '../authority/holders.ts';
import { loadFacts } from '../authority/load-facts.ts';
import type { Permission } from '../authority/permissions.ts';
import { say } from '../authority/say.ts';
import { describeMissing, permissionWords } from '../authority/words.ts';
import type { Context } from '../operation/operation.ts';
import { membershipTarget, organizationTarget, withEntitlement } from '../operation/targets.ts';
import { refuse } from '../platform/refusals.ts';
import { spokenDay } from './days.ts';
import { type DelegationView, levelAbove, viewDelegations } from './view.ts';

type Question = {
  permission: Permission;
  organizationId?: string | undefined;
  membershipId?: string | undefined;
  entitlementId?: string | undefined;
};
type Explanation = {
  effect: 'permit' | 'deny';
  sentence: string;
  because: DelegationView[];
  askFrom: { name: string }[];
};

/**
 * Why, or why not, in one sentence. A target that the asker neither sees nor was ever given answers as if it were
 * not there; a link that ended is named as ruling 9 allows.
 */
export async function explain(context: Context, question: Question): Promise<Explanation> {
  const user = context.user();
  // With ended links too: "it was ended on 3 March" is the answer people look for.
  const facts = user.membershipId
    ? await loadFacts(context.db, { kind: 'membership', membershipId: user.membershipId }, true)
    : context.facts;
  const target = await targetOf(context, facts, question);
  if (!target || !mayKnow(facts, target, user.organizationId)) throw refuse('not-found');
  const decision = decide(facts, question.permission, target);
  if (decision.effect === 'permit') {
    const [first, ...further] = decision.because;
    const shown = [first!, ...further.filter((link) => isInReach(facts, link))];
    const [held, ...above] = await viewDelegations(
      context.db,
      facts,
      shown.map(({ id }) => id),
    );
    const since = held!.firstDay ? say('part.since', { day: spokenDay(held!.firstDay) }) : '';
    const until = held!.lastDay ? say('part.until', { day: spokenDay(held!.lastDay) }) : '';
    return {
      effect: 'permit',
      sentence: say('why.permit', {
        what: permissionWords(question.permission),
        giver: held!.giver.name,
        since,
        until,
      }),
      because: [held!, ...above.filter(isNamed)],
      askFrom: [],
    };
  }
  const stopped =
    decision.because.piece === 'link'
      ? await viewDelegations(context.db, facts, [decision.because.held.id])
      : [];
  const sentence = stopped[0]?.stop?.sentence ?? describeMissing(decision.because);
  return {
    effect: 'deny',
    sentence: say('why.deny', { what: permissionWords(question.permission), sentence }),
    because: stopped,
    askFrom: await askFrom(context, question.permission, target, decision),
  };
}

/** One above is shown to whoever may see what stands at one of its places: as in the list of delegations, and no further. */
const isInReach = (facts: Facts, link: Link): boolean =>
  link.scope.some((box) =>
    box.places?.some(
      ({ id, path }) =>
        decide(facts, 'delegation.read', { kind: 'place', id, organizationId: id, path, off: false })
          .effect === 'permit',
    ),
  );

/** And only where its holder is named to the asker: the others are one "level above", uncounted. */
const isNamed = ({ delegate }: DelegationView): boolean =>
  (delegate.userId ?? delegate.organizationId ?? delegate.clientId) !== null;

async function targetOf(context: Context, facts: Facts, question: Question): Promise<Target | undefined> {
  const user = context.user();
  const organizationId = question.organizationId ?? user.organizationId;
  const target = question.membershipId
    ? await membershipTarget(context.db, question.membershipId)
    : organizationId
      ? await organizationTarget(context.db, organizationId)
      : undefined;
  if (!target || !question.entitlementId) return target;
  const { entitlementId } = question;
  const thing = (await loadThings(context.db, [entitlementId], [])).get(entitlementId);
  // What the asker cannot know of answers as what does not exist does (I08).
  if (!thing?.application || !inSight(facts, thing, target.path)) return undefined;
  return withEntitlement(target, { id: entitlementId, applicationId: thing.application.id });
}

/** Seen now, my own organization, or a place that a link of mine names: I was told of it when I got the link. */
export function mayKnow(facts: Facts, target: Target, ownOrganizationId: string | null): boolean {
  const bare = { ...target, entitlement: undefined };
  if (
    decide(facts, target.kind === 'membership' ? 'user.read' : 'organization.read', bare).effect === 'permit'
  )
    return true;
  if (target.kind !== 'organization') return false;
  if (target.organizationId === ownOrganizationId) return true;
  return facts.held.some(
    (held) =>
      // Who came after the end of what a relation had was never told of it.
      (held.state !== 'ended' || !held.relation) &&
      chainIn(facts, held)[0]!.scope.some((box) =>
        box.places?.some((place) => place.id === target.organizationId),
      ),
  );
}

/** Who could do it, or could give it: named when the asker can see them, otherwise one "level above". */
async function askFrom(
  context: Context,
  permission: Permission,
  target: Target,
  decision: Decision,
): Promise<{ name: string }[]> {
  if (decision.effect === 'permit') return [];
  const able = await holders(context.db, permission, target);
  const seen = able.filter(
    (holder) =>
      context.decide('user.read', {
        kind: 'user',
        id: holder.userId,
        organizationId: holder.organizationId,
        path: holder.path,
        off: false,
        userId: holder.userId,
      }).effect === 'permit',
  );
  const names = seen.slice(0, 5).map(({ displayName }) => ({ name: displayName }));
  return able.length > seen.length || names.length === 0 ? [...names, { name: levelAbove() }] : names;
}
