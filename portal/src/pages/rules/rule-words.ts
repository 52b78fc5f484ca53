import { day } from '../../i18n/dates.ts';
import type { Say } from '../../i18n/say.ts';
import type { Rule } from './rule.ts';

/** "In Acme and below · Fitter · Depot: north or west · not Ada Lovelace" */
export function whoWords(t: Say, rule: Rule): string {
  const organization = rule.inOrganizationName ?? t('rules.elsewhere');
  return [
    t(rule.below ? 'rules.inAndBelow' : 'rules.in', { organization }),
    rule.title,
    rule.relation ? t(`rules.relation.${rule.relation}`) : null,
    rule.group
      ? t('rules.inGroup', { group: rule.group.name })
      : rule.otherGroup
        ? t('rules.otherGroup')
        : null,
    ...rule.fields.map(({ key, label, in: values }) =>
      t('peopleFilter.pair', { name: label ?? key, value: valuesWords(t, values) }),
    ),
    ...rule.except.map(({ displayName: name }) => t('rules.not', { name })),
    rule.otherExcept ? t('rules.notOthers') : null,
  ]
    .filter(Boolean)
    .join(' · ');
}

/** How a rule stands by its days: it gives nothing yet, or nothing any more. */
export function standingOf({ state, from, until }: Rule, at = Date.now()): 'ended' | 'not-begun' | 'begun' {
  if (state === 'ended' || (until !== null && Date.parse(until) <= at)) return 'ended';
  return from !== null && Date.parse(from) > at ? 'not-begun' : 'begun';
}

/** "from 1 Mar 2027 · until 31 Mar 2027", as far as days are said or its end is known. */
export function daysWords(t: Say, { firstDay, endsOn }: Rule): string {
  return [
    firstDay ? t('rules.from', { day: day(firstDay) }) : '',
    endsOn ? t('rules.until', { day: day(endsOn) }) : '',
  ]
    .filter(Boolean)
    .join(' · ');
}

export const valueWords = (t: Say, value: string | number | boolean): string =>
  typeof value === 'boolean' ? t(value ? 'rules.yes' : 'rules.no') : String(value);

const valuesWords = (t: Say, values: readonly (string | number | boolean)[]): string =>
  values.map((value) => valueWords(t, value)).join(` ${t('rules.or')} `);

export const givesWords = (t: Say, { gives }: Rule): string =>
  !gives
    ? t('rules.givesHidden')
    : gives.applicationName
      ? t('rules.givesRole', { role: gives.name, application: gives.applicationName })
      : t('rules.givesBundle', { role: gives.name });
