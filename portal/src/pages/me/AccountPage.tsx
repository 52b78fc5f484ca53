import { Button, Group, PasswordInput, Select, Stack, Text, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { queryClient, useChange, useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { catalogue } from '../../i18n/catalogue.ts';
import { day, moment } from '../../i18n/dates.ts';
import { languages } from '../../i18n/languages.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { TextLink } from '../../parts/links.tsx';
import { NewPasswordField } from '../../parts/NewPasswordField.tsx';
import { useSubmit } from '../../parts/submit.ts';
import { sayDone } from '../../parts/undo-toast.tsx';
import { follow } from '../../shell/language.ts';
import { FirstPasswords } from './FirstPasswords.tsx';
import { MyTrail } from './MyTrail.tsx';
import { NoticePreferences } from './NoticePreferences.tsx';
import { OwnFields } from './OwnFields.tsx';
import { Sessions } from './Sessions.tsx';

export function AccountPage(): ReactNode {
  const { t } = useTranslation();
  const query = useRead('me.read', {});
  return (
    <Page title={t('me.title')} lead={t('me.lead')}>
      <Loaded query={query} notAllowed={t('state.notAllowedPage')} empty="never">
        {(account) => (
          <Stack gap="lg" maw={640}>
            <FirstPasswords />
            <Details account={account} />
            <Stay stay={account.stay} />
            <OwnFields fields={account.fields} />
            <Password account={account} />
            <NoticePreferences />
            <Sessions />
            <MyTrail />
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function Details({ account }: { account: Output<'me.read'> }): ReactNode {
  const { t } = useTranslation();
  const [name, setName] = useState(account.displayName);
  const [language, setLanguage] = useState(account.language);
  const update = useChange('me.update', async (saved) => {
    await follow(saved.language);
    sayDone(catalogue.t('me.saved'));
  });
  return (
    <Section title={t('me.details')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          update.mutate({ displayName: name.trim(), language, ifVersion: account.version });
        }}
      >
        <Stack gap="sm">
          <TextInput
            label={t('field.name')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            autoComplete="name"
            maxLength={200}
            required
            withAsterisk={false}
          />
          <Select
            label={t('field.language')}
            data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
            value={language}
            onChange={(value) => value && setLanguage(value)}
            allowDeselect={false}
          />
          <Text size="sm" c="dimmed">
            {account.email
              ? t('me.signInWith', { name: account.email })
              : t('me.signInWithName', { name: account.userName ?? '', organization: account.home.name })}
          </Text>
          <ActProblem problem={update.error} />
          <Group>
            <Button type="submit" loading={update.isPending}>
              {t('action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

/** From when until when, and where to ask when that is too short. */
function Stay({ stay }: { stay: Output<'me.read'>['stay'] }): ReactNode {
  const { t } = useTranslation();
  if (!stay || (stay.firstDay === null && stay.lastDay === null)) return null;
  const title = t('me.stay', { organization: stay.organization });
  return (
    <Section title={title}>
      <Facts
        label={title}
        facts={[
          ...(stay.firstDay ? [[t('field.firstDay'), day(stay.firstDay)] as const] : []),
          [t('field.lastDay'), stay.lastDay ? day(stay.lastDay) : t('me.noLastDay')],
        ]}
      />
      {stay.lastDay ? (
        <Text size="sm">
          {t('me.lastDayText')}{' '}
          <TextLink to="/ask" search={{ kind: 'last-day' }} inherit>
            {t('me.askLonger')}
          </TextLink>
        </Text>
      ) : null}
    </Section>
  );
}

function Password({ account }: { account: Output<'me.read'> }): ReactNode {
  const { t } = useTranslation();
  const [done, setDone] = useState(0);
  const form = useSubmit(async (field) => {
    const { sessionsEnded } = await call('password.change', {
      currentPassword: field('currentPassword'),
      newPassword: field('newPassword'),
    });
    // empties the fields
    setDone(done + 1);
    sayDone(t('me.passwordChanged', { count: sessionsEnded }));
    await queryClient.invalidateQueries();
  });
  return (
    <Section title={t('field.password')}>
      <form onSubmit={form.onSubmit} key={done}>
        <Stack gap="sm">
          {account.passwordChangedAt ? (
            <Text size="sm" c="dimmed">
              {t('me.passwordSince', { when: moment(account.passwordChangedAt) })}
            </Text>
          ) : null}
          <input
            type="text"
            name="username"
            autoComplete="username"
            value={account.email ?? account.userName ?? ''}
            readOnly
            hidden
          />
          <PasswordInput
            name="currentPassword"
            label={t('me.currentPassword')}
            autoComplete="current-password"
            required
            withAsterisk={false}
            visibilityToggleButtonProps={{ 'aria-label': t('field.showPassword') }}
          />
          <NewPasswordField name="newPassword" label={t('field.newPassword')} />
          <ActProblem problem={form.problem} />
          <Group>
            <Button type="submit" loading={form.busy}>
              {t('me.changePassword')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
