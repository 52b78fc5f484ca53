import { Alert, Stack, Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { Permission } from '../../../src/authority/permissions.ts';

// only who is refused needs the pop-over; the page for faults is part of the first script
const Why = lazy(() => import('../parts/Why.tsx').then((module) => ({ default: module.Why })));

type Props = {
  children: string;
  /** the server's sentence */
  detail?: string;
  /** what one would need: the answer to "Why?" names the link that ended, and who could give it */
  permission?: Permission | undefined;
};

/** A page or part that is not this reader's to use. Not the same as an empty one. */
export function NotAllowed({ children, detail, permission }: Props): ReactNode {
  const { t } = useTranslation();
  return (
    <Alert
      icon={<IconLock aria-hidden />}
      title={t('state.notAllowed')}
      color="gray"
      variant="outline"
      c="inherit"
    >
      <Stack gap={4} align="flex-start">
        <Text size="sm">{children}</Text>
        {detail ? <Text size="sm">{detail}</Text> : null}
        {permission ? (
          <Suspense>
            <Why question={{ about: 'act', permission }} label={t('state.notAllowed')} />
          </Suspense>
        ) : null}
      </Stack>
    </Alert>
  );
}
