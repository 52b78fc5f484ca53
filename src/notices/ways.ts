/**
 * How a letter reaches whoever chose one mail a day, or quiet hours. `at-once`: somebody waits for it, or has to know now.
 * `waiting`: the daily mail lists what waits, as it is then. `news`: kept, and told in the daily mail. `by-itself`: a mail
 * of its own also then; quiet hours hold it.
 */
export type Way = 'at-once' | 'waiting' | 'news' | 'by-itself';

/** Every letter there is, by the name under which `notice` keeps it. */
const ways = {
  invitation: 'at-once',
  recovery: 'at-once',
  'password-changed': 'at-once',
  'request-waiting': 'waiting',
  'request-escalated': 'waiting',
  'request-reminder': 'waiting',
  'request-passed': 'waiting',
  'request-answer': 'waiting',
  'request-attached': 'waiting',
  'request-question': 'waiting',
  'request-withdrawn': 'news',
  'request-opened': 'news',
  'request-given': 'news',
  'request-decided': 'news',
  'request-lapsed': 'news',
  'request-late': 'news',
  'request-comment': 'news',
  registration: 'at-once',
  'registration-refused': 'by-itself',
  'renewal-asked': 'by-itself',
  appointed: 'by-itself',
  'delegation-ended': 'by-itself',
  'standing-ended': 'by-itself',
  'access-given': 'by-itself',
  'access-ended': 'by-itself',
  'deputy-named': 'by-itself',
  'deputy-ended': 'by-itself',
  'seen-as': 'by-itself',
  leaving: 'by-itself',
  'last-day-nears': 'by-itself',
  'last-day-of-another': 'by-itself',
  'membership-ended': 'by-itself',
  'left-behind': 'by-itself',
  'webhooks-retired': 'by-itself',
  'first-password': 'by-itself',
  'task-waiting': 'by-itself',
  'task-reminder': 'by-itself',
  'target-braked': 'by-itself',
  'target-alarmed': 'by-itself',
  'directory-held': 'by-itself',
  'directory-failing': 'by-itself',
  'directory-gone': 'by-itself',
} as const satisfies Record<string, Way>;

export type LetterName = keyof typeof ways;
export const letterNames = Object.keys(ways) as LetterName[];

export const wayOf = (letter: LetterName): Way => ways[letter];
