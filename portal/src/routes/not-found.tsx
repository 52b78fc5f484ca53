import { Box } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../page/EmptyState.tsx';
import { Page } from '../page/Page.tsx';
import { TextLink } from '../parts/links.tsx';

export function NotFound(): ReactNode {
  const { t } = useTranslation();
  return (
    <Box component="main" p="md" maw={640} mx="auto">
      <Page title={t('notFound.title')}>
        <EmptyState
          title={t('notFound.what')}
          text={t('notFound.text')}
          action={<TextLink to="/">{t('notFound.home')}</TextLink>}
        />
      </Page>
    </Box>
  );
}
