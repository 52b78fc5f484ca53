import { Group, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { ConsequenceDialog } from '../../parts/ConsequenceDialog.tsx';
import { PreviewedDialog } from '../../parts/PreviewedDialog.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import type { Organization } from './OrganizationPage.tsx';

/** Suspend, open again, close. Only for those who may; the topmost organization has none. */
export function OrganizationSwitches({ organization }: { organization: Organization }): ReactNode {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<'suspend' | 'close'>();
  const [typed, setTyped] = useState('');
  const { id, name, version } = organization;
  const close = (): void => {
    setAsked(undefined);
    setTyped('');
    end.reset();
  };
  const resume = useChange('organization.resume', () => sayDone(t('organization.resumed', { name })));
  const end = useChange('organization.close', () => {
    close();
    sayDone(t('organization.closed', { name }));
  });
  const may = organization.may;
  if (organization.isRoot) return null;
  return (
    <Group>
      {organization.state !== 'active' && may.includes('organization.suspend') ? (
        <GiveButton
          blocked={false}
          loading={resume.isPending}
          onClick={() => resume.mutate({ organizationId: id, ifVersion: version })}
        >
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
      <ConsequenceDialog
        opened={asked === 'close'}
        onClose={close}
        title={t('organization.closeTitle', { name })}
        consequence={
          <>
            <Text size="sm" mb="sm">
              {t('organization.closeText', { count: organization.peopleCount })}
            </Text>
            <TextInput
              label={t('organization.closeType', { name })}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
          </>
        }
        confirm={t('organization.close')}
        onConfirm={() => end.mutate({ organizationId: id, ifVersion: version })}
        busy={end.isPending}
        problem={end.error}
        blocked={typed.trim() === name ? false : t('organization.closeType', { name })}
      />
    </Group>
  );
}
