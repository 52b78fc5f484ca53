import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useMay, useSession } from '../../api/session.ts';

/** Somebody in reach, or in one's reporting line, other than oneself: who looks after nothing sees these, too. */
export function DeputyPicker({
  value,
  onChange,
}: {
  value: string | null;
  onChange: (membershipId: string | null, name: string) => void;
}): ReactNode {
  const { t } = useTranslation();
  const { membership } = useSession();
  const may = useMay();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 200);
  const found = useRead(
    'user.list',
    { search: search || undefined, limit: 20 },
    { keepPrevious: true, enabled: may('user.read') },
  );
  const line = useRead('deputy.list', {});
  const reports = useRead(
    'report.list',
    { depth: 'all', search: search || undefined, limit: 20 },
    { keepPrevious: true },
  );
  const above = (line.data?.lineManagers ?? []).filter(({ displayName }) =>
    displayName.toLocaleLowerCase().includes(search.toLocaleLowerCase()),
  );
  // what is chosen stays offered, whatever is searched for next
  const [chosen, setChosen] = useState<{ id: string; name: string; label: string }>();
  const people = new Map(
    [
      ...[...above, ...(reports.data?.items ?? []), ...(found.data?.items ?? [])].map(
        ({ membershipId: id, displayName: name, organizationName }) => ({
          id,
          name,
          label: t('picker.personAt', { name, organization: organizationName }),
        }),
      ),
      ...(chosen && chosen.id === value ? [chosen] : []),
    ]
      .filter(({ id }) => id !== membership.id)
      .map((one) => [one.id, one]),
  );
  return (
    <Select
      label={t('deputies.who')}
      description={t('deputies.whoHint')}
      required
      searchable
      placeholder={t('picker.person')}
      nothingFoundMessage={found.isFetching || reports.isFetching ? t('state.loading') : t('picker.noPerson')}
      // the server has searched
      filter={({ options }) => options}
      searchValue={typed}
      onSearchChange={setTyped}
      value={value}
      onChange={(id) => {
        const person = id ? people.get(id) : undefined;
        setChosen(person);
        onChange(id, person?.name ?? '');
      }}
      data={[...people.values()].map(({ id, label }) => ({ value: id, label }))}
    />
  );
}
