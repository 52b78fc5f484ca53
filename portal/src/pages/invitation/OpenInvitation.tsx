import { Button, List, Stack, Text, TextInput } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { isProblem } from '../../api/problem.ts';
import { renewSession } from '../../api/session.ts';
import type { Output } from '../../api/types.ts';
import { day } from '../../i18n/dates.ts';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { NewPasswordField } from '../../parts/NewPasswordField.tsx';
import { forgetSecretLink } from '../../parts/secret-link.ts';
import { useSubmit } from '../../parts/submit.ts';
import { goOn } from '../sign-in/after-sign-in.ts';

type Props = { token: string; invitation: Output<'invitation.look-up'> };

/** Two screens: who invited you to what; set up your sign-in. With an account already: sign in, then one click. */
export function OpenInvitation({ token, invitation }: Props): ReactNode {
  const { t } = useTranslation();
  const [settingUp, setSettingUp] = useState(false);
  return settingUp ? (
    <SetUpSignIn token={token} invitation={invitation} />
  ) : (
    <Page title={t('invitation.title')}>
      <Stack>
        <Text size="lg">
          {invitation.inviterName
            ? t('invitation.from', {
                inviter: invitation.inviterName,
                organization: invitation.organizationName,
              })
            : t('invitation.fromNobody', { organization: invitation.organizationName })}
        </Text>
        {invitation.message ? (
          <Text
            component="blockquote"
            m={0}
            pl="md"
            style={{ borderLeft: '3px solid var(--mantine-color-default-border)' }}
          >
            {invitation.message}
          </Text>
        ) : null}
        {invitation.access.length > 0 ? (
          <div>
            <Text size="sm">{t('invitation.access')}</Text>
            <List size="sm">
              {invitation.access.map(({ application, name }) => (
                <List.Item key={`${application} ${name}`}>
                  {application ? t('invitation.role', { role: name, application }) : name}
                </List.Item>
              ))}
            </List>
          </div>
        ) : null}
        {invitation.firstDay || invitation.lastDay ? (
          <Text size="sm">
            {invitation.firstDay ? t('invitation.firstDay', { first: day(invitation.firstDay) }) : null}{' '}
            {invitation.lastDay ? t('invitation.lastDay', { last: day(invitation.lastDay) }) : null}
          </Text>
        ) : null}
        <Text size="sm" c="dimmed">
          {t('invitation.until', { email: invitation.email, day: day(invitation.expiresAt) })}
        </Text>
        {invitation.managerAs ? (
          <Text size="sm">
            {t('invitation.manager', {
              role: invitation.managerAs,
              organization: invitation.organizationName,
            })}
          </Text>
        ) : null}
        {invitation.step !== 'password' ? (
          <AcceptWithAccount token={token} invitation={invitation} />
        ) : (
          <Button onClick={() => setSettingUp(true)}>{t('invitation.continue')}</Button>
        )}
      </Stack>
    </Page>
  );
}

function AcceptWithAccount({ token, invitation }: Props): ReactNode {
  const { t } = useTranslation();
  const router = useRouter();
  const form = useSubmit(async () => {
    const { membershipId } = await call('invitation.accept', { token });
    forgetSecretLink();
    // on to the organization one has just joined; from its first day on
    await call('session.switch', { membershipId }).catch((error: unknown) => {
      if (!isProblem(error, 'not-found')) throw error;
    });
    await goOn(router, undefined);
  });
  if (invitation.step === 'sign-in') {
    return (
      <Stack>
        <Text size="sm">{t('invitation.signInFirst')}</Text>
        <ButtonLink to="/sign-in" search={{ next: '/invitation' }}>
          {t('signIn.do')}
        </ButtonLink>
      </Stack>
    );
  }
  /** Somebody else is signed in on this device. The link stays in memory until the right person is. */
  const leave = async (): Promise<void> => {
    await call('session.end', {});
    await renewSession();
    await router.navigate({ to: '/sign-in', search: { next: '/invitation' } });
  };
  if (invitation.step === 'other-address' || isProblem(form.problem, 'invitation.other-address')) {
    return (
      <Stack>
        <Text size="sm">{t('invitation.otherAddress', { email: invitation.email })}</Text>
        <Button variant="default" onClick={leave}>
          {t('invitation.signInOther')}
        </Button>
      </Stack>
    );
  }
  return (
    <form onSubmit={form.onSubmit}>
      <Stack>
        <ActProblem problem={form.problem} />
        <Button type="submit" loading={form.busy}>
          {t('invitation.accept')}
        </Button>
      </Stack>
    </form>
  );
}

function SetUpSignIn({ token, invitation }: Props): ReactNode {
  const { t, i18n } = useTranslation();
  const router = useRouter();
  const [joined, setJoined] = useState(false);
  const form = useSubmit(async (field) => {
    const { signedIn } = await call('invitation.accept', {
      token,
      displayName: field('displayName').trim(),
      password: field('password'),
      language: i18n.language,
    });
    forgetSecretLink();
    if (signedIn) await goOn(router, undefined);
    else setJoined(true);
  });
  if (joined) {
    return (
      <Page title={t('invitation.joined')}>
        <Text role="status">
          {t('invitation.joinedLater', {
            organization: invitation.organizationName,
            day: day(invitation.firstDay),
          })}
        </Text>
      </Page>
    );
  }
  return (
    <Page title={t('invitation.setUp')} lead={t('invitation.setUpLead', { email: invitation.email })}>
      <form onSubmit={form.onSubmit}>
        <Stack>
          {/* for password managers, which keep the password under it */}
          <input
            type="email"
            name="username"
            autoComplete="username"
            value={invitation.email}
            readOnly
            hidden
          />
          <TextInput
            name="displayName"
            label={t('field.name')}
            autoComplete="name"
            defaultValue={invitation.displayName}
            maxLength={200}
            required
            withAsterisk={false}
          />
          <NewPasswordField name="password" label={t('field.newPassword')} />
          <ActProblem problem={form.problem} />
          {isProblem(form.problem, 'invitation.sign-in-first') ? (
            <ButtonLink to="/sign-in" search={{ next: '/invitation' }} variant="default">
              {t('signIn.do')}
            </ButtonLink>
          ) : null}
          <Button type="submit" loading={form.busy}>
            {t('invitation.join', { organization: invitation.organizationName })}
          </Button>
        </Stack>
      </form>
    </Page>
  );
}
