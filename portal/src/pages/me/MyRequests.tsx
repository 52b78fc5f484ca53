import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';
import { day } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Section } from '../../page/Section.tsx';
import { sayDone, sayProblem } from '../../parts/undo-toast.tsx';

type Request = Item<'request.list'>;

/** What one asked for, and what became of it. */
export function MyRequests(): ReactNode {
  const { t } = useTranslation();
  const query = useRead('request.list', { box: 'mine', limit: 20 });
  return (
    <Section title={t('myRequests.title')}>
      <Loaded
        query={query}
        notAllowed={t('state.notAllowedPage')}
        empty={{
          when: (page) => page.items.length === 0,
          title: t('myRequests.none'),
          text: t('myRequests.noneText'),
          action: null,
        }}
      >
        {(page) => (
          <Stack
            component="ul"
            gap="xs"
            m={0}
            p={0}
            style={{ listStyle: 'none' }}
            aria-label={t('myRequests.title')}
          >
            {page.items.map((request) => (
              <RequestRow key={request.requestId} request={request} />
            ))}
          </Stack>
        )}
      </Loaded>
    </Section>
  );
}

function RequestRow({ request }: { request: Request }): ReactNode {
  const { t } = useTranslation();
  const withdraw = useChange('request.withdraw', () => sayDone(t('myRequests.withdrawn')));
  const { what } = request;
  return (
    <Group component="li" justify="space-between" gap="xs">
      <div>
        <Group gap="xs">
          <Text size="sm" fw={600}>
            {what.applicationName
              ? t('access.roleOf', { role: what.name, application: what.applicationName })
              : what.name}
          </Text>
          <Badge variant="outline" tt="none" styles={{ label: { color: 'var(--mantine-color-text)' } }}>
            {t(`myRequests.states.${request.state}`)}
          </Badge>
        </Group>
        <Text size="xs" c="dimmed">
          {[t('myRequests.asked', { day: day(request.createdAt) }), request.note ?? '']
            .filter(Boolean)
            .join(' · ')}
        </Text>
      </div>
      {request.state === 'open' ? (
        <Button
          variant="default"
          size="compact-sm"
          loading={withdraw.isPending}
          onClick={() => withdraw.mutate({ requestId: request.requestId }, { onError: sayProblem })}
        >
          {t('myRequests.withdraw')}
        </Button>
      ) : null}
    </Group>
  );
}
