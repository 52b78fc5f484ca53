import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { RenewForm } from '../../parts/RenewForm.tsx';
import { WebhookSecret } from './WebhookSecret.tsx';
import type { Webhook } from './webhook.ts';

/** Another secret to sign with; the other end checks by either for a day. */
export function NewSecret({ webhook, onClose }: { webhook: Webhook; onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const rotate = useChange('webhook.rotate');
  if (rotate.data) return <WebhookSecret secret={rotate.data.secret} onClose={onClose} />;
  return (
    <RenewForm
      says={{
        text: t('webhooks.newSecretText'),
        atOnce: t('webhooks.atOnce'),
        atOnceHint: t('webhooks.atOnceHint'),
        confirm: t('webhooks.makeSecret'),
      }}
      busy={rotate.isPending}
      problem={rotate.error}
      onRenew={(atOnce) => rotate.mutate({ webhookId: webhook.id, atOnce, ifVersion: webhook.version })}
      onClose={onClose}
    />
  );
}
