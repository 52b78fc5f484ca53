import { z } from 'zod';
import { saying } from './problems.ts';

/** What breaks a line, steers a terminal, or turns the direction of what stands beside it. */
const steering = '\\p{Cc}\\p{Zl}\\p{Zp}\\u202a-\\u202e\\u2066-\\u2069';

/** What prints as nothing: two names would look like one. Joiners are left, some scripts are written with them. */
const unseen = '\\u00ad\\u180e\\u200b\\u2060-\\u2064\\ufeff\\u{e0001}-\\u{e007f}';

/** One such character in a text of one line. */
export const unwritable = new RegExp(`[${steering}${unseen}]`, 'u');

/** Of those, what has no place in several lines of prose either. */
export const unwritableInProse = new RegExp(`(?![\\n\\r\\t])[${steering}]`, 'u');

/**
 * A name or title that people write and others read: in mails, lists, files and sentences of the trail. One line,
 * nothing that pretends to be other text, and something to see.
 */
export const writtenName = z
  .string()
  // One way to write what looks the same: "é" is one character, or two.
  .normalize('NFC')
  .trim()
  .max(200)
  .refine((text) => !unwritable.test(text), saying('name.unwritable'))
  .refine(
    (text) => text === '' || (/[\p{L}\p{N}\p{P}\p{S}]/u.test(text) && !/^\p{M}/u.test(text)),
    saying('name.nothing-to-read'),
  );
