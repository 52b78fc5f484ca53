import { Badge, Group, Select, Text } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';
import { day } from '../../i18n/dates.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Card, CardList } from '../../page/CardList.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { ButtonLink, TextLink } from '../../parts/links.tsx';
import { StayLonger } from '../person/StayLonger.tsx';
import { SuccessorButton } from '../person/SuccessorButton.tsx';
import { endingDays } from './choices.ts';

type Ending = Item<'ending.list'>;

export function EndingsPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage title={t('endings.title')} needs={['user.read']} notAllowed={t('endings.notAllowed')}>
      <Endings />
    </AllowedPage>
  );
}

/** What ends by itself in the next days, soonest first. */
function Endings(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { days = '30', cursor } = useSearch({ from: '/shell/endings' });
  const query = useRead('ending.list', { days: Number(days), cursor }, { keepPrevious: true });
  return (
    <Page title={t('endings.title')} lead={t('endings.lead')}>
      <Select
        label={t('endings.ahead')}
        maw={260}
        allowDeselect={false}
        value={days}
        onChange={(to) =>
          navigate({ to: '/endings', search: { days: endingDays.find((one) => one === to) } })
        }
        data={endingDays.map((value) => ({ value, label: t('endings.days', { count: Number(value) }) }))}
      />
      <Loaded
        query={query}
        notAllowed={t('endings.notAllowed')}
        empty={{
          when: (page) => page.items.length === 0,
          title: t('endings.none'),
          text: t('endings.noneText'),
          action: null,
        }}
      >
        {(page) => (
          <CardList
            label={t('endings.title')}
            gap="xs"
            next={
              page.next ? (
                <ButtonLink to="/endings" search={{ days, cursor: page.next }} variant="default" size="xs">
                  {t('table.next')}
                </ButtonLink>
              ) : null
            }
          >
            {page.items.map((item) => (
              <Row key={`${item.kind} ${item.id}`} item={item} />
            ))}
          </CardList>
        )}
      </Loaded>
    </Page>
  );
}

function Row({ item }: { item: Ending }): ReactNode {
  const { t } = useTranslation();
  const { kind, at, organization, personName, what } = item;
  const name = personName || what || t(`endings.kind.${kind}`);
  return (
    <Card
      name={name}
      acts={
        <Badge variant="outline" color="gray" c="inherit" tt="none">
          {t(`endings.kind.${kind}`)}
        </Badge>
      }
    >
      <Text size="sm" c="dimmed" component="div">
        {personName && what ? `${what} · ` : null}
        {t('endings.on', { day: day(item.lastDay ?? at) })}
        {organization ? (
          <>
            {' · '}
            <TextLink
              to="/organizations/$organizationId"
              params={{ organizationId: organization.id }}
              search={{}}
              size="sm"
              underline="always"
            >
              {organization.name}
            </TextLink>
          </>
        ) : null}
      </Text>
      {item.mayExtend && item.lastDay ? (
        <StayLonger membershipId={item.id} lastDay={item.lastDay} name={name} />
      ) : null}
      {item.mayNameSuccessor && item.lastDay ? (
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {item.successor
              ? t('successor.takesOver', { successor: item.successor.displayName })
              : t('successor.question')}
          </Text>
          <SuccessorButton
            membershipId={item.id}
            name={name}
            lastDay={item.lastDay}
            successor={item.successor}
          />
        </Group>
      ) : null}
    </Card>
  );
}
