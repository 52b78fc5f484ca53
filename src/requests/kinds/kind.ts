import type { z } from 'zod';
import type { Permit } from '../../authority/decide.ts';
import type { Permission } from '../../authority/permissions.ts';
import type { Context } from '../../operation/operation.ts';
import type { RequestKind } from '../policy.ts';
import type { RequestRow } from '../store.ts';

/**
 * One kind of thing that can be asked for. Each is one file of this shape; beside it stands a function that says what an
 * asker may ask for (`wanted…`), which an operation calls.
 */
export type Kind<Payload = never> = {
  /** what exactly is asked for; kept as it was asked, and applied as it was approved (I34) */
  payload: z.ZodType<Payload>;
  /** what is asked for, in a sentence of plain words */
  words: (row: RequestRow, payload: Payload) => string;
  /** what its page shows of it, besides who, where and the access in it */
  details: (payload: Payload) => Partial<Details>;
  /**
   * Does it by the right of whoever gives, with every check of the giving operation made anew (I35).
   * @returns id of what was made or taken, for taking it back; null for access, which knows its request, and for nothing
   * @throws Refusal of the giving
   */
  apply: (giver: Context, row: RequestRow, payload: Payload) => Promise<string | null>;
  /** As if it had never been, within ten seconds. @throws Refusal `undo.too-late` where something stands on it already */
  takeBack: (context: Undoing, row: RequestRow, payload: Payload) => Promise<void>;
};

/** Whoever takes their decision back, by the right that they decided with. */
export type Undoing = { context: Context; because: Permit['because'] };

/** What pages show of a request beside who, where, and the access in it. */
export type Details = {
  was: string | null;
  lastDay: string | null;
  email: string | null;
  title: string | null;
  message: string | null;
  description: string | null;
  mayDo: string[];
  below: boolean | null;
};

/** A request as somebody wants to make it: found, and allowed to be asked for; not written yet. */
export type Wanted = {
  kind: RequestKind;
  payload: Record<string, unknown>;
  gives: readonly Permission[];
  organizationId: string;
  path: string;
  membershipId: string | null;
  subjectId: string | null;
  entitlementId: string | null;
  accessRoleId: string | null;
  entitlementIds: readonly string[];
  reason: string;
  endsAt: Date | null;
  /** what makes another request the same one, in clear; undefined: the person and the role */
  same: string | undefined;
};
