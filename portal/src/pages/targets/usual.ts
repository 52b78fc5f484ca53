import type { TargetDetail } from './target.ts';

type Row = TargetDetail['mapping'][number];
type Piece = Row['pieces'][number];
type Fields = readonly { key: string; label: string }[];

/** What columns and attributes are usually called, without signs and in small letters, and what stands there then. */
const usual: Record<string, readonly string[]> = {
  displayName: ['displayname', 'cn', 'name', 'fullname', 'namn', 'naam', 'gecos', 'commonname'],
  givenName: ['givenname', 'firstname', 'forename', 'fname', 'vorname', 'voornaam', 'prenom'],
  familyName: ['familyname', 'sn', 'surname', 'lastname', 'lname', 'nachname', 'achternaam', 'nom'],
  email: ['mail', 'email', 'emailaddress', 'mailaddress', 'userprincipalname', 'upn', 'eposta'],
  title: ['title', 'jobtitle', 'position', 'function', 'functie', 'funktion', 'fonction'],
  organizationName: ['o', 'organization', 'company', 'companyname', 'firma', 'societe'],
  lineManagerName: ['manager', 'managername', 'linemanager', 'supervisor'],
  language: ['preferredlanguage', 'language', 'lang', 'locale'],
  firstDay: ['startdate', 'firstday', 'start', 'hiredate', 'begindate', 'validfrom'],
  lastDay: ['enddate', 'lastday', 'end', 'leavedate', 'accountexpires', 'validuntil', 'validto', 'expires'],
};

/** Names to sign in by: the whole address, which is unique and what they sign in with here. */
const signIn = ['uid', 'username', 'login', 'loginname', 'accountname', 'user', 'userid'];

/** Such a name where no `@` may stand in it: made of their name (MS-SAMR, section 3.1.1.6: sAMAccountName). */
const signInWithoutAt = ['samaccountname'];

/** Fields of an organization's own are found by what they are usually called, in our four languages. */
const own: readonly { there: readonly string[]; here: readonly string[] }[] = [
  {
    there: ['telephonenumber', 'phone', 'phonenumber', 'telephone', 'tel', 'workphone', 'phonenumbers'],
    here: [
      'phone',
      'telephone',
      'phonenumber',
      'tel',
      'telefoon',
      'telefon',
      'telefonnummer',
      'telefoonnummer',
    ],
  },
  {
    there: ['mobile', 'mobilephone', 'cell', 'cellphone', 'mobilenumber'],
    here: ['mobile', 'mobilephone', 'mobiel', 'handy', 'gsm', 'portable'],
  },
  {
    there: ['department', 'departmentnumber', 'ou', 'dept', 'division', 'unit'],
    here: ['department', 'dept', 'afdeling', 'abteilung', 'service', 'departement', 'unit'],
  },
  {
    there: ['employeenumber', 'employeeid', 'personnelnumber', 'staffid', 'workerid', 'staffnumber'],
    here: [
      ...['employeenumber', 'employeeid', 'personnelnumber', 'number', 'staffid', 'personeelsnummer'],
      ...['personalnummer', 'matricule'],
    ],
  },
  { there: ['costcenter', 'costcentre'], here: ['costcenter', 'costcentre', 'kostenplaats', 'kostenstelle'] },
  {
    there: ['physicaldeliveryofficename', 'office', 'room', 'roomnumber', 'location', 'desk'],
    here: ['office', 'room', 'desk', 'location', 'kamer', 'raum', 'bureau'],
  },
  { there: ['employeetype', 'usertype'], here: ['employeetype', 'contract', 'kind'] },
];

const plain = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    // as others spell it
    .replaceAll('isation', 'ization');

/** What is filled in where nothing was said: what most systems mean by such a name. What was said stays. */
export function withUsual(
  mapping: readonly Row[],
  values: readonly { key: string }[],
  fields: Fields,
): Row[] {
  return [
    ...mapping,
    ...values.flatMap(({ key }) => {
      const pieces = mapping.some(({ to }) => to === key) ? undefined : usualFor(key, fields);
      return pieces ? [{ to: key, pieces }] : [];
    }),
  ];
}

function usualFor(key: string, fields: Fields): Piece[] | undefined {
  const name = plain(key);
  if (signIn.includes(name)) return [{ field: 'email', how: name === 'username' ? [] : ['lower'] }];
  if (signInWithoutAt.includes(name)) return [{ field: 'displayName', how: ['ascii', 'lower', 'login'] }];
  for (const [field, names] of Object.entries(usual)) if (names.includes(name)) return [{ field, how: [] }];
  const kind = own.find(({ there }) => there.includes(name));
  const mine = fields.find((one) =>
    [one.key, one.label].map(plain).some((word) => word === name || kind?.here.includes(word)),
  );
  if (mine) return [{ field: `attribute.${mine.key}`, how: [] }];
  return name === 'department' ? [{ field: 'organizationName', how: [] }] : undefined;
}
