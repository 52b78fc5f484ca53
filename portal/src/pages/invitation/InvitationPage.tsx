import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import { EmptyState } from '../../page/EmptyState.tsx';
import { LoadingLines } from '../../page/Loaded.tsx';
import { Page } from '../../page/Page.tsx';
import { useSecretLink } from '../../parts/secret-link.ts';
import { InvitationStopped } from './InvitationStopped.tsx';
import { OpenInvitation } from './OpenInvitation.tsx';

/** Behind the link of an invitation mail. Looking it up changes nothing, so a scanner that opens it does no harm. */
export function InvitationPage(): ReactNode {
  const { t } = useTranslation();
  const token = useSecretLink();
  const found = useRead('invitation.look-up', { token }, { enabled: token !== '' });
  if (!token) {
    return (
      <Page title={t('invitation.title')}>
        <EmptyState title={t('invitation.noLink')} text={t('invitation.noLinkText')} action={null} />
      </Page>
    );
  }
  if (found.data) {
    return found.data.state === 'open' ? (
      <OpenInvitation token={token} invitation={found.data} />
    ) : (
      <InvitationStopped
        token={token}
        code={`invitation.${found.data.state}`}
        text={undefined}
        asked={found.data.renewalAsked}
      />
    );
  }
  if (found.error)
    return <InvitationStopped token={token} code={found.error.code} text={found.error.text} asked={false} />;
  return (
    <Page title={t('invitation.title')}>
      <LoadingLines />
    </Page>
  );
}
