import { Kbd, Tabs, Text } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { NotAllowed } from '../../page/NotAllowed.tsx';
import { Page } from '../../page/Page.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { Inbox } from './Inbox.tsx';
import { RequestList } from './RequestList.tsx';

const boxes = ['inbox', 'decided', 'mine'] as const;
type Box = (typeof boxes)[number];

/** What waits for me, what I and others decided, what I asked for. */
export function RequestsPage(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { box = 'inbox', cursor, request } = useSearch({ from: '/shell/requests' });
  const may = useMay();
  const query = useRead(
    'request.list',
    { box, cursor },
    { refetchEveryMs: box === 'inbox' ? 30_000 : false },
  );
  const othersDecide = box !== 'mine' && !may('request.decide') && query.data?.items.length === 0;
  const go = (to: Box, nextCursor?: string): void => {
    void navigate({
      to: '/requests',
      search: { box: to === 'inbox' ? undefined : to, cursor: nextCursor },
    });
  };
  return (
    <Page title={t('requests.title')}>
      <Tabs value={box} onChange={(to) => go(boxes.find((one) => one === to) ?? 'inbox')} keepMounted={false}>
        <Tabs.List aria-label={t('requests.title')}>
          {boxes.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`requests.box.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={box} pt="lg">
          {othersDecide ? (
            <NotAllowed permission="request.decide">{t('requests.notAllowed')}</NotAllowed>
          ) : (
            <Loaded
              query={query}
              notAllowed={t('requests.notAllowed')}
              empty={{
                when: (page) => page.items.length === 0,
                title: t(`requests.none.${box}`),
                text: t(`requests.noneText.${box}`),
                action:
                  box === 'mine' ? (
                    <ButtonLink to="/ask" variant="light">
                      {t('requests.ask')}
                    </ButtonLink>
                  ) : null,
              }}
            >
              {(page) => (
                <>
                  {box === 'inbox' ? (
                    <>
                      <Text size="sm" c="dimmed" mb="sm" visibleFrom="sm">
                        {t('requests.keys')} <Kbd>j</Kbd> <Kbd>k</Kbd> {t('requests.keysMove')} <Kbd>a</Kbd>{' '}
                        {t('requests.keysApprove')} <Kbd>r</Kbd> {t('requests.keysRefuse')}
                      </Text>
                      <Inbox requests={page.items} first={request} />
                    </>
                  ) : (
                    <RequestList requests={page.items} label={t(`requests.box.${box}`)} />
                  )}
                  {page.next ? (
                    <ButtonLink
                      to="/requests"
                      search={{ box: box === 'inbox' ? undefined : box, cursor: page.next }}
                      variant="default"
                      size="xs"
                      mt="md"
                    >
                      {t('table.next')}
                    </ButtonLink>
                  ) : null}
                </>
              )}
            </Loaded>
          )}
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
