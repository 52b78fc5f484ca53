import { z } from 'zod';
import { isSelf as isActor } from '../../authority/self.ts';
import { operation } from '../../operation/operation.ts';
import { accountTarget, membershipTarget } from '../../operation/targets.ts';
import { attributeValue, may, memberState, membershipId } from '../fields.ts';
import { mayDo } from '../may.ts';
import { readPerson } from '../person.ts';

const named = z.object({ id: z.uuid(), name: z.string() });

export const membershipRead = operation({
  name: 'membership.read',
  summary: 'Show one person in one organization.',
  http: 'GET /memberships/{membershipId}',
  input: z.object({ membershipId }),
  output: z.object({
    membershipId: z.uuid(),
    user: z.object({
      id: z.uuid(),
      displayName: z.string(),
      userName: z.string().nullable(),
      email: z.string().nullable(),
      emailProved: z.boolean(),
      language: z.string(),
      homeOrganizationId: z.uuid().nullable().describe('Absent when it lies outside your boundary.'),
    }),
    organization: named,
    title: z.string(),
    lineManager: z.object({ membershipId: z.uuid(), displayName: z.string() }).nullable(),
    successor: z
      .object({ membershipId: z.uuid(), displayName: z.string() })
      .nullable()
      .describe('Who takes over when they leave, if somebody was named and you see them.'),
    attributes: z.record(z.string(), attributeValue),
    firstDay: z.string().nullable(),
    lastDay: z.string().nullable(),
    state: memberState,
    signIn: z.object({ hasPassword: z.boolean(), lastSignInAt: z.string().nullable() }),
    otherMemberships: z
      .array(z.object({ membershipId: z.uuid(), organization: named, title: z.string(), state: memberState }))
      .describe('Their other organizations, as far as you see them.'),
    isSelf: z.boolean(),
    may,
    version: z.number().int(),
  }),
  needs: {
    permission: 'user.read',
    target: (db, input) => membershipTarget(db, input.membershipId),
    visibleBy: 'user.read',
  },
  effect: 'reading',
  run: async (context, input) => {
    const { target } = context;
    const person = await readPerson(context, input.membershipId);
    const isSelf = isActor(context.facts, person.user.id);
    // Acts on the account need the home in reach, not this membership.
    const account = await accountTarget(context.db, person.user.id);
    const onAccount = account ? mayDo(context, account) : [];
    const may = mayDo(context, target)
      .filter((permission) => !permission.startsWith('credential.') || onAccount.includes(permission))
      // No administrative act targets its actor.
      .filter((permission) => !isSelf || !/^(membership|credential)\./.test(permission));
    // When they signed in is of the account, and tells of their other organizations, too (I06).
    const seesAccount = isSelf || onAccount.includes('user.read');
    const signIn = { ...person.signIn, lastSignInAt: seesAccount ? person.signIn.lastSignInAt : null };
    return { ...person, signIn, isSelf, may };
  },
});
