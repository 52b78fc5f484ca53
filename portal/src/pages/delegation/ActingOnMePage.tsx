import { List, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { Card, CardList } from '../../page/CardList.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { Section } from '../../page/Section.tsx';
import { TextLink } from '../../parts/links.tsx';

/** Who may act on me, by organization; named as far as I may know them. */
export function ActingOnMePage(): ReactNode {
  const { t } = useTranslation();
  const query = useRead('acting.on-me', {});
  return (
    <Page
      title={t('actingOnMe.title')}
      lead={t('actingOnMe.lead')}
      above={
        <TextLink to="/me/delegations" size="sm">
          {t('delegations.title')}
        </TextLink>
      }
    >
      <Loaded
        query={query}
        notAllowed={t('state.notAllowedPage')}
        empty={{
          when: ({ items }) => items.every(({ people }) => people.length === 0),
          title: t('actingOnMe.none'),
          text: t('actingOnMe.noneText'),
          action: null,
        }}
      >
        {({ items }) => (
          <Stack gap="lg">
            {items.map(({ organization, people }) => (
              <Section key={organization.id} title={organization.name}>
                <CardList label={t('actingOnMe.listOf', { organization: organization.name })} gap="xs">
                  {people.map((person) => (
                    <Card
                      key={person.userId ?? `${person.name} ${person.may.join()}`}
                      name={person.userId ? person.name : t('actingOnMe.above')}
                    >
                      <List size="sm" spacing={2} style={{ columns: '220px', columnGap: 40 }}>
                        {person.may.map((act) => (
                          <List.Item key={act}>{act}</List.Item>
                        ))}
                      </List>
                    </Card>
                  ))}
                </CardList>
              </Section>
            ))}
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}
