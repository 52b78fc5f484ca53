import { Avatar, Menu, Text, UnstyledButton, useMantineColorScheme, VisuallyHidden } from '@mantine/core';
import {
  IconCheck,
  IconDeviceDesktop,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconSun,
  IconUser,
} from '@tabler/icons-react';
import { Link, useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api/client.ts';
import { renewSession, useSession } from '../api/session.ts';
import { type Language, languages } from '../i18n/languages.ts';
import { sayProblem } from '../parts/undo-toast.tsx';
import { chooseLanguage } from './language.ts';

const schemes = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon } as const;

export function AccountMenu(): ReactNode {
  const { t, i18n } = useTranslation();
  const router = useRouter();
  const { user } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const leave = async (): Promise<void> => {
    try {
      await call('session.end', {});
      // first away from the pages that need a session
      await router.navigate({ to: '/sign-in' });
      await renewSession();
    } catch (error) {
      sayProblem(error);
    }
  };
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <UnstyledButton>
          <Avatar name={user.displayName} color="indigo" variant="filled" radius="xl" size={34} alt="" />
          <VisuallyHidden>{t('account.menu', { name: user.displayName })}</VisuallyHidden>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} truncate>
            {user.displayName}
          </Text>
          {user.email ? (
            <Text size="xs" truncate>
              {user.email}
            </Text>
          ) : null}
        </Menu.Label>
        <Menu.Item component={Link} to="/me" leftSection={<IconUser size={16} aria-hidden />}>
          {t('account.open')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('theme.label')}</Menu.Label>
        {(Object.keys(schemes) as (keyof typeof schemes)[]).map((scheme) => {
          const Icon = schemes[scheme];
          return (
            <Menu.Item
              key={scheme}
              leftSection={<Icon size={16} aria-hidden />}
              rightSection={
                scheme === colorScheme ? <IconCheck size={16} aria-label={t('theme.chosen')} /> : null
              }
              onClick={() => setColorScheme(scheme)}
            >
              {t(`theme.${scheme}`)}
            </Menu.Item>
          );
        })}
        <Menu.Divider />
        <Menu.Label>{t('field.language')}</Menu.Label>
        {(Object.keys(languages) as Language[]).map((language) => (
          <Menu.Item
            key={language}
            lang={language}
            leftSection={<IconLanguage size={16} aria-hidden />}
            rightSection={
              language === i18n.language ? <IconCheck size={16} aria-label={t('theme.chosen')} /> : null
            }
            onClick={() => chooseLanguage(language).catch(sayProblem)}
          >
            {languages[language]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={leave}>
          {t('account.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
