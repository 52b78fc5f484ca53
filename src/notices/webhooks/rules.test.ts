import { describe, expect, it } from 'vitest';
import { filled, outcomeOf, unknownPlaceholder, waits } from './rules.ts';

const at = new Date('2026-11-22T12:00:00Z');
const answered = (status: number | null, attempts = 1, retryAfter?: string, chance = 0.5) =>
  outcomeOf({ status, retryAfter }, attempts, at, chance);

describe('what follows from an answer', () => {
  it.each([200, 201, 202, 204, 299])('%i: sent', (status) => {
    expect(answered(status)).toEqual({ what: 'sent' });
  });
  it.each([null, 100, 301, 302, 307, 400, 401, 403, 404, 409, 422, 429, 500, 502, 503])(
    '%s: again, then dead after the last',
    (status) => {
      expect(answered(status)).toEqual({ what: 'again', after: 5, peace: false });
      expect(answered(status, waits.length)).toMatchObject({ what: 'again' });
      expect(answered(status, waits.length + 1)).toEqual({ what: 'dead' });
    },
  );
  it('410 at any attempt: gone', () => {
    expect(answered(410)).toEqual({ what: 'gone' });
    expect(answered(410, 10)).toEqual({ what: 'gone' });
  });
  it('the waits add up to some three days, each spread by a fifth each way', () => {
    const days = waits.reduce((sum: number, one) => sum + one, 0) / 86_400;
    expect(days).toBeGreaterThan(3);
    expect(days).toBeLessThan(3.5);
    expect(answered(500, 2, undefined, 0)).toMatchObject({ after: 240 });
    expect(answered(500, 2, undefined, 1)).toMatchObject({ after: 360 });
  });
  it.each([
    ['120', 120, true],
    ['0', 5, true],
    ['Sun, 22 Nov 2026 12:10:00 GMT', 600, true],
    ['Sun, 22 Nov 2026 11:00:00 GMT', 5, true],
    ['99999999', 86_400, true],
    ['soon', 5, false],
    ['-5', 5, false],
  ])('429 with Retry-After %s waits %i s', (text, after, peace) => {
    const outcome = answered(429, 1, text);
    expect(outcome).toMatchObject({ what: 'again', after });
    if (peace) expect(outcome).toMatchObject({ peace });
  });
  it('Retry-After of other answers counts for nothing', () => {
    expect(answered(500, 1, '3600')).toEqual({ what: 'again', after: 5, peace: false });
  });
});

describe('templates', () => {
  const values = {
    person: 'Ada <b>',
    organization: '{{link}}',
    access: '',
    by: '',
    until: '',
    link: 'https://x',
  };
  it.each([
    ['{{person}} asks at {{ organization }}', undefined],
    ['no placeholder at all', undefined],
    ['one { brace }', undefined],
    ['{{nobody}}', '{{nobody}}'],
    ['{{}}', '{{}}'],
    ['{{person', '{{'],
    ['person}}', '}}'],
    ['{{constructor}}', '{{constructor}}'],
    ['{{{person}}}', undefined],
  ])('%s: unknown %s', (template, unknown) => {
    expect(unknownPlaceholder(template)).toBe(unknown);
  });
  it('fills once, and escapes only what it fills in', () => {
    const safe = (value: string) => value.replaceAll('<', '&lt;');
    expect(filled('<i>{{person}}</i> at {{organization}}', values, safe)).toBe(
      '<i>Ada &lt;b></i> at {{link}}',
    );
  });
});
