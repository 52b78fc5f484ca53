import { Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

export type RowResult =
  | { id: string; name: string; ok: true }
  | { id: string; name: string; ok: false; reason: string };

type Props = {
  /** null: nothing to show */
  results: RowResult[] | null;
  title: string;
  onClose: () => void;
  onRetryFailed: (ids: string[]) => void;
  busy: boolean;
};

/** After a bulk act of which something failed: each failure with its reason, and one button to try those again. */
export function BulkResult({ results, title, onClose, onRetryFailed, busy }: Props): ReactNode {
  const { t } = useTranslation();
  const failed = (results ?? []).filter((row) => !row.ok);
  return (
    <Modal
      opened={failed.length > 0}
      onClose={onClose}
      title={title}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Stack>
        <Text size="sm">
          {t('bulk.outcome', { done: (results ?? []).length - failed.length, failed: failed.length })}
        </Text>
        <List size="sm" spacing="xs">
          {failed.map((row) => (
            <List.Item key={row.id}>
              <b>{row.name}</b>: {row.reason}
            </List.Item>
          ))}
        </List>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.close')}
          </Button>
          <Button
            leftSection={<IconRefresh size={16} aria-hidden />}
            loading={busy}
            onClick={() => onRetryFailed(failed.map((row) => row.id))}
          >
            {t('bulk.retry', { count: failed.length })}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
