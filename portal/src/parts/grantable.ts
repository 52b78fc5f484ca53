import type { UseQueryResult } from '@tanstack/react-query';
import type { Problem } from '../api/problem.ts';
import { useRead } from '../api/queries.ts';
import type { Output } from '../api/types.ts';

export type Grantable = Output<'entitlement.grantable'>;

/** What the reader may give in an organization, by application. `everybody`: to all its people and those below; `toHandOut`: what it may be let hand out. */
export function useGrantable(
  organizationId: string | undefined,
  { everybody = false, toHandOut = false }: { everybody?: boolean; toHandOut?: boolean } = {},
): UseQueryResult<Grantable, Problem> {
  return useRead(
    'entitlement.grantable',
    {
      organizationId: organizationId ?? '',
      ...(everybody ? { everybody } : {}),
      ...(toHandOut ? { toHandOut } : {}),
    },
    { enabled: organizationId !== undefined },
  );
}

/** "Buyer (Orders), Reader (Reports)" */
export const contentsOf = (role: {
  contains: readonly { name: string; applicationName: string }[];
}): string => role.contains.map((one) => `${one.name} (${one.applicationName})`).join(', ');
