import { sql } from 'kysely';
import { z } from 'zod';
import { describeMissing } from '../../authority/words.ts';
import { operation } from '../../operation/operation.ts';
import { refuse } from '../../platform/refusals.ts';
import {
  applicationState,
  applicationTarget,
  applicationView,
  placesOfUse,
  readApplication,
} from '../applications.ts';
import { description, homeUrl, label, redirectUri } from '../fields.ts';

export const applicationUpdate = operation({
  name: 'application.update',
  summary: 'Change an application’s name, description or addresses.',
  http: 'PATCH /applications/{applicationId}',
  input: z.object({
    applicationId: z.uuid(),
    name: label.optional(),
    description: description.optional(),
    homeUrl: homeUrl.nullable().optional(),
    redirectUris: z.array(redirectUri).max(20).optional(),
    postLogoutRedirectUris: z.array(redirectUri).max(20).optional(),
  }),
  output: applicationView,
  needs: {
    permission: 'application.configure',
    target: (db, input) => applicationTarget(db, input.applicationId),
    visibleBy: 'application.read',
  },
  // Nobody is given it elsewhere while we look at who uses it.
  effect: 'ending',
  events: ['application.updated'],
  run: async (context, { applicationId, ...input }) => {
    const { db } = context;
    await sql`select 1 from application where id = ${applicationId} for update`.execute(db);
    const before = (await readApplication(db, applicationId))!;
    context.checkVersion(before.version);
    const after = {
      ...before,
      ...Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)),
    };
    if (JSON.stringify(after) === JSON.stringify(before)) {
      context.nothingChanged();
      return before;
    }
    // An address leads everybody who uses it somewhere else: it takes the right over all of them (ruling 7).
    const addresses = ['homeUrl', 'redirectUris', 'postLogoutRedirectUris'] as const;
    if (addresses.some((field) => JSON.stringify(after[field]) !== JSON.stringify(before[field]))) {
      for (const place of await placesOfUse(db, applicationId))
        if (context.decide('application.configure', place).effect === 'deny')
          throw refuse('not-permitted', {
            permission: 'application.configure',
            missing: describeMissing({ piece: 'place', permission: 'application.configure' }),
          });
    }
    await sql`
      update application set name = ${after.name}, description = ${after.description}, home_url = ${after.homeUrl},
        redirect_uris = ${after.redirectUris}::text[], post_logout_redirect_uris = ${after.postLogoutRedirectUris}::text[],
        version = version + 1 where id = ${applicationId}`.execute(db);
    const now = (await readApplication(db, applicationId))!;
    context.record({
      type: 'application.updated',
      targetKind: 'application',
      targetId: applicationId,
      organizationId: context.target.organizationId,
      path: context.target.path,
      before: applicationState(before),
      after: applicationState(now),
    });
    return now;
  },
});
