import { z } from 'zod';
import { type Permission, permissionNames } from '../authority/permissions.ts';
import { calendarDay } from '../platform/dates.ts';
import { writtenName } from '../platform/names.ts';
import { saying } from '../platform/problems.ts';
import { isTimeZone } from './days.ts';
import { memberStates } from './rules.ts';

/** Fields that several operations of the directory take or give. */
export const organizationId = z.uuid().describe('The organization.');
export const membershipId = z.uuid().describe('The person, as a member of one organization.');
export const groupId = z.uuid().describe('The group.');
export const name = writtenName.min(1);
export const description = z.string().trim().max(2000);
export const day = calendarDay.describe('A day such as 2026-01-31, in the organization’s time zone.');
export const timeZone = z.string().max(60).refine(isTimeZone, saying('time-zone'));
export const domain = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, saying('domain'));
/** A yes or no that may come as text, from a query or the command line. */
export const flag = z.union([z.boolean(), z.stringbool()]);
export const search = z.string().normalize('NFC').trim().max(200).optional();
export const attributeValue = z.union([z.string().max(1000), z.number(), z.boolean(), z.null()]);
export const may = z.array(z.enum(permissionNames as [Permission, ...Permission[]]));
export const memberState = z.enum(memberStates);
export const organizationState = z.enum(['active', 'suspended', 'closed']);
