import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { requireDomains } from '../domains.ts';
import { description, domain, name, organizationId, timeZone } from '../fields.ts';
import { refileEvents } from '../refile-access.ts';
import { refileDays } from '../refile-days.ts';
import {
  changeOrganization,
  lockOrganizationToChange,
  type OrganizationRow,
  organizationState,
} from '../store.ts';

export const organizationUpdate = operation({
  name: 'organization.update',
  summary: 'Change an organization’s name, description, time zone or mail domains.',
  http: 'PATCH /organizations/{organizationId}',
  input: z.object({
    organizationId,
    name: name.optional(),
    description: description.optional(),
    timeZone: timeZone.optional().describe('First and last days move with it.'),
    domains: z
      .array(domain)
      .max(100)
      .optional()
      .describe(
        'Mail domains that belong here; a new one takes whoever looks after the topmost organization, or lies below one of an organization above.',
      ),
  }),
  output: z.object({ id: z.uuid(), name: z.string(), version: z.number().int() }),
  needs: {
    permission: 'organization.update',
    target: (db, input) => organizationTarget(db, input.organizationId),
    visibleBy: 'organization.read',
  },
  effect: 'changing',
  events: ['organization.updated', 'membership.updated', ...refileEvents],
  run: async (context, { organizationId, ...change }) => {
    const before = await lockOrganizationToChange(context.db, organizationId);
    context.checkVersion(before.version);
    const after: OrganizationRow = { ...before, ...change, version: before.version + 1 };
    if (change.domains) {
      after.domains = [...new Set(change.domains)].sort();
      await requireDomains(context, before, after.domains);
    }
    await changeOrganization(context.db, after);
    const personal = ({ name, description }: OrganizationRow) => ({ name, description });
    context.record({
      type: 'organization.updated',
      targetKind: 'organization',
      targetId: after.id,
      organizationId: after.id,
      path: after.path,
      before: organizationState(before),
      after: organizationState(after),
      personal: { before: personal(before), after: personal(after) },
    });
    if (after.timeZone !== before.timeZone) await refileDays(context, after);
    return after;
  },
});
