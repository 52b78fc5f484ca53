import { Button, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { TextLink } from '../../parts/links.tsx';
import { useSubmit } from '../../parts/submit.ts';

/** The answer is the same whether or not we know the address. */
export function RecoverPage(): ReactNode {
  const { t } = useTranslation();
  const [sent, setSent] = useState(false);
  const form = useSubmit(async (field) => {
    await call('recovery.start', { email: field('email') });
    setSent(true);
  });
  return (
    <Page title={t('recover.title')} lead={sent ? undefined : t('recover.lead')}>
      {sent ? (
        <Text role="status">{t('recover.sent')}</Text>
      ) : (
        <form onSubmit={form.onSubmit}>
          <Stack>
            <TextInput
              name="email"
              type="email"
              label={t('field.email')}
              autoComplete="username"
              required
              withAsterisk={false}
            />
            <ActProblem problem={form.problem} />
            <Button type="submit" loading={form.busy}>
              {t('recover.do')}
            </Button>
          </Stack>
        </form>
      )}
      <Text size="sm" c="dimmed">
        {t('recover.noEmail')}
      </Text>
      <TextLink to="/sign-in" size="sm">
        {t('signIn.back')}
      </TextLink>
    </Page>
  );
}
