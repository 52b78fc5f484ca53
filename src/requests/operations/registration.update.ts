import { sql } from 'kysely';
import { z } from 'zod';
import { flag, organizationId } from '../../directory/fields.ts';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { refuse } from '../../platform/refusals.ts';
import { pageUrl, readPage, registrationPage } from '../registration.ts';

export const registrationUpdate = operation({
  name: 'registration.update',
  summary: 'Let strangers ask to join an organization on a page of its own, or no longer.',
  http: 'PUT /organizations/{organizationId}/registration',
  input: z.object({
    organizationId,
    open: flag,
    words: z.string().trim().max(2000).optional().describe('What stands on the page; as before when absent.'),
  }),
  output: registrationPage,
  needs: {
    permission: 'organization.update',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['registration.updated'],
  run: async (context, { organizationId: where, open, words }) => {
    const { db, target } = context;
    if (target.off) throw refuse('organization.off');
    await sql`select 1 from organization where id = ${where} for no key update`.execute(db);
    const before = await readPage(db, where);
    context.checkVersion(before.version);
    const after = { ...before, open, words: words ?? before.words, version: before.version + 1 };
    const url = pageUrl(context.config.url, where);
    if (after.open === before.open && after.words === before.words) {
      context.nothingChanged();
      return { ...before, url };
    }
    await sql`
      insert into registration_page (organization_id, open, words, version, changed_at)
      values (${where}, ${after.open}, ${after.words}, ${after.version}, ${context.at})
      on conflict (organization_id) do update set open = excluded.open, words = excluded.words, version = excluded.version,
        changed_at = excluded.changed_at`.execute(db);
    context.record({
      type: 'registration.updated',
      targetKind: 'organization',
      targetId: where,
      organizationId: where,
      path: target.path,
      before,
      after,
    });
    return { ...after, url };
  },
});
