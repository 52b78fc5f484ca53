import type { LetterName } from '../src/notices/ways.ts';

/** A picture or more of each letter, and of the daily mail: `docs/pictures/mail/<picture>.png`. A new letter does not compile without. */
export const mailPictures = {
  invitation: ['invitation'],
  recovery: ['recovery'],
  'password-changed': ['password-changed'],
  'request-waiting': ['request-waiting', 'request-waiting-many', 'request-waiting-stranger'],
  'request-escalated': ['request-escalated'],
  'request-reminder': ['request-reminder'],
  'request-passed': ['request-passed'],
  'request-answer': ['request-answer'],
  'request-attached': ['request-attached'],
  'request-question': ['request-question'],
  'request-withdrawn': ['request-withdrawn'],
  'request-opened': ['request-opened'],
  'request-given': ['request-given'],
  'request-decided': ['request-approved', 'request-refused'],
  'request-lapsed': ['request-lapsed'],
  'request-late': ['request-late'],
  'request-comment': ['request-comment'],
  registration: ['registration'],
  'registration-refused': ['registration-refused'],
  'renewal-asked': ['renewal-asked'],
  appointed: ['appointed'],
  'delegation-ended': ['delegation-ended'],
  'standing-ended': ['standing-ended'],
  'access-given': ['access-given'],
  'access-ended': ['access-ended'],
  'deputy-named': ['deputy-named'],
  'deputy-ended': ['deputy-ended'],
  'seen-as': ['seen-as'],
  leaving: ['leaving'],
  'last-day-nears': ['last-day-nears'],
  'last-day-of-another': ['last-day-of-another'],
  'membership-ended': ['membership-ended'],
  'webhooks-retired': ['webhooks-retired'],
  daily: ['daily'],
} as const satisfies Record<LetterName | 'daily', readonly [string, ...string[]]>;

export type MailPicture = (typeof mailPictures)[keyof typeof mailPictures][number];
export const mailPictureNames: MailPicture[] = Object.values(mailPictures).flat();
