import type { z } from 'zod';
import type { AnyOperation } from '../../src/operation/operation.ts';
import type { Things } from './landscape.ts';
import { scimSlots } from './scim-slots.ts';

/** A place in an input where an id can stand: field names and, in lists, the first position. */
export type Slot = {
  path: (string | number)[];
  of: keyof Things;
  /** what is put there, where an id alone would say nothing: an operation, a filter; `base` is the input around it */
  as?: (id: string, base: unknown) => unknown;
  /** what it is called, where several stand in one place */
  name?: string;
};

/** Which kind of thing a field names, by its name. A field of another name has to be added here. */
const kinds: Record<string, keyof Things> = {
  organizationId: 'organizationId',
  parentId: 'organizationId',
  intoId: 'organizationId',
  // Sign-in names the organization by name or id.
  organization: 'organizationId',
  membershipId: 'membershipId',
  lineManagerId: 'membershipId',
  successorId: 'membershipId',
  // Whose reports a boundary means.
  of: 'membershipId',
  targetMembershipId: 'membershipId',
  userId: 'userId',
  subjectId: 'userId',
  actorId: 'userId',
  targetId: 'membershipId',
  delegationId: 'delegationId',
  applicationId: 'applicationId',
  entitlementId: 'entitlementId',
  everydayEntitlementId: 'entitlementId',
  thingId: 'entitlementId',
  accessRoleId: 'accessRoleId',
  adminRoleId: 'adminRoleId',
  exceptionId: 'exceptionId',
  separationId: 'separationId',
  separationExceptionId: 'separationExceptionId',
  groupId: 'groupId',
  accessRuleId: 'accessRuleId',
  inOrganizationId: 'organizationId',
  exceptMembershipId: 'membershipId',
  forOrganizationId: 'organizationId',
  askedByMembershipId: 'membershipId',
  assignmentId: 'assignmentId',
  invitationId: 'invitationId',
  requestId: 'requestId',
  // Reached through its request only: any other id there is nobody's file.
  attachmentId: 'requestId',
  // Conditions of a policy.
  applications: 'applicationId',
  entitlements: 'entitlementId',
  policyId: 'policyId',
  webhookId: 'webhookId',
  provisioningTargetId: 'provisioningTargetId',
  accountId: 'accountId',
  taskId: 'taskId',
  differenceId: 'differenceId',
  deliveryId: 'deliveryId',
  eventId: 'eventId',
  clientId: 'clientId',
  sessionId: 'sessionId',
  importId: 'importId',
  importMappingId: 'importMappingId',
  sourceId: 'sourceId',
  sourceRunId: 'sourceRunId',
  proposalId: 'proposalId',
};

type Definition = {
  type: string;
  format?: string;
  innerType?: z.ZodType;
  in?: z.ZodType;
  element?: z.ZodType;
  options?: z.ZodType[];
  valueType?: z.ZodType;
  shape?: Record<string, z.ZodType>;
};

/** Every place where an id can stand in this operation's input. @throws when a field is of a kind we do not know */
export function slotsOf(operation: AnyOperation): Slot[] {
  const found: Slot[] = [];
  const walk = (schema: z.ZodType, path: (string | number)[]): void => {
    const def = schema.def as unknown as Definition;
    const inner = def.innerType ?? (def.type === 'pipe' ? def.in : undefined);
    if (inner) walk(inner, path);
    else if (def.type === 'object')
      for (const [name, field] of Object.entries(def.shape ?? {})) walk(field, [...path, name]);
    else if (def.type === 'array') walk(def.element!, [...path, 0]);
    else if (def.type === 'record') walk(def.valueType!, [...path, 'any']);
    else if (def.type === 'union') for (const option of def.options ?? []) walk(option, path);
    else if (def.type === 'string') {
      const name = path.findLast((part) => typeof part === 'string') as string;
      const singular = name.replace(/Ids$/, 'Id');
      const named = /Ids?$/.test(name) || name === 'organization';
      if (def.format !== 'uuid' && !named) return;
      const of = kinds[singular];
      if (!of) throw new Error(`${operation.name}: say in slots.ts what kind of id ${path.join('.')} takes`);
      found.push({
        path,
        of: operation.name === 'delegation.hand-over' && name === 'delegationId' ? 'vacantDelegationId' : of,
      });
    }
  };
  walk(operation.input, []);
  return [...found, ...(scimSlots[operation.name] ?? [])];
}

/** The input with this value at the slot; lists and objects on the way are made. `beside` keeps a list's others. */
export function withAt(
  input: unknown,
  path: (string | number)[],
  value: unknown,
  beside = false,
): Record<string, unknown> {
  const [first, ...rest] = path as [string | number, ...(string | number)[]];
  if (typeof first === 'number') {
    const list = Array.isArray(input) ? input : [];
    const next = rest.length === 0 ? value : withAt(list[0], rest, value, beside);
    return (beside ? [...list, next] : [next]) as never;
  }
  const object = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
  return {
    ...object,
    [first]: rest.length === 0 ? value : withAt(object[first], rest, value, beside),
  };
}
