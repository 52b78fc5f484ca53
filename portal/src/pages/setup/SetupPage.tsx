import { Button, Stack, TextInput } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { catalogue } from '../../i18n/catalogue.ts';
import { keepForAccount, languageFor } from '../../i18n/languages.ts';
import { EmptyState } from '../../page/EmptyState.tsx';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { TextLink } from '../../parts/links.tsx';
import { NewPasswordField } from '../../parts/NewPasswordField.tsx';
import { forgetSecretLink, useSecretLink } from '../../parts/secret-link.ts';
import { useSubmit } from '../../parts/submit.ts';
import { goOn } from '../sign-in/after-sign-in.ts';

/** An empty instance and its first owner: behind the link that the server prints at its first start. */
export function SetupPage(): ReactNode {
  const { t } = useTranslation();
  const router = useRouter();
  const token = useSecretLink();
  const form = useSubmit(async (field) => {
    await call('setup.complete', {
      token,
      organizationName: field('organization').trim(),
      displayName: field('displayName').trim(),
      email: field('email').trim(),
      password: field('password'),
    });
    forgetSecretLink();
    // an owner has no language on record yet: the one they read this page in
    keepForAccount(languageFor([catalogue.language]));
    await goOn(router, undefined);
  });
  if (!token) {
    return (
      <Page title={t('setup.title')}>
        <EmptyState
          title={t('setup.noLink')}
          text={t('setup.noLinkText')}
          action={<TextLink to="/sign-in">{t('signIn.do')}</TextLink>}
        />
      </Page>
    );
  }
  const plain = { required: true, withAsterisk: false } as const;
  return (
    <Page title={t('setup.title')} lead={t('setup.lead')}>
      <form onSubmit={form.onSubmit}>
        <Stack>
          <TextInput
            name="organization"
            label={t('setup.organization')}
            autoComplete="organization"
            {...plain}
          />
          <TextInput name="displayName" label={t('field.name')} autoComplete="name" {...plain} />
          <TextInput name="email" type="email" label={t('field.email')} autoComplete="username" {...plain} />
          <NewPasswordField name="password" label={t('field.newPassword')} />
          <ActProblem problem={form.problem} />
          <Button type="submit" loading={form.busy}>
            {t('setup.do')}
          </Button>
        </Stack>
      </form>
    </Page>
  );
}
