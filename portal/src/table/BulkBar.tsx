import { Button, Group, Paper, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Selection } from './selection.ts';

/** Appears when something is ticked, and stays in sight: how many, what can be done with them. */
export function BulkBar<Row>({
  selection,
  children,
}: {
  selection: Selection<Row>;
  children: ReactNode;
}): ReactNode {
  const { t } = useTranslation();
  if (selection.rows.length === 0) return null;
  return (
    <Paper
      withBorder
      shadow="md"
      p="sm"
      role="region"
      aria-label={t('bulk.label')}
      style={{ position: 'sticky', bottom: 12, zIndex: 5 }}
    >
      <Group justify="space-between">
        <Text size="sm" fw={600} aria-live="polite">
          {t('bulk.selected', { count: selection.rows.length })}
        </Text>
        <Group gap="xs">
          {children}
          <Button variant="subtle" size="sm" onClick={selection.clear}>
            {t('bulk.clear')}
          </Button>
        </Group>
      </Group>
    </Paper>
  );
}
