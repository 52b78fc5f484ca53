import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../api/problem.ts';
import { NotAllowed } from './NotAllowed.tsx';

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

/** The refusal of an act, beside its button. Announced, and stays until the next try. */
export function ActProblem({ problem }: { problem: Problem | null | undefined }): ReactNode {
  if (!problem) return null;
  return (
    <Alert role="alert" icon={<IconAlertCircle aria-hidden />} color="red" variant="outline" py="xs">
      <Text size="sm">{problem.text}</Text>
    </Alert>
  );
}
