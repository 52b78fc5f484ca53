import { Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { PreviewedDialog } from '../../parts/PreviewedDialog.tsx';
import { offerUndo, sayDone } from '../../parts/undo-toast.tsx';
import type { Person } from './person.ts';

/** Keeps somebody out for a while, or lets them back in; who loses or gains what is seen first. */
export function SuspendButton({ person }: { person: Person }): ReactNode {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(false);
  const { membershipId } = person;
  const name = person.user.displayName;
  if (!person.may.includes('membership.suspend') || person.isSelf || person.state === 'left') return null;
  const dialog = { opened: asked, onClose: () => setAsked(false), input: { membershipId } };
  return person.state === 'suspended' ? (
    <>
      <GiveButton blocked={false} onClick={() => setAsked(true)}>
        {t('person.resume')}
      </GiveButton>
      <PreviewedDialog
        {...dialog}
        operation="membership.resume"
        title={t('person.resumeTitle', { name })}
        text={<Text size="sm">{t('person.resumeText', { organization: person.organization.name })}</Text>}
        confirm={t('person.resume')}
        tone="giving"
        onDone={() => sayDone(t('person.resumed', { name }))}
      />
    </>
  ) : (
    <>
      <TakeButton blocked={false} onClick={() => setAsked(true)}>
        {t('person.suspend')}
      </TakeButton>
      <PreviewedDialog
        {...dialog}
        operation="membership.suspend"
        title={t('person.suspendTitle', { name })}
        text={<Text size="sm">{t('person.suspendText', { organization: person.organization.name })}</Text>}
        confirm={t('person.suspend')}
        onDone={() =>
          offerUndo(t('person.suspended', { name }), () => call('membership.resume', { membershipId }))
        }
      />
    </>
  );
}
