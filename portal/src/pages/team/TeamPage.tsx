import { Group, SegmentedControl } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { CardList } from '../../page/CardList.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { ButtonLink } from '../../parts/links.tsx';
import { SearchField } from '../../parts/SearchField.tsx';
import { ReportCard } from './ReportCard.tsx';

/** For line managers: their people, what each has, what of it ends soon, and what can be asked for them. */
export function TeamPage(): ReactNode {
  const { t } = useTranslation();
  const search = useSearch({ from: '/shell/team' });
  const navigate = useNavigate({ from: '/team' });
  const query = useRead(
    'report.list',
    { depth: search.all ? 'all' : 'direct', search: search.q, cursor: search.after, limit: 25 },
    { keepPrevious: true },
  );
  return (
    <Page title={t('team.title')} lead={t('team.lead')}>
      <Group align="flex-end">
        <SearchField
          label={t('team.search')}
          value={search.q}
          onSearch={(q) => navigate({ search: (before) => ({ all: before.all, q }), replace: true })}
          style={{ flex: '1 1 220px' }}
          maw={420}
        />
        <SegmentedControl
          aria-label={t('team.who')}
          value={search.all ? 'all' : 'direct'}
          onChange={(to) =>
            navigate({
              search: (before) => ({ q: before.q, all: to === 'all' ? true : undefined }),
              replace: true,
            })
          }
          data={(['direct', 'all'] as const).map((value) => ({ value, label: t(`team.depth.${value}`) }))}
        />
      </Group>
      <Loaded
        query={query}
        notAllowed={t('state.notAllowedPage')}
        empty={{
          when: (page) => page.items.length === 0,
          title: search.q ? t('team.noneFound') : t('team.none'),
          text: search.q ? t('ask.noneFoundText') : t('team.noneText'),
          action: null,
        }}
      >
        {(page) => (
          <CardList
            label={t('team.title')}
            next={
              page.next ? (
                <ButtonLink to="/team" search={{ ...search, after: page.next }} variant="default">
                  {t('table.next')}
                </ButtonLink>
              ) : null
            }
          >
            {page.items.map((report) => (
              <ReportCard key={report.membershipId} report={report} />
            ))}
          </CardList>
        )}
      </Loaded>
    </Page>
  );
}
