import { Alert, Button, PasswordInput, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { useRouter, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { useWhyLeft } from '../../api/session.ts';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { TextLink } from '../../parts/links.tsx';
import { useSubmit } from '../../parts/submit.ts';
import { goOn } from './after-sign-in.ts';

type Way = 'email' | 'userName';

export function SignInPage(): ReactNode {
  const { t } = useTranslation();
  const router = useRouter();
  const { next } = useSearch({ from: '/public/sign-in' });
  const why = useWhyLeft();
  const [way, setWay] = useState<Way>('email');
  const form = useSubmit(async (field) => {
    const password = field('password');
    await call(
      'session.create',
      way === 'email'
        ? { email: field('email'), password }
        : { organization: field('organization'), userName: field('userName'), password },
    );
    await goOn(router, next);
  });
  const plain = { required: true, withAsterisk: false } as const;
  return (
    <Page title={t('signIn.title')}>
      <form onSubmit={form.onSubmit}>
        <Stack>
          {why && !form.problem ? (
            <Alert color="orange" variant="outline" c="inherit" role="status">
              {why}
            </Alert>
          ) : null}
          <SegmentedControl
            fullWidth
            value={way}
            onChange={(value) => {
              setWay(value as Way);
              form.clear();
            }}
            aria-label={t('signIn.way')}
            data={[
              { value: 'email', label: t('signIn.byEmail') },
              { value: 'userName', label: t('signIn.byUserName') },
            ]}
          />
          {way === 'email' ? (
            <TextInput
              key="email"
              name="email"
              type="email"
              label={t('field.email')}
              autoComplete="username"
              {...plain}
            />
          ) : (
            <>
              <TextInput
                name="organization"
                label={t('field.organization')}
                autoComplete="organization"
                {...plain}
              />
              <TextInput name="userName" label={t('field.userName')} autoComplete="username" {...plain} />
            </>
          )}
          <PasswordInput
            name="password"
            label={t('field.password')}
            autoComplete="current-password"
            {...plain}
            visibilityToggleButtonProps={{ 'aria-label': t('field.showPassword') }}
          />
          <ActProblem problem={form.problem} />
          <Button type="submit" loading={form.busy}>
            {t('signIn.do')}
          </Button>
          <TextLink to="/recover" size="sm">
            {t('signIn.forgot')}
          </TextLink>
          <TextLink to="/code" size="sm">
            {t('signIn.withCode')}
          </TextLink>
        </Stack>
      </form>
    </Page>
  );
}
