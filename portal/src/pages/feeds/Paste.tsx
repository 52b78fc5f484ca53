import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyField } from '../../parts/CopyField.tsx';

/** Where the other side is told to call; as the server says it in `scim-connection.read`. */
export const addressOf = (organizationId: string): string =>
  `${window.location.origin}/scim/${organizationId}/v2`;

/** What somebody pastes into Entra or Okta. The key is shown this once. */
export function Paste({
  address,
  clientKey,
  onClose,
}: {
  address: string;
  clientKey: string;
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  return (
    <Stack>
      <Alert color="yellow" variant="outline" c="inherit" title={t('feeds.pasteTitle')}>
        <Text size="sm">{t('feeds.pasteText')}</Text>
      </Alert>
      <CopyField label={t('feeds.address')} value={address} />
      <CopyField label={t('feeds.key')} value={clientKey} />
      <List size="sm" spacing="xs">
        <List.Item>{t('feeds.entra')}</List.Item>
        <List.Item>{t('feeds.okta')}</List.Item>
      </List>
      <Group justify="flex-end">
        <Button onClick={onClose}>{t('feeds.kept')}</Button>
      </Group>
    </Stack>
  );
}
