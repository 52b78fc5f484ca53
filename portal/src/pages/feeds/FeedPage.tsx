import { Alert, Badge, Group, List, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import { day, moment } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton, TakeButton } from '../../parts/ActButton.tsx';
import { ConsequenceDialog } from '../../parts/ConsequenceDialog.tsx';
import { CopyField } from '../../parts/CopyField.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { FormDialog } from '../../parts/FormDialog.tsx';
import { ButtonLink, TextLink } from '../../parts/links.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { type Feed, healthColors } from './health.ts';
import { RefusedSection } from './RefusedSection.tsx';
import { RenewKey } from './RenewKey.tsx';

/** One feed of people: whether it works, what it was refused, and its key. */
export function FeedPage(): ReactNode {
  const { t } = useTranslation();
  const { clientId } = useParams({ from: '/shell/feeds/$clientId' });
  const query = useRead('scim-connection.read', { clientId });
  if (query.data) return <FeedView feed={query.data} />;
  return (
    <Page title={t('feeds.one')}>
      <Loaded query={query} notAllowed={t('feeds.notAllowed')} empty="never">
        {() => null}
      </Loaded>
    </Page>
  );
}

function FeedView({ feed }: { feed: Feed }): ReactNode {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<'key' | 'off'>();
  const close = (): void => setAsked(undefined);
  const { client, organization } = feed;
  const { name } = client;
  const end = useChange('client.end', () => {
    sayDone(t('feeds.isOff', { name }));
    close();
  });
  const over = client.state !== 'active';
  return (
    <Page
      title={name}
      above={
        <TextLink
          to="/organizations/$organizationId"
          params={{ organizationId: organization.id }}
          search={{ section: 'feeds' }}
          size="sm"
        >
          {t('feeds.allOf', { organization: organization.name })}
        </TextLink>
      }
      actions={
        <ButtonLink
          to="/trail"
          search={{ organizationId: organization.id, actorId: client.id }}
          variant="default"
        >
          {t('feeds.trail')}
        </ButtonLink>
      }
    >
      <Trouble feed={feed} />
      <Section
        title={t('feeds.howItDoes')}
        actions={<Badge color={healthColors[feed.health]}>{t(`feeds.health.${feed.health}`)}</Badge>}
      >
        <Numbers feed={feed} />
        <CopyField label={t('feeds.address')} value={feed.address} />
        {client.formerKeyUntil ? (
          <Text size="sm">{t('feeds.bothKeys', { until: moment(client.formerKeyUntil) })}</Text>
        ) : null}
        {over ? null : (
          <Group gap="xs">
            <ActButton size="xs" variant="default" blocked={false} onClick={() => setAsked('key')}>
              {t('feeds.renew')}
            </ActButton>
            <TakeButton size="xs" blocked={false} onClick={() => setAsked('off')}>
              {t('feeds.off')}
            </TakeButton>
          </Group>
        )}
      </Section>
      <RefusedSection refusals={feed.refusals} />
      {over ? null : (
        <Section title={t('feeds.may')}>
          <List size="sm" aria-label={t('feeds.may')}>
            {feed.may.map((one) => (
              <List.Item key={one}>{one}</List.Item>
            ))}
          </List>
        </Section>
      )}
      <FormDialog opened={asked === 'key'} onClose={close} title={t('feeds.renewOf', { name })}>
        <RenewKey feed={feed} onClose={close} />
      </FormDialog>
      <ConsequenceDialog
        opened={asked === 'off'}
        onClose={close}
        title={t('feeds.offOf', { name })}
        consequence={<Text size="sm">{t('feeds.offText')}</Text>}
        confirm={t('feeds.off')}
        onConfirm={() => end.mutate({ clientId: client.id, ifVersion: client.version })}
        busy={end.isPending}
        problem={end.error}
      />
    </Page>
  );
}

/** As the server counts: more than these are said to be more. */
const mostCounted = 1000;

function Numbers({ feed: { client, changes } }: { feed: Feed }): ReactNode {
  const { t } = useTranslation();
  const when = (at: string | null): string => (at ? moment(at) : t('feeds.never'));
  return (
    <Facts
      label={t('feeds.howItDoes')}
      facts={[
        [t('feeds.lastCall'), when(client.lastUsedAt)],
        [t('feeds.lastChange'), when(changes.lastAt)],
        [
          t('feeds.lastDay'),
          changes.lastDay < mostCounted
            ? String(changes.lastDay)
            : t('feeds.moreThan', { count: mostCounted }),
        ],
        [t('feeds.madeAt'), `${moment(client.keyMadeAt)} · ${t('keys.hint', { hint: client.hint })}`],
        [t('feeds.until'), client.lastDay ? day(client.lastDay) : '–'],
      ]}
    />
  );
}

/** What is wrong, and what to do about it. */
function Trouble({ feed: { health } }: { feed: Feed }): ReactNode {
  const { t } = useTranslation();
  if (health === 'good') return null;
  return (
    <Alert
      color="yellow"
      variant="outline"
      c="inherit"
      icon={<IconAlertTriangle aria-hidden />}
      title={t(`feeds.health.${health}`)}
    >
      <Text size="sm">{t(`feeds.healthText.${health}`)}</Text>
    </Alert>
  );
}
