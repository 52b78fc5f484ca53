import { type Kysely, sql } from 'kysely';
import { inSight, whyNot } from '../access/give.ts';
import { permitFor } from '../access/rules.ts';
import { loadThings, type Thing } from '../access/things.ts';
import type { EntitlementLimit, Target } from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';
import { loadCeilings } from '../authority/holds.ts';
import { linkUseKey, loadLinkFacts } from '../authority/load-facts.ts';
import { isAtOrBelow } from '../authority/place.ts';
import { type Prepared, prepare } from '../delegation/appoint.ts';
import type { Context } from '../operation/operation.ts';
import { refuse } from '../platform/refusals.ts';
import type { DB } from '../platform/schema.gen.ts';

/** What should come with joining: access, and for a manager what they look after. */
export type Wanted = {
  entitlementIds: readonly string[];
  accessRoleIds: readonly string[];
  manager?: WantedManager | undefined;
};

export type WantedManager = {
  adminRoleId: string;
  entitlements: EntitlementLimit | 'same';
  mayPassOn: number | 'same';
  until?: Date | undefined;
};

/** A delegation as an invitation keeps it: what was decided when it was sent; decided again when it is accepted. */
export type OfferedDelegation = {
  adminRoleId: string;
  entitlements: EntitlementLimit;
  mayPassOn: number;
  /** an instant as text, or null where only the links above end it */
  endsAt: string | null;
  /** the giver's own link; null where the instance itself gave it */
  under: string | null;
};

export type Offer = {
  entitlementIds: string[];
  accessRoleIds: string[];
  /** id of what is given -> the link under which */
  grantedUnder: Record<string, string | null>;
  delegation: OfferedDelegation | null;
};

/**
 * Decides all that an invitation offers, under the actor's links of now. Each part comes from one of them (ruling
 * 1); acceptance decides each again under the same one.
 * @throws Refusal with the first part that may not be offered
 */
export async function decideOffer(context: Context, target: Target, wanted: Wanted): Promise<Offer> {
  const things = await loadThings(context.db, wanted.entitlementIds, wanted.accessRoleIds);
  const ceilings = await loadCeilings(context.db, [target.path]);
  const grantedUnder: Record<string, string | null> = {};
  for (const id of [...wanted.entitlementIds, ...wanted.accessRoleIds]) {
    const thing = things.get(id);
    if (!thing || !inSight(context.facts, thing, target.path)) throw refuse('not-found');
    grantedUnder[id] = mayOffer(context.facts, thing, target);
    for (const entitlement of thing.entitlements)
      if (!ceilings.allows(target.path, entitlement).allowed)
        throw refuse('entitlement.above-ceiling', { organization: await nameOf(context.db, target) });
  }
  return {
    entitlementIds: [...wanted.entitlementIds],
    accessRoleIds: [...wanted.accessRoleIds],
    grantedUnder,
    delegation: wanted.manager ? await decideManager(context, target, wanted.manager) : null,
  };
}

function mayOffer(facts: Facts, thing: Thing, target: Target): string | null {
  const act = { permissions: ['access.grant'] as const, entitlements: thing.entitlements, below: false };
  const permit = permitFor(facts, act, target);
  if (!permit) throw whyNot(facts, act, target);
  if (!thing.live) throw refuse('entitlement.retired');
  if (thing.kind === 'access-role' && !isAtOrBelow(target.path, thing.path))
    throw refuse('access-role.too-high');
  return permit.because[0]?.id ?? null;
}

async function decideManager(
  context: Context,
  target: Target,
  manager: WantedManager,
): Promise<OfferedDelegation> {
  const prepared = await prepareManager(await asGiver(context), target, manager);
  const { proposal, because } = prepared;
  return {
    adminRoleId: manager.adminRoleId,
    entitlements: proposal.entitlements,
    mayPassOn: proposal.mayPassOn,
    endsAt: manager.until ? manager.until.toISOString() : null,
    under: because[0]!.delegateKind === 'root' ? null : because[0]!.id,
  };
}

/** A manager of one organization and those below, whoever it will be. @throws Refusal `delegation.outside` */
export const prepareManager = (context: Context, target: Target, manager: WantedManager): Promise<Prepared> =>
  prepare(context, {
    target,
    below: true,
    // Nobody yet: whoever accepts; `prepare` asks only of what kind.
    delegate: { kind: 'user', userId: '', membershipId: '' },
    delegateTarget: undefined,
    adminRoleId: manager.adminRoleId,
    permissions: [],
    entitlements: manager.entitlements,
    endsAt: manager.until,
    mayPassOn: manager.mayPassOn,
  });

/** The instance itself (set-up, the operator's own commands) gives under the root row, as if it held it. */
export async function asGiver(context: Context): Promise<Context> {
  if (context.actor.kind !== 'system' && context.actor.kind !== 'operator') return context;
  const facts = await factsUnder(context.db, null, context.facts);
  return withFacts(context, facts!);
}

/** The same context with somebody else's facts; the transaction and the trail stay. */
export const withFacts = (context: Context, facts: Facts): Context =>
  Object.create(context, { facts: { value: facts }, actor: { value: facts.actor } }) as Context;

/**
 * Facts of whoever gave under one link (null: the instance, under the root row), now: only that link counts, and
 * whether they are still there does not (a leaver's link is vacant; what was given from it stands).
 */
export async function factsUnder(
  db: Kysely<DB>,
  linkId: string | null,
  { at, actor }: Pick<Facts, 'at' | 'actor'>,
  membershipId: string | null = null,
): Promise<Facts | undefined> {
  const id = linkId ?? (await rootLink(db));
  const use = { linkId: id, membershipId };
  const facts = (await loadLinkFacts(db, [use])).get(linkUseKey(use));
  return facts && { ...facts, at, actor };
}

async function rootLink(db: Kysely<DB>): Promise<string> {
  const { rows } = await sql<{ id: string }>`select id from delegation where delegate_kind = 'root'`.execute(
    db,
  );
  return rows[0]!.id;
}

async function nameOf(db: Kysely<DB>, target: Target): Promise<string> {
  const { rows } = await sql<{ name: string }>`
    select name from organization where id = ${target.organizationId}`.execute(db);
  return rows[0]?.name ?? '';
}
