import { Box } from '@mantine/core';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '../api/problem.ts';
import { queryClient } from '../api/queries.ts';
import { ProblemState } from '../page/ProblemState.tsx';

/** A page that broke: the server away, or a fault of ours. */
export function Failed({ error }: ErrorComponentProps): ReactNode {
  const { t } = useTranslation();
  const router = useRouter();
  const problem = error instanceof Problem ? error : new Problem(500, 'server.fault', t('problem.page'));
  return (
    <Box component="main" p="md" maw={640} mx="auto">
      <ProblemState
        problem={problem}
        notAllowed={t('state.notAllowedPage')}
        onRetry={async () => {
          await queryClient.resetQueries();
          await router.invalidate();
        }}
      />
    </Box>
  );
}
