import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Page } from '../../page/Page.tsx';
import { ChooseFile } from './ChooseFile.tsx';
import { ImportUnderWay } from './ImportUnderWay.tsx';

/** People from any one file: choose it, look at the difference, do it. One under way can be left and come back to. */
export function PeopleImportPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage
      title={t('peopleImport.title')}
      needs={['user.enrol']}
      notAllowed={t('peopleImport.notAllowed')}
    >
      <PeopleImport />
    </AllowedPage>
  );
}

function PeopleImport(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { organizationId, import: importId } = useSearch({ from: '/shell/import-people' });
  return (
    <Page title={t('peopleImport.title')} lead={t('peopleImport.lead')}>
      {importId ? (
        <ImportUnderWay key={importId} importId={importId} />
      ) : (
        <ChooseFile
          organizationId={organizationId}
          onSent={(id) => void navigate({ to: '/import-people', search: { import: id } })}
        />
      )}
    </Page>
  );
}
