import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { CopyField } from './CopyField.tsx';

type Says = {
  title: string;
  text: string;
  /** what the secret is called */
  label: string;
  kept: string;
};

/** A secret, the only time that it is shown. */
export function SecretOnce({
  secret,
  says,
  onClose,
}: {
  secret: string;
  says: Says;
  onClose: () => void;
}): ReactNode {
  return (
    <Stack>
      <Alert color="yellow" variant="outline" c="inherit" title={says.title}>
        <Text size="sm">{says.text}</Text>
      </Alert>
      <CopyField label={says.label} value={secret} />
      <Group justify="flex-end">
        <Button onClick={onClose}>{says.kept}</Button>
      </Group>
    </Stack>
  );
}
