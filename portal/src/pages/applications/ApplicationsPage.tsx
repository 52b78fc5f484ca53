import { Badge, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import type { Item } from '../../api/types.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Page } from '../../page/Page.tsx';
import { ButtonLink, TextLink } from '../../parts/links.tsx';
import { DataTable } from '../../table/DataTable.tsx';

type Application = Item<'application.list'>;

export function ApplicationsPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage
      title={t('applications.title')}
      needs={['application.read', 'application.configure']}
      notAllowed={t('applications.notAllowed')}
    >
      <Applications />
    </AllowedPage>
  );
}

function Applications(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const may = useMay();
  const { search, cursor } = useSearch({ from: '/shell/applications' });
  const query = useRead('application.list', { search, cursor, retired: true }, { keepPrevious: true });
  const [typed, setTyped] = useState(search ?? '');
  const write = useDebouncedCallback((text: string) => {
    void navigate({ to: '/applications', search: { search: text.trim() || undefined }, replace: true });
  }, 250);
  const register = may('application.configure') ? (
    <ButtonLink to="/applications/register" leftSection={<IconPlus size={16} aria-hidden />}>
      {t('applications.register')}
    </ButtonLink>
  ) : null;
  return (
    <Page title={t('applications.title')} lead={t('applications.lead')} actions={register}>
      <DataTable<Application>
        label={t('applications.title')}
        name="applications"
        query={query}
        rowId={(row) => row.id}
        rowLabel={(row) => row.name}
        notAllowed={t('applications.notAllowed')}
        empty={{
          title: search ? t('applications.noMatch') : t('applications.none'),
          text: search
            ? t('applications.noMatchText')
            : register
              ? t('applications.noneText')
              : t('applications.noneElsewhere'),
          action: search ? null : register,
        }}
        paging={{
          cursor,
          onCursor: (next) => navigate({ to: '/applications', search: { search, cursor: next } }),
        }}
        filters={
          <TextInput
            type="search"
            label={t('applications.search')}
            value={typed}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              write(event.currentTarget.value);
            }}
          />
        }
        columns={[
          {
            key: 'name',
            header: t('applications.name'),
            cell: (row) => (
              <TextLink to="/applications/$applicationId" params={{ applicationId: row.id }} size="sm">
                {row.name}
              </TextLink>
            ),
          },
          {
            key: 'roles',
            header: t('applications.roles'),
            cell: (row) =>
              row.roles
                .filter((role) => role.state === 'active')
                .map((role) => role.name)
                .join(', '),
          },
          { key: 'organization', header: t('field.organization'), cell: (row) => row.organizationName },
          {
            key: 'state',
            header: t('applications.state'),
            cell: (row) => (
              <Badge miw="max-content" color={row.state === 'active' ? 'teal.9' : 'gray.7'}>
                {t(`applications.states.${row.state}`)}
              </Badge>
            ),
          },
          { key: 'clientId', header: t('applications.clientId'), cell: (row) => row.clientId, hidden: true },
        ]}
      />
    </Page>
  );
}
