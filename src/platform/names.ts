import { z } from 'zod';

/** What prints as nothing, breaks a line, steers a terminal, or turns the direction of what stands beside it. */
const steering = '\\p{Cc}\\p{Zl}\\p{Zp}\\u202a-\\u202e\\u2066-\\u2069';

/** One such character in a text of one line. */
export const unwritable = new RegExp(`[${steering}]`, 'u');

/** The same in what may have several lines. */
export const unwritableInProse = new RegExp(`(?![\\n\\r\\t])[${steering}]`, 'u');

/**
 * A name or title that people write and others read: in mails, lists, files and sentences of the trail. One line,
 * nothing that pretends to be other text, and something to see.
 */
export const writtenName = z
  .string()
  .trim()
  .max(200)
  .refine(
    (text) => !unwritable.test(text),
    'must not hold control characters or turn the direction of writing',
  )
  .refine(
    (text) => text === '' || (/[\p{L}\p{N}\p{P}\p{S}]/u.test(text) && !/^\p{M}/u.test(text)),
    'must hold something to read',
  );
