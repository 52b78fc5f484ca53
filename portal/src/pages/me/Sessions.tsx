import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import { renewSession } from '../../api/session.ts';
import type { Item } from '../../api/types.ts';
import { moment } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Section } from '../../page/Section.tsx';
import { TakeButton } from '../../parts/ActButton.tsx';
import { sayDone, sayProblem } from '../../parts/undo-toast.tsx';
import { deviceOf } from './device.ts';

/** Where one is signed in, and the way to end it there. */
export function Sessions(): ReactNode {
  const { t } = useTranslation();
  const query = useRead('session.list', {});
  const others = useChange('session.end-others', ({ ended }) =>
    sayDone(t('sessions.othersEnded', { count: ended })),
  );
  return (
    <Section title={t('sessions.title')}>
      <Loaded query={query} notAllowed={t('state.notAllowedPage')} empty="never">
        {(list) => (
          <Stack gap="sm">
            <Stack
              component="ul"
              gap="xs"
              m={0}
              p={0}
              style={{ listStyle: 'none' }}
              aria-label={t('sessions.title')}
            >
              {list.items.map((session) => (
                <SessionRow key={session.id} session={session} />
              ))}
            </Stack>
            {list.items.length > 1 ? (
              <Group>
                <Button
                  variant="outline"
                  color="red"
                  loading={others.isPending}
                  onClick={() => others.mutate({}, { onError: sayProblem })}
                >
                  {t('sessions.endOthers')}
                </Button>
              </Group>
            ) : null}
          </Stack>
        )}
      </Loaded>
    </Section>
  );
}

function SessionRow({ session }: { session: Item<'session.list'> }): ReactNode {
  const { t } = useTranslation();
  const router = useRouter();
  const device = deviceOf(session.userAgent) ?? t('sessions.unknownDevice');
  const end = useChange('session.end-one', async () => {
    if (!session.current) return;
    await router.navigate({ to: '/sign-in' });
    await renewSession();
  });
  return (
    <Group component="li" justify="space-between" gap="xs">
      <div>
        <Group gap="xs">
          <Text size="sm" fw={600}>
            {device}
          </Text>
          {session.current ? (
            <Badge variant="outline" tt="none">
              {t('sessions.here')}
            </Badge>
          ) : null}
        </Group>
        <Text size="xs" c="dimmed">
          {[
            t('sessions.seen', { when: moment(session.lastSeenAt) }),
            session.address,
            session.organizationName ?? '',
            session.applications.join(', '),
          ]
            .filter(Boolean)
            .join(' · ')}
        </Text>
      </div>
      <TakeButton
        size="compact-sm"
        blocked={false}
        loading={end.isPending}
        aria-label={t('sessions.endLabel', { device })}
        onClick={() => end.mutate({ sessionId: session.id }, { onError: sayProblem })}
      >
        {t('sessions.end')}
      </TakeButton>
    </Group>
  );
}
