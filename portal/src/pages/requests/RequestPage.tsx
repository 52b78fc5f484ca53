import { Alert, Group, Stack, Text } from '@mantine/core';
import { IconMessageQuestion } from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { moment } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { Section } from '../../page/Section.tsx';
import { TextLink } from '../../parts/links.tsx';
import { Beside, BesideBadges, Held, Separations } from './Beside.tsx';
import { Course } from './Course.tsx';
import { DecideButtons } from './DecideButtons.tsx';
import { Files } from './Files.tsx';
import type { OneRequest } from './one-request.ts';
import { PassOn } from './PassOn.tsx';
import { RequestFacts, titleOf } from './RequestFacts.tsx';
import { StateBadge } from './RequestList.tsx';
import { Answer, Talk } from './Talk.tsx';
import { WithdrawButton } from './WithdrawButton.tsx';

/** One request, for those who asked and those who decide alike: where mails lead, and where nothing happens by itself. */
export function RequestPage(): ReactNode {
  const { t } = useTranslation();
  const { requestId } = useParams({ from: '/shell/requests/$requestId' });
  const query = useRead('request.read', { requestId }, { refetchEveryMs: 30_000 });
  const request = query.data;
  return (
    <Page
      title={request ? titleOf(request) : t('requestPage.title')}
      above={
        <TextLink to="/requests" size="sm">
          {t('requestPage.back')}
        </TextLink>
      }
      actions={request ? <StateBadge {...request} /> : null}
    >
      <Loaded query={query} notAllowed={t('requests.notAllowed')} empty="never">
        {(one) => <OnePage request={one} />}
      </Loaded>
    </Page>
  );
}

function OnePage({ request }: { request: OneRequest }): ReactNode {
  const { t } = useTranslation();
  const { beside, pausedUntil, asksYou, mayDecide } = request;
  return (
    <Stack gap="lg">
      {asksYou ? <Answer request={request} /> : null}
      {pausedUntil && !asksYou ? (
        <Alert
          icon={<IconMessageQuestion aria-hidden />}
          variant="outline"
          color="gray"
          c="inherit"
          title={t('requestPage.paused')}
        >
          <Text size="sm">{t('requestPage.pausedUntil', { when: moment(pausedUntil) })}</Text>
        </Alert>
      ) : null}
      <Section title={t('requestPage.what')}>
        <RequestFacts request={request} onOwnPage />
        {beside ? <BesideBadges beside={beside} /> : null}
        {beside ? <Beside request={request} beside={beside} /> : null}
        {request.held ? <Held request={request} held={request.held} /> : null}
        {beside ? <Separations beside={beside} /> : null}
        {mayDecide ? (
          <DecideButtons
            request={request}
            onDecided={() => undefined}
            lacksFile={request.wantsAttachment && request.attachments.length === 0}
          />
        ) : null}
        {mayDecide && request.canDecide.length > 0 ? <PassOn request={request} /> : null}
        {request.state === 'open' && request.mine ? (
          <Group>
            <WithdrawButton request={request} />
          </Group>
        ) : null}
      </Section>
      <Section title={t('requestPage.course')}>
        <Course request={request} />
      </Section>
      {request.attachments.length > 0 || (request.state === 'open' && !request.mayDecide) ? (
        <Section title={t('files.title')}>
          <Files request={request} />
        </Section>
      ) : null}
      <Section title={t('requestPage.talk')}>
        <Talk request={request} />
      </Section>
    </Stack>
  );
}
