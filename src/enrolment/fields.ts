import { z } from 'zod';
import { adminRoleId } from '../authority/permissions.ts';
import { entitlementsInput, mayPassOnInput, toLimit } from '../delegation/appoint.ts';
import { lastDay } from '../directory/by-day.ts';
import { day } from '../directory/fields.ts';
import { instantText } from '../platform/dates.ts';
import { writtenName } from '../platform/names.ts';
import type { WantedManager } from './offer.ts';

/** Fields that several operations of enrolment take or give. */
export const invitationId = z.uuid().describe('The invitation.');
export const token = z.string().min(1).max(200).describe('The secret part of the link in the mail.');
export const emailText = z.string().trim().min(3).max(254);
export const personName = writtenName;

export const termsInput = {
  title: personName.optional().describe('What they do there.'),
  message: z.string().trim().max(2000).optional().describe('Stands in the mail.'),
  firstDay: day.optional(),
  lastDay: day.optional(),
};

export const managerInput = z
  .object({
    adminRoleId: z
      .uuid()
      .default(adminRoleId('delegated-manager'))
      .describe('What they may do: an admin role.'),
    entitlements: entitlementsInput.default('same'),
    mayPassOn: mayPassOnInput.default(0).describe('How many levels of managers may follow below.'),
    until: instantText.optional(),
    lastDay: lastDay.optional(),
  })
  .describe('Makes them a manager of this organization and those below it.');

/** @param until when it ends, said by an instant or by a day of the organization */
export const toWantedManager = (
  input: z.infer<typeof managerInput>,
  until: Date | undefined,
): WantedManager => ({
  adminRoleId: input.adminRoleId,
  entitlements: toLimit(input.entitlements),
  mayPassOn: input.mayPassOn,
  until,
});

export const accessInput = {
  entitlementIds: z.array(z.uuid()).max(200).default([]).describe('Roles in applications that come with it.'),
  accessRoleIds: z.array(z.uuid()).max(200).default([]).describe('Access roles that come with it.'),
};

/** One line of an answer about many. */
export const lineResult = z.object({
  email: z.string(),
  ok: z.boolean(),
  invitationId: z.uuid().optional(),
  refusal: z.object({ code: z.string(), text: z.string() }).optional(),
});
