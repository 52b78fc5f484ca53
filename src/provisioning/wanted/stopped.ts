import { decide } from '../../authority/decide.ts';
import type { Target } from '../../authority/delegation.ts';
import type { Facts } from '../../authority/facts.ts';
import { withEntitlement } from '../../operation/targets.ts';
import type { RoleRow, TargetRow } from '../store.ts';
import type { RoleFor } from './desired.ts';

/** What a role of a target stands for, as one key. */
export const stoodFor = (role: {
  entitlementId?: string | null;
  organizationId?: string | null;
  groupId?: string | null;
}): string => role.entitlementId ?? role.organizationId ?? role.groupId ?? '';

/**
 * What whoever saved the target may not stand behind any more, now: roles of applications that they could not hand out, and
 * organizations and groups that they do not see. Nobody gets anything anew by it; who has it keeps it for as long as it is
 * held, and loses it as ever. Without facts, that is all of it.
 */
export function stoppedRoles(
  facts: Facts | undefined,
  { organizationId, path }: Pick<TargetRow, 'organizationId' | 'path'>,
  roles: readonly RoleRow[],
): ReadonlySet<string> {
  const at: Target = { kind: 'organization', id: organizationId, organizationId, path, off: false };
  const may = (role: RoleRow): boolean => {
    if (!facts) return false;
    const { entitlementId, applicationId, placeId, placePath } = role;
    if (entitlementId && applicationId)
      return (
        decide(facts, 'target.configure', withEntitlement(at, { id: entitlementId, applicationId }))
          .effect === 'permit'
      );
    if (!placeId || placePath === null) return false;
    const place = { id: stoodFor(role), organizationId: placeId, path: placePath, off: false };
    return role.groupId
      ? decide(facts, 'user.read', { kind: 'group', ...place }).effect === 'permit'
      : decide(facts, 'organization.read', { kind: 'organization', ...place }).effect === 'permit';
  };
  const known = new Map<string, boolean>();
  for (const role of roles) if (!known.has(stoodFor(role))) known.set(stoodFor(role), may(role));
  return new Set([...known].flatMap(([key, may]) => (may ? [] : [key])));
}

export const withStopped = (roles: readonly RoleFor[], stopped: ReadonlySet<string>): readonly RoleFor[] =>
  stopped.size === 0
    ? roles
    : roles.map((role) => (stopped.has(stoodFor(role)) ? { ...role, stopped: true } : role));
