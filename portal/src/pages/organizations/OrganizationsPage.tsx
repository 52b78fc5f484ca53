import { Group, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconFileUpload, IconUserPlus } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../api/session.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Page } from '../../page/Page.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { OrganizationTree } from '../../parts/OrganizationTree.tsx';
import { Counts } from './Counts.tsx';
import { NewOrganizationDialog } from './NewOrganizationDialog.tsx';
import { OrganizationMatches } from './OrganizationMatches.tsx';

export function OrganizationsPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage
      title={t('organizations.title')}
      needs={['organization.read']}
      notAllowed={t('organizations.notAllowed')}
    >
      <Organizations />
    </AllowedPage>
  );
}

function Organizations(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const may = useMay();
  const { search } = useSearch({ from: '/shell/organizations' });
  const [typed, setTyped] = useState(search ?? '');
  const [making, setMaking] = useState(false);
  const write = useDebouncedCallback((text: string) => {
    navigate({ to: '/organizations', search: { search: text.trim() || undefined }, replace: true });
  }, 250);
  return (
    <Page
      title={t('organizations.title')}
      lead={t('organizations.lead')}
      actions={
        <>
          {may('organization.import') ? (
            <ButtonLink
              to="/take-over"
              variant="default"
              leftSection={<IconFileUpload size={16} aria-hidden />}
            >
              {t('organizations.takeOver')}
            </ButtonLink>
          ) : null}
          {may('organization.create') && may('delegation.create') && may('user.invite') ? (
            <ButtonLink to="/onboard" leftSection={<IconUserPlus size={16} aria-hidden />}>
              {t('organizations.onboard')}
            </ButtonLink>
          ) : null}
        </>
      }
    >
      <Group align="flex-end" justify="space-between">
        <TextInput
          type="search"
          label={t('organizations.search')}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            write(event.currentTarget.value);
          }}
          style={{ flex: '1 1 220px', maxWidth: 420 }}
        />
        <GiveButton
          blocked={may('organization.create') ? false : t('organizations.mayNotMake')}
          why={{ permission: 'organization.create' }}
          onClick={() => setMaking(true)}
        >
          {t('organizations.make')}
        </GiveButton>
      </Group>
      {search ? (
        <OrganizationMatches search={search} />
      ) : (
        <OrganizationTree
          label={t('organizations.title')}
          onOpen={({ id }) =>
            navigate({ to: '/organizations/$organizationId', params: { organizationId: id }, search: {} })
          }
          aside={(organization) => <Counts organization={organization} />}
          empty={{ title: t('organizations.none'), text: t('organizations.noneText'), action: null }}
          notAllowed={t('organizations.notAllowed')}
        />
      )}
      <NewOrganizationDialog opened={making} onClose={() => setMaking(false)} parent={undefined} />
    </Page>
  );
}
