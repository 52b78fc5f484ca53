import { Alert, Text } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';

/** The refusal of one row of an answer about many, beside the button that sent it. */
export function RefusedLine({ text }: { text: string }): ReactNode {
  return (
    <Alert role="alert" icon={<IconAlertCircle aria-hidden />} color="red" variant="outline" py="xs">
      <Text size="sm">{text}</Text>
    </Alert>
  );
}
