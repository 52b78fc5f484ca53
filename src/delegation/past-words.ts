import type { Missing } from '../authority/decide.ts';
import type { Chain, StopReason } from '../authority/delegation.ts';
import { alwaysAfter, alwaysBefore, type NoStanding } from '../authority/facts.ts';
import { say } from '../authority/say.ts';
import { dayOf } from './days.ts';
import { delegateName, type Names } from './names.ts';
import type { HeldThen } from './past-holds.ts';
import type { Sight } from './sight.ts';
import { levelAbove } from './view.ts';

/** What kept somebody from something then, about them rather than to them. Names nobody (ruling 9). */
const standingThen: Record<NoStanding, string> = {
  anonymous: 'they were not known',
  'no-membership': 'they did not belong there yet',
  'user-off': 'their account was suspended',
  'membership-off': 'their place in the organization was suspended',
  'not-begun': 'their first day had not come yet',
  left: 'they had left',
  'organization-off': 'their organization was suspended or closed',
  'client-off': 'the key was not in force',
};

const stoppedThen: Record<StopReason, string> = {
  ended: 'had ended',
  paused: 'was paused',
  expired: 'was past its last day',
  'not-begun': 'had not begun yet',
  'too-deep': 'could not be passed on this far',
  lapsed: 'was given by somebody who was not in that position any more',
  broken: 'did not hold together',
};

export function missingThen(missing: Missing): string {
  switch (missing.piece) {
    case 'standing':
      return standingThen[missing.reason];
    // One sentence for these: what somebody could do elsewhere is not for everybody who sees them here.
    case 'delegation':
    case 'permission':
    case 'place':
      return 'nothing that was delegated to them gave it there';
    case 'entitlement':
      return 'that access was not among what they could hand out';
    case 'off':
      return 'the organization was suspended or closed';
    case 'exception':
      return 'an exception kept it from being done there';
    case 'link':
      return missing.stop.link?.id === missing.held.id
        ? `what was delegated to them ${stoppedThen[missing.stop.reason]}`
        : `a delegation above theirs ${stoppedThen[missing.stop.reason]}`;
  }
}

export const notHeldThen: Record<NonNullable<HeldThen['stoppedBy']>, string> = {
  none: 'nobody had given it to them',
  membership: 'they did not belong there at that time',
  person: 'their account was suspended',
  organization: 'the organization was suspended or closed',
  application: 'it was not given out any more',
  'not-begun': 'it had not begun yet',
  ended: 'it was past its last day',
  ceiling: 'the organization could not have it',
  separation: 'it could not be held together with other access',
};

export type PastLink = {
  delegationId: string | null;
  who: string;
  givenBy: string | null;
  from: string | null;
  until: string | null;
};

/** The chain of then, nearest first; what lies outside the reader's reach today is one "level above". */
export function chainThen(chain: Chain, names: Names, sight: Sight): PastLink[] {
  const lines: PastLink[] = [];
  for (const link of chain) {
    if (link.delegateKind === 'root') continue;
    const seen = sight.holder(link);
    const giver = link.giverUserId ? names.users.get(link.giverUserId) : undefined;
    if (!seen) {
      if (lines.at(-1)?.delegationId !== null || lines.length === 0)
        lines.push({ delegationId: null, who: levelAbove(), givenBy: null, from: null, until: null });
      continue;
    }
    lines.push({
      delegationId: link.id,
      who: delegateName(link, names),
      givenBy: giver && sight.giver(link) ? giver.name : link.giverUserId ? levelAbove() : say('instance'),
      from: outward(link.startsAt),
      until: outward(link.endsAt),
    });
  }
  return lines;
}

const outward = (at: Date): string | null =>
  at >= alwaysAfter || at <= alwaysBefore ? null : at.toISOString();

/** "3 March 2026, 10:15 UTC" */
export const momentOf = (at: Date): string => `${dayOf(at)}, ${at.toISOString().slice(11, 16)} UTC`;
