import { Group, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { PreviewedDialog } from '../../parts/PreviewedDialog.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { Organization } from './organization.ts';

/** Suspend, open again, close. Only for those who may; the topmost organization has none. */
export function OrganizationSwitches({ organization }: { organization: Organization }): ReactNode {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<'suspend' | 'resume' | 'close'>();
  const [typed, setTyped] = useState('');
  const { id, name, version } = organization;
  const close = (): void => {
    setAsked(undefined);
    setTyped('');
  };
  const may = organization.may;
  if (organization.isRoot) return null;
  return (
    <Group>
      {organization.state !== 'active' && may.includes('organization.suspend') ? (
        <GiveButton blocked={false} onClick={() => setAsked('resume')}>
          {t('organization.resume')}
        </GiveButton>
      ) : null}
      {organization.state === 'active' && may.includes('organization.suspend') ? (
        <TakeButton blocked={false} onClick={() => setAsked('suspend')}>
          {t('organization.suspend')}
        </TakeButton>
      ) : null}
      {organization.state !== 'closed' && may.includes('organization.close') ? (
        <TakeButton blocked={false} onClick={() => setAsked('close')}>
          {t('organization.close')}
        </TakeButton>
      ) : null}
      <PreviewedDialog
        opened={asked === 'suspend'}
        onClose={close}
        operation="organization.suspend"
        input={{ organizationId: id }}
        ifVersion={version}
        title={t('organization.suspendTitle', { name })}
        text={<Text size="sm">{t('organization.suspendText', { count: organization.peopleCount })}</Text>}
        confirm={t('organization.suspend')}
        onDone={() => sayDone(t('organization.suspended', { name }))}
      />
      <PreviewedDialog
        opened={asked === 'resume'}
        onClose={close}
        operation="organization.resume"
        input={{ organizationId: id }}
        ifVersion={version}
        title={t('organization.resumeTitle', { name })}
        text={<Text size="sm">{t(`organization.resumeText.${organization.state}`)}</Text>}
        confirm={t('organization.resume')}
        tone="giving"
        onDone={() => sayDone(t('organization.resumed', { name }))}
      />
      <PreviewedDialog
        opened={asked === 'close'}
        onClose={close}
        operation="organization.close"
        input={{ organizationId: id }}
        ifVersion={version}
        title={t('organization.closeTitle', { name })}
        text={
          <>
            <Text size="sm">{t('organization.closeText', { count: organization.peopleCount })}</Text>
            <TextInput
              label={t('organization.closeType', { name })}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
          </>
        }
        confirm={t('organization.close')}
        blocked={typed.trim() === name ? false : t('organization.closeType', { name })}
        onDone={() => sayDone(t('organization.closed', { name }))}
      />
    </Group>
  );
}
