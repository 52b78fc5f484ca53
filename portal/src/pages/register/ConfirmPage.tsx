import { Button, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '../../api/problem.ts';
import { useChange } from '../../api/queries.ts';
import { EmptyState } from '../../page/EmptyState.tsx';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { forgetSecretLink, useSecretLink } from '../../parts/secret-link.ts';
import { SignIn } from './RegisterPage.tsx';

/** Behind the link that was mailed to whoever asked to join. Opening it does nothing; the button proves the address. */
export function ConfirmPage(): ReactNode {
  const { t } = useTranslation();
  const token = useSecretLink();
  const confirm = useChange('registration.confirm', forgetSecretLink);
  if (confirm.data) {
    return (
      <Page title={t('register.confirmed')}>
        <Stack role="status" gap="xs">
          <Text>{t('register.passedOn', { organization: confirm.data.organizationName })}</Text>
          <Text>{t('register.then', { email: confirm.data.email })}</Text>
        </Stack>
      </Page>
    );
  }
  if (!token || isProblem(confirm.error, 'auth.code-invalid')) {
    return (
      <Page title={t('register.confirmTitle')}>
        <EmptyState
          title={token ? t('register.expired') : t('register.noLink')}
          text={token ? t('register.expiredText') : t('register.noLinkText')}
          action={null}
        />
      </Page>
    );
  }
  return (
    <Page title={t('register.confirmTitle')} lead={t('register.confirmLead')}>
      <Stack>
        <ActProblem problem={confirm.error} />
        {isProblem(confirm.error, 'membership.exists') ? (
          <SignIn />
        ) : (
          <Button loading={confirm.isPending} onClick={() => confirm.mutate({ token })}>
            {t('register.confirm')}
          </Button>
        )}
      </Stack>
    </Page>
  );
}
