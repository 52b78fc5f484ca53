import type { Item } from '../../api/types.ts';

/** An invitation, as the list reads it. */
export type Invitation = Item<'invitation.list'>;
