import { Badge } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { moment } from '../../i18n/dates.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Card, CardList } from '../../page/CardList.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { FormDialog } from '../../parts/FormDialog.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Proposals } from './Proposals.tsx';
import { NewSource } from './SourceForm.tsx';
import type { Source } from './source.ts';

/** Directories from which people come in, and how each of them is. */
export function SourcesPage(): ReactNode {
  const { t } = useTranslation();
  const may = useMay();
  return (
    <AllowedPage
      title={t('sources.title')}
      needs={['source.configure', 'membership.end']}
      notAllowed={t('sources.notAllowed')}
    >
      {may('source.configure') ? <Sources /> : <OnlyProposals />}
    </AllowedPage>
  );
}

/** For whoever looks after people, and not after where they come from. */
function OnlyProposals(): ReactNode {
  const { t } = useTranslation();
  return (
    <Page title={t('sources.title')}>
      <Proposals />
    </Page>
  );
}

function Sources(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const query = useRead('source.list', {});
  const [making, setMaking] = useState(false);
  const close = (): void => setMaking(false);
  return (
    <Page
      title={t('sources.title')}
      lead={t('sources.lead')}
      actions={
        <GiveButton blocked={false} onClick={() => setMaking(true)}>
          {t('sources.connect')}
        </GiveButton>
      }
    >
      <Proposals onlySome />
      <Loaded
        query={query}
        notAllowed={t('sources.notAllowed')}
        empty={{
          when: (list) => list.items.length === 0,
          title: t('sources.none'),
          text: t('sources.noneText'),
          action: null,
        }}
      >
        {(list) => (
          <CardList label={t('sources.title')}>
            {list.items.map((one) => (
              <Card
                key={one.sourceId}
                name={one.name}
                title={
                  <TextLink to="/sources/$sourceId" params={{ sourceId: one.sourceId }} fw={600}>
                    {one.name}
                  </TextLink>
                }
                beside={<StateOfSource source={one} />}
                facts={[
                  one.organizationName,
                  t('sources.people', { count: one.people }),
                  one.proposals > 0 ? t('sources.proposals', { count: one.proposals }) : null,
                  one.lastGoodAt ? t('sources.lastGoodAt', { when: moment(one.lastGoodAt) }) : null,
                ]}
              />
            ))}
          </CardList>
        )}
      </Loaded>
      <FormDialog opened={making} onClose={close} title={t('sources.connect')}>
        <NewSource
          onClose={close}
          onMade={(sourceId) => void navigate({ to: '/sources/$sourceId', params: { sourceId } })}
        />
      </FormDialog>
    </Page>
  );
}

/** How it is, in a word: what needs somebody first. */
export function StateOfSource({ source }: { source: Source }): ReactNode {
  const { t } = useTranslation();
  const { state, heldAt, failingSince } = source;
  const mild =
    state !== 'active'
      ? undefined
      : heldAt
        ? t('sources.held')
        : failingSince
          ? t('sources.failing', { since: moment(failingSince) })
          : undefined;
  const plain = {
    draft: t('sources.state.draft'),
    active: t('sources.state.active'),
    paused: t('sources.state.paused'),
    retired: null,
  }[state];
  if (!mild && !plain) return null;
  return (
    <Badge variant="outline" color={mild ? 'yellow' : 'gray'} c="inherit" tt="none">
      {mild ?? plain}
    </Badge>
  );
}
