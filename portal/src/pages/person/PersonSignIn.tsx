import { Group, Modal, Stack, Text } from '@mantine/core';
import { IconKey, IconMail } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { moment } from '../../i18n/dates.ts';
import { Section } from '../../page/Section.tsx';
import { ActButton, GiveButton } from '../../parts/ActButton.tsx';
import { CodeSheet } from '../../parts/CodeSheet.tsx';
import { ConsequenceDialog } from '../../parts/ConsequenceDialog.tsx';
import { sayDone, sayFailed, sayProblem } from '../../parts/undo-toast.tsx';
import { hasLeft } from './has-left.ts';
import type { Person } from './person.ts';

type Asking = 'recovery' | 'code' | null;

/** Helps somebody back in: a link to their own address, or a printed code for those without one. */
export function PersonSignIn({ person }: { person: Person }): ReactNode {
  const { t } = useTranslation();
  const name = person.user.displayName;
  const [asking, setAsking] = useState<Asking>(null);
  const [sheet, setSheet] = useState<Output<'credential.reset'>>();
  const recover = useChange('credential.recover', () => {
    setAsking(null);
    sayDone(t('person.recoverySent', { name }));
  });
  const reset = useChange('credential.reset', (output) => {
    setAsking(null);
    setSheet(output);
  });
  const invite = useChange('membership.invite', ({ results: [first] }) => {
    if (first?.ok) sayDone(t('person.invitedAgain', { name }));
    else sayFailed(t('state.failed'), first?.refusal?.text ?? '');
  });
  const mayInvite = person.state === 'no-sign-in' && person.may.includes('user.invite') && !person.isSelf;
  const left = hasLeft(t, person);
  const ask = (what: Asking): void => {
    recover.reset();
    reset.reset();
    setAsking(what);
  };
  return (
    <Section title={t('person.signIn')}>
      <Text size="sm">
        {person.signIn.hasPassword
          ? person.signIn.lastSignInAt
            ? t('person.lastSignIn', { when: moment(person.signIn.lastSignInAt) })
            : t('person.neverSignedIn')
          : t('person.noSignIn')}
      </Text>
      <Group gap="xs">
        {mayInvite ? (
          <GiveButton
            blocked={person.user.email ? false : t('person.noAddress')}
            loading={invite.isPending}
            onClick={() => invite.mutate({ membershipIds: [person.membershipId] }, { onError: sayProblem })}
          >
            {t('person.inviteAgain')}
          </GiveButton>
        ) : null}
        <ActButton
          variant="default"
          leftSection={<IconMail size={16} aria-hidden />}
          blocked={
            left ||
            (person.isSelf
              ? t('person.notYourself')
              : !person.may.includes('credential.recover')
                ? t('person.signInNotAllowed')
                : !person.user.emailProved
                  ? t('person.noProvedAddress')
                  : false)
          }
          why={
            !left &&
            !person.isSelf &&
            !person.may.includes('credential.recover') && {
              permission: 'credential.recover',
              membershipId: person.membershipId,
            }
          }
          onClick={() => ask('recovery')}
        >
          {t('person.startRecovery')}
        </ActButton>
        <ActButton
          variant="default"
          leftSection={<IconKey size={16} aria-hidden />}
          blocked={
            left ||
            (person.isSelf
              ? t('person.notYourself')
              : person.may.includes('credential.reset')
                ? false
                : t('person.signInNotAllowed'))
          }
          why={
            !left && !person.isSelf && { permission: 'credential.reset', membershipId: person.membershipId }
          }
          onClick={() => ask('code')}
        >
          {t('person.printCode')}
        </ActButton>
      </Group>
      <ConsequenceDialog
        opened={asking === 'recovery'}
        onClose={() => setAsking(null)}
        title={t('person.recoveryOf', { name })}
        consequence={t('person.recoveryConsequence', { email: person.user.email ?? '' })}
        confirm={t('person.sendLink')}
        onConfirm={() => recover.mutate({ membershipId: person.membershipId })}
        busy={recover.isPending}
        problem={recover.error}
        tried={{ membershipId: person.membershipId }}
        tone="neutral"
      />
      <ConsequenceDialog
        opened={asking === 'code'}
        onClose={() => setAsking(null)}
        title={t('person.codeOf', { name })}
        consequence={t('person.codeConsequence', { name })}
        confirm={t('person.makeCode')}
        onConfirm={() => reset.mutate({ membershipId: person.membershipId })}
        busy={reset.isPending}
        problem={reset.error}
        tried={{ membershipId: person.membershipId }}
      />
      <Modal
        opened={sheet !== undefined}
        onClose={() => setSheet(undefined)}
        title={t('person.codeOf', { name })}
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {sheet ? (
          <Stack>
            <CodeSheet
              personName={sheet.displayName}
              organizationName={sheet.organizationName}
              userName={sheet.userName ?? sheet.email ?? ''}
              code={sheet.code}
              signInUrl={sheet.signInUrl}
              expiresAt={sheet.expiresAt}
            />
          </Stack>
        ) : null}
      </Modal>
    </Section>
  );
}
