import type { Missing } from './decide.ts';
import type { StopReason } from './delegation.ts';
import type { NoStanding } from './facts.ts';
import { isPermission, permissions } from './permissions.ts';
import type { Excess } from './within.ts';

/**
 * Delegations and refusals in plain words. Names of links and people are put in by the caller, who knows what
 * its reader may see (ruling 9); nothing here names anybody.
 */
const standing: Record<NoStanding, string> = {
  anonymous: 'You are not signed in.',
  'no-membership': 'You do not belong to an organization at the moment.',
  'user-off': 'Your account is suspended.',
  'membership-off': 'Your place in this organization is suspended.',
  'not-begun': 'Your first day in this organization has not come yet.',
  left: 'You have left this organization.',
  'organization-off': 'Your organization is suspended or closed.',
  'client-off': 'This API key has ended or has not begun.',
};

export const stopWords: Record<StopReason, string> = {
  ended: 'was ended',
  paused: 'is paused',
  expired: 'is past its last day',
  'not-begun': 'has not begun yet',
  'too-deep': 'may not be passed on this far',
  lapsed: 'was given by somebody who is not in that position any more',
  broken: 'does not hold together',
};

export const permissionWords = (name: string): string => (isPermission(name) ? permissions[name].text : name);

/** The smallest missing piece, in one sentence, naming no one. */
export function describeMissing(missing: Missing): string {
  switch (missing.piece) {
    case 'standing':
      return standing[missing.reason];
    case 'delegation':
      return 'Nothing has been delegated to you.';
    case 'permission':
      return `What was delegated to you does not let you ${permissionWords(missing.permission)}.`;
    case 'place':
      return `You may ${permissionWords(missing.permission)}, but not here.`;
    case 'entitlement':
      return 'This access is not among those you may hand out.';
    case 'off':
      return 'This organization is suspended or closed.';
    case 'exception':
      return 'An exception from above keeps this from being done here.';
    case 'link':
      return missing.stop.link?.id === missing.held.id
        ? `What was delegated to you ${stopWords[missing.stop.reason]}.`
        : `A delegation above yours ${stopWords[missing.stop.reason]}.`;
  }
}

/** What somebody tried to pass on beyond their own, in one sentence. */
export function describeExcess(excess: Excess): string {
  switch (excess.piece) {
    case 'permission':
      return `you may not yourself ${permissionWords(excess.permission)}.`;
    case 'place':
      return 'it would reach outside your boundary.';
    case 'entitlement':
      return 'it holds access that you may not hand out.';
    case 'period':
      return 'it would last longer, or begin earlier, than what you were given.';
    case 'passing-on':
      return 'it would be passed on further than you may.';
    case 'link':
      return 'what you were given is not in force now.';
  }
}
