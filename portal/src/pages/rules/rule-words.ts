import type { TFunction } from 'i18next';
import type { Rule } from './RulesPage.tsx';

/** "In Acme and below · Fitter · Depot: north or west · not Ada Lovelace" */
export function whoWords(t: TFunction, rule: Rule): string {
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
    ...rule.fields.map(({ key, in: values }) => `${key}: ${valuesWords(t, values)}`),
    ...rule.except.map(({ displayName: name }) => t('rules.not', { name })),
    rule.otherExcept ? t('rules.notOthers') : null,
  ]
    .filter(Boolean)
    .join(' · ');
}

export const valueWords = (t: TFunction, value: string | number | boolean): string =>
  typeof value === 'boolean' ? t(value ? 'rules.yes' : 'rules.no') : String(value);

const valuesWords = (t: TFunction, values: readonly (string | number | boolean)[]): string =>
  values.map((value) => valueWords(t, value)).join(` ${t('rules.or')} `);

export const givesWords = (t: TFunction, { gives }: Rule): string =>
  !gives
    ? t('rules.givesHidden')
    : gives.applicationName
      ? t('rules.givesRole', { role: gives.name, application: gives.applicationName })
      : t('rules.givesBundle', { role: gives.name });
