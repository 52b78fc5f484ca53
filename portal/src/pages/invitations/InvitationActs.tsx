import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { ActButton, TakeButton } from '../../parts/ActButton.tsx';
import { ConsequenceDialog } from '../../parts/ConsequenceDialog.tsx';
import { sayDone, sayProblem } from '../../parts/undo-toast.tsx';
import type { Invitation } from './invitation.ts';

/** Send again, change the address, take back. What is accepted or taken back has none. */
export function InvitationActs({ invitation }: { invitation: Invitation }): ReactNode {
  const { t } = useTranslation();
  const may = useMay();
  const [asked, setAsked] = useState<'revoke' | 'readdress'>();
  const [email, setEmail] = useState(invitation.email);
  const target = { invitationId: invitation.id, ifVersion: invitation.version };
  const close = (): void => {
    setAsked(undefined);
    revoke.reset();
    readdress.reset();
  };
  const resend = useChange('invitation.resend', () =>
    sayDone(t('invitations.resent', { email: invitation.email })),
  );
  const revoke = useChange('invitation.revoke', () => {
    sayDone(t('invitations.revokedNow', { email: invitation.email }));
    close();
  });
  const readdress = useChange('invitation.readdress', () => {
    sayDone(t('invitations.readdressed', { email }));
    close();
  });
  if (invitation.state === 'accepted' || invitation.state === 'revoked') return null;
  const blocked = may('user.invite') ? false : t('invitations.mayNot');
  const of = { email: invitation.email };
  return (
    <Group gap={6}>
      <ActButton
        size="compact-sm"
        variant="default"
        leftSection={<IconRefresh size={14} aria-hidden />}
        blocked={blocked}
        loading={resend.isPending}
        aria-label={t('invitations.resendTo', of)}
        onClick={() => resend.mutate(target, { onError: sayProblem })}
      >
        {t('invitations.resend')}
      </ActButton>
      <ActButton
        size="compact-sm"
        variant="default"
        blocked={blocked}
        aria-label={t('invitations.readdressOf', of)}
        onClick={() => setAsked('readdress')}
      >
        {t('invitations.readdress')}
      </ActButton>
      <TakeButton
        size="compact-sm"
        blocked={blocked}
        aria-label={t('invitations.revokeOf', of)}
        onClick={() => setAsked('revoke')}
      >
        {t('invitations.revoke')}
      </TakeButton>
      <ConsequenceDialog
        opened={asked === 'revoke'}
        onClose={close}
        title={t('invitations.revokeOf', of)}
        consequence={<Text size="sm">{t('invitations.revokeText', of)}</Text>}
        confirm={t('invitations.revoke')}
        onConfirm={() => revoke.mutate(target)}
        busy={revoke.isPending}
        problem={revoke.error}
      />
      <Modal
        opened={asked === 'readdress'}
        onClose={close}
        title={t('invitations.readdressOf', of)}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            readdress.mutate({ ...target, email });
          }}
        >
          <Stack>
            <TextInput
              type="email"
              label={t('invitations.newAddress')}
              description={t('invitations.newAddressHint')}
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
              required
              data-autofocus
            />
            <ActProblem problem={readdress.error} />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {t('action.cancel')}
              </Button>
              <ActButton
                type="submit"
                blocked={email.trim() === invitation.email ? t('invitations.sameAddress') : false}
                loading={readdress.isPending}
              >
                {t('invitations.readdressDo')}
              </ActButton>
            </Group>
          </Stack>
        </form>
      </Modal>
    </Group>
  );
}
