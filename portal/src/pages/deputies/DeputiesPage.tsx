import { Badge } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { day } from '../../i18n/dates.ts';
import { Card, CardList } from '../../page/CardList.tsx';
import { EmptyState } from '../../page/EmptyState.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { Section } from '../../page/Section.tsx';
import { GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { sayDone, sayProblem } from '../../parts/undo-toast.tsx';
import { NameDeputyDialog } from './NameDeputyDialog.tsx';

type Deputy = Output<'deputy.list'>['named'][number];

/** Who decides for me while I am away, and for whom I do: the same record, seen by both. */
export function DeputiesPage(): ReactNode {
  const { t } = useTranslation();
  const [naming, setNaming] = useState(false);
  const query = useRead('deputy.list', {});
  const nameOne = (
    <GiveButton blocked={false} onClick={() => setNaming(true)}>
      {t('deputies.name')}
    </GiveButton>
  );
  return (
    <Page title={t('deputies.title')} lead={t('deputies.lead')} actions={nameOne}>
      <Loaded query={query} notAllowed={t('state.notAllowedPage')} empty="never">
        {({ named, standsFor }) => (
          <>
            <Section title={t('deputies.mine')}>
              {named.length === 0 ? (
                <EmptyState title={t('deputies.noneMine')} text={t('deputies.noneMineText')} action={null} />
              ) : (
                <CardList label={t('deputies.mine')} gap="xs">
                  {named.map((one) => (
                    <DeputyCard key={one.delegationId} deputy={one} name={one.deputy.displayName} mine />
                  ))}
                </CardList>
              )}
            </Section>
            <Section title={t('deputies.standsFor')}>
              {standsFor.length === 0 ? (
                <EmptyState
                  title={t('deputies.noneStandsFor')}
                  text={t('deputies.noneStandsForText')}
                  action={null}
                />
              ) : (
                <CardList label={t('deputies.standsFor')} gap="xs">
                  {standsFor.map((one) => (
                    <DeputyCard
                      key={one.delegationId}
                      deputy={one}
                      name={one.giver.displayName}
                      mine={false}
                    />
                  ))}
                </CardList>
              )}
            </Section>
          </>
        )}
      </Loaded>
      {naming ? <NameDeputyDialog onClose={() => setNaming(false)} /> : null}
    </Page>
  );
}

function DeputyCard({ deputy, name, mine }: { deputy: Deputy; name: string; mine: boolean }): ReactNode {
  const { t } = useTranslation();
  const end = useChange('deputy.end', () => sayDone(t('deputies.ended')));
  const to = day(deputy.lastDay);
  const limits = [
    deputy.organizationName && t('deputies.onlyIn', { organization: deputy.organizationName }),
    deputy.applications && t('deputies.onlyApplications', { applications: deputy.applications.join(', ') }),
    deputy.risk &&
      t('deputies.onlyRisk', { risks: deputy.risk.map((one) => t(`deputies.risk.${one}`)).join(', ') }),
  ].filter(Boolean);
  return (
    <Card
      name={name}
      beside={
        deputy.state === 'coming' ? (
          <Badge variant="outline" color="gray" c="inherit">
            {t('deputies.coming')}
          </Badge>
        ) : null
      }
      facts={[
        deputy.firstDay
          ? t('deputies.fromTo', { from: day(deputy.firstDay), to })
          : t('deputies.until', { to }),
        limits.length > 0 ? limits.join(' · ') : t('deputies.everything'),
        ...(deputy.mayPassOn > 0 ? [t('deputies.passesOn')] : []),
      ]}
      acts={
        <TakeButton
          size="xs"
          blocked={false}
          loading={end.isPending}
          aria-label={mine ? t('deputies.endOf', { name }) : t('deputies.giveBackOf', { name })}
          onClick={() => end.mutate({ delegationId: deputy.delegationId }, { onError: sayProblem })}
        >
          {mine ? t('deputies.end') : t('deputies.giveBack')}
        </TakeButton>
      }
    />
  );
}
