import type { Missing } from '../authority/decide.ts';
import type { Chain } from '../authority/delegation.ts';
import { alwaysAfter, alwaysBefore } from '../authority/facts.ts';
import { say } from '../authority/say.ts';
import { firstDayAt, lastDayAt } from '../directory/by-day.ts';
import { dayOf } from './days.ts';
import { delegateName, type Names, timeZoneOfLink } from './names.ts';
import type { Sight } from './sight.ts';
import { levelAbove } from './view.ts';

/** What kept somebody from something then, about them rather than to them. Names nobody (ruling 9). */
export function missingThen(missing: Missing): string {
  switch (missing.piece) {
    case 'standing':
      return say(`then.standing.${missing.reason}`);
    // One sentence for these: what somebody could do elsewhere is not for everybody who sees them here.
    case 'delegation':
    case 'permission':
    case 'place':
      return say('then.missing.nothing');
    case 'link':
      return say(
        missing.stop.link?.id === missing.held.id ? 'then.missing.link.theirs' : 'then.missing.link.above',
        { stop: say(`then.stop.${missing.stop.reason}`) },
      );
    default:
      return say(`then.missing.${missing.piece}`);
  }
}

export type PastLink = {
  delegationId: string | null;
  who: string;
  givenBy: string | null;
  from: string | null;
  until: string | null;
  firstDay: string | null;
  lastDay: string | null;
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
        lines.push({
          ...{ delegationId: null, who: levelAbove(), givenBy: null },
          ...{ from: null, until: null, firstDay: null, lastDay: null },
        });
      continue;
    }
    const timeZone = timeZoneOfLink(link, names);
    lines.push({
      delegationId: link.id,
      who: delegateName(link, names),
      givenBy: giver && sight.giver(link) ? giver.name : link.giverUserId ? levelAbove() : say('instance'),
      from: outward(link.startsAt),
      until: outward(link.endsAt),
      firstDay: firstDayAt(link.startsAt, timeZone),
      lastDay: lastDayAt(link.endsAt, timeZone),
    });
  }
  return lines;
}

const outward = (at: Date): string | null =>
  at >= alwaysAfter || at <= alwaysBefore ? null : at.toISOString();

/** "3 March 2026, 10:15 UTC" */
export const momentOf = (at: Date): string => `${dayOf(at)}, ${at.toISOString().slice(11, 16)} UTC`;
