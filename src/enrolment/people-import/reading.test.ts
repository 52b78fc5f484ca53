import { expect, it } from 'vitest';
import { guessColumns, guessDates } from './reading.ts';

it.each([
  [
    'Personnel no;Full name;Work e-mail;Department;Business title;Boss;Starts;Leaves',
    'key name email organization title lineManager firstDay lastDay',
  ],
  [
    'Employee ID;Legal Name - First Name;Legal Name - Last Name;Supervisory Organization;Hire Date;Termination Date',
    'key givenName familyName organization firstDay lastDay',
  ],
  [
    'Personalnummer;Vorname;Name;Org.-Einheit;Planstelle;Eintrittsdatum;Austrittsdatum;Führungskraft',
    'key givenName familyName organization title firstDay lastDay lineManager',
  ],
  [
    'Medewerkernummer;Roepnaam;Achternaam;E-mail werk;Afdeling;Functie;Datum in dienst;Datum uit dienst;Leidinggevende',
    'key givenName familyName email organization title firstDay lastDay lineManager',
  ],
  [
    'Matricule;Prénom;Nom;Adresse e-mail;Service;Intitulé du poste;Date d’embauche;Date de sortie;Responsable hiérarchique',
    'key givenName familyName email organization title firstDay lastDay lineManager',
  ],
  [
    'Employee #;Display name;Reports To;Groups;Access role;Access from;Access until',
    ' name lineManager groups accessRole accessFrom accessUntil',
  ],
])('knows what %s hold', (heading, fields) => {
  const headings = heading.split(';');
  const guessed = guessColumns(headings, []);
  const found = headings.map((one) => Object.keys(guessed).find((field) => guessed[field] === one) ?? '');
  expect(found.join(' ')).toBe(fields);
});

it.each([
  ['31.01.2026 ', 'day-first'],
  ['1.2.2026', 'day-first'],
  ['13/02/2026', 'day-first'],
  ['02/13/2026', 'month-first'],
  // Either may be meant.
  ['02/03/2026', 'iso'],
  ['2026-01-31', 'iso'],
  ['', 'iso'],
])('takes days like %s for %s', (cell, order) => {
  expect(guessDates(['', cell])).toBe(order);
});
