import { Alert, Stack, Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** A page or part that is not this reader's to use. Not the same as an empty one. */
export function NotAllowed({ children, detail }: { children: string; detail?: string }): ReactNode {
  const { t } = useTranslation();
  return (
    <Alert
      icon={<IconLock aria-hidden />}
      title={t('state.notAllowed')}
      color="gray"
      variant="outline"
      c="inherit"
    >
      <Stack gap={4}>
        <Text size="sm">{children}</Text>
        {detail ? <Text size="sm">{detail}</Text> : null}
      </Stack>
    </Alert>
  );
}
