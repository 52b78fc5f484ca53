import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Page } from '../../page/Page.tsx';
import { Launcher } from './Launcher.tsx';
import { MyRequests } from './MyRequests.tsx';

export function MyAccessPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <Page
      title={t('myAccess.title')}
      lead={t('myAccess.lead')}
      actions={
        <Anchor component={Link} to="/ask">
          {t('navigation.ask')}
        </Anchor>
      }
    >
      <Launcher withWhy />
      <MyRequests />
    </Page>
  );
}
