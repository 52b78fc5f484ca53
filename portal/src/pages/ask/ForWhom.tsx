import { MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQueries } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { keyOf, useRead } from '../../api/queries.ts';
import { useMay, useSession } from '../../api/session.ts';

/** For others than oneself: people who report to the reader, and people whom the reader sees. Nobody else has this field. */
export function ForWhom({
  ids,
  onChange,
}: {
  ids: readonly string[];
  onChange: (ids: string[]) => void;
}): ReactNode {
  const { t } = useTranslation();
  const { membership } = useSession();
  const may = useMay();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 200);
  const find = { search: search || undefined, limit: 20 };
  const reports = useRead('report.list', { depth: 'all', ...find }, { keepPrevious: true });
  const seen = useRead('user.list', find, { keepPrevious: true, enabled: may('user.read') });
  const chosen = useQueries({
    queries: ids.map((membershipId) => {
      const input = { membershipId, limit: 1 };
      return { queryKey: keyOf('request.catalogue', input), queryFn: () => call('request.catalogue', input) };
    }),
  });
  const label = (name: string, organization: string): string => t('picker.personAt', { name, organization });
  const people = new Map([
    [membership.id, t('ask.myself')],
    ...(seen.data?.items ?? []).map(
      (one) => [one.membershipId, label(one.displayName, one.organizationName)] as const,
    ),
    ...(reports.data?.items ?? []).map(
      (one) => [one.membershipId, label(one.displayName, one.organizationName)] as const,
    ),
    ...ids.map((id, n) => [id, chosen[n]?.data?.whom.displayName ?? '…'] as const),
  ]);
  const others = (reports.data?.items.length ?? 0) > 0 || may('user.read') || ids.length > 0;
  if (!others) return null;
  return (
    <MultiSelect
      label={t('ask.forWhom')}
      description={ids.length > 1 ? t('ask.forSeveral') : undefined}
      placeholder={ids.length === 0 ? t('ask.myself') : undefined}
      nothingFoundMessage={t('picker.noPerson')}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('picker.clear') }}
      // the server has searched
      filter={({ options }) => options}
      searchValue={typed}
      onSearchChange={setTyped}
      maxValues={50}
      hidePickedOptions
      value={[...ids]}
      onChange={onChange}
      data={[...people].map(([value, name]) => ({ value, label: name }))}
      maw={620}
    />
  );
}
