import { Badge, Button, Group, Tabs } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { number } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { useSelection } from '../../table/selection.ts';
import { DecideMany } from './DecideMany.tsx';
import { Inbox } from './Inbox.tsx';
import { InboxFilters } from './InboxFilters.tsx';
import type { Request } from './RequestFacts.tsx';
import { RequestList } from './RequestList.tsx';
import { Tasks } from './Tasks.tsx';

const boxes = ['inbox', 'decided', 'mine'] as const;
type Box = (typeof boxes)[number];

/** What waits for me, what I and others decided, what I asked for. */
export function RequestsPage(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { box: asked, cursor, ...filters } = useSearch({ from: '/shell/requests' });
  const may = useMay();
  const needs = useRead('home.read', {});
  const countOf = (kind: 'questions' | 'requests' | 'tasks'): number =>
    needs.data?.items.find((one) => one.kind === kind)?.count ?? 0;
  const narrowed = Object.values(filters).some((one) => one !== undefined);
  // whoever decides nothing, and whom nothing waits for, came for their own
  const decides = may('request.decide') || narrowed || countOf('requests') + countOf('tasks') > 0;
  const settled = asked !== undefined || decides || !needs.isPending;
  const box: Box = asked ?? (decides ? 'inbox' : 'mine');
  const selection = useSelection<Request>(({ requestId }) => requestId);
  const query = useRead('request.list', box === 'inbox' ? { box, cursor, ...filters } : { box, cursor }, {
    enabled: settled,
    refetchEveryMs: box === 'inbox' ? 30_000 : false,
    keepPrevious: true,
  });
  const filtered = box === 'inbox' && narrowed;
  const waiting: Record<Box, number> = {
    inbox: countOf('requests') + countOf('tasks'),
    decided: 0,
    mine: countOf('questions'),
  };
  const go = (to: Box): void => {
    void navigate({ to: '/requests', search: { box: to } });
  };
  return (
    <Page
      title={t('requests.title')}
      actions={
        <ButtonLink to="/me/deputies" variant="default">
          {t('deputies.title')}
        </ButtonLink>
      }
    >
      <Tabs value={box} onChange={(to) => go(boxes.find((one) => one === to) ?? 'inbox')} keepMounted={false}>
        <Tabs.List aria-label={t('requests.title')}>
          {boxes.map((one) => (
            <Tabs.Tab
              key={one}
              value={one}
              rightSection={waiting[one] > 0 ? <Badge size="sm">{number(waiting[one])}</Badge> : null}
            >
              {t(`requests.box.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={box} pt="lg">
          {box === 'inbox' && !narrowed ? <Tasks /> : null}
          {box === 'inbox' ? <InboxFilters organizations={may('organization.read')} /> : null}
          <Loaded
            query={query}
            notAllowed={t('requests.notAllowed')}
            empty={{
              when: (page) => page.items.length === 0,
              title: filtered ? t('inbox.noMatch') : t(`requests.none.${box}`),
              text: filtered ? t('inbox.noMatchText') : t(`requests.noneText.${box}`),
              action: filtered ? (
                <ButtonLink to="/requests" search={{ box: 'inbox' }} variant="light">
                  {t('inbox.showAll')}
                </ButtonLink>
              ) : box === 'mine' ? (
                <ButtonLink to="/ask" variant="light">
                  {t('requests.ask')}
                </ButtonLink>
              ) : null,
            }}
          >
            {(page) => (
              <>
                {box === 'inbox' ? (
                  <Inbox requests={page.items} selection={selection} />
                ) : (
                  <RequestList requests={page.items} label={t(`requests.box.${box}`)} />
                )}
                <Pages cursor={cursor} next={page.next} />
              </>
            )}
          </Loaded>
          {box === 'inbox' ? <DecideMany selection={selection} /> : null}
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Pages({ cursor, next }: { cursor: string | undefined; next: string | undefined }): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: '/requests' });
  if (!cursor && !next) return null;
  const go = (to: string | undefined): void => {
    void navigate({ search: (before) => ({ ...before, cursor: to }) });
  };
  return (
    <Group component="nav" aria-label={t('table.pages')} mt="md" gap="xs">
      {cursor ? (
        <Button variant="default" size="xs" onClick={() => go(undefined)}>
          {t('table.first')}
        </Button>
      ) : null}
      {next ? (
        <Button variant="default" size="xs" onClick={() => go(next)}>
          {t('table.next')}
        </Button>
      ) : null}
    </Group>
  );
}
