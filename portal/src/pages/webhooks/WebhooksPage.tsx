import { Badge, Box, Modal } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { moment } from '../../i18n/dates.ts';
import { AllowedPage } from '../../page/AllowedPage.tsx';
import { Card, CardList } from '../../page/CardList.tsx';
import { Loaded } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { GiveButton } from '../../parts/ActButton.tsx';
import { TextLink } from '../../parts/links.tsx';
import { OrganizationPicker } from '../../parts/OrganizationPicker.tsx';
import { WebhookForm } from './WebhookForm.tsx';
import type { Webhook } from './webhook.ts';

/** Other systems that are told what happens at an organization. */
export function WebhooksPage(): ReactNode {
  const { t } = useTranslation();
  return (
    <AllowedPage
      title={t('webhooks.title')}
      needs={['webhook.configure']}
      notAllowed={t('webhooks.notAllowed')}
    >
      <Webhooks />
    </AllowedPage>
  );
}

function Webhooks(): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: '/webhooks' });
  const { membership } = useSession();
  const { organizationId = membership.organizationId } = useSearch({ from: '/shell/webhooks' });
  const organization = useRead('organization.read', { organizationId });
  const query = useRead('webhook.list', { organizationId });
  const [making, setMaking] = useState(false);
  const blocked = organization.data?.off ? t('organization.isOff') : false;
  const make = (
    <GiveButton blocked={blocked} onClick={() => setMaking(true)}>
      {t('webhooks.make')}
    </GiveButton>
  );
  return (
    <Page title={t('webhooks.title')} lead={t('webhooks.lead')} actions={make}>
      <Box maw={420}>
        <OrganizationPicker
          label={t('webhooks.organization')}
          description={t('webhooks.organizationHint')}
          required
          value={organizationId}
          known={organization.data && { id: organization.data.id, name: organization.data.name }}
          onChange={(id) => void navigate({ search: { organizationId: id ?? undefined } })}
        />
      </Box>
      <Loaded
        query={query}
        notAllowed={t('webhooks.notAllowed')}
        empty={{
          when: (list) => list.items.length === 0,
          title: t('webhooks.none'),
          text: t('webhooks.noneText'),
          action: null,
        }}
      >
        {(list) => (
          <CardList label={t('webhooks.title')}>
            {list.items.map((one) => (
              <Card
                key={one.id}
                name={one.name}
                title={
                  <TextLink to="/webhooks/$webhookId" params={{ webhookId: one.id }} search={{}} fw={600}>
                    {one.name}
                  </TextLink>
                }
                beside={<StateOfWebhook webhook={one} />}
                facts={[
                  t(`webhooks.format.${one.format}`),
                  one.address,
                  t('webhooks.told', { count: one.types.length }),
                ]}
              />
            ))}
          </CardList>
        )}
      </Loaded>
      <Modal
        opened={making}
        onClose={() => setMaking(false)}
        title={t('webhooks.make')}
        size="lg"
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <WebhookForm organizationId={organizationId} webhook={undefined} onClose={() => setMaking(false)} />
      </Modal>
    </Page>
  );
}

/** Whether it works, in a word. */
export function StateOfWebhook({ webhook }: { webhook: Webhook }): ReactNode {
  const { t } = useTranslation();
  if (webhook.state === 'off' && webhook.offWhy)
    return (
      <Badge color={webhook.offWhy === 'by-hand' ? 'gray.7' : 'red.9'}>
        {t(`webhooks.off.${webhook.offWhy}`)}
      </Badge>
    );
  if (webhook.failingSince)
    return (
      <Badge variant="outline" color="yellow" c="inherit" tt="none">
        {t('webhooks.failing', { since: moment(webhook.failingSince) })}
      </Badge>
    );
  return null;
}
