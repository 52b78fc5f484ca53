import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Page } from '../../page/Page.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Launcher } from './Launcher.tsx';
import { MyRequests } from './MyRequests.tsx';

export function MyAccessPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <Page
      title={t('myAccess.title')}
      lead={t('myAccess.lead')}
      actions={<TextLink to="/ask">{t('navigation.ask')}</TextLink>}
    >
      <Launcher withWhy />
      <MyRequests />
    </Page>
  );
}
