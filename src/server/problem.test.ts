import { expect, it } from 'vitest';
import { speakingIn } from '../platform/language.ts';
import { refuse } from '../platform/refusals.ts';
import { problemOf } from './problem.ts';

it('says a no in the reader’s language; its code stays', () => {
  const refusal = refuse('seats.taken', { taken: 3 });
  const said = (language?: 'en' | 'nl' | 'de' | 'fr') => {
    const { code, title, detail } = problemOf(refusal, 'http://localhost', 'r', language);
    return [code, title, detail];
  };
  expect(said()).toEqual([
    'seats.taken',
    '3 seats are taken there already.',
    '3 seats are taken there already. Choose at least as many, or end some first.',
  ]);
  expect(said('de')).toEqual([
    'seats.taken',
    'Dort sind schon 3 Plätze belegt.',
    'Dort sind schon 3 Plätze belegt. Wählen Sie mindestens so viele, oder geben Sie zuerst welche frei.',
  ]);
});

it('leaves out of the title what follows a colon, in French too', () => {
  const refusal = refuse('input.invalid', { problem: 'x' });
  expect(problemOf(refusal, 'http://localhost', 'r', 'fr')).toMatchObject({
    title: 'La requête n’est pas correcte.',
    detail: 'La requête n’est pas correcte\u00a0: x.',
  });
});

it('reaches whoever does many things at once in their language, too', () => {
  expect(refuse('user.off').message).toBe('This person is suspended. Let them back in first.');
  expect(speakingIn('nl', () => refuse('user.off').message)).toBe(
    'Deze persoon is geschorst. Laat die eerst weer toe.',
  );
});
