import { sql } from 'kysely';
import { z } from 'zod';
import { applicationTarget } from '../../access/applications.ts';
import { inSight } from '../../access/give.ts';
import { loadThings } from '../../access/things.ts';
import { chainIn } from '../../authority/chain.ts';
import { permissionNames } from '../../authority/permissions.ts';
import { endSaid, lastDay } from '../../directory/by-day.ts';
import { type Context, operation } from '../../operation/operation.ts';
import { membershipTarget, organizationTarget } from '../../operation/targets.ts';
import { instantText } from '../../platform/dates.ts';
import { newId } from '../../platform/ids.ts';
import { invalid } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import { exceptionState, exceptionView, readException } from '../exceptions.ts';
import { type About, chainToSet, liesIn } from '../set-exception.ts';
import { toInstant } from '../store.ts';

const input = z.object({
  organizationId: z.uuid().describe('Where: this organization'),
  below: z.boolean().default(true).describe('and those below it.'),
  permissions: z
    .array(z.enum(permissionNames))
    .default([])
    .describe('What nobody may do; none named: anything.'),
  applicationId: z.uuid().optional().describe('Only handing out this application.'),
  entitlementId: z.uuid().optional().describe('Only handing out this role.'),
  membershipId: z.uuid().optional().describe('Only to this person.'),
  from: instantText.optional(),
  until: instantText.optional(),
  lastDay: lastDay.optional(),
  reason: z.string().max(500).default(''),
});

export const exceptionCreate = operation({
  name: 'exception.create',
  summary: 'Set an exception: what nobody below may do here, whatever was delegated to them',
  http: 'POST /exceptions',
  input,
  output: exceptionView,
  needs: {
    permission: 'exception.set',
    target: async (db, { organizationId, membershipId }) => {
      const target = await organizationTarget(db, organizationId);
      const person = membershipId ? await membershipTarget(db, membershipId) : undefined;
      return target && person ? { ...target, userId: person.userId, line: person.line } : target;
    },
    visibleBy: 'organization.read',
  },
  // It takes something from everybody below, so it waits for what is under way.
  effect: 'ending',
  previews: true,
  events: ['exception.created'],
  run: async (context, input) => {
    const about = await readAbout(context, input);
    const startsAt = input.from ? new Date(input.from) : context.at;
    const until = await endSaid(context.db, input, input.organizationId);
    if (until && (until <= startsAt || until <= context.at)) throw invalid('until', 'after-start-and-now');
    const because = await chainToSet(context, about);
    const id = newId(context.at.getTime());
    const { actor, db } = context;
    await sql`
      insert into exception (id, organization_id, path, below, permissions, application_id, entitlement_id, user_id, set_under, set_by, reason, starts_at, ends_at)
      values (${id}, ${about.place.id}, ${about.place.path}, ${about.place.below}, ${[...about.permissions]}::text[], ${input.applicationId ?? null},
        ${input.entitlementId ?? null}, ${about.userId}, ${because[0]!.id}, ${actor.kind === 'user' ? actor.userId : null}, ${input.reason},
        ${toInstant(startsAt)}, ${until ? toInstant(until) : 'infinity'})`.execute(db);
    context.record({
      type: 'exception.created',
      targetKind: 'exception',
      targetId: id,
      organizationId: about.place.id,
      path: about.place.path,
      subjectId: about.userId,
      after: await exceptionState(db, id),
      personal: input.reason ? { reason: input.reason } : null,
      because,
    });
    return readException(context, id);
  },
});

/** What it is about, found once; what the actor does not see is as if it were not there (I08). */
async function readAbout(context: Context, given: z.infer<typeof input>): Promise<About> {
  const { db, facts, target } = context;
  const place = { id: given.organizationId, path: target.path, below: given.below };
  if (given.applicationId && given.entitlementId) throw invalid('entitlementId', 'role-or-application');
  let application = given.applicationId ?? null;
  if (given.entitlementId) {
    const thing = (await loadThings(db, [given.entitlementId], [])).get(given.entitlementId);
    if (!thing?.application || !inSight(facts, thing, target.path)) throw refuse('not-found');
    application = thing.application.id;
  } else if (given.applicationId) {
    const found = await applicationTarget(db, given.applicationId);
    const handsOut = facts.held.some((held) =>
      chainIn(facts, held).every(
        ({ entitlements }) => entitlements.all || entitlements.applications.includes(given.applicationId!),
      ),
    );
    if (!found || !handsOut) context.require('application.read', found, 'application.read');
  }
  let userId: string | null = null;
  if (given.membershipId) {
    const person = await membershipTarget(db, given.membershipId);
    context.require('user.read', person, 'user.read');
    if (!liesIn(place, person!.path)) throw refuse('exception.elsewhere');
    userId = person!.userId!;
  }
  return {
    place,
    permissions: permissionNames.filter((name) => given.permissions.includes(name)),
    application,
    entitlement: given.entitlementId ?? null,
    userId,
  };
}
