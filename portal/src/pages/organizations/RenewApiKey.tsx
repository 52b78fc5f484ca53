import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';
import { RenewForm } from '../../parts/RenewForm.tsx';
import { KeyOnce } from './KeyOnce.tsx';

/** Another API key for the same program, with the same right and the same last day. */
export function RenewApiKey({
  client,
  onClose,
}: {
  client: Item<'client.list'>;
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const rotate = useChange('client.rotate');
  if (rotate.data) return <KeyOnce apiKey={rotate.data.key} onClose={onClose} />;
  return (
    <RenewForm
      says={{
        text: t('keys.renewText'),
        atOnce: t('keys.atOnce'),
        atOnceHint: t('keys.atOnceHint'),
        confirm: t('keys.makeKey'),
      }}
      busy={rotate.isPending}
      problem={rotate.error}
      onRenew={(atOnce) => rotate.mutate({ clientId: client.id, atOnce, ifVersion: client.version })}
      onClose={onClose}
    />
  );
}
