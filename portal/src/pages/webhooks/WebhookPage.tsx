import { Alert, Group, List, Modal, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange, useRead } from '../../api/queries.ts';
import { moment } from '../../i18n/dates.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { ActProblem } from '../../page/ProblemState.tsx';
import { Section } from '../../page/Section.tsx';
import { ActButton, GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { ConsequenceDialog } from '../../parts/ConsequenceDialog.tsx';
import { Facts } from '../../parts/Facts.tsx';
import { TextLink } from '../../parts/links.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { Deliveries } from './Deliveries.tsx';
import { NewSecret } from './NewSecret.tsx';
import { WebhookForm } from './WebhookForm.tsx';
import type { Webhook } from './webhook.ts';

/** One webhook: what it is told, whether that arrives, and what can be done about it. */
export function WebhookPage(): ReactNode {
  const { t } = useTranslation();
  const { webhookId } = useParams({ from: '/shell/webhooks/$webhookId' });
  const query = useRead('webhook.read', { webhookId });
  if (query.data) return <WebhookView webhook={query.data} />;
  return (
    <Page title={t('webhooks.one')}>
      <Loaded query={query} notAllowed={t('webhooks.notAllowed')} empty="never">
        {() => null}
      </Loaded>
    </Page>
  );
}

function WebhookView({ webhook }: { webhook: Webhook }): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<'edit' | 'secret' | 'off' | 'remove'>();
  const close = (): void => setAsked(undefined);
  const search = { organizationId: webhook.organizationId };
  const test = useChange('webhook.send-test', () => sayDone(t('webhooks.tested')));
  const turn = useChange('webhook.update', (now) => {
    const { name } = now;
    sayDone(now.state === 'active' ? t('webhooks.onNow', { name }) : t('webhooks.offNow', { name }));
    close();
  });
  const remove = useChange('webhook.retire', ({ name }) => {
    sayDone(t('webhooks.removed', { name }));
    void navigate({ to: '/webhooks', search });
  });
  const off = webhook.state === 'off';
  return (
    <Page
      title={webhook.name}
      above={
        <TextLink to="/webhooks" search={search} size="sm">
          {t('webhooks.allOf', { organization: webhook.organizationName })}
        </TextLink>
      }
      actions={
        <ActButton
          variant="default"
          blocked={off ? t('webhooks.isOff') : false}
          loading={test.isPending}
          onClick={() => test.mutate({ webhookId: webhook.id })}
        >
          {t('webhooks.test')}
        </ActButton>
      }
    >
      <Trouble webhook={webhook} />
      <ActProblem problem={test.error ?? turn.error} />
      <Section
        title={t('webhooks.what')}
        actions={
          <ActButton size="xs" variant="default" blocked={false} onClick={() => setAsked('edit')}>
            {t('do.edit')}
          </ActButton>
        }
      >
        <Facts
          label={t('webhooks.what')}
          facts={[
            [t('webhooks.formatLabel'), t(`webhooks.format.${webhook.format}`)],
            [t('webhooks.url'), webhook.address],
          ]}
        />
        <List size="sm" aria-label={t('webhooks.types')}>
          {webhook.types.map((type) => (
            <List.Item key={type}>{t(`webhooks.type.${type}`)}</List.Item>
          ))}
        </List>
        {webhook.oldSecretUntil ? (
          <Text size="sm">{t('webhooks.bothSecrets', { until: moment(webhook.oldSecretUntil) })}</Text>
        ) : null}
        <Group gap="xs">
          {webhook.format === 'standard' ? (
            <ActButton size="xs" variant="default" blocked={false} onClick={() => setAsked('secret')}>
              {t('webhooks.newSecret')}
            </ActButton>
          ) : null}
          {off ? (
            <GiveButton
              size="xs"
              blocked={false}
              loading={turn.isPending}
              onClick={() => turn.mutate({ webhookId: webhook.id, on: true, ifVersion: webhook.version })}
            >
              {t('webhooks.turnOn')}
            </GiveButton>
          ) : (
            <TakeButton size="xs" blocked={false} onClick={() => setAsked('off')}>
              {t('webhooks.turnOff')}
            </TakeButton>
          )}
          <TakeButton size="xs" blocked={false} onClick={() => setAsked('remove')}>
            {t('webhooks.remove')}
          </TakeButton>
        </Group>
      </Section>
      <Deliveries webhook={webhook} />
      <Modal
        opened={asked === 'edit'}
        onClose={close}
        title={t('webhooks.editOf', { name: webhook.name })}
        size="lg"
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <WebhookForm organizationId={webhook.organizationId} webhook={webhook} onClose={close} />
      </Modal>
      <Modal
        opened={asked === 'secret'}
        onClose={close}
        title={t('webhooks.newSecret')}
        size="lg"
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <NewSecret webhook={webhook} onClose={close} />
      </Modal>
      <ConsequenceDialog
        opened={asked === 'off'}
        onClose={close}
        title={t('webhooks.turnOffOf', { name: webhook.name })}
        consequence={<Text size="sm">{t('webhooks.turnOffText')}</Text>}
        confirm={t('webhooks.turnOff')}
        onConfirm={() => turn.mutate({ webhookId: webhook.id, on: false, ifVersion: webhook.version })}
        busy={turn.isPending}
        problem={turn.error}
      />
      <ConsequenceDialog
        opened={asked === 'remove'}
        onClose={close}
        title={t('webhooks.removeOf', { name: webhook.name })}
        consequence={<Text size="sm">{t('webhooks.removeText')}</Text>}
        confirm={t('webhooks.remove')}
        onConfirm={() => remove.mutate({ webhookId: webhook.id, ifVersion: webhook.version })}
        busy={remove.isPending}
        problem={remove.error}
      />
    </Page>
  );
}

/** What is wrong, and what to do about it. */
function Trouble({ webhook }: { webhook: Webhook }): ReactNode {
  const { t } = useTranslation();
  const { offWhy, failingSince } = webhook;
  if (!offWhy && !failingSince) return null;
  return (
    <Alert
      color="yellow"
      variant="outline"
      c="inherit"
      icon={<IconAlertTriangle aria-hidden />}
      title={offWhy ? t(`webhooks.off.${offWhy}`) : t('webhooks.failing', { since: moment(failingSince) })}
    >
      <Text size="sm">{offWhy ? t(`webhooks.offText.${offWhy}`) : t('webhooks.failingText')}</Text>
    </Alert>
  );
}
