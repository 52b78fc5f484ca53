import { z } from 'zod';

/** Who somebody says they are: by address, or by user name in their home organization. Exactly one of the two. */
export const whoInput = {
  email: z.string().min(1).max(320).optional().describe('The address that was proved.'),
  organization: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('The name or id of the home organization, for who signs in by user name.'),
  userName: z.string().min(1).max(200).optional(),
};

/** Checked for length only here: what makes a password weak is said with the person's own words in mind. */
export const newPassword = z.string().min(1).max(1000).describe('At least 12 characters.');

export const linkSecret = z.string().min(1).max(200).describe('The secret of the link in the mail.');

export const signedInOutput = z.object({ sessionId: z.uuid(), userId: z.uuid(), membershipId: z.uuid() });

export const nothing = z.object({});
