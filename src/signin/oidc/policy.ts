import type { Kysely } from 'kysely';
import { type interactionPolicy, interactionPolicy as policy } from 'oidc-provider';
import type { DB } from '../../platform/schema.gen.ts';
import { liveSessionOf } from './requests.ts';
import { mayUseApplication } from './sign-on.ts';

const { Check, Prompt, base } = policy;

/**
 * When a person has to see a page. Consent is not asked: applications are registered by the organization that
 * answers for them. `login` comes first: whoever is not signed in learns nothing about the application.
 */
export function interactionPolicyOn(db: Kysely<DB>): interactionPolicy.DefaultPolicy {
  const prompts = base();
  prompts.remove('consent');
  const login = prompts.get('login')!;
  const said = login.details;
  // Which sign-in the question was put to: only a newer one answers an application that wants the person anew.
  login.details = async (ctx) => ({ ...(await said(ctx)), askedOf: liveSessionOf(ctx.req)?.sessionId });
  login.checks.add(
    new Check('session_ended', 'the session has ended', async (ctx) => {
      const live = liveSessionOf(ctx.req);
      // The provider's own session never outlives ours, nor speaks for another person.
      return live?.userId !== ctx.oidc.session?.accountId;
    }),
  );
  prompts.add(
    new Prompt(
      { name: 'access', requestable: false },
      new Check('no_membership', 'no organization to act for', 'access_denied', async (ctx) => {
        const live = liveSessionOf(ctx.req);
        return live !== undefined && !live.usable;
      }),
      new Check('not_for_organization', 'the organization may not use it', 'access_denied', async (ctx) => {
        const live = liveSessionOf(ctx.req);
        if (!live?.usable) return false;
        return !(await mayUseApplication(db, live.path!, ctx.oidc.client!.clientId));
      }),
    ),
  );
  return prompts;
}
