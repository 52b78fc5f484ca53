import { Anchor, Button, PasswordInput, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { Link, useRouter, useSearch } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { isProblem, type Problem } from '../../api/problem.ts';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { goOn } from './after-sign-in.ts';

type Way = 'email' | 'userName';

export function SignInPage(): ReactNode {
  const { t } = useTranslation();
  const router = useRouter();
  const { next } = useSearch({ from: '/public/sign-in' });
  const [way, setWay] = useState<Way>('email');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const field = (name: string): string => String(form.get(name) ?? '');
    setBusy(true);
    setProblem(null);
    try {
      await call(
        'session.create',
        way === 'email'
          ? { email: field('email'), password: field('password') }
          : { organization: field('organization'), userName: field('userName'), password: field('password') },
      );
      await goOn(router, next);
    } catch (error) {
      if (!isProblem(error)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Page title={t('signIn.title')}>
      <form onSubmit={submit}>
        <Stack>
          <SegmentedControl
            fullWidth
            value={way}
            onChange={(value) => setWay(value as Way)}
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
              required
              withAsterisk={false}
            />
          ) : (
            <>
              <TextInput
                name="organization"
                label={t('field.organization')}
                autoComplete="organization"
                required
                withAsterisk={false}
              />
              <TextInput
                name="userName"
                label={t('field.userName')}
                autoComplete="username"
                required
                withAsterisk={false}
              />
            </>
          )}
          <PasswordInput
            name="password"
            label={t('field.password')}
            autoComplete="current-password"
            required
            withAsterisk={false}
            visibilityToggleButtonProps={{ 'aria-label': t('field.showPassword') }}
          />
          <ActProblem problem={problem} />
          <Button type="submit" loading={busy}>
            {t('signIn.do')}
          </Button>
          <Text size="sm">
            <Anchor component={Link} to={'/recover' as '/'}>
              {t('signIn.forgot')}
            </Anchor>
          </Text>
          <Text size="sm">
            <Anchor component={Link} to={'/sign-in/code' as '/'}>
              {t('signIn.withCode')}
            </Anchor>
          </Text>
        </Stack>
      </form>
    </Page>
  );
}
