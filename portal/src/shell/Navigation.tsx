import { AppShell, NavLink, Text } from '@mantine/core';
import { Link, useRouterState } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../api/session.ts';
import { placesFor } from './navigation.ts';

export function Navigation({ onGo }: { onGo: () => void }): ReactNode {
  const { t } = useTranslation();
  const { may } = useSession();
  const here = useRouterState({ select: (state) => state.location.pathname });
  const places = placesFor(may);
  return (['mine', 'manage'] as const).map((group) => {
    const members = places.filter((place) => place.group === group);
    if (members.length === 0) return null;
    return (
      <AppShell.Section key={group} mb="md">
        <Text size="xs" c="dimmed" fw={600} px="sm" pb={4}>
          {t(`navigation.group.${group}`)}
        </Text>
        {members.map(({ key, to, icon: Icon }) => {
          const active = to === '/' ? here === '/' : here === to || here.startsWith(`${to}/`);
          return (
            <NavLink
              key={key}
              component={Link}
              to={to}
              label={t(`navigation.${key}`)}
              leftSection={<Icon size={18} aria-hidden />}
              active={active}
              aria-current={active ? 'page' : undefined}
              onClick={onGo}
              style={{ borderRadius: 'var(--mantine-radius-sm)' }}
            />
          );
        })}
      </AppShell.Section>
    );
  });
}
