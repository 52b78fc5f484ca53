import { z } from 'zod';
import {
  body,
  doorTarget,
  groupId,
  groupTargetAt,
  organizationId,
  resource,
  selectionInput,
} from '../connection/fields.ts';
import { groupEvents } from './write-group.ts';

/** What PUT and PATCH of a group have in common (RFC 7644, sections 3.5.1 and 3.5.2): all but how the next one comes of the last. */
export const writingOfGroup = {
  standardPath: true,
  media: 'scim',
  input: z.object({ organizationId, groupId, body, ...selectionInput }),
  output: resource,
  needs: {
    permission: 'group.configure',
    target: groupTargetAt,
    through: doorTarget,
    visibleBy: 'user.read',
  },
  effect: 'changing',
  mayTakeAway: true,
  previews: true,
  events: groupEvents,
} as const;
