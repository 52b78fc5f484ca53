import type { Subscriber } from '../operation/subscribers.ts';
import { mailAccess } from './access-letters.ts';
import { mailLeaving, mailPasswordChanges, mailRecovery } from './account-letters.ts';
import { mailDaily } from './daily.ts';
import { mailDecisions, mailDelays, mailLapses, mailOpened } from './decision-letters.ts';
import { mailDeputies } from './deputy-letters.ts';
import { mailFirstPasswords } from './first-password-letter.ts';
import { mailInvitations, mailRenewals } from './invitation-letters.ts';
import { mailLastDays } from './last-day-letters.ts';
import { mailLeftBehind } from './left-behind-letters.ts';
import type { Mailer } from './mail.ts';
import { mailAppointments, mailEndedPowers } from './power-letters.ts';
import { mailRegistrationRefusals, mailRegistrations } from './registration-letters.ts';
import {
  mailAttached,
  mailNextSteps,
  mailReminders,
  mailRequests,
  mailWithdrawals,
} from './request-letters.ts';
import { mailSeenAs } from './seen-as-letter.ts';
import { mailGone, mailSources } from './source-letters.ts';
import { mailAnswers, mailComments, mailPassedOn, mailQuestions } from './talk-letters.ts';
import { mailAlarms, mailTaskReminders, mailTasks } from './target-letters.ts';
import { mailRetiredHooks } from './webhook-letters.ts';
import { fileDeliveries } from './webhooks/subscriber.ts';

/** Every mail, and every message of a webhook, that follows from an event. A process that only enqueues may pass a mailer that waits. */
export const noticeSubscribers = (mailer: Mailer): Subscriber[] =>
  [
    mailInvitations,
    mailRenewals,
    mailRecovery,
    mailRegistrations,
    mailRegistrationRefusals,
    mailPasswordChanges,
    mailLeaving,
    mailLastDays,
    mailLeftBehind,
    mailAccess,
    mailRequests,
    mailNextSteps,
    mailReminders,
    mailWithdrawals,
    mailOpened,
    mailDecisions,
    mailLapses,
    mailDelays,
    mailQuestions,
    mailAnswers,
    mailComments,
    mailPassedOn,
    mailAttached,
    mailDeputies,
    mailDaily,
    mailAppointments,
    mailEndedPowers,
    mailSeenAs,
    mailRetiredHooks,
    mailFirstPasswords,
    mailTasks,
    mailTaskReminders,
    mailAlarms,
    mailSources,
    mailGone,
  ]
    .map((make) => make(mailer))
    .concat(fileDeliveries);
