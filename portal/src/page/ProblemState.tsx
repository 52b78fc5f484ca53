import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { Permission } from '../../../src/authority/permissions.ts';
import type { Problem } from '../api/problem.ts';
import { NotAllowed } from './NotAllowed.tsx';

// only a refusal needs the pop-over
const Why = lazy(() => import('../parts/Why.tsx').then((module) => ({ default: module.Why })));

type Props = { problem: Problem; notAllowed: string; onRetry: () => void };

/** A page or part that could not be read: not allowed, not there, or broken just now. */
export function ProblemState({ problem, notAllowed, onRetry }: Props): ReactNode {
  const { t } = useTranslation();
  if (problem.status === 403) return <NotAllowed detail={problem.text}>{notAllowed}</NotAllowed>;
  const absent = problem.status === 404;
  return (
    <Alert
      role="alert"
      icon={<IconAlertCircle aria-hidden />}
      title={absent ? t('state.absent') : t('state.failed')}
      color={absent ? 'gray' : 'red'}
      variant="outline"
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{problem.text}</Text>
        {absent ? null : (
          <Button size="xs" variant="default" onClick={onRetry}>
            {t('state.retry')}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** Where and on whom it was tried: what "Why?" asks about. */
export type Tried = { organizationId?: string | undefined; membershipId?: string | undefined };

/** The refusal of an act, beside its button. Announced, and stays until the next try. */
export function ActProblem({
  problem,
  tried,
}: {
  problem: Problem | null | undefined;
  tried?: Tried | undefined;
}): ReactNode {
  const { t } = useTranslation();
  if (!problem) return null;
  const { permission } = problem.details;
  const askable =
    problem.code === 'not-permitted' &&
    typeof permission === 'string' &&
    (tried?.organizationId ?? tried?.membershipId) !== undefined;
  return (
    <Alert role="alert" icon={<IconAlertCircle aria-hidden />} color="red" variant="outline" py="xs">
      <Stack gap={4} align="flex-start">
        <Text size="sm">{problem.text}</Text>
        {askable ? (
          <Suspense>
            <Why
              question={{ about: 'act', permission: permission as Permission, ...tried }}
              label={t('why.refused')}
            />
          </Suspense>
        ) : null}
      </Stack>
    </Alert>
  );
}
