import type { Connector } from '../connectors/connector.ts';
import type { RoleRow, TargetRow } from '../store.ts';
import { declaredBy } from './declared.ts';
import type { RoleFor, Wish } from './desired.ts';

/** What a target wants of people, from its rows and what its connector says of itself. */
export const wishOf = (
  { policy, mapping, settings }: Pick<TargetRow, 'policy' | 'mapping' | 'settings'>,
  roles: readonly Pick<RoleRow, 'name' | 'entitlementId' | 'organizationId' | 'groupId'>[],
  connector: Connector,
): Wish => ({
  policy: { ...usualPolicy, ...policy },
  roles: roles.flatMap(({ name, entitlementId, organizationId, groupId }): RoleFor[] =>
    entitlementId
      ? [{ name, entitlementId }]
      : organizationId
        ? [{ name, organizationId }]
        : groupId
          ? [{ name, groupId }]
          : [],
  ),
  mapping,
  fields: declaredBy(connector, settings).values,
});

/** Off at once, gone after a month: whoever comes back within it finds what was theirs. */
export const usualPolicy = { prepareDays: 0, onLoss: 'delete-after', deleteAfterDays: 30 } as const;
