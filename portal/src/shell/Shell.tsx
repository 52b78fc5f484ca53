import { ActionIcon, Alert, AppShell, Box, Burger, Group, Text, Tooltip } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { Notifications } from '@mantine/notifications';
import { IconSearch } from '@tabler/icons-react';
import { Navigate, Outlet } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLeft, useSession } from '../api/session.ts';
import { AccountMenu } from './AccountMenu.tsx';
import { ActingOrganization } from './ActingOrganization.tsx';
import { Navigation } from './Navigation.tsx';

const Palette = lazy(() => import('./Palette.tsx').then((module) => ({ default: module.Palette })));

/**
 * Whoever is suspended while signed in, or signed out elsewhere, is led to sign in: the session is read again at any
 * time, and below this everything counts on one.
 */
export function Shell(): ReactNode {
  return useLeft() ? <Navigate to="/sign-in" /> : <SignedInShell />;
}

function SignedInShell(): ReactNode {
  const { t } = useTranslation();
  const [menu, { toggle, close }] = useDisclosure();
  const [palette, setPalette] = useState(0);
  const openPalette = (): void => setPalette((times) => times + 1);
  useHotkeys([
    ['mod+K', openPalette],
    // a page with a search box of its own takes the slash; else the palette does
    [
      '/',
      () => {
        const box = document.querySelector<HTMLInputElement>('main input[type="search"]');
        if (box) box.focus();
        else openPalette();
      },
    ],
  ]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 264, breakpoint: 'sm', collapsed: { mobile: !menu } }}
      padding={{ base: 'md', md: 'xl' }}
    >
      {/* strangers are told nothing in passing, so their first page does not load it */}
      <Notifications position="bottom-center" containerWidth={480} limit={4} />
      <a href="#content" className="skip-link">
        {t('shell.skip')}
      </a>
      {/* above the navigation, which its menus hang over */}
      <AppShell.Header zIndex={200}>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="xs">
          <Group gap="xs" wrap="nowrap" style={{ minWidth: 0 }}>
            <Burger
              opened={menu}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={t('shell.menu')}
              aria-expanded={menu}
            />
            <Text fw={700} size="lg" visibleFrom="xs">
              Remit
            </Text>
            <ActingOrganization />
          </Group>
          <Group gap={4} wrap="nowrap">
            <Tooltip label={t('palette.hint')}>
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                aria-label={t('palette.open')}
                onClick={openPalette}
              >
                <IconSearch size={20} aria-hidden />
              </ActionIcon>
            </Tooltip>
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label={t('shell.navigation')}>
        <Navigation onGo={close} />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <Box maw={1180} mx="auto">
          <Unusable />
          <Outlet />
        </Box>
      </AppShell.Main>
      {palette > 0 ? (
        <Suspense>
          <Palette opened={palette} />
        </Suspense>
      ) : null}
    </AppShell>
  );
}

/** The organization one acts for was suspended or closed, or one has left it. */
function Unusable(): ReactNode {
  const { t } = useTranslation();
  const { membership, memberships } = useSession();
  if (membership.usable) return null;
  return (
    <Alert
      color="orange"
      variant="outline"
      c="inherit"
      mb="md"
      title={t('acting.unusable', { organization: membership.organizationName })}
    >
      {memberships.length > 0 ? t('acting.unusableSwitch') : t('acting.unusableAlone')}
    </Alert>
  );
}
