import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { SecretOnce } from '../../parts/SecretOnce.tsx';

/** An API key, the only time that it is shown. */
export function KeyOnce({ apiKey, onClose }: { apiKey: string; onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  return (
    <SecretOnce
      secret={apiKey}
      onClose={onClose}
      says={{ title: t('keys.once'), text: t('keys.onceText'), label: t('keys.key'), kept: t('keys.kept') }}
    />
  );
}
