import { useLocalStorage } from '@mantine/hooks';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Page } from '../../page/Page.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { Progress } from './Progress.tsx';
import { TakeOverForm } from './TakeOverForm.tsx';

/** where the browser keeps the one that was started last */
const lastImport = 'remit.import';

/** A whole tree from CSV files: look, compare, take over. One that runs can be left and come back to. */
export function TakeOverPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage
      title={t('takeOver.title')}
      needs={['organization.import']}
      notAllowed={t('takeOver.notAllowed')}
    >
      <TakeOver />
    </AllowedPage>
  );
}

function TakeOver(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { organizationId, import: importId } = useSearch({ from: '/shell/take-over' });
  const [last, setLast] = useLocalStorage<string | null>({ key: lastImport, defaultValue: null });
  if (importId)
    return (
      <Page title={t('takeOver.title')}>
        <Progress importId={importId} onSeen={() => setLast(null)} />
      </Page>
    );
  return (
    <Page
      title={t('takeOver.title')}
      lead={t('takeOver.lead')}
      actions={
        last ? (
          <ButtonLink to="/take-over" search={{ import: last }} variant="default">
            {t('takeOver.seeLast')}
          </ButtonLink>
        ) : null
      }
    >
      <TakeOverForm
        organizationId={organizationId}
        onStarted={(id) => {
          setLast(id);
          void navigate({ to: '/take-over', search: { import: id } });
        }}
      />
    </Page>
  );
}
