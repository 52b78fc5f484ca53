import { z } from 'zod';
import { invalid } from '../../platform/problems.ts';
import { separators } from '../import/csv.ts';
import { encodings } from '../import/encoding.ts';

/** What a column of a file of people may hold; besides these, `attribute.<key>` for a field that an organization defined. */
export const fields = [
  'key',
  'name',
  'givenName',
  'familyName',
  'email',
  'organization',
  'title',
  'lineManager',
  'firstDay',
  'lastDay',
  'accessRole',
] as const;
export type Field = (typeof fields)[number];
export const attributePrefix = 'attribute.';

const isField = (name: string): boolean =>
  (fields as readonly string[]).includes(name) || /^attribute\.[a-z][a-z0-9_]{0,39}$/.test(name);

export const dateOrders = ['iso', 'day-first', 'month-first'] as const;

/** How a file is read: which heading holds which field, and how its days are written. */
export const readingInput = z
  .object({
    columns: z
      .record(z.string().max(60), z.string().min(1).max(200))
      .describe(`Field → heading of its column. Fields: ${fields.join(', ')}, and attribute.<key>.`),
    separator: z.enum(separators).optional().describe('Found out when absent.'),
    encoding: z.enum(encodings).optional().describe('Found out when absent.'),
    dates: z
      .enum(dateOrders)
      .default('iso')
      .describe('iso: 2026-01-31; day-first: 31.1.2026; month-first: 1/31/2026.'),
  })
  .strict();
export type Reading = z.infer<typeof readingInput>;

/** @throws Refusal `input.invalid` where a field is unknown, or nobody could be told by the columns */
export function requireReading({ columns }: Reading): void {
  for (const field of Object.keys(columns))
    if (!isField(field)) throw invalid('columns', 'import-field', { field });
  const named = columns.name ?? columns.givenName ?? columns.familyName;
  if (!columns.key) throw invalid('columns', 'import-needs', { field: 'key' });
  if (!named) throw invalid('columns', 'import-needs', { field: 'name' });
}

/** Headings that say what they hold, in the four languages; lower case, letters and digits only. */
const known: Record<Field, readonly string[]> = {
  key: [
    'key',
    'id',
    'personid',
    'employeeid',
    'employeenumber',
    'personnelnumber',
    'personeelsnummer',
    'personalnummer',
    'matricule',
    'username',
    'uid',
    'externalid',
  ],
  name: ['name', 'fullname', 'displayname', 'naam', 'volledigenaam', 'nomcomplet', 'vollername'],
  givenName: ['givenname', 'firstname', 'forename', 'voornaam', 'vorname', 'prenom', 'prénom'],
  familyName: [
    'familyname',
    'lastname',
    'surname',
    'achternaam',
    'nachname',
    'familienname',
    'nom',
    'nomdefamille',
  ],
  email: [
    'email',
    'mail',
    'emailaddress',
    'emailadres',
    'emailadresse',
    'courriel',
    'adressemail',
    'adresseemail',
  ],
  organization: [
    'organization',
    'organizationid',
    'department',
    'unit',
    'team',
    'organisatie',
    'afdeling',
    'abteilung',
    'organizationseinheit',
    'service',
    'département',
  ],
  title: ['title', 'jobtitle', 'function', 'functie', 'position', 'funktion', 'stelle', 'fonction', 'poste'],
  lineManager: [
    'linemanager',
    'manager',
    'supervisor',
    'reportsto',
    'leidinggevende',
    'vorgesetzter',
    'vorgesetzte',
    'responsable',
    'supérieur',
  ],
  firstDay: [
    'firstday',
    'startdate',
    'start',
    'hiredate',
    'indienst',
    'startdatum',
    'eintritt',
    'eintrittsdatum',
    'datedentrée',
    'datedebut',
  ],
  lastDay: [
    'lastday',
    'enddate',
    'end',
    'uitdienst',
    'einddatum',
    'austritt',
    'austrittsdatum',
    'datedesortie',
    'datefin',
  ],
  accessRole: ['accessrole', 'role', 'rol', 'zugangsrolle', 'rolle', 'rôle'],
};

const plain = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/^organis/, 'organiz');

/** Which heading probably holds which field: its own name, or the label of a field that was defined. */
export function guessColumns(
  headings: readonly string[],
  attributes: readonly { key: string; label: string }[],
): Record<string, string> {
  const guessed: Record<string, string> = {};
  const taken = new Set<string>();
  const take = (field: string, names: readonly string[]): void => {
    const heading = names.flatMap(
      (name) => headings.find((one) => !taken.has(one) && plain(one) === name) ?? [],
    )[0];
    if (heading === undefined) return;
    guessed[field] = heading;
    taken.add(heading);
  };
  for (const field of fields) take(field, known[field]);
  for (const { key, label } of attributes) take(`${attributePrefix}${key}`, [plain(key), plain(label)]);
  // A file without numbers of its own names people by their address.
  if (!guessed.key && guessed.email) guessed.key = guessed.email;
  return guessed;
}
