/** Rules that give access by what is recorded of people, and the facts they read: a title, a field, a place (ruling 2). */
import {
  ceilingAllows,
  ceilingAllowsRule,
  fitsAsRecorded,
  hasLeft,
  isAtOrBelow,
  may,
  membershipTarget,
  type Using,
  waysOf,
} from '../rules.ts';
import { type Membership, never, plain, type Rule, type World } from '../world.ts';
import { chainsToAll } from './access.ts';
import {
  allowed,
  any,
  change,
  conflict,
  declare,
  nothingChanges,
  type Prediction,
  refused,
  takeOver,
} from './act.ts';

export type RuleWish = Pick<
  Rule,
  | 'organizationId'
  | 'inOrganizationId'
  | 'below'
  | 'title'
  | 'depots'
  | 'relation'
  | 'entitlementId'
  | 'firstDay'
  | 'lastDay'
>;

const conditionsOf = ({
  title,
  depots,
  below,
  firstDay,
  lastDay,
}: Partial<RuleWish>): Record<string, unknown> => ({
  ...(title === undefined ? {} : { title }),
  ...(depots === undefined ? {} : { fields: depots.length > 0 ? [{ key: 'depot', in: depots }] : [] }),
  ...(below === undefined ? {} : { below }),
  ...(firstDay === undefined ? {} : { firstDay }),
  ...(lastDay === undefined ? {} : { lastDay }),
});

const day = 86_400_000;
const startOf = (date: string): number => Date.parse(`${date}T00:00:00Z`);
const placeOf = ({ inOrganizationId, organizationId }: RuleWish): string =>
  inOrganizationId ?? organizationId;

/** To everybody whom it could ever be about there, by one delegation, and for no longer than that. */
function chainsOf(world: World, actor: Using, rule: RuleWish, act: 'access.grant' | 'access.end') {
  const permissions = ['access-rule.configure', act];
  return chainsToAll(world, actor, permissions, placeOf(rule), rule.below, rule.entitlementId);
}

/** A rule as it is when this actor has saved it; or why they may not. */
function saved(world: World, actor: Using, wish: Rule): Rule | Prediction {
  const place = placeOf(wish);
  if (wish.inOrganizationId !== null) {
    if (!may(world, actor, 'organization.read', { organizationId: place })) return refused('place unseen');
    if (!isAtOrBelow(world, place, wish.organizationId)) return refused('about people elsewhere');
  }
  const chains = chainsOf(world, actor, wish, 'access.grant');
  if (chains.length === 0) return refused('may not give it to all of them');
  if (!ceilingAllowsRule(world, wish, place)) return refused('above the ceiling');
  const latest = Math.max(...chains.map((chain) => Math.min(...chain.map(({ endsAt }) => endsAt))));
  const from = wish.firstDay === null ? undefined : startOf(wish.firstDay);
  const until = wish.lastDay === null ? undefined : startOf(wish.lastDay) + day;
  const begun = wish.startsAt <= world.now && !(from !== undefined && from > world.now);
  const startsAt = Math.max(begun ? wish.startsAt : world.now, from ?? never);
  if (until !== undefined && (until <= startsAt || until <= world.now)) return refused('would be over');
  if (startsAt >= latest || (until !== undefined && until > latest))
    return refused('beyond their own period');
  const rule: Rule = {
    ...wish,
    startsAt,
    endsAt: until ?? latest,
    firstDay: from === startsAt ? wish.firstDay : null,
    state: 'active',
  };
  return givesOwn(world, actor, rule) ? refused('gives something to whoever saves it (I02)') : rule;
}

/** Would it give its maker something that they do not have as long already? */
function givesOwn(world: World, actor: Using, rule: Rule): boolean {
  const after = { ...world, rules: new Map(world.rules).set(rule.id, rule) };
  return [...world.memberships.values()]
    .filter(({ userId }) => userId === actor.userId)
    .some(({ id }) =>
      waysOf(after, id)
        .filter(({ assignmentId }) => assignmentId === rule.id)
        .some(
          (gift) =>
            !waysOf(world, id).some(
              (had) =>
                had.entitlementId === gift.entitlementId &&
                (had.assignmentId === rule.id || had.held) &&
                had.endsAt >= gift.endsAt &&
                (had.startsAt <= gift.startsAt || had.startsAt <= world.now),
            ),
        ),
    );
}

const isRule = (one: Rule | Prediction): one is Rule => 'depots' in one;

export const createRule = declare(
  'access-rule.create',
  ({ organizationId, inOrganizationId, relation, entitlementId, ...rest }: RuleWish) => ({
    organizationId,
    name: 'a rule',
    inOrganizationId,
    relation,
    entitlementId,
    ...conditionsOf(rest),
  }),
  (world, actor, wish) => {
    const { organizationId } = wish;
    if (!may(world, actor, 'access-rule.configure', { organizationId }))
      return refused('may not make rules there');
    const rule = saved(world, actor, { ...wish, id: '', startsAt: world.now, endsAt: 0, state: 'active' });
    if (!isRule(rule)) return rule;
    return allowed((after, { output }) => {
      const { id } = output as { id: string };
      after.rules.set(id, { ...rule, id });
    });
  },
);

const over = (world: World, rule: Rule): boolean => rule.state === 'ended' || rule.endsAt <= world.now;

/** Asked of the place alone: what a rule gives is asked where it is saved, or taken away. */
const mayConfigure = (world: World, actor: Using, { organizationId }: Rule): boolean =>
  may(world, actor, 'access-rule.configure', { organizationId });

