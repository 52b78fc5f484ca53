import { decide } from '../authority/decide.ts';
import type { Target } from '../authority/delegation.ts';
import type { Facts } from '../authority/facts.ts';
import type { RefusalCode } from '../platform/refusals.ts';

/** Days that an invitation can be accepted, when nobody says otherwise. */
export const invitationDays = 14;
/** Days that a printed code works; a card is handed over later than a mail is read. */
export const printedCodeDays = 14;
export const dayMs = 86_400_000;

/** What an invitation is now: its row's state, or what its date or its links make of an open one. */
export type InvitationState = 'open' | 'expired' | 'dead' | 'accepted' | 'revoked';

export type InvitationLife = {
  state: 'open' | 'accepted' | 'revoked';
  expiresAt: Date;
  /** what the link it was sent under gives now; undefined when the instance itself sent it */
  under: Facts | undefined;
  offererAway: boolean;
};

/**
 * Compared at use: an invitation is dead when the link it was sent under, or one above, has stopped, or no longer
 * lets anybody invite there (I14). That the sender has left does not count for a member: the organization invites. It
 * counts for a manager: what was given from a vacant link stands, but an offer is not given yet, and nobody acts under it.
 */
export function invitationState(of: InvitationLife, target: Target, at: Date): InvitationState {
  if (of.state !== 'open') return of.state;
  if (of.under && decide(of.under, 'user.invite', target).effect === 'deny') return 'dead';
  if (of.offererAway) return 'dead';
  return at >= of.expiresAt ? 'expired' : 'open';
}

/** The refusal that says what to do next, to somebody who holds the link. */
export const refusalOf: Record<Exclude<InvitationState, 'open'>, RefusalCode> = {
  expired: 'invitation.expired',
  dead: 'invitation.dead',
  accepted: 'invitation.used',
  revoked: 'invitation.revoked',
};

/** What becomes of one pasted address, shown before anything is sent. */
export const verdicts = [
  'will-invite',
  'outside-domains',
  'already-here',
  'open-already',
  'twice',
  'not-an-address',
] as const;
export type Verdict = (typeof verdicts)[number];

export type Known = {
  /** normal addresses of members of this organization */
  here: ReadonlySet<string>;
  /** normal addresses with an open invitation to it */
  open: ReadonlySet<string>;
  /** mail domains that belong to it; empty when it has none */
  domains: readonly string[];
};

/** Whether somebody has an account elsewhere is not asked here: such an address is answered as a new one (I40). */
export function verdictOf(
  email: { normal: string; domain: string } | undefined,
  seen: ReadonlySet<string>,
  known: Known,
): Verdict {
  if (!email) return 'not-an-address';
  if (seen.has(email.normal)) return 'twice';
  if (known.here.has(email.normal)) return 'already-here';
  if (known.open.has(email.normal)) return 'open-already';
  const inside =
    known.domains.length === 0 ||
    known.domains.some((domain) => email.domain === domain || email.domain.endsWith(`.${domain}`));
  return inside ? 'will-invite' : 'outside-domains';
}
