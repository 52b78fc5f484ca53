import type { Kysely } from 'kysely';
import { chainIn } from '../authority/chain.ts';
import { decide, type Permit } from '../authority/decide.ts';
import { hasEntitlement, limitCovers, type Target } from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';
import { type Ceilings, loadCeilings } from '../authority/holds.ts';
import { isAtOrBelow } from '../authority/place.ts';
import { isSelf } from '../authority/self.ts';
import { refuseBroken } from '../authority/separation.ts';
import { describeExcess, describeMissing } from '../authority/words.ts';
import { type Days, daysKept, readIn } from '../directory/by-day.ts';
import type { Change } from '../operation/operation.ts';
import { newId } from '../platform/ids.ts';
import { invalid } from '../platform/problems.ts';
import { type Refusal, refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';
import { ownPlaces, type Recipient } from './recipients.ts';
import {
  type Act,
  type Asked,
  afterUndo,
  givenAgain,
  isInstance,
  type Period,
  periodOfGift,
  permitFor,
} from './rules.ts';
import { isRefused, separationsTouchedBy } from './separations.ts';
import {
  type Assignment,
  endRows,
  insertRows,
  lockGiven,
  type NewAssignment,
  stateOf,
  type Why,
} from './store.ts';
import type { Thing } from './things.ts';

/**
 * Giving access: the one way in which an assignment comes about, whoever asks for it (a manager, an approval, an
 * invitation that is accepted), so that one ceiling binds them all (I01).
 */
export type Giver = { db: Kysely<DB>; at: Date; facts: Facts; record: (change: Change) => void };

export type Gift = Asked &
  Days & {
    why: Why;
    reason: string;
    requestId?: string;
    /** the delegation that an approval was decided under: giving is part of that one act */
    permit?: Permit;
    /** whose knowledge counts, where it is not the giver's own: a deputy knows what whom they decide for knows */
    knowing?: Facts;
    /** in force at commit; what a manager gives waits 10 s, so that it can be undone (ruling 12) */
    atOnce?: true;
  };

/** Event types that an operation which gives access has to declare. */
export const giveEvents = ['assignment.given', 'assignment.ended'] as const;

export type Given =
  | { ok: true; assignmentIds: string[]; changed: boolean; endsAt: Date }
  | { ok: false; refusal: Refusal };

type Plan = {
  recipient: Recipient;
  thing: Thing;
  had: Assignment | undefined;
  row: NewAssignment | undefined;
};
type Ready = {
  because: NonNullable<Change['because']>;
  plans: Plan[];
  endsAt: Date;
  /** as it was asked for, in the zone of this recipient */
  until: Date | undefined;
};

/**
 * Gives all `things` to each recipient, or to that recipient nothing and says why. A `thing` or recipient that is
 * undefined does not exist, and is answered as one out of sight. Few statements, however many recipients.
 */
export async function giveAccess(
  giver: Giver,
  recipients: readonly (Recipient | undefined)[],
  things: readonly (Thing | undefined)[],
  gift: Gift,
): Promise<Given[]> {
  const there = recipients.filter((recipient) => recipient !== undefined);
  const known = things.filter((thing) => thing !== undefined);
  const [ceilings, given, mine] = [
    await loadCeilings(giver.db, [...new Set(there.map(({ target }) => target.path))]),
    await lockGiven(
      giver.db,
      there.map(({ target }) => target.id),
      known.map(({ id }) => id),
    ),
    await ownPlaces(giver.db, giver.facts),
  ];
  const had = new Map(given.map((row) => [keyOf(row), row]));
  const answers = recipients.map((recipient): Refusal | Ready => {
    if (!recipient || known.length < things.length) return refuse('not-found');
    return decideOne({ giver, gift, ceilings, mine, had }, recipient, known);
  });
  await keepApart(giver, gift, known, answers);
  const written = await write(
    giver,
    answers.filter((answer): answer is Ready => 'plans' in answer),
  );
  return answers.map((answer): Given => {
    if (!('plans' in answer)) return { ok: false, refusal: answer };
    const assignmentIds = answer.plans.flatMap((plan) => written.get(plan) ?? plan.had?.id ?? []);
    const changed = answer.plans.some((plan) => written.has(plan));
    return { ok: true, assignmentIds, changed, endsAt: answer.endsAt };
  });
}

/**
 * Whom it would give what one person may not hold together gets a refusal for an answer, as all other reasons are told;
 * where an exception stands, what was asked for without an end lasts as long as that does. Nothing is asked where none
 * of the things is part of a separation of duties. What an organization gets is for the triggers alone, and so is a race.
 */
async function keepApart(
  giver: Giver,
  gift: Gift,
  things: readonly Thing[],
  answers: (Refusal | Ready)[],
): Promise<void> {
  if (!things.some(({ separated }) => separated)) return;
  const touched = await separationsTouchedBy(
    giver.db,
    answers.map((answer) => {
      const fresh = 'plans' in answer ? answer.plans.filter(({ row }) => row?.membershipId) : [];
      const [first] = fresh;
      return {
        membershipId: first?.row?.membershipId ?? '',
        entitlementIds: fresh.flatMap(({ thing }) => thing.entitlements.map(({ id }) => id)),
        from: first?.row?.startsAt,
        until: first?.row?.endsAt,
      };
    }),
  );
  answers.forEach((answer, n) => {
    if (!('plans' in answer)) return;
    const broken = touched[n]!.filter((one) => one.breaks);
    const refused = broken.find((one) => isRefused(one, answer.until));
    if (refused) answers[n] = refuseBroken(gift.knowing ?? giver.facts, refused);
    if (refused || broken.length === 0) return;
    const endsAt = new Date(Math.min(...broken.map(({ breaksAt }) => breaksAt!.getTime())));
    answer.endsAt = endsAt;
    for (const { row } of answer.plans) if (row) Object.assign(row, { endsAt, lastDay: null });
  });
}

const keyOf = (row: Pick<Assignment, 'membershipId' | 'organizationId' | 'entitlementId' | 'accessRoleId'>) =>
  `${row.membershipId ?? row.organizationId} ${row.entitlementId ?? row.accessRoleId}`;

type World = {
  giver: Giver;
  gift: Gift;
  ceilings: Ceilings;
  mine: readonly string[];
  had: ReadonlyMap<string, Assignment>;
};

/** The checks of one recipient, in the order of answers (ruling 11): seen, may, then what stands in the way. */
function decideOne(world: World, recipient: Recipient, things: readonly Thing[]): Refusal | Ready {
  const { giver, gift } = world;
  const { target } = recipient;
  const act: Act = {
    permissions: ['access.grant'],
    entitlements: things.flatMap((thing) => thing.entitlements),
    below: recipient.everybodyBelow,
  };
  const unseen = things.find((thing) => !inSight(gift.knowing ?? giver.facts, thing, target.path));
  if (unseen) return refuse('not-found');
  const permit = gift.permit ?? permitFor(giver.facts, act, target);
  if (!permit) return whyNot(giver.facts, act, target);
  if (isOwn(giver.facts, recipient, world.mine)) return refuse('user.self');
  if (recipient.gone) return refuse('membership.ended');
  if (things.some((thing) => !thing.live)) return refuse('entitlement.retired');
  if (things.some((thing) => thing.kind === 'access-role' && !isAtOrBelow(target.path, thing.path)))
    return refuse('access-role.too-high');
  for (const entitlement of things.flatMap((thing) => thing.entitlements)) {
    if (!world.ceilings.allows(target.path, entitlement).allowed)
      return refuse('entitlement.above-ceiling', {
        organization: recipient.organizationName,
        access: `${entitlement.applicationName}: ${entitlement.name}`,
      });
  }
  const earliest = gift.atOnce ? giver.at : afterUndo(giver.at);
  const asked = readIn(gift, recipient.timeZone);
  const period = periodOfGift({ from: asked.from, until: asked.until }, permit.because, earliest);
  if (period === 'backwards') return invalid('until', 'after-start');
  if (period === 'beyond')
    return refuse('delegation.outside', { missing: describeExcess({ piece: 'period' }) });
  const plans: Plan[] = [];
  for (const thing of things) {
    const had = world.had.get(`${target.id} ${thing.id}`);
    const again = had && givenAgain(had, period, giver.at);
    if (again === 'apart') return refuse('access.other-dates');
    const row =
      again === 'nothing-new'
        ? undefined
        : newRow(giver, gift, recipient, thing, typeof again === 'object' ? again : period, {
            had,
            under: permit.because[0]?.id ?? null,
          });
    plans.push({ recipient, thing, had, row });
  }
  return { because: permit.because, plans, endsAt: period.endsAt, until: asked.until };
}

/**
 * What an actor knows of at a place: what they may see where it stands; and of what stands at or above the place, what
 * one of their delegations holds. The rest is answered as if it did not exist (I08).
 */
export function inSight(facts: Facts, thing: Thing, path: string): boolean {
  if (isInstance(facts)) return true;
  if (isAtOrBelow(path, thing.path) && isHeld(facts, thing)) return true;
  const place = {
    kind: thing.kind,
    id: thing.id,
    organizationId: thing.organizationId,
    path: thing.path,
    off: false,
  };
  return decide(facts, 'application.read', place).effect === 'permit';
}

/** Each part of it by some delegation: its whole chain gives it, or the link itself named it when it was received. */
const isHeld = (facts: Facts, { entitlements }: Thing): boolean =>
  entitlements.length > 0 &&
  entitlements.every((one) =>
    facts.held.some(
      (held) =>
        hasEntitlement(chainIn(facts, held), one) ||
        (!held.entitlements.all && limitCovers(held.entitlements, one)),
    ),
  );

/** No administrative act targets its actor (I02): neither directly, nor through an organization they belong to. */
export const isOwn = (facts: Facts, recipient: Recipient, mine: readonly string[]): boolean =>
  recipient.everybodyBelow
    ? mine.some((path) => isAtOrBelow(path, recipient.target.path))
    : isSelf(facts, recipient.target.userId);

/** Why no delegation gives this act: 404 for what the actor cannot see anyway, else the nearest missing piece. */
export function whyNot(facts: Facts, act: Act, target: Target): Refusal {
  const seenBy = target.userId ? 'user.read' : 'organization.read';
  if (decide(facts, seenBy, target).effect === 'deny') return refuse('not-found');
  for (const permission of act.permissions) {
    for (const entitlement of [undefined, ...act.entitlements]) {
      const decision = decide(facts, permission, { ...target, entitlement });
      if (decision.effect === 'deny')
        return refuse('not-permitted', { permission, missing: describeMissing(decision.because) });
    }
  }
  // Each part is given by some delegation, but no single one gives all of it here (ruling 1).
  const [permission] = act.permissions;
  return refuse('not-permitted', {
    permission,
    missing: describeMissing({ piece: act.below ? 'place' : 'entitlement', permission: permission! }),
  });
}

function newRow(
  giver: Giver,
  gift: Gift,
  { target, everybodyBelow, timeZone }: Recipient,
  thing: Thing,
  period: Period,
  { had, under }: { had: Assignment | undefined; under: string | null },
): NewAssignment {
  return {
    id: newId(giver.at.getTime()),
    membershipId: everybodyBelow ? null : target.id,
    organizationId: everybodyBelow ? target.id : null,
    entitlementId: thing.kind === 'entitlement' ? thing.id : null,
    accessRoleId: thing.kind === 'access-role' ? thing.id : null,
    ...period,
    ...daysKept(gift, period, timeZone),
    ...(had ? daysOfHad(had, period) : {}),
    why: gift.why,
    reason: gift.reason,
    givenBy: giver.facts.actor.kind === 'user' ? giver.facts.actor.userId : null,
    givenUnder: under,
    replaces: had && had.endsAt > giver.at ? had.id : null,
    requestId: gift.requestId ?? null,
  };
}

/** What reaches beyond the dates of the row it stands in for keeps that row's day on the other side. */
const daysOfHad = (had: Assignment, { startsAt, endsAt }: Period): Partial<Days> => ({
  ...(had.startsAt.getTime() === startsAt.getTime() ? { firstDay: had.firstDay } : {}),
  ...(had.endsAt.getTime() === endsAt.getTime() ? { lastDay: had.lastDay } : {}),
});

/** Ends what is replaced, writes what is new, and records each; answers the new ids by plan. */
async function write(giver: Giver, ready: readonly Ready[]): Promise<Map<Plan, string>> {
  const work = ready.flatMap(({ because, plans }) =>
    plans.flatMap((plan) => (plan.row ? [{ plan, row: plan.row, because }] : [])),
  );
  const by = giver.facts.actor.kind === 'user' ? giver.facts.actor.userId : null;
  const before = new Map(work.flatMap(({ plan }) => (plan.had ? [[plan.had.id, plan.had]] : [])));
  const ended = new Map(
    (await endRows(giver.db, [...before.keys()], by, giver.at)).map((row) => [row.id, row]),
  );
  const rows = await insertRows(
    giver.db,
    work.map(({ row }) => row),
  );
  const inserted = new Map(rows.map((row) => [row.id, row]));
  const written = new Map<Plan, string>();
  for (const { plan, row, because } of work) {
    const gone = plan.had && ended.get(plan.had.id);
    if (gone) giver.record(changeOf('assignment.ended', plan.recipient, gone, { before: plan.had, because }));
    const now = inserted.get(row.id);
    // Somebody else gave the very same meanwhile: they have it, and that is what was asked.
    if (!now) continue;
    giver.record(changeOf('assignment.given', plan.recipient, now, { because, reason: row.reason }));
    written.set(plan, now.id);
  }
  return written;
}

/** The event of one assignment. The reason is somebody's own words, so it stands outside the seal. */
export function changeOf(
  type: string,
  { target }: Recipient,
  after: Assignment,
  more: { before?: Assignment | undefined; because?: Change['because']; reason?: string },
): Change {
  return {
    type,
    targetKind: 'assignment',
    targetId: after.id,
    organizationId: target.organizationId,
    path: target.path,
    subjectId: target.userId ?? null,
    before: more.before ? stateOf(more.before) : null,
    after: stateOf(after),
    personal: more.reason ? { reason: more.reason } : null,
    ...(more.because ? { because: more.because } : {}),
  };
}
