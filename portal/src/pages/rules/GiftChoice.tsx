import { Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useGrantable } from '../../parts/grantable.ts';
import type { Rule } from './rule.ts';

export type Gift = { entitlementId: string } | { accessRoleId: string };

const chosenBy = (gift: Gift | undefined): string | null =>
  !gift ? null : 'entitlementId' in gift ? `e:${gift.entitlementId}` : `r:${gift.accessRoleId}`;

const giftOf = (value: string): Gift =>
  value.startsWith('e:') ? { entitlementId: value.slice(2) } : { accessRoleId: value.slice(2) };

export const giftOfRule = ({ gives }: Rule): Gift | undefined =>
  gives?.entitlementId
    ? { entitlementId: gives.entitlementId }
    : gives?.accessRoleId
      ? { accessRoleId: gives.accessRoleId }
      : undefined;

/** What the rule gives: one role of an application, or an access role. */
export function GiftChoice({
  organizationId,
  rule,
  value,
  onChange,
}: {
  organizationId: string;
  rule: Rule | undefined;
  value: Gift | undefined;
  onChange: (gift: Gift | undefined) => void;
}): ReactNode {
  const { t } = useTranslation();
  const query = useGrantable(organizationId, { everybody: true });
  const groups = [
    {
      group: t('accessChoice.accessRoles'),
      items: (query.data?.accessRoles ?? []).map(({ accessRoleId, name }) => ({
        value: `r:${accessRoleId}`,
        label: name,
      })),
    },
    ...(query.data?.applications ?? []).map(({ name: group, roles }) => ({
      group,
      items: roles.map(({ entitlementId, name }) => ({
        value: `e:${entitlementId}`,
        label: t('access.roleOf', { role: name, application: group }),
      })),
    })),
  ].filter(({ items }) => items.length > 0);
  const own = rule && chosenBy(giftOfRule(rule));
  const known = groups.some(({ items }) => items.some((one) => one.value === own));
  // One that may not be given to everybody any more is still what the rule gives now.
  if (own && rule?.gives && !known && query.data)
    groups.unshift({ group: t('rules.now'), items: [{ value: own, label: rule.gives.name }] });
  return (
    <Select
      label={t('rules.what')}
      placeholder={t('rules.whatHint')}
      required
      searchable
      value={chosenBy(value)}
      data={groups}
      nothingFoundMessage={query.isFetching ? t('state.loading') : t('accessChoice.none')}
      onChange={(chosen) => onChange(chosen ? giftOf(chosen) : undefined)}
    />
  );
}
