import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../api/session.ts';
import { Page } from '../../page/Page.tsx';

export function HomePage(): ReactNode {
  const { t } = useTranslation();
  const { user } = useSession();
  return (
    <Page title={t('home.title', { name: user.displayName })} lead={t('home.lead')}>
      {null}
    </Page>
  );
}
