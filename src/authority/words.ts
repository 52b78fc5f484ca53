import type { Missing } from './decide.ts';
import type { StopReason } from './delegation.ts';
import { builtInAdminRoles, isPermission } from './permissions.ts';
import { type Sentence, say, sayPermission } from './say.ts';
import type { Excess } from './within.ts';

/**
 * Delegations and refusals in plain words. Names of links and people are put in by the caller, who knows what
 * its reader may see (ruling 9); nothing here names anybody.
 */
export const stopWords = (reason: StopReason): string => say(`stop.${reason}`);

const builtIn = new Map(builtInAdminRoles.map(({ id, key }) => [id, key]));

/** The name of an admin role: of those that come with Remit in the language of whoever asked, of others as it was given. */
export function adminRoleName(id: string, name: string): string {
  const key = builtIn.get(id);
  return key ? say(`adminRole.${key}.name` as Sentence) : name;
}

/** The names of those that come with Remit by their keys, for a query. */
export const builtInNames = (): string =>
  JSON.stringify(
    Object.fromEntries(builtInAdminRoles.map(({ id, key, name }) => [key, adminRoleName(id, name)])),
  );

export function adminRoleDescription(id: string, description: string): string {
  const key = builtIn.get(id);
  return key ? say(`adminRole.${key}.description` as Sentence) : description;
}

export const permissionWords = (name: string): string => (isPermission(name) ? sayPermission(name) : name);

/** The smallest missing piece, in one sentence, naming no one. */
export function describeMissing(missing: Missing): string {
  switch (missing.piece) {
    case 'standing':
      return say(`standing.${missing.reason}`);
    case 'delegation':
      return say('missing.delegation');
    case 'permission':
      return say('missing.permission', { what: permissionWords(missing.permission) });
    case 'place':
      return say('missing.place', { what: permissionWords(missing.permission) });
    case 'entitlement':
      return say('missing.entitlement');
    case 'off':
      return say('missing.off');
    case 'exception':
      return say('missing.exception');
    case 'link':
      return say(missing.stop.link?.id === missing.held.id ? 'missing.link.mine' : 'missing.link.above', {
        stop: stopWords(missing.stop.reason),
      });
  }
}

/** What somebody tried to pass on beyond their own, in one sentence. */
export function describeExcess(excess: Excess): string {
  switch (excess.piece) {
    case 'permission':
      return say('excess.permission', { what: permissionWords(excess.permission) });
    default:
      return say(`excess.${excess.piece}`);
  }
}
