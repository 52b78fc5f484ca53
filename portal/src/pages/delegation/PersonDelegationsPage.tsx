import { Alert, List, Stack, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { day } from '../../i18n/dates.ts';
import { EmptyState } from '../../page/EmptyState.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { Section } from '../../page/Section.tsx';
import { ButtonLink, TextLink } from '../../parts/links.tsx';
import { DelegationCard } from '../me/DelegationCard.tsx';
import { TakeBack } from './TakeBack.tsx';

type Answer = Output<'membership.delegations'>;

/** Received, given, passed on: one page, the same for everybody whose powers one sees. */
export function PersonDelegationsPage(): ReactNode {
  const { t } = useTranslation();
  const { membershipId } = useParams({ from: '/shell/people/$membershipId/delegations' });
  const person = useRead('membership.read', { membershipId });
  const query = useRead('membership.delegations', { membershipId });
  const name = person.data?.user.displayName;
  const may = person.data?.may ?? [];
  return (
    <Page
      title={name ? t('given.titleOf', { name }) : t('given.title')}
      lead={t('given.lead')}
      above={
        <TextLink to="/people/$membershipId" params={{ membershipId }} size="sm">
          {t('given.back')}
        </TextLink>
      }
      actions={
        <>
          {may.includes('delegation.read') ? (
            <ButtonLink to="/then" search={{ membershipId }} variant="default">
              {t('then.title')}
            </ButtonLink>
          ) : null}
          {may.includes('delegation.read') && !person.data?.isSelf ? (
            <ButtonLink to="/people/$membershipId/see-as" params={{ membershipId }} variant="default">
              {t('seeAs.open')}
            </ButtonLink>
          ) : null}
          {may.includes('delegation.read') && !person.data?.isSelf ? (
            <TakeBack
              membershipId={membershipId}
              name={name ?? ''}
              blocked={may.includes('delegation.end') ? false : t('takeBack.mayNot')}
            />
          ) : null}
          {may.includes('delegation.create') && !person.data?.isSelf ? (
            <ButtonLink to="/delegate" search={{ membershipId }}>
              {t('given.give')}
            </ButtonLink>
          ) : null}
        </>
      }
    >
      <Loaded query={query} notAllowed={t('given.notAllowed')} empty="never">
        {(answer) => (
          <Stack gap="lg">
            {answer.more ? <Alert color="gray">{t('given.more')}</Alert> : null}
            <Group title={t('given.received')} items={answer.received} none={t('given.noneReceived')} />
            <Group title={t('given.given')} items={answer.given} none={t('given.noneGiven')} />
            <Group title={t('given.passedOn')} items={answer.passedOn} none={t('given.nonePassedOn')} />
            <Deputies title={t('given.decidesFor')} items={answer.decidesFor} />
            <Deputies title={t('given.deputies')} items={answer.deputies} />
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function Group({
  title,
  items,
  none,
}: {
  title: string;
  items: Answer['received'];
  none: string;
}): ReactNode {
  return (
    <Section title={title}>
      {items.length === 0 ? (
        <EmptyState title={none} text="" action={null} />
      ) : (
        <Stack gap="xs">
          {items.map((one) => (
            <DelegationCard key={one.id} delegation={one} />
          ))}
        </Stack>
      )}
    </Section>
  );
}

function Deputies({ title, items }: { title: string; items: Answer['deputies'] }): ReactNode {
  const { t } = useTranslation();
  if (items.length === 0) return null;
  return (
    <Section title={title}>
      <List size="sm">
        {items.map((one) => (
          <List.Item key={one.delegationId}>
            <Text size="sm" component="span">
              {[
                one.name ?? t('given.somebody'),
                one.firstDay ? t('delegations.since', { day: day(one.firstDay) }) : '',
                one.lastDay ? t('delegations.until', { day: day(one.lastDay) }) : '',
              ]
                .filter(Boolean)
                .join(' · ')}
            </Text>
          </List.Item>
        ))}
      </List>
    </Section>
  );
}
