import type { Target } from '../authority/delegation.ts';
import { type Permission, permissionNames } from '../authority/permissions.ts';
import type { Context } from '../operation/operation.ts';

/** What the actor may do to a target, asked of the engine itself: a button is never guessed. */
export const mayDo = (context: Context, target: Target): Permission[] =>
  permissionNames.filter((permission) => context.decide(permission, target).effect === 'permit');
