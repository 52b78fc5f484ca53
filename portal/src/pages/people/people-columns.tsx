import { Badge, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Item } from '../../api/types.ts';
import { day } from '../../i18n/dates.ts';
import { TextLink } from '../../parts/links.tsx';
import type { Column } from '../../table/column.ts';
import { type OwnField, valueIn } from './own-fields.ts';
import { StateBadge } from './StateBadge.tsx';

type Person = Item<'user.list'>;

/** How keys of columns of the organization's own fields begin. */
export const ownColumn = 'field:';

/** @param fields those of the organization's own, in its order; none stands there until chosen */
export function usePeopleColumns(
  fields: readonly OwnField[],
): readonly [Column<Person>, ...Column<Person>[]] {
  const { t } = useTranslation();
  return [
    {
      key: 'name',
      header: t('field.name'),
      sort: 'name',
      cell: (person) => (
        <Group gap={6} component="span">
          <TextLink to="/people/$membershipId" params={{ membershipId: person.membershipId }} size="sm">
            {person.displayName}
          </TextLink>
          {person.isManager ? (
            <Badge
              size="sm"
              variant="outline"
              color="indigo"
              tt="none"
              styles={{ label: { color: 'var(--mantine-color-text)' } }}
            >
              {t('people.manager')}
            </Badge>
          ) : null}
        </Group>
      ),
    },
    { key: 'title', header: t('field.title'), cell: (person) => person.title },
    {
      key: 'organization',
      header: t('field.organization'),
      sort: 'organization',
      cell: (person) => person.organizationName,
    },
    { key: 'state', header: t('people.state'), cell: (person) => <StateBadge state={person.state} /> },
    {
      key: 'email',
      header: t('field.email'),
      cell: (person) => (
        <Text size="sm" component="span">
          {person.email}
        </Text>
      ),
    },
    { key: 'userName', header: t('field.userName'), cell: (person) => person.userName, hidden: true },
    { key: 'firstDay', header: t('field.firstDay'), cell: (person) => day(person.firstDay), hidden: true },
    {
      key: 'lastDay',
      header: t('field.lastDay'),
      sort: 'lastDay',
      cell: (person) => day(person.lastDay),
      hidden: true,
    },
    ...fields.map(
      ({ key, label, kind }): Column<Person> => ({
        key: `${ownColumn}${key}`,
        header: label,
        cell: (person) => valueIn(t, kind, person.attributes?.[key]),
        hidden: true,
      }),
    ),
  ];
}
