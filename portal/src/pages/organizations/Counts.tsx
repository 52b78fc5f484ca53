import { Badge, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Item } from '../../api/types.ts';
import { number } from '../../i18n/dates.ts';

/** Beside a name: how many people, and whether it is open. */
export function Counts({ organization }: { organization: Item<'organization.list'> }): ReactNode {
  const { t } = useTranslation();
  return (
    <Group gap="xs" wrap="nowrap" pe="xs">
      {organization.state === 'active' ? null : (
        <Badge color="gray.7">{t(`organization.state.${organization.state}`)}</Badge>
      )}
      <Text size="sm" c="dimmed" component="span">
        {t('organizations.people', {
          count: organization.peopleCount,
          number: number(organization.peopleCount),
        })}
      </Text>
    </Group>
  );
}
