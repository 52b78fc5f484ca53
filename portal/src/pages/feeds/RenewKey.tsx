import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { RenewForm } from '../../parts/RenewForm.tsx';
import type { Feed } from './health.ts';
import { Paste } from './Paste.tsx';

/** Another key for a feed, pasted at the other end while the one of now still works. */
export function RenewKey({ feed, onClose }: { feed: Feed; onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const rotate = useChange('client.rotate');
  if (rotate.data) return <Paste address={feed.address} clientKey={rotate.data.key} onClose={onClose} />;
  const { id, version } = feed.client;
  return (
    <RenewForm
      says={{
        text: t('feeds.renewText'),
        atOnce: t('feeds.atOnce'),
        atOnceHint: t('feeds.atOnceHint'),
        confirm: t('feeds.makeKey'),
      }}
      busy={rotate.isPending}
      problem={rotate.error}
      onRenew={(atOnce) => rotate.mutate({ clientId: id, atOnce, ifVersion: version })}
      onClose={onClose}
    />
  );
}
