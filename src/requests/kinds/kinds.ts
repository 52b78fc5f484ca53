import { giveEvents } from '../../access/give.ts';
import { sendEvents } from '../../enrolment/send.ts';
import type { Context } from '../../operation/operation.ts';
import type { RequestKind } from '../policy.ts';
import type { RequestRow } from '../store.ts';
import { access } from './access.ts';
import { account } from './account.ts';
import { delegation } from './delegation.ts';
import { ending } from './ending.ts';
import { extension } from './extension.ts';
import type { Details, Kind, Undoing } from './kind.ts';
import { lastDay } from './last-day.ts';
import { organization } from './organization.ts';

/** Everything that can be asked for. */
// biome-ignore lint/suspicious/noExplicitAny: each kind reads its own payload, and nothing else hands it one
const kinds: Record<RequestKind, Kind<any>> = {
  access,
  extension,
  ending,
  'last-day': lastDay,
  organization,
  delegation,
  account,
};

/** Event types of what an approval does, for operations that let a request go on. */
export const applyEvents = [
  ...giveEvents,
  ...sendEvents,
  'membership.updated',
  'organization.created',
  'delegation.created',
] as const;

/** Event types of taking an approval back. */
export const takeBackEvents = [
  'assignment.withdrawn',
  'assignment.restored',
  'membership.updated',
  'organization.closed',
  'delegation.ended',
  'invitation.revoked',
] as const;

export const wordsOf = (row: RequestRow): string => {
  const kind = kinds[row.kind];
  return kind.words(row, kind.payload.parse(row.payload));
};

const nothing: Details = {
  was: null,
  lastDay: null,
  email: null,
  title: null,
  message: null,
  description: null,
  mayDo: [],
  below: null,
};

export const detailsOf = (row: RequestRow): Details => {
  const kind = kinds[row.kind];
  return { ...nothing, ...kind.details(kind.payload.parse(row.payload)) };
};

/** Does what was asked for. @returns id of what was made */
export const applyAsked = (giver: Context, row: RequestRow): Promise<string | null> => {
  const kind = kinds[row.kind];
  return kind.apply(giver, row, kind.payload.parse(row.payload));
};

export const takeBackAsked = (undoing: Undoing, row: RequestRow): Promise<void> => {
  const kind = kinds[row.kind];
  return kind.takeBack(undoing, row, kind.payload.parse(row.payload));
};
