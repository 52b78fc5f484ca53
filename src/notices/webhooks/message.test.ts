import { describe, expect, it } from 'vitest';
import { requestKinds } from '../../requests/policy.ts';
import { bodyOf, type Format, type Told } from './message.ts';
import { languages, wordsFor } from './words.ts';

const told = (kind: (typeof requestKinds)[number]): Told => ({
  type: 'request.created',
  at: new Date('2026-11-22T14:15:16Z'),
  organization: { id: '1', name: 'Acme <Solar>', timeZone: 'UTC' },
  person: { userId: '2', membershipId: '3', name: 'Nils' },
  by: null,
  access: ['access', 'extension', 'ending'].includes(kind)
    ? { kind: 'entitlement', id: '4', name: 'Buyer {{by}}', applicationName: 'Parts' }
    : null,
  request: { id: '5', kind, state: 'open' },
  until: null,
  link: 'https://remit.example/requests/5',
});

const texts = (format: Format, kind: (typeof requestKinds)[number]) =>
  languages.map((language) => {
    const body = JSON.parse(bodyOf(told(kind), { format, language, templates: {} }));
    return format === 'slack' ? body.text : body.attachments[0].content.body[0].inlines[0].text;
  });

describe('a message for a chat says what is asked for', () => {
  it.each(requestKinds)('%s, in each language', (kind) => {
    const said = texts('teams', kind);
    languages.forEach((language, n) => {
      expect(said[n]).not.toContain(wordsFor(language).unknown.access);
      expect(said[n]).not.toMatch(/\{\{(?!by)/);
    });
    expect(new Set(said).size).toBe(languages.length);
    expect(new Set(requestKinds.map((one) => texts('teams', one)[0])).size).toBe(requestKinds.length);
  });

  it('with the role that is to last longer, and nothing in a name filled in or made a mark', () => {
    expect(texts('slack', 'extension')[0]).toBe(
      'Nils (Acme &lt;Solar&gt;) needs a decision: longer access to Parts: Buyer {{by}}.',
    );
    expect(texts('teams', 'delegation')[2]).toBe(
      'Nils (Acme <Solar>) wartet auf eine Entscheidung: Betreuung von Acme <Solar>.',
    );
  });
});
