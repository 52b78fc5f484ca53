import { expect, it } from 'vitest';
import { changed, type Draft, firstDraft, inputOf, lineManagerRole } from './draft.ts';

const start: Draft = {
  ...firstDraft,
  person: { membershipId: 'p', displayName: 'Pat' },
  group: { id: 'o', name: 'Acme' },
  places: [{ organizationId: 'o', name: 'Acme', below: true, out: false }],
};
const sent = (draft: Draft) => {
  const complete = inputOf(draft);
  return 'input' in complete ? complete.input : complete.missingKey;
};

it('gives line managers their direct reports, in whichever order the two are chosen', () => {
  const who = { who: 'relation' } as const;
  const what = { adminRoleId: lineManagerRole };
  for (const draft of [changed(changed(start, who), what), changed(changed(start, what), who)])
    expect(sent(draft)).toMatchObject({ reports: { depth: 'direct' } });
});

it('keeps what was chosen about people, through other answers to who', () => {
  const some = changed(start, { people: 'some', some: [{ id: 's', name: 'Sam' }] });
  const there = changed(changed(some, { who: 'relation' }), { adminRoleId: lineManagerRole });
  expect(sent(there)).toMatchObject({ membershipIds: ['s'] });
  for (const who of ['organization', 'standing', 'person'] as const)
    expect(sent(changed(changed(there, { who }), { who: 'relation' }))).toEqual(sent(there));
});

it('asks anew where people were meant by a position that nobody has now', () => {
  const own = changed(changed(start, { who: 'relation' }), { people: 'relation' });
  expect(sent(own)).toMatchObject({ whereRelation: true });
  expect(sent(changed(own, { who: 'person' }))).toBe('delegate.choosePeople');
  expect(sent(changed(changed(own, { who: 'person' }), { who: 'relation' }))).toEqual(sent(own));
});
