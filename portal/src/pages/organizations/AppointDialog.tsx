import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { AppointForm } from './AppointForm.tsx';
import type { Organization } from './organization.ts';

type Props = { organization: Organization; opened: boolean; onClose: () => void };

/** Another manager, in three clicks from the organization: open, choose, appoint. */
export function AppointDialog({ organization, opened, onClose }: Props): ReactNode {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title={t('appoint.title', { organization: organization.name })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <AppointForm organization={organization} onClose={onClose} />
    </Modal>
  );
}
