import { z } from 'zod';
import { operation } from '../../operation/operation.ts';
import { countAttempt } from '../attempts.ts';
import { nothing } from '../forms.ts';
import { recoveriesPerHour } from '../rules.ts';
import { findNamed, recentRecoveries } from '../store.ts';

/** Stands in for a person that there is not, so that the same statements run. */
const nobody = '00000000-0000-7000-8000-000000000000';

export const recoveryStart = operation({
  name: 'recovery.start',
  summary:
    'Ask for a link to choose a new password. The answer is the same whether or not we know the address.',
  http: 'POST /recovery',
  input: z.object({ email: z.string().min(1).max(320) }),
  output: nothing,
  needs: 'public',
  effect: 'changing',
  events: ['recovery.started'],
  strangersPerMinute: 60,
  before: ({ db, caller }, { email }) => countAttempt(db, 'recovery', { email }, caller),
  run: async (context, { email }) => {
    const [person] = await findNamed(context.db, { email });
    const recent = await recentRecoveries(context.db, person?.userId ?? nobody);
    const sends = person?.state === 'active' && recent < recoveriesPerHour;
    // One event in every case: writing none for an unknown address would tell by the time it took. Whoever delivers
    // makes the link, and finds nobody to send it to in an event without a subject.
    context.record({
      type: 'recovery.started',
      targetKind: 'user',
      targetId: sends ? person.userId : null,
      organizationId: sends ? person.homeOrganizationId : null,
      path: sends ? person.homePath : null,
      subjectId: sends ? person.userId : null,
      after: { by: 'address' },
    });
    return {};
  },
});
