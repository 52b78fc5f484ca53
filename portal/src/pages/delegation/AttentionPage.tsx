import { Badge, Tabs } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';
import { day, number } from '../../i18n/dates.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Card, CardList } from '../../page/CardList.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { ButtonLink, TextLink } from '../../parts/links.tsx';
import { attentionKinds } from './choices.ts';

type Attention = Item<'attention.list'>;

export function AttentionPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage
      title={t('attention.title')}
      needs={['delegation.read']}
      notAllowed={t('attention.notAllowed')}
    >
      <AttentionList />
    </AllowedPage>
  );
}

/** Partners and delegations that somebody should look at, one kind at a time. */
function AttentionList(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { kind: asked, cursor } = useSearch({ from: '/shell/attention' });
  const first = useRead('attention.list', { kind: 'never-signed-in' });
  // Whoever comes without asking for a kind sees the first that has something.
  const kind = asked ?? first.data?.counts.find(({ count }) => count > 0)?.kind ?? 'never-signed-in';
  const query = useRead('attention.list', { kind, cursor }, { keepPrevious: true });
  const counts = new Map((query.data?.counts ?? []).map((one) => [one.kind, one]));
  return (
    <Page
      title={t('attention.title')}
      lead={t('attention.lead')}
      actions={
        <ButtonLink to="/endings" variant="default">
          {t('endings.title')}
        </ButtonLink>
      }
    >
      <Tabs
        value={kind}
        keepMounted={false}
        onChange={(to) =>
          navigate({
            to: '/attention',
            search: { kind: attentionKinds.find((one) => one === to) },
          })
        }
      >
        <Tabs.List aria-label={t('attention.kinds')}>
          {attentionKinds.map((one) => {
            const count = counts.get(one);
            return (
              <Tabs.Tab
                key={one}
                value={one}
                rightSection={
                  count && count.count > 0 ? (
                    <Badge size="sm" color="gray.7" variant="filled">
                      {number(count.count)}
                      {count.more ? '+' : ''}
                    </Badge>
                  ) : null
                }
              >
                {t(`attention.kind.${one}`)}
              </Tabs.Tab>
            );
          })}
        </Tabs.List>
        {attentionKinds.map((one) => (
          <Tabs.Panel key={one} value={one} pt="lg">
            <Loaded
              query={query}
              notAllowed={t('attention.notAllowed')}
              empty={{
                when: (page) => page.items.length === 0,
                title: t('attention.none'),
                text: t(`attention.noneText.${one}`),
                action: null,
              }}
            >
              {(page) => (
                <CardList
                  label={t(`attention.kind.${one}`)}
                  gap="xs"
                  next={
                    page.next ? (
                      <ButtonLink
                        to="/attention"
                        search={{ kind, cursor: page.next }}
                        variant="default"
                        size="xs"
                      >
                        {t('table.next')}
                      </ButtonLink>
                    ) : null
                  }
                >
                  {page.items.map((item) => (
                    <Row key={`${item.id} ${item.organization.id}`} item={item} />
                  ))}
                </CardList>
              )}
            </Loaded>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}

function Row({ item }: { item: Attention }): ReactNode {
  const { t } = useTranslation();
  const { organization, personName, since, lastDay } = item;
  return (
    <Card
      name={organization.name}
      title={
        <TextLink
          to="/organizations/$organizationId"
          params={{ organizationId: organization.id }}
          search={{ section: 'managers' }}
          fw={600}
        >
          {organization.name}
        </TextLink>
      }
      facts={[
        personName,
        item.kind === 'expiring-delegation' && lastDay ? t('attention.ends', { day: day(lastDay) }) : '',
        item.kind === 'unused-delegation'
          ? since
            ? t('attention.lastUsed', { day: day(since) })
            : t('attention.neverUsed')
          : '',
        item.kind === 'unused-account'
          ? since
            ? t('attention.lastSignedIn', { day: day(since) })
            : t('attention.neverSignedIn')
          : '',
        item.kind === 'expired-invitation' && lastDay ? t('attention.expired', { day: day(lastDay) }) : '',
        item.kind === 'left-behind' && lastDay ? t('attention.left', { day: day(lastDay) }) : '',
      ]}
      acts={
        item.kind === 'webhook-off' ? (
          <ButtonLink
            to="/webhooks/$webhookId"
            params={{ webhookId: item.id }}
            search={{}}
            variant="default"
            size="xs"
          >
            {t('webhooks.look')}
          </ButtonLink>
        ) : item.kind === 'unused-account' ? (
          <ButtonLink
            to="/people/$membershipId"
            params={{ membershipId: item.id }}
            variant="default"
            size="xs"
            aria-label={`${t('attention.person')}: ${personName ?? ''}`}
          >
            {t('attention.person')}
          </ButtonLink>
        ) : item.kind === 'left-behind' ? (
          <ButtonLink
            to="/people/$membershipId"
            params={{ membershipId: item.id }}
            variant="default"
            size="xs"
            aria-label={`${t('attention.handOver')}: ${personName ?? ''}`}
          >
            {t('attention.handOver')}
          </ButtonLink>
        ) : item.kind === 'expired-invitation' ? (
          <ButtonLink
            to="/invitations"
            search={{ state: 'expired' }}
            variant="default"
            size="xs"
            aria-label={`${t('attention.invitation')}: ${personName ?? ''}`}
          >
            {t('attention.invitation')}
          </ButtonLink>
        ) : (
          <ButtonLink
            to="/map"
            search={{ organizationId: organization.id }}
            variant="default"
            size="xs"
            aria-label={t('attention.onMapOf', { name: organization.name })}
          >
            {t('attention.onMap')}
          </ButtonLink>
        )
      }
    />
  );
}
