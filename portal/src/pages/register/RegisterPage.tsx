import { Button, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { useRead } from '../../api/queries.ts';
import { EmptyState } from '../../page/EmptyState.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { TextLink } from '../../parts/links.tsx';
import { useSubmit } from '../../parts/submit.ts';

/** Where strangers ask to join an organization. The answer is the same whether or not we know the address. */
export function RegisterPage(): ReactNode {
  const { t } = useTranslation();
  const { organizationId } = useParams({ from: '/public/register/$organizationId' });
  const query = useRead('registration.page', { organizationId });
  // an address that is none of ours reads the same as a page that is switched off
  if (
    query.error &&
    (query.error.status === 404 || query.error.status === 400 || query.error.status === 422)
  ) {
    return (
      <Page title={t('register.title')}>
        <EmptyState title={t('register.closed')} text={t('register.closedText')} action={<SignIn />} />
      </Page>
    );
  }
  const title = query.data
    ? t('register.titleOf', { organization: query.data.organizationName })
    : t('register.title');
  return (
    <Page title={title}>
      <Loaded query={query} notAllowed={t('state.notAllowedPage')} empty="never">
        {({ words }) => <RegisterForm organizationId={organizationId} words={words} />}
      </Loaded>
    </Page>
  );
}

function RegisterForm({ organizationId, words }: { organizationId: string; words: string }): ReactNode {
  const { t } = useTranslation();
  const [sentTo, setSentTo] = useState('');
  const form = useSubmit(async (field) => {
    const email = field('email').trim();
    await call('registration.start', {
      organizationId,
      email,
      displayName: field('displayName').trim(),
      message: field('message').trim(),
    });
    setSentTo(email);
  });
  if (sentTo) {
    return (
      <Stack role="status" gap="xs">
        <Text fw={600}>{t('register.sent')}</Text>
        <Text>{t('register.sentText', { email: sentTo })}</Text>
      </Stack>
    );
  }
  return (
    <form onSubmit={form.onSubmit}>
      <Stack>
        {words ? <Text style={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>{words}</Text> : null}
        <Text size="sm" c="dimmed">
          {t('register.how')}
        </Text>
        <TextInput
          name="displayName"
          label={t('field.name')}
          autoComplete="name"
          maxLength={200}
          required
          withAsterisk={false}
        />
        <TextInput
          name="email"
          type="email"
          label={t('field.email')}
          autoComplete="email"
          required
          withAsterisk={false}
        />
        <Textarea
          name="message"
          label={t('register.message')}
          description={t('register.messageHint')}
          autosize
          minRows={2}
          maxLength={1000}
        />
        <ActProblem problem={form.problem} />
        <Button type="submit" loading={form.busy}>
          {t('register.send')}
        </Button>
        <SignIn />
      </Stack>
    </form>
  );
}

export function SignIn(): ReactNode {
  const { t } = useTranslation();
  return (
    <TextLink to="/sign-in" size="sm">
      {t('register.signIn')}
    </TextLink>
  );
}
