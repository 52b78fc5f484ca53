import {
  keepPreviousData,
  QueryCache,
  QueryClient,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { call } from './client.ts';
import { isProblem, type Problem } from './problem.ts';
import type { Input, OperationName, Output } from './types.ts';

let afterRefusal: (problem: Problem) => unknown = () => {};

/** Tells the shell of each refused reading: the session may have ended, or what one may do may have changed. */
export function onRefusal(tell: (problem: Problem) => unknown): void {
  afterRefusal = tell;
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (isProblem(error)) afterRefusal(error);
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // a refusal will not change by asking again; a busy or absent server may come back
      retry: (count, error) => count < 2 && isProblem(error) && (error.status === 0 || error.status === 503),
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false },
  },
});

export const keyOf = <Name extends OperationName>(name: Name, input: Input<Name>) => [name, input] as const;

type ReadOptions<Data> = {
  enabled?: boolean;
  refetchEveryMs?: number | false | ((data: Data | undefined) => number | false);
  keepPrevious?: boolean;
};

/** Reads an operation; the answer is kept under its name and input. */
export function useRead<Name extends OperationName>(
  name: Name,
  input: Input<Name>,
  options: ReadOptions<Output<Name>> = {},
): UseQueryResult<Output<Name>, Problem> {
  const { refetchEveryMs = false } = options;
  return useQuery<Output<Name>, Problem>({
    queryKey: keyOf(name, input),
    queryFn: ({ signal }) => call(name, input, { signal }),
    enabled: options.enabled ?? true,
    refetchInterval:
      typeof refetchEveryMs === 'function' ? (query) => refetchEveryMs(query.state.data) : refetchEveryMs,
    ...(options.keepPrevious ? { placeholderData: keepPreviousData } : {}),
  });
}

type ChangeInput<Name extends OperationName> = Input<Name> & {
  ifVersion?: number | undefined;
  ifPreview?: string | undefined;
};

/**
 * Runs a changing operation and then reads everything shown again: rights and lists hang together so closely here
 * that naming the touched lists one by one was forgotten too easily. `ifVersion` is sent as If-Match, `ifPreview` as
 * If-Preview.
 */
export function useChange<Name extends OperationName>(
  name: Name,
  onDone?: (output: Output<Name>, input: Input<Name>) => void,
): UseMutationResult<Output<Name>, Problem, ChangeInput<Name>> {
  const client = useQueryClient();
  return useMutation<Output<Name>, Problem, ChangeInput<Name>>({
    mutationFn: ({ ifVersion, ifPreview, ...input }) =>
      call(name, input as Input<Name>, { version: ifVersion, preview: ifPreview }),
    onSuccess: async (output, { ifVersion: _, ifPreview: __, ...input }) => {
      onDone?.(output, input as Input<Name>);
      await client.invalidateQueries();
    },
  });
}
