import { z } from 'zod';
import { invalid } from '../../platform/problems.ts';
import { separators } from '../files/csv.ts';
import { encodings } from '../files/encoding.ts';

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
  'accessFrom',
  'accessUntil',
  'groups',
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
    part: z
      .boolean()
      .optional()
      .describe(
        'The file holds some of the people only: nobody is missing from it. Found out when absent: rows to mend are a part.',
      ),
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
  if ((columns.accessFrom ?? columns.accessUntil) && !columns.accessRole)
    throw invalid('columns', 'import-needs', { field: 'accessRole' });
}

/**
 * Headings that say what they hold, in the four languages and in exports of Workday, SAP, SuccessFactors, Personio, AFAS and
 * their like: lower case, letters and digits only, without accents.
 */
const known: Record<Field, readonly string[]> = {
  key: words(`key personid employeeid employeenumber employeeno employeenr employeecode personnelnumber personnelno
    personnelnr persno pernr staffid staffnumber staffno payrollnumber payrollid workerid workernumber usersysid userid
    personeelsnummer personeelsnr medewerkernummer medewerkernr medewerkerid mdwnr personalnummer personalnr
    mitarbeiternummer mitarbeiternr mitarbeiterid matricule nmatricule numeromatricule numerodesalarie idsalarie username uid
    externalid login id`),
  name: words(`name fullname displayname wholename preferredname legalname worker workername employeename naam
    volledigenaam weergavenaam medewerkernaam nomcomplet nometprenom vollername vollstandigername anzeigename
    mitarbeitername`),
  givenName:
    words(`givenname firstname forename legalfirstname preferredfirstname legalnamefirstname voornaam roepnaam
    vorname rufname prenom prenomusuel`),
  familyName:
    words(`familyname lastname surname legallastname legalnamelastname achternaam familienaam nachname
    familienname zuname nom nomdefamille nomdusage`),
  email:
    words(`email mail emailaddress workemail emailwork businessemail primaryworkemail companyemail emailadres emailwerk
    werkmail zakelijkemailadres emailadresse emailgeschaftlich geschaftlicheemail courriel courrielprofessionnel adressemail
    adresseemail emailprofessionnel mailpro`),
  organization:
    words(`organization organizationid organizationname organizationalunit orgunit department departmentname unit
    businessunit team division supervisoryorganization organisatie organizatie organizatorischeeenheid afdeling
    afdelingsnaam abteilung organizationseinheit orgeinheit bereich service departement direction entite unite`),
  title:
    words(`title jobtitle businesstitle jobname positiontitle function job position functie functietitel functienaam
    functieomschrijving funktion stelle stellenbezeichnung planstelle positionsbezeichnung berufsbezeichnung fonction poste
    intituleduposte emploi role rol rolle`),
  lineManager:
    words(`linemanager manager managerid manageremail managernumber manageremployeeid supervisor supervisorid
    supervisoremail reportsto boss leidinggevende leidinggevendeid manageremailadres chef vorgesetzter vorgesetzte
    fuhrungskraft vorgesetztennummer responsable responsablehierarchique superieur superieurhierarchique n1`),
  firstDay:
    words(`firstday startdate start starts startson hiredate datehired originalhiredate joindate joiningdate
    joined employmentstartdate contractstart entrydate indienst datumindienst indienstdatum startdatum begindatum
    datumaanvang eintritt eintrittsdatum eintrittam einstellungsdatum beginn vertragsbeginn datedentree dateentree
    datedembauche dateembauche datedebut datededebut datedarrivee`),
  lastDay:
    words(`lastday enddate end ends leaves leavingdate leavedate terminationdate employmentenddate lastworkingday
    contractend contractenddate exitdate uitdienst datumuitdienst uitdienstdatum einddatum einddatumcontract austritt
    austrittsdatum austrittam vertragsende enddatum kundigungsdatum datedesortie datesortie datefin datedefin
    datefincontrat datedefindecontrat datededepart`),
  accessRole: words('accessrole toegangsrol zugangsrolle roledacces profildacces'),
  accessFrom: words('accessfrom accessstart toegangvan toegangvanaf zugangab zugangvon accesdes accesdu'),
  accessUntil: words(
    'accessuntil accessend accessto toegangtot toegangtotenmet zugangbis accesjusquau accesau',
  ),
  groups: words('groups group memberof usergroups groepen groep gruppen gruppe groupes groupe'),
};

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}

const plain = (heading: string): string =>
  heading
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/organis/, 'organiz');

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
  // Beside a given name, "Name" is the other half of it.
  if (guessed.name && guessed.givenName && !guessed.familyName) {
    guessed.familyName = guessed.name;
    delete guessed.name;
  }
  for (const { key, label } of attributes) take(`${attributePrefix}${key}`, [plain(key), plain(label)]);
  // A file without numbers of its own names people by their address.
  if (!guessed.key && guessed.email) guessed.key = guessed.email;
  return guessed;
}

/** How the days of these cells are probably written; `iso` where nothing else can be told. */
export function guessDates(cells: readonly string[]): Reading['dates'] {
  const parts = cells.flatMap((cell) => {
    const found = /^\s*(\d{1,2})([./-])(\d{1,2})[./-]\d{4}\s*$/.exec(cell);
    return found ? [{ first: Number(found[1]), mark: found[2], second: Number(found[3]) }] : [];
  });
  if (parts.some(({ second }) => second > 12)) return 'month-first';
  // With slashes both are written, and a day up to the 12th does not say which: that is for whoever knows the file.
  return parts.some(({ first, mark }) => first > 12 || mark !== '/') ? 'day-first' : 'iso';
}
