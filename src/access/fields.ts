import { z } from 'zod';
import { alwaysAfter, alwaysBefore } from '../authority/facts.ts';
import { instantText as instant } from '../platform/dates.ts';
import { writtenName } from '../platform/names.ts';
import { problem, saying } from '../platform/problems.ts';
import { redirectProblem } from './redirects.ts';
import { riskClass } from './risk.ts';

/** Input and output fields that several operations of this room share. */
export const key = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, saying('key'))
  .describe('Short name that applications read, such as `orders` or `buyer`.');
export const label = writtenName.min(1);
export const description = z.string().trim().max(2000);
export const search = z.string().trim().max(200).optional().describe('Part of a name.');
export const reason = z.string().trim().max(1000).describe('Why, in your own words.');

const redirectTexts = {
  'not-an-address': 'redirect.none',
  'not-https': 'redirect.https',
  fragment: 'redirect.fragment',
  credentials: 'redirect.credentials',
  wildcard: 'redirect.wildcard',
} as const;

/** One redirect address, exactly as the application will send it. */
export const redirectUri = z
  .string()
  .max(2000)
  .superRefine((address, issues) => {
    const found = redirectProblem(address);
    if (found) issues.addIssue({ code: 'custom', message: problem(redirectTexts[found]) });
  });

/** A page that people open: https, or http on this machine; never a script. */
export const homeUrl = redirectUri.describe('Where people open the application.');

export const newRole = z.object({
  key,
  name: label,
  description: description.optional(),
  risk: riskClass.optional(),
});

export const from = instant.describe('Not before this instant; at once when absent.');
export const until = instant.describe('Ends at this instant; as long as you may give it when absent.');

export const assignedTo = {
  membershipIds: z.array(z.uuid()).min(1).max(500).optional().describe('People, each in one membership.'),
  organizationId: z
    .uuid()
    .optional()
    .describe('Instead of people: everybody in this organization and below, now and later.'),
};

/** How a refused row of a bulk says why. */
export const rowRefusal = z.object({ code: z.string(), text: z.string() });

export const instantOut = z.string().nullable().describe('RFC 3339; null when there is no limit.');

/** An instant for people and programs; the far ends of time are no dates. */
export const instantText = (date: Date): string | null =>
  date >= alwaysAfter || date <= alwaysBefore ? null : date.toISOString();
