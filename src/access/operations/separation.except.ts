import { sql } from 'kysely';
import { z } from 'zod';
import { whoBroughtActors } from '../../authority/brought.ts';
import { isAtOrBelow } from '../../authority/place.ts';
import { isSelf } from '../../authority/self.ts';
import { endSaid, lastDay } from '../../directory/by-day.ts';
import { operation } from '../../operation/operation.ts';
import { membershipTarget } from '../../operation/targets.ts';
import { instantText } from '../../platform/dates.ts';
import { newId } from '../../platform/ids.ts';
import { invalid } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import { reason } from '../fields.ts';
import { mayLoosen, refuseFromAbove } from '../separation-edit.ts';
import {
  exceptionState,
  exceptionView,
  readSeparation,
  readSeparationException,
  separationTarget,
  shownException,
} from '../separation-store.ts';

const longest = 366 * 86_400_000;

export const separationExcept = operation({
  name: 'separation.except',
  summary: 'Approve that one person holds together, until a date, what a separation of duties keeps apart.',
  http: 'POST /separations/{separationId}/exceptions',
  input: z.object({
    separationId: z.uuid(),
    membershipId: z.uuid().describe('The person, in a membership where the separation counts.'),
    askedByMembershipId: z
      .uuid()
      .optional()
      .describe('Who asked for it; the person it is for when absent. Neither of them approves it.'),
    from: instantText.optional().describe('At once when absent.'),
    until: instantText.optional().describe('At most a year after its start; this or `lastDay`.'),
    lastDay: lastDay.optional(),
    reason,
  }),
  output: exceptionView,
  needs: {
    permission: 'separation.configure',
    target: (db, input) => separationTarget(db, input.separationId),
    visibleBy: 'access.read',
  },
  effect: 'changing',
  previews: true,
  events: ['separation.excepted'],
  run: async (context, input) => {
    const { db, at, facts, target, permit } = context;
    const approver = context.user();
    const person = await membershipTarget(db, input.membershipId);
    context.require('access.read', person, 'user.read');
    const asker = input.askedByMembershipId ? await membershipTarget(db, input.askedByMembershipId) : person;
    if (asker !== person) context.require('user.read', asker, 'user.read');
    if (isSelf(facts, person!.userId) || isSelf(facts, asker!.userId))
      throw refuse('separation.own-exception');
    // Whom one of them made what they are is no second person (ruling 8).
    const appointed = permit.because.some(
      ({ delegateKind, giverUserId }) =>
        delegateKind !== 'organization' &&
        giverUserId !== null &&
        (giverUserId === person!.userId || giverUserId === asker!.userId),
    );
    const brought = [...(await whoBroughtActors(db, [facts])).values()].some(
      (by) => by.has(person!.userId!) || by.has(asker!.userId!),
    );
    if (appointed || brought) throw refuse('request.not-independent');
    const separation = await readSeparation(db, input.separationId);
    if (separation.state === 'retired') throw refuse('separation.retired');
    if (!isAtOrBelow(person!.path, target.path)) throw refuse('exception.elsewhere');
    refuseFromAbove(permit, separation.setUnder);
    const startsAt = input.from && new Date(input.from) > at ? new Date(input.from) : at;
    const endsAt = await endSaid(db, input, person!.organizationId!);
    if (!endsAt) throw invalid('until', 'one-of', { fields: 'until, lastDay' });
    if (endsAt <= startsAt) throw invalid('until', 'after-start');
    if (endsAt.getTime() - startsAt.getTime() > longest) throw invalid('until', 'within-a-year');
    await mayLoosen(context, input.separationId, person!.userId);
    const id = newId(at.getTime());
    await sql`
      insert into separation_exception (id, separation_id, user_id, membership_id, starts_at, ends_at, asked_by, approved_by, approved_under, reason)
      values (${id}, ${input.separationId}, ${person!.userId}, ${input.membershipId}, ${startsAt}, ${endsAt}, ${asker!.userId},
        ${approver.userId}, ${permit.because[0]?.id ?? null}, ${input.reason})`.execute(db);
    const made = await readSeparationException(db, id, context.reach('user.read'));
    context.record({
      type: 'separation.excepted',
      targetKind: 'separation-exception',
      targetId: id,
      organizationId: made.organizationId,
      path: made.path,
      subjectId: made.userId,
      after: exceptionState(made),
      personal: input.reason ? { reason: input.reason } : null,
    });
    return shownException(made);
  },
});