export const updateRule = declare(
  'access-rule.update',
  (accessRuleId: string, change: Partial<RuleWish>) => ({ accessRuleId, ...conditionsOf(change) }),
  (world, actor, id, wish) => {
    const rule = world.rules.get(id)!;
    if (!mayConfigure(world, actor, rule)) return refused('may not change rules there');
    if (over(world, rule)) return conflict('over');
    const wanted = { ...rule, ...wish };
    if (plain(wanted) === plain(rule)) return nothingChanges;
    if (chainsOf(world, actor, rule, 'access.end').length === 0) return refused('may not take what it gave');
    const after = saved(world, actor, wanted);
    return isRule(after) ? allowed((to) => change(to.rules, id, { ...after, state: rule.state })) : after;
  },
);

export const pauseRule = declare(
  'access-rule.pause',
  (accessRuleId: string) => ({ accessRuleId }),
  (world, actor, id) => {
    const rule = world.rules.get(id)!;
    if (!mayConfigure(world, actor, rule)) return refused('may not pause rules there');
    if (over(world, rule)) return conflict('over');
    if (rule.state === 'paused') return nothingChanges;
    if (chainsOf(world, actor, rule, 'access.end').length === 0) return refused('may not take what it gave');
    return allowed((after) => change(after.rules, id, { state: 'paused' }));
  },
);

/** Whoever resumes it gives it. */
export const resumeRule = declare(
  'access-rule.resume',
  (accessRuleId: string) => ({ accessRuleId }),
  (world, actor, id) => {
    const rule = world.rules.get(id)!;
    if (!mayConfigure(world, actor, rule)) return refused('may not resume rules there');
    if (over(world, rule)) return conflict('over');
    if (rule.state === 'active') return nothingChanges;
    const after = saved(world, actor, rule);
    return isRule(after) ? allowed((to) => change(to.rules, id, after)) : after;
  },
);

export const endRule = declare(
  'access-rule.end',
  (accessRuleId: string) => ({ accessRuleId }),
  (world, actor, id) => {
    const rule = world.rules.get(id)!;
    if (!mayConfigure(world, actor, rule)) return refused('may not end rules there');
    if (rule.state === 'ended') return nothingChanges;
    if (chainsOf(world, actor, rule, 'access.end').length === 0) return refused('may not take what it gave');
    return allowed((after) => change(after.rules, id, { state: 'ended' }));
  },
);

/** What rules come to give to somebody as they are recorded, whether or not they stand in a relation that one asks for. */
const givenTo = (world: World, membership: Membership): Rule[] =>
  [...world.rules.values()].filter(
    (rule) =>
      rule.state === 'active' &&
      rule.endsAt > world.now &&
      fitsAsRecorded(world, rule, membership) &&
      ceilingAllowsRule(world, rule, membership.organizationId),
  );

/** Writing a fact that a rule reads gives what the rule gives (ruling 2). */
export const record = declare(
  'membership.update',
  (membershipId: string, facts: { title?: string; depot?: string | null }) => ({
    membershipId,
    ...(facts.title === undefined ? {} : { title: facts.title }),
    ...(facts.depot === undefined ? {} : { attributes: { depot: facts.depot } }),
  }),
  (world, actor, membershipId, facts) => {
    const before = world.memberships.get(membershipId)!;
    const target = membershipTarget(world, membershipId);
    if (!may(world, actor, 'membership.update', target)) return refused('may not change them');
    if (before.userId === actor.userId) return refused('themselves');
    if (hasLeft(world, before)) return conflict('has left');
    const after = { ...before, ...facts };
    const had = givenTo(world, before);
    const from = (rule: Rule): number => Math.max(rule.startsAt, world.now);
    const covered = (gift: Rule): boolean =>
      had.some(
        (one) =>
          one.id === gift.id ||
          (one.entitlementId === gift.entitlementId &&
            one.relation === null &&
            from(one) <= from(gift) &&
            one.endsAt >= gift.endsAt),
      );
    for (const gift of givenTo(world, after))
      if (
        !covered(gift) &&
        !may(world, actor, 'access.grant', { ...target, entitlementId: gift.entitlementId })
      )
        return refused('a rule would give what they may not');
    return allowed((to) => change(to.memberships, membershipId, facts));
  },
);

/** Somebody leaves here and joins there at one instant; the rules there are given by whoever moves them. */
export const movePerson = declare(
  'membership.move',
  (membershipId: string, organizationId: string) => ({ membershipId, organizationId }),
  (world, actor, membershipId, organizationId) => {
    const before = world.memberships.get(membershipId)!;
    if (!may(world, actor, 'membership.end', membershipTarget(world, membershipId)))
      return refused('may not take them out');
    if (before.userId === actor.userId) return refused('themselves');
    if (hasLeft(world, before))
      return { outcomes: ['refused', 'conflict'], why: 'has left, and where they would go may be unseen' };
    return {
      outcomes: any,
      why: 'out of where they may',
      apply: (after, done) => {
        const complaints = takeOver(after, done, [
          'memberships',
          'users',
          'links',
          'assignments',
          'guardians',
        ]);
        const made = after.memberships.get((done.output as { membershipId: string }).membershipId)!;
        if (after.memberships.get(membershipId)!.state !== 'ended') complaints.push('they are still there');
        if (
          made.organizationId !== organizationId ||
          made.title !== before.title ||
          made.depot !== before.depot
        )
          complaints.push(`they came as ${plain(made)}`);
        for (const { entitlementId } of givenTo(after, made)) {
          const there = { organizationId, entitlementId };
          if (
            ceilingAllows(after, organizationId, entitlementId) &&
            !may(world, actor, 'access.grant', there) &&
            !may(world, actor, 'access.grant', { ...there, userId: made.userId, membershipId: made.id })
          )
            complaints.push(`I01 attenuation, ruling 2: a rule there gives them ${entitlementId}`);
        }
        return complaints;
      },
    };
  },
);
