import { SimpleGrid, Text } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { Section } from '../../page/Section.tsx';
import { ButtonLink, TextLink } from '../../parts/links.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { ArrangementForm } from './ArrangementForm.tsx';
import type { Arrangement } from './arrangement.ts';
import { Makes } from './Makes.tsx';

export function ArrangementsPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage
      title={t('arrangements.title')}
      needs={['organization.create']}
      notAllowed={t('organizations.mayNotMake')}
    >
      <Arrangements />
    </AllowedPage>
  );
}

/** The usual arrangements; one is chosen, and asks only what differs. */
function Arrangements(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { key, parentId } = useSearch({ from: '/shell/arrangements' });
  const query = useRead('arrangement.list', {});
  const parent = useRead(
    'organization.read',
    { organizationId: parentId ?? '' },
    { enabled: parentId !== undefined },
  );
  const chosen = query.data?.items.find((one) => one.key === key);
  return (
    <Page
      title={chosen?.name ?? t('arrangements.title')}
      lead={chosen?.description ?? t('arrangements.lead')}
      above={
        <TextLink to={chosen ? '/arrangements' : '/map'} search={chosen ? { parentId } : {}} size="sm">
          {chosen ? t('arrangements.others') : t('map.title')}
        </TextLink>
      }
    >
      <Loaded query={query} notAllowed={t('organizations.mayNotMake')} empty="never">
        {(found) =>
          chosen ? (
            <ArrangementForm
              key={`${chosen.key} ${parent.data?.id}`}
              arrangement={chosen}
              parent={parent.data}
              onDone={(organizationId, name) => {
                sayDone(t('arrangements.done', { name }));
                void navigate({ to: '/map', search: { organizationId } });
              }}
            />
          ) : (
            <SimpleGrid cols={{ base: 1, md: 2 }} component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
              {found.items.map((one) => (
                <li key={one.key}>
                  <Card arrangement={one} parentId={parentId} />
                </li>
              ))}
            </SimpleGrid>
          )
        }
      </Loaded>
    </Page>
  );
}

function Card({
  arrangement,
  parentId,
}: {
  arrangement: Arrangement;
  parentId: string | undefined;
}): ReactNode {
  const { t } = useTranslation();
  return (
    <Section title={arrangement.name}>
      <Text size="sm">{arrangement.description}</Text>
      <Makes arrangement={arrangement} />
      <div>
        <ButtonLink
          to="/arrangements"
          search={{ key: arrangement.key, parentId }}
          variant="default"
          aria-label={t('arrangements.chooseThis', { name: arrangement.name })}
        >
          {t('arrangements.choose')}
        </ButtonLink>
      </div>
    </Section>
  );
}
