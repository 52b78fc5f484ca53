import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { SecretOnce } from '../../parts/SecretOnce.tsx';

/** A webhook's secret, the only time that it is shown. */
export function WebhookSecret({ secret, onClose }: { secret: string; onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  return (
    <SecretOnce
      secret={secret}
      onClose={onClose}
      says={{
        title: t('webhooks.once'),
        text: t('webhooks.onceText'),
        label: t('webhooks.secret'),
        kept: t('webhooks.kept'),
      }}
    />
  );
}
