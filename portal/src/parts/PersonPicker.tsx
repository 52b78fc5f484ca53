import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../api/queries.ts';
import type { Item } from '../api/types.ts';

type Person = Item<'user.list'>;

type Props = {
  label: string;
  description?: string;
  /** membership id */
  value: string | null;
  onChange: (membershipId: string | null, person: Person | undefined) => void;
  /** already known, such as the one chosen before: shown without a search */
  known?: { membershipId: string; displayName: string } | undefined;
  /** only people of this organization and those below */
  organizationId?: string;
  exclude?: readonly string[];
  required?: boolean;
  error?: ReactNode;
};

/** One person, found by typing a piece of name, user name or address. Only people in reach are offered. */
export function PersonPicker(props: Props): ReactNode {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 200);
  // what is chosen stays offered, whatever is searched for next
  const [chosen, setChosen] = useState<Person>();
  const found = useRead(
    'user.list',
    { search: search || undefined, organizationId: props.organizationId, limit: 20 },
    { keepPrevious: true },
  );
  const people = new Map((found.data?.items ?? []).map((person) => [person.membershipId, person]));
  if (chosen && chosen.membershipId === props.value) people.set(chosen.membershipId, chosen);
  for (const one of props.exclude ?? []) people.delete(one);
  return (
    <Select
      label={props.label}
      description={props.description}
      required={props.required ?? false}
      error={props.error}
      searchable
      clearable={!props.required}
      clearButtonProps={{ 'aria-label': t('picker.clear') }}
      placeholder={t('picker.person')}
      nothingFoundMessage={found.isFetching ? t('state.loading') : t('picker.noPerson')}
      // the server has searched
      filter={({ options }) => options}
      searchValue={typed}
      onSearchChange={setTyped}
      value={props.value}
      onChange={(id) => {
        const person = id ? people.get(id) : undefined;
        setChosen(person);
        props.onChange(id, person);
      }}
      data={[
        ...(props.known && props.known.membershipId === props.value && !people.has(props.known.membershipId)
          ? [{ value: props.known.membershipId, label: props.known.displayName }]
          : []),
        ...[...people.values()].map((person) => ({
          value: person.membershipId,
          label: t('picker.personAt', { name: person.displayName, organization: person.organizationName }),
        })),
      ]}
    />
  );
}
