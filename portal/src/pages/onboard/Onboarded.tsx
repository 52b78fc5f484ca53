import { Button, Group, List } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Page } from '../../page/Page.tsx';
import { ButtonLink } from '../../parts/links.tsx';

type Props = {
  organizationId: string;
  partner: string;
  managerName: string;
  email: string;
  onAnother: () => void;
};

/** What has happened and what comes next. */
export function Onboarded({ organizationId, partner, managerName, email, onAnother }: Props): ReactNode {
  const { t } = useTranslation();
  return (
    <Page title={t('onboard.doneTitle', { partner })} lead={t('onboard.doneLead')}>
      <List spacing="xs">
        <List.Item>{t('onboard.doneInvited', { name: managerName, email })}</List.Item>
        <List.Item>{t('onboard.doneHandOut', { partner })}</List.Item>
        <List.Item>{t('onboard.doneSecond', { partner })}</List.Item>
      </List>
      <Group>
        <ButtonLink to="/organizations/$organizationId" params={{ organizationId }} search={{}}>
          {t('onboard.open', { partner })}
        </ButtonLink>
        <Button variant="default" onClick={onAnother}>
          {t('onboard.another')}
        </Button>
      </Group>
    </Page>
  );
}
