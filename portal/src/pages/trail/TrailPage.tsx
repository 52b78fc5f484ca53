import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Page } from '../../page/Page.tsx';

export function TrailPage(): ReactNode {
  const { t } = useTranslation();
  return <Page title={t('trail.title')}>{null}</Page>;
}
