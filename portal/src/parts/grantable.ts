import type { UseQueryResult } from '@tanstack/react-query';
import type { Problem } from '../api/problem.ts';
import { useRead } from '../api/queries.ts';
import type { Output } from '../api/types.ts';

export type Grantable = Output<'entitlement.grantable'>;

/** What the reader may give in an organization, by application. `membershipId`: to this person there, with what may not be had together with what they have; `everybody`: to all its people and those below; `toHandOut`: what it may be let hand out. */
export function useGrantable(
  organizationId: string | undefined,
  {
    membershipId,
    everybody = false,
    toHandOut = false,
  }: { membershipId?: string | undefined; everybody?: boolean; toHandOut?: boolean } = {},
): UseQueryResult<Grantable, Problem> {
  return useRead(
    'entitlement.grantable',
    {
      organizationId: organizationId ?? '',
      ...(membershipId ? { membershipId } : {}),
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
