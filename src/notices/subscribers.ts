import type { Subscriber } from '../operation/subscribers.ts';
import { mailAccess, mailDecisions, mailRequests } from './access-letters.ts';
import { mailLeaving, mailPasswordChanges, mailRecovery } from './account-letters.ts';
import { mailInvitations, mailRenewals } from './invitation-letters.ts';
import type { Mailer } from './mail.ts';
import { mailAppointments, mailEndedPowers } from './power-letters.ts';
import { mailSeenAs } from './seen-as-letter.ts';

/** Every mail that follows from an event. A process that only enqueues may pass a mailer that waits. */
export const noticeSubscribers = (mailer: Mailer): Subscriber[] =>
  [
    mailInvitations,
    mailRenewals,
    mailRecovery,
    mailPasswordChanges,
    mailLeaving,
    mailAccess,
    mailRequests,
    mailDecisions,
    mailAppointments,
    mailEndedPowers,
    mailSeenAs,
  ].map((make) => make(mailer));
