import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

export type EmptyText = {
  title: string;
  text: string;
  /** the one next action; null when there is none for this reader */
  action: ReactNode | null;
};

/** Nothing here (which is not the same as not allowed). */
export function EmptyState({ title, text, action }: EmptyText): ReactNode {
  return (
    <Stack align="flex-start" gap="xs" py="md">
      <Text fw={600}>{title}</Text>
      <Text c="dimmed">{text}</Text>
      {action}
    </Stack>
  );
}
