import { Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { ActButton } from '../../parts/ActButton.tsx';
import { SecretOnce } from './SecretOnce.tsx';
import type { Webhook } from './WebhooksPage.tsx';

/** Changes the secret without a gap: for a day the old one signs, too, unless somebody else knows it. */
export function NewSecret({ webhook, onClose }: { webhook: Webhook; onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const [atOnce, setAtOnce] = useState(false);
  const rotate = useChange('webhook.rotate');
  if (rotate.data) return <SecretOnce secret={rotate.data.secret} onClose={onClose} />;
  return (
    <Stack>
      <Text size="sm">{t('webhooks.newSecretText')}</Text>
      <Checkbox
        label={t('webhooks.atOnce')}
        description={t('webhooks.atOnceHint')}
        checked={atOnce}
        onChange={(event) => setAtOnce(event.currentTarget.checked)}
      />
      <ActProblem problem={rotate.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <ActButton
          blocked={false}
          loading={rotate.isPending}
          onClick={() => rotate.mutate({ webhookId: webhook.id, atOnce, ifVersion: webhook.version })}
        >
          {t('webhooks.makeSecret')}
        </ActButton>
      </Group>
    </Stack>
  );
}
