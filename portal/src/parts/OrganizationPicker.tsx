import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../api/queries.ts';
import type { Item } from '../api/types.ts';

type Organization = Pick<Item<'organization.list'>, 'id' | 'name'>;

type Props = {
  label: string;
  description?: string;
  value: string | null;
  onChange: (organizationId: string | null, organization: Organization | undefined) => void;
  /** already known, such as the one in the address: shown without a search */
  known?: Organization | undefined;
  required?: boolean;
  error?: ReactNode;
};

/** One organization in reach, found by typing a piece of its name. */
export function OrganizationPicker(props: Props): ReactNode {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 200);
  const [chosen, setChosen] = useState<Organization>();
  const found = useRead('organization.list', search ? { search, limit: 20 } : { limit: 20 }, {
    keepPrevious: true,
  });
  const organizations = new Map<string, Organization>((found.data?.items ?? []).map((one) => [one.id, one]));
  for (const one of [chosen, props.known]) {
    if (one && one.id === props.value) organizations.set(one.id, one);
  }
  return (
    <Select
      label={props.label}
      description={props.description}
      required={props.required ?? false}
      error={props.error}
      searchable
      clearable={!props.required}
      clearButtonProps={{ 'aria-label': t('picker.clear') }}
      placeholder={t('picker.organization')}
      nothingFoundMessage={found.isFetching ? t('state.loading') : t('picker.noOrganization')}
      filter={({ options }) => options}
      searchValue={typed}
      onSearchChange={setTyped}
      value={props.value}
      onChange={(id) => {
        const organization = id ? organizations.get(id) : undefined;
        setChosen(organization);
        props.onChange(id, organization);
      }}
      data={[...organizations.values()].map(({ id, name }) => ({ value: id, label: name }))}
    />
  );
}
