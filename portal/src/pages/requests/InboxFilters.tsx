import { Box, Chip, Group, Select } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { Fold } from '../../parts/Fold.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { requestKinds } from '../../routes/request-kinds.ts';
import type { RequestsSearch } from '../../routes/request-routes.ts';

/** What of the inbox to see; all of it stands in the address. */
export function InboxFilters({ organizations }: { organizations: boolean }): ReactNode {
  const { t } = useTranslation();
  const search = useSearch({ from: '/shell/requests' });
  const navigate = useNavigate({ from: '/requests' });
  const known = useRead(
    'organization.read',
    { organizationId: search.organizationId ?? '' },
    { enabled: search.organizationId !== undefined },
  );
  const change = (part: RequestsSearch): void => {
    void navigate({ search: (before) => ({ ...before, cursor: undefined, ...part }), replace: true });
  };
  const flags = ['dueSoon', 'highRisk', 'asDeputy'] as const;
  const all = (
    <Group gap="sm" align="flex-end" role="group" aria-label={t('inbox.filter.label')} mb="md">
      <Select
        label={t('inbox.filter.kind')}
        placeholder={t('inbox.filter.any')}
        clearable
        clearButtonProps={{ 'aria-label': t('picker.clear') }}
        value={search.kind ?? null}
        onChange={(kind) => change({ kind: requestKinds.find((one) => one === kind) })}
        data={requestKinds.map((value) => ({ value, label: t(`inbox.kind.${value}`) }))}
      />
      {organizations ? (
        <OrganizationPicker
          label={t('inbox.filter.organization')}
          value={search.organizationId ?? null}
          known={known.data ? { id: known.data.id, name: known.data.name } : undefined}
          onChange={(id) => change({ organizationId: id ?? undefined })}
        />
      ) : null}
      <Group gap="xs" pb={4}>
        {flags.map((flag) => (
          <Chip
            key={flag}
            variant="outline"
            checked={search[flag] === true}
            onChange={(on) => change({ [flag]: on || undefined })}
          >
            {t(`inbox.filter.${flag}`)}
          </Chip>
        ))}
      </Group>
    </Group>
  );
  // on a phone what waits comes first
  return (
    <>
      <Box visibleFrom="sm">{all}</Box>
      <Box hiddenFrom="sm" mb="sm">
        <Fold label={t('inbox.filter.label')}>{all}</Fold>
      </Box>
    </>
  );
}
