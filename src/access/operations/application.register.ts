import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { newId } from '../../platform/ids.ts';
import { invalid } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import {
  addRoles,
  applicationState,
  applicationView,
  newClientId,
  readApplication,
} from '../applications.ts';
import { description, homeUrl, key, label, newRole, redirectUri } from '../fields.ts';

export const applicationRegister = operation({
  name: 'application.register',
  summary: 'Register an application with its roles.',
  http: 'POST /applications',
  input: z.object({
    organizationId: z
      .uuid()
      .describe('The organization it stands in; whoever looks after that one may change it.'),
    key,
    name: label,
    description: description.default(''),
    homeUrl: homeUrl.optional(),
    redirectUris: z
      .array(redirectUri)
      .max(20)
      .default([])
      .describe('Where signing in leads back to; compared character by character.'),
    postLogoutRedirectUris: z.array(redirectUri).max(20).default([]).describe('The same for signing out.'),
    confidential: z
      .boolean()
      .default(false)
      .describe('It runs on a server and keeps a secret; otherwise a public client with PKCE.'),
    roles: z.array(newRole).max(200).default([]),
  }),
  output: applicationView.extend({
    clientSecret: z.string().optional().describe('Shown this once; only its hash is kept.'),
  }),
  needs: {
    permission: 'application.configure',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['application.registered'],
  secretOutput: true,
  run: async (context, input) => {
    const { db, target } = context;
    if (new Set(input.roles.map((role) => role.key)).size < input.roles.length)
      throw invalid('roles', 'roles-same-key');
    const id = newId(context.at.getTime());
    const clientSecret = input.confidential ? randomBytes(32).toString('base64url') : undefined;
    const secretHash = clientSecret ? createHash('sha256').update(clientSecret).digest() : null;
    const { rows } = await sql`
      insert into application (id, organization_id, key, name, description, home_url, redirect_uris, post_logout_redirect_uris,
        client_id, client_secret_hash)
      values (${id}, ${input.organizationId}, ${input.key}, ${input.name}, ${input.description}, ${input.homeUrl ?? null},
        ${input.redirectUris}::text[], ${input.postLogoutRedirectUris}::text[], ${newClientId(input.key)}, ${secretHash})
      on conflict (organization_id, key) do nothing returning 1`.execute(db);
    if (rows.length === 0) throw refuse('application.key-taken', { key: input.key });
    await addRoles(db, id, input.roles);
    const application = (await readApplication(db, id))!;
    context.record({
      type: 'application.registered',
      targetKind: 'application',
      targetId: id,
      organizationId: target.organizationId,
      path: target.path,
      after: applicationState(application),
    });
    return { ...application, ...(clientSecret ? { clientSecret } : {}) };
  },
});
