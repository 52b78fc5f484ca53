/**
 * How a letter reaches whoever chose one mail a day, or quiet hours. `at-once`: somebody waits for it, or has to know now.
 * `waiting`: the daily mail lists what waits, as it is then. `news`: kept, and told in the daily mail. `by-itself`: a mail
 * of its own also then; quiet hours hold it.
 */
export type Way = 'at-once' | 'waiting' | 'news' | 'by-itself';

const ways: Record<string, Way> = {
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
};

export const wayOf = (letter: string): Way => ways[letter] ?? 'by-itself';
