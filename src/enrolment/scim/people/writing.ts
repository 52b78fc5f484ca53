import { z } from 'zod';
import type { Context } from '../../../operation/operation.ts';
import { type Door, doorOf } from '../connection/door.ts';
import { userEvents } from '../connection/events.ts';
import {
  asJson,
  body,
  doorTarget,
  membershipId,
  organizationId,
  resource,
  selectionInput,
  userTarget,
} from '../connection/fields.ts';
import { normalise, normaliseResource } from '../patch/habits.ts';
import { applyPatch } from '../patch/patch.ts';
import { cleaned } from '../protocol/fitting.ts';
import type { Json, JsonObject, Resource } from '../protocol/json.ts';
import { selected } from '../protocol/selected.ts';
import { changeUser } from './change-user.ts';
import { replaced } from './user-state.ts';

const input = z.object({ organizationId, membershipId, body, ...selectionInput });

/** What PUT and PATCH of a user have in common (RFC 7644, sections 3.5.1 and 3.5.2): all but how the next one comes of the last. */
export const writingOfUser = {
  standardPath: true,
  media: 'scim',
  input,
  output: resource,
  needs: { permission: 'membership.update', target: userTarget, through: doorTarget, visibleBy: 'user.read' },
  effect: 'changing',
  mayTakeAway: true,
  previews: true,
  events: userEvents,
} as const;

/** How a user comes of what was sent and of what they were before; what was sent is read first, and may be refused. */
export type Writing = (door: Door, sent: Json) => (before: Resource) => Resource;

export const replacing: Writing = ({ users }, sent) => {
  const whole = cleaned(normaliseResource(sent, users), users);
  const named = new Set(Object.keys(sent as JsonObject).map((name) => name.toLowerCase()));
  return (before) => replaced(before, whole, named);
};

export const patching: Writing = ({ users }, sent) => {
  const operations = normalise(sent, users);
  return (before) => applyPatch(before, operations, users).resource;
};

export const writeUser =
  (writing: Writing) =>
  async (context: Context, asked: z.infer<typeof input>): Promise<Resource> => {
    const door = await doorOf(context, asked.organizationId);
    const changed = await changeUser(context, door, context.target.id!, writing(door, asJson(asked.body)));
    return selected(changed, asked, door.users);
  };
