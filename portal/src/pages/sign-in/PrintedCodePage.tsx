import { Button, Stack, TextInput } from '@mantine/core';
import { useRouter, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { TextLink } from '../../parts/links.tsx';
import { NewPasswordField } from '../../parts/NewPasswordField.tsx';
import { useSubmit } from '../../parts/submit.ts';
import { goOn } from './after-sign-in.ts';

const uuid = /^[0-9a-f-]{36}$/i;

/** For somebody who was handed a sheet with a code. The address on the sheet may name the organization. */
export function PrintedCodePage(): ReactNode {
  const { t } = useTranslation();
  const router = useRouter();
  const { organization } = useSearch({ from: '/public/code' });
  const known = organization && uuid.test(organization) ? organization : undefined;
  const form = useSubmit(async (field) => {
    const name = field('name');
    const who = name.includes('@')
      ? { email: name }
      : { organization: known ?? field('organization'), userName: name };
    await call('code.redeem', { ...who, code: field('code'), password: field('password') });
    await goOn(router, undefined);
  });
  const plain = { required: true, withAsterisk: false } as const;
  return (
    <Page title={t('code.title')} lead={t('code.lead')}>
      <form onSubmit={form.onSubmit}>
        <Stack>
          {known ? null : (
            <TextInput
              name="organization"
              label={t('field.organization')}
              description={t('code.organizationHint')}
              defaultValue={organization ?? ''}
              autoComplete="organization"
            />
          )}
          <TextInput name="name" label={t('code.name')} autoComplete="username" {...plain} />
          <TextInput name="code" label={t('code.code')} autoComplete="one-time-code" {...plain} />
          <NewPasswordField name="password" label={t('field.newPassword')} />
          <ActProblem problem={form.problem} />
          <Button type="submit" loading={form.busy}>
            {t('code.do')}
          </Button>
          <TextLink to="/sign-in" size="sm">
            {t('signIn.back')}
          </TextLink>
        </Stack>
      </form>
    </Page>
  );
}
