import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyField } from '../../parts/CopyField.tsx';

/** A webhook's secret, the only time that it is shown. */
export function SecretOnce({ secret, onClose }: { secret: string; onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  return (
    <Stack>
      <Alert color="yellow" variant="outline" c="inherit" title={t('webhooks.once')}>
        <Text size="sm">{t('webhooks.onceText')}</Text>
      </Alert>
      <CopyField label={t('webhooks.secret')} value={secret} />
      <Group justify="flex-end">
        <Button onClick={onClose}>{t('webhooks.kept')}</Button>
      </Group>
    </Stack>
  );
}
