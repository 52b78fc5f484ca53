import { AppShell, Badge, NavLink, Text, VisuallyHidden } from '@mantine/core';
import { Link, useRouterState } from '@tanstack/react-router';
import { type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../api/queries.ts';
import { useSession } from '../api/session.ts';
import { useLeads } from './leads.ts';
import { placesFor } from './navigation.ts';

/** The server counts no further. */
const mostCounted = 50;

export function Navigation({ onGo }: { onGo: () => void }): ReactNode {
  const { t } = useTranslation();
  const { may } = useSession();
  const leads = useLeads();
  const here = useRouterState({ select: (state) => state.location.pathname });
  const places = placesFor(may, leads);
  const home = useRead('home.read', {}, { refetchEveryMs: 60_000 });
  // what the reader has to decide, and what they were asked about their own
  const waiting = (home.data?.items ?? []).filter(({ kind }) => kind === 'requests' || kind === 'questions');
  const waitingCount = waiting.reduce((sum, { count }) => sum + count, 0);
  const waitingId = useId();
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
          const count = key === 'requests' ? waitingCount : 0;
          return (
            <NavLink
              key={key}
              component={Link}
              to={to}
              label={t(`navigation.${key}`)}
              leftSection={<Icon size={18} aria-hidden />}
              active={active}
              // the link keeps its name; how many wait is said after it
              aria-describedby={count > 0 ? waitingId : undefined}
              rightSection={
                count > 0 ? (
                  <Badge circle={count < 10} aria-hidden>
                    {count < mostCounted ? count : `${mostCounted}+`}
                  </Badge>
                ) : null
              }
              aria-current={active ? 'page' : undefined}
              onClick={onGo}
              style={{ borderRadius: 'var(--mantine-radius-sm)' }}
            />
          );
        })}
        {group === 'mine' && waitingCount > 0 ? (
          <VisuallyHidden id={waitingId}>{waiting.map(({ sentence }) => sentence).join('. ')}</VisuallyHidden>
        ) : null}
      </AppShell.Section>
    );
  });
}
