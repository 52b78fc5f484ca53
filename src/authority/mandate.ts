import { type EntitlementRef, hasEntitlement, type Link, type Stop, type StopReason } from './delegation.ts';
import { type ApplicationOf, limitWithin } from './within.ts';

/**
 * Mandates: delegations of kind `represent`, by which somebody acts for another person or an organization inside an
 * application (I24, I25). They end at whom they represent, never at the owner, and give no permission in Remit: `decide`
 * and `reach` look at links that administer only. Pure.
 */
export type Mandate = Link & {
  representedUserId: string | null;
  representedOrganizationId: string | null;
  /** conditions on what is done, by theme; those of `*` on every theme */
  limits: Limits;
  /** the law or judgment that it rests on, where the represented did not give it */
  legalBasis: string | null;
  /** whoever signed it is still there; for an organization's mandate only worth a flag */
  giverStands: boolean;
};

/** `{ "invoice.sign": { "amount": { "max": 5000 } } }`: of an act, these fields have to meet these conditions. */
export type Limits = Record<string, Record<string, Condition>>;
export type Condition = { max?: number; min?: number; in?: (string | number)[] };

/** What somebody wants to do in an application in another's name. `values` are what the application knows of the act. */
export type RepresentedAct = { theme: string; values: Record<string, unknown> };

export type MandateFacts = {
  at: Date;
  /** who acts, in which membership, and whether they may act from it now */
  actor: { userId: string; membershipId: string; stands: boolean };
  /** the mandates that the actor holds for the represented, each with those above it, nearest first */
  mandates: Mandate[][];
  /** the role in the application under which it is done, and the themes that the application declares */
  entitlement: EntitlementRef;
  themes: string[];
  /** the represented person holds that role now; the represented organization may hand it out now */
  representedMay: boolean;
  /** what the actor holds in their own name may not go together with that role */
  apart: boolean;
};

export type MandateMissing =
  | { piece: 'standing' | 'mandate' | 'theme' | 'entitlement' | 'represented' | 'apart' }
  | { piece: 'limit'; field: string }
  | { piece: 'link'; stop: Stop };

export type MandateDecision =
  | { effect: 'permit'; because: Mandate[]; flags: 'signer-gone'[] }
  | { effect: 'deny'; because: MandateMissing };

const nearness: Record<MandateMissing['piece'], number> = {
  standing: 0,
  mandate: 1,
  theme: 2,
  entitlement: 3,
  limit: 4,
  link: 5,
  represented: 6,
  apart: 7,
};

/** May this actor do this for the represented? One act, one chain, as everywhere (ruling 1). */
export function decideMandate(facts: MandateFacts, act: RepresentedAct): MandateDecision {
  if (!facts.actor.stands) return { effect: 'deny', because: { piece: 'standing' } };
  let nearest: MandateMissing = { piece: 'mandate' };
  for (const chain of facts.mandates) {
    const missing = missingFromMandate(chain, act, facts);
    if (!missing) return { effect: 'permit', because: chain, flags: flagsOf(chain) };
    if (nearness[missing.piece] > nearness[nearest.piece]) nearest = missing;
  }
  return { effect: 'deny', because: nearest };
}

function missingFromMandate(
  chain: Mandate[],
  { theme, values }: RepresentedAct,
  facts: MandateFacts,
): MandateMissing | undefined {
  const held = chain[0];
  // An organization that represents lets its people act by passing it on, as everywhere.
  if (held?.delegateKind !== 'user' || held.delegateMembershipId !== facts.actor.membershipId)
    return { piece: 'mandate' };
  if (!facts.themes.includes(theme) || !chain.every((link) => link.permissions.includes(theme)))
    return { piece: 'theme' };
  if (!hasEntitlement(chain, facts.entitlement)) return { piece: 'entitlement' };
  for (const link of chain) {
    const field = fieldOutside(link.limits, theme, values);
    if (field !== undefined) return { piece: 'limit', field };
  }
  const stop = mandateStopOf(chain, facts.at);
  if (stop) return { piece: 'link', stop };
  if (!facts.representedMay) return { piece: 'represented' };
  // Whoever orders for themselves and approves for another has both hands in it (I37).
  return facts.apart ? { piece: 'apart' } : undefined;
}

/** How long a chain of mandates may get (I59). */
export const deepestMandate = 16;

/**
 * The link that stops this chain at `at`, itself included. Ended, paused, expired, not begun and too deep as with every
 * chain; broken when it does not end at whom it represents, changes whom it represents, or comes round to somebody
 * twice. That a representative in the middle has left stops nothing: their link is vacant, what was given from it stands.
 */
