import { sql } from 'kysely';
import { overdueAfter } from './rules.ts';

/** Of an account `a`: something is to be taken away, and it was not done in time (I17). A person has the time that they were given. */
export const isOverdue = sql`(a.takes and a.done_generation < a.generation and a.ignored is null
  and a.marked_at < remit_now() - make_interval(secs => ${overdueAfter})
  and not exists (select 1 from hand_task k where k.account_id = a.id and k.state = 'open' and k.due_at > remit_now()))`;

/** Of an account `a`: it was given up, and nobody has said what is to become of it. */
export const isGivenUp = sql`(a.dead_at is not null and a.ignored is null)`;
