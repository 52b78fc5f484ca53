import { Skeleton, Stack } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../api/problem.ts';
import { EmptyState, type EmptyText } from './EmptyState.tsx';
import { ProblemState } from './ProblemState.tsx';

type Props<Data> = {
  query: UseQueryResult<Data, Problem>;
  /** what the reader sees when this page is not theirs to use; says who could help. Never names a thing outside reach. */
  notAllowed: string;
  /** when there is nothing, and the one next thing to do; `never` for what always has something */
  empty: 'never' | (EmptyText & { when: (data: Data) => boolean });
  /** grey shapes while loading; three lines by default */
  loading?: ReactNode;
  children: (data: Data) => ReactNode;
};

/** What is read from the server, in all its states. The types ask for each. */
export function Loaded<Data>({ query, notAllowed, empty, loading, children }: Props<Data>): ReactNode {
  if (query.data !== undefined) {
    if (empty !== 'never' && empty.when(query.data)) return <EmptyState {...empty} />;
    return children(query.data);
  }
  if (query.error) {
    return <ProblemState problem={query.error} notAllowed={notAllowed} onRetry={() => query.refetch()} />;
  }
  return loading ?? <LoadingLines />;
}

export function LoadingLines(): ReactNode {
  const { t } = useTranslation();
  return (
    <Stack gap="sm" aria-busy="true" role="status" aria-label={t('state.loading')}>
      <Skeleton height={18} width="60%" />
      <Skeleton height={18} width="85%" />
      <Skeleton height={18} width="40%" />
    </Stack>
  );
}