export function mandateStopOf(chain: Mandate[], at: Date): Stop | undefined {
  const [held] = chain;
  if (
    !held ||
    chain.length !== held.chain.length + 1 ||
    chain.length > deepestMandate ||
    !endsAtRepresented(chain)
  )
    return { link: undefined, reason: 'broken' };
  for (let above = chain.length - 1; above >= 0; above -= 1) {
    const link = chain[above]!;
    const reason = stopReason(link, above, at);
    if (reason) return { link, reason };
  }
  return undefined;
}

function stopReason(link: Mandate, below: number, at: Date): StopReason | undefined {
  if (link.state !== 'active') return link.state;
  if (at < link.startsAt) return 'not-begun';
  if (at >= link.endsAt) return 'expired';
  return link.mayPassOn < below ? 'too-deep' : undefined;
}

function endsAtRepresented(chain: Mandate[]): boolean {
  const top = chain.at(-1)!;
  const { representedUserId, representedOrganizationId } = top;
  if (top.parentId !== null || (representedUserId === null) === (representedOrganizationId === null))
    return false;
  // By the represented's own hand, by whoever signed for the organization, or by law.
  const given = representedUserId ? top.giverUserId === representedUserId : top.giverUserId !== null;
  if (!given && top.legalBasis === null) return false;
  const seen = new Set([representedUserId ?? representedOrganizationId]);
  return chain.every((link, index) => {
    const parent = chain[index + 1];
    const delegate = link.delegateUserId ?? link.delegateOrganizationId;
    if (seen.has(delegate)) return false;
    seen.add(delegate);
    return (
      link.kind === 'represent' &&
      link.parentId === (parent?.id ?? null) &&
      link.representedUserId === representedUserId &&
      link.representedOrganizationId === representedOrganizationId
    );
  });
}

/** The first field that does not meet its condition; a field that the application does not name meets none. */
function fieldOutside(limits: Limits, theme: string, values: Record<string, unknown>): string | undefined {
  for (const name of ['*', theme])
    for (const [field, condition] of Object.entries(Object.hasOwn(limits, name) ? limits[name]! : {}))
      if (!meets(condition, Object.hasOwn(values, field) ? values[field] : undefined)) return field;
  return undefined;
}

/** A condition that is not understood is met by nothing (I56). */
function meets(condition: Condition, value: unknown): boolean {
  const parts = Object.entries(condition);
  if (parts.length === 0) return false;
  return parts.every(([kind, bound]) => {
    if (kind === 'in') return Array.isArray(bound) && bound.some((one) => one === value);
    if (typeof value !== 'number' || typeof bound !== 'number' || Number.isNaN(value)) return false;
    return kind === 'max' ? value <= bound : kind === 'min' ? value >= bound : false;
  });
}

/** An organization's mandate outlives whoever signed it; somebody should look at it again. */
const flagsOf = (chain: Mandate[]): 'signer-gone'[] => {
  const { representedOrganizationId, giverUserId, giverStands } = chain.at(-1)!;
  return representedOrganizationId !== null && giverUserId !== null && !giverStands ? ['signer-gone'] : [];
};

/** What somebody wants to pass on of a mandate that they hold. Its limits come on top of those above, so they fit always. */
export type SubMandate = {
  themes: string[];
  entitlements: Link['entitlements'];
  startsAt: Date;
  endsAt: Date;
  mayPassOn: number;
  /** user or organization that is to represent */
  delegateId: string;
};

export type SubMandateExcess = 'link' | 'theme' | 'entitlement' | 'period' | 'passing-on' | 'circle';

/** The one thing that a sub-mandate has more of than the mandate it would hang below (I25); undefined when it is within. */
export function subMandateExcess(
  parent: Mandate[],
  proposal: SubMandate,
  at: Date,
  applicationOf: ApplicationOf,
): SubMandateExcess | undefined {
  if (mandateStopOf(parent, at)) return 'link';
  if (!proposal.themes.every((theme) => parent.every((link) => link.permissions.includes(theme))))
    return 'theme';
  if (!parent.every((link) => limitWithin(proposal.entitlements, link.entitlements, applicationOf)))
    return 'entitlement';
  if (parent.some((link) => proposal.endsAt > link.endsAt) || proposal.endsAt <= proposal.startsAt)
    return 'period';
  const left = Math.min(...parent.map((link, below) => link.mayPassOn - below - 1));
  if (left < 0 || proposal.mayPassOn > left || parent.length + 1 > deepestMandate) return 'passing-on';
  const { representedUserId, representedOrganizationId } = parent.at(-1)!;
  const involved = parent.map((link) => link.delegateUserId ?? link.delegateOrganizationId);
  return [representedUserId, representedOrganizationId, ...involved].includes(proposal.delegateId)
    ? 'circle'
    : undefined;
}
