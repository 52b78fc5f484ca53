import { Button, Stack } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { isProblem } from '../../api/problem.ts';
import { EmptyState } from '../../page/EmptyState.tsx';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { TextLink } from '../../parts/links.tsx';
import { NewPasswordField } from '../../parts/NewPasswordField.tsx';
import { forgetSecretLink, useSecretLink } from '../../parts/secret-link.ts';
import { useSubmit } from '../../parts/submit.ts';
import { goOn } from './after-sign-in.ts';

/** Behind the link of a recovery mail. Opening it does nothing; choosing a password uses it up. */
export function NewPasswordPage(): ReactNode {
  const { t } = useTranslation();
  const router = useRouter();
  const token = useSecretLink();
  const form = useSubmit(async (field) => {
    await call('recovery.complete', { token, password: field('password') });
    forgetSecretLink();
    await goOn(router, undefined);
  });
  const again = <TextLink to="/recover">{t('recovery.again')}</TextLink>;
  if (!token) {
    return (
      <Page title={t('recovery.title')}>
        <EmptyState title={t('recovery.noLink')} text={t('recovery.noLinkText')} action={again} />
      </Page>
    );
  }
  return (
    <Page title={t('recovery.title')} lead={t('recovery.lead')}>
      <form onSubmit={form.onSubmit}>
        <Stack>
          <NewPasswordField name="password" label={t('field.newPassword')} />
          <ActProblem problem={form.problem} />
          {isProblem(form.problem, 'auth.code-invalid') ? again : null}
          <Button type="submit" loading={form.busy}>
            {t('recovery.do')}
          </Button>
        </Stack>
      </form>
    </Page>
  );
}
