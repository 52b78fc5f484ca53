import { sql } from 'kysely';
import { inSight } from '../access/give.ts';
import { loadThings } from '../access/things.ts';
import { chainIn } from '../authority/chain.ts';
import { decide } from '../authority/decide.ts';
import type { Chain, EntitlementRef, Target } from '../authority/delegation.ts';
import type { Permission } from '../authority/permissions.ts';
import { say } from '../authority/say.ts';
import { permissionWords } from '../authority/words.ts';
import type { Context } from '../operation/operation.ts';
import { membershipTarget, organizationTarget, withEntitlement } from '../operation/targets.ts';
import { invalid } from '../platform/problems.ts';
import { refuse } from '../platform/refusals.ts';
import { mayKnow } from './explain.ts';
import { loadNames } from './names.ts';
import { Past } from './past.ts';
import { factsAt, membershipTargetAt, organizationTargetAt } from './past-facts.ts';
import { heldAt } from './past-holds.ts';
import { chainThen, missingThen, momentOf, type PastLink } from './past-words.ts';
import { sightOf } from './sight.ts';

export type PastQuestion = {
  membershipId: string;
  permission?: Permission | undefined;
  organizationId?: string | undefined;
  targetMembershipId?: string | undefined;
  entitlementId?: string | undefined;
  at: string;
};

export type PastAnswer = { effect: 'permit' | 'deny'; sentence: string; because: PastLink[] };

/**
 * Could this person do that then, and why. History obeys today's reach: the asker needs both ends in reach now, and
 * links outside it are "a level above" (ruling 9).
 */
export async function answerAt(context: Context, question: PastQuestion): Promise<PastAnswer> {
  const at = new Date(question.at);
  if (at > context.at) throw invalid('at', 'in-the-future');
  const about = await aboutWhom(context, question);
  const { name, own, path } = about;
  const past = await Past.of(context.db, at);
  if (!question.permission) return hadAccess(context, question, past, about);
  const aim = await aimOf(context, question, path);
  const then = question.targetMembershipId
    ? await membershipTargetAt(past, question.targetMembershipId)
    : await organizationTargetAt(past, aim.target.organizationId);
  const whom = own ? 'you' : 'one';
  const said = {
    name,
    what: permissionWords(question.permission),
    where: aim.words,
    moment: momentOf(at),
  };
  if (!then)
    return {
      effect: 'deny',
      sentence: say(`then.couldNot.${whom}`, { ...said, why: say('then.notThere') }),
      because: [],
    };
  const target = aim.entitlement ? withEntitlement(then, aim.entitlement) : then;
  const facts = await factsAt(past, question.membershipId);
  const decision = decide(facts, question.permission, target);
  if (decision.effect === 'permit') {
    const because = await inWords(context, decision.because);
    const by = because[0]?.givenBy;
    return {
      effect: 'permit',
      sentence: say(`then.could.${whom}`, { ...said, by: by ? say('then.by', { name: by }) : '' }),
      because,
    };
  }
  const { because: missing } = decision;
  return {
    effect: 'deny',
    sentence: say(`then.couldNot.${whom}`, { ...said, why: missingThen(missing) }),
    because: missing.piece === 'link' ? await inWords(context, chainIn(facts, missing.held)) : [],
  };
}

async function inWords(context: Context, chain: Chain): Promise<PastLink[]> {
  const names = await loadNames(context.db, [chain]);
  return chainThen(chain, names, sightOf(context.facts, names));
}

type About = { name: string; own: boolean; path: string };

/** Of oneself everybody may ask; of others whoever sees what they may do, or have, today. */
async function aboutWhom(context: Context, { membershipId, permission }: PastQuestion): Promise<About> {
  const target = await membershipTarget(context.db, membershipId);
  const own = target && target.userId === context.user().userId;
  if (!own) context.require(permission ? 'delegation.read' : 'access.read', target, 'user.read');
  const { rows } = await sql<{ name: string }>`
    select u.display_name as name from membership m join app_user u on u.id = m.user_id where m.id = ${membershipId}`.execute(
    context.db,
  );
  return { name: own ? say('then.you') : rows[0]!.name, own: !!own, path: target!.path };
}

type Aim = { target: Target; words: string; entitlement: EntitlementRef | undefined };

/** What it would have been done to, if the asker sees it today. */
async function aimOf(context: Context, question: PastQuestion, ownPath: string): Promise<Aim> {
  const { membershipId, targetMembershipId, organizationId, entitlementId } = question;
  const target = targetMembershipId
    ? await membershipTarget(context.db, targetMembershipId)
    : organizationId
      ? await organizationTarget(context.db, organizationId)
      : await homeOf(context, membershipId);
  const own = context.user();
  if (
    !target ||
    !mayKnow(context.facts, target, own.membershipId === membershipId ? own.organizationId : null)
  )
    throw refuse('not-found');
  const { rows } = await sql<{ name: string }>`
    select coalesce((select u.display_name from app_user u where u.id = ${target.userId ?? null}), (select o.name from organization o
      where o.id = ${target.organizationId})) as name`.execute(context.db);
  const words = say(targetMembershipId ? 'then.about' : 'then.in', { name: rows[0]!.name });
  if (!entitlementId) return { target, words, entitlement: undefined };
  const thing = await thingOf(context, entitlementId, target.path || ownPath);
  return { target, words, entitlement: { id: entitlementId, applicationId: thing.applicationId } };
}

async function homeOf(context: Context, membershipId: string): Promise<Target | undefined> {
  const member = await membershipTarget(context.db, membershipId);
  return member && (await organizationTarget(context.db, member.organizationId));
}

/** What the asker cannot know of answers as what does not exist does (I08). */
async function thingOf(
  context: Context,
  entitlementId: string,
  path: string,
): Promise<{ name: string; applicationId: string }> {
  const thing = (await loadThings(context.db, [entitlementId], [])).get(entitlementId);
  if (!thing?.application || !inSight(context.facts, thing, path)) throw refuse('not-found');
  return {
    name: say('access.role', { role: thing.name, application: thing.application.name }),
    applicationId: thing.application.id,
  };
}

async function hadAccess(
  context: Context,
  { membershipId, entitlementId }: PastQuestion,
  past: Past,
  { name, own, path }: About,
): Promise<PastAnswer> {
  if (!entitlementId) throw invalid('permission', 'what-then');
  const thing = await thingOf(context, entitlementId, path);
  const { held, stoppedBy } = await heldAt(past, membershipId, entitlementId);
  const whom = own ? 'you' : 'one';
  const said = { name, what: thing.name, moment: momentOf(past.at) };
  return held
    ? { effect: 'permit', sentence: say(`then.had.${whom}`, said), because: [] }
    : {
        effect: 'deny',
        sentence: say(`then.hadNot.${whom}`, { ...said, why: say(`then.notHeld.${stoppedBy ?? 'none'}`) }),
        because: [],
      };
}
