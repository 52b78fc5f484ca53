import { catalogue } from '../../i18n/catalogue.ts';
import { day, number } from '../../i18n/dates.ts';
import type { MapNode } from './use-map-tree.ts';

export type Mark = MapNode['delegations'][number];

const t = catalogue.t.bind(catalogue);

/** "12 people, 3 organizations below" */
export const countWords = ({ peopleCount, organizationsBelow }: MapNode): string =>
  [
    t('organizations.people', { count: peopleCount, number: number(peopleCount) }),
    ...(organizationsBelow > 0
      ? [t('map.organizationsBelow', { count: organizationsBelow, number: number(organizationsBelow) })]
      : []),
  ].join(', ');

/** "Mara Moss: Manager, until 3 Mar 2027" */
export function markWords(mark: Mark): string {
  const what = mark.kind === 'organization' ? t('map.mayHandOut') : mark.what;
  return [
    t('map.mark', { holder: mark.holder, what }),
    ...(mark.lastDay ? [t('map.until', { day: day(mark.lastDay) })] : []),
    ...(mark.vacant ? [t('map.vacant')] : mark.inForce ? [] : [t('map.notNow')]),
  ].join(', ');
}
