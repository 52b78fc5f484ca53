import { longestAddress, readEmailAddress } from '../../../platform/email-address.ts';
import { writtenName } from '../../../platform/names.ts';
import type { Problem } from '../../../platform/problems.ts';
import { refuse } from '../../../platform/refusals.ts';
import { scimError } from '../protocol/problem.ts';
import { isDay } from '../protocol/values.ts';
import type { Wish } from './user-state.ts';

/** The same rules as for what people type: names that can be read, days that there are, addresses that can be written to. */
export function checkedWish(wish: Wish): Wish {
  const day = (value: string | null, field: string): string | null => {
    if (value !== null && !isDay(value))
      throw scimError('scim.invalid-value', 'scim.type' satisfies Problem, { name: field, type: 'date' });
    return value;
  };
  return {
    ...wish,
    userName: name(wish.userName, 'userName', 1),
    displayName: name(wish.displayName, 'displayName', 1),
    givenName: name(wish.givenName, 'name.givenName', 0),
    familyName: name(wish.familyName, 'name.familyName', 0),
    title: name(wish.title, 'title', 0),
    externalId: wish.externalId === null ? null : checkedOwnId(wish.externalId),
    language: language(wish.language),
    emails: wish.emails.map((email) => ({ ...email, value: address(email.value) })),
    firstDay: day(wish.firstDay, 'firstDay'),
    lastDay: day(wish.lastDay, 'lastDay'),
  };
}

/** The client's own word, kept letter for letter. */
export function checkedOwnId(text: string): string {
  if (text.length > 400)
    throw scimError('scim.invalid-value', 'scim.too-big', { name: 'externalId', limit: 400 });
  return text;
}

function address(text: string): string {
  const read = text.length <= longestAddress ? readEmailAddress(text) : undefined;
  if (!read) throw scimError('scim.invalid-value', 'scim.type', { name: 'emails.value', type: 'e-mail' });
  return read.address;
}

/** `en-GB,en;q=0.8` and `en_GB` are said, too; what we cannot read is no reason to refuse a person. */
const language = (said: string | undefined): string | undefined =>
  said && /^[a-z]{2}/i.exec(said.trim())?.[0].toLowerCase();

/** @throws Refusal `scim.invalid-value` */
function name(value: string, field: string, least: number, most = 200): string {
  const read = writtenName.min(least).max(most).safeParse(value);
  if (read.success) return read.data;
  throw refuse('scim.invalid-value', { problem: `${field}: ${read.error.issues[0]?.message ?? ''}` });
}

export const checkedGroupName = (value: string): string => name(value, 'displayName', 1, 100);
