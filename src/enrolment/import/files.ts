/** The six files of a take-over and their columns, in the order in which they are read and written. */
export const fileNames = [
  'organizations.csv',
  'users.csv',
  'memberships.csv',
  'managers.csv',
  'applications.csv',
  'assignments.csv',
] as const;
export type FileName = (typeof fileNames)[number];
export const isFileName = (name: string): name is FileName => (fileNames as readonly string[]).includes(name);

export type Column = {
  name: string;
  /** the cell may be empty */
  optional?: true;
  /** the whole column may be left out */
  absent?: true;
  longest: number;
  /** words of people: a formula in it is allowed in the file, and defused when exported */
  prose?: true;
  /** other headings that mean this column */
  also?: readonly string[];
};

const key = 200;
const reference = { longest: key };

export const columns = {
  'organizations.csv': [
    { name: 'id', longest: key, also: ['organization', 'key'] },
    { name: 'parent', longest: key, optional: true, also: ['parentid', 'parent id'] },
    { name: 'name', longest: 200, also: ['displayname'] },
    { name: 'description', longest: 2000, optional: true, absent: true, prose: true },
  ],
  'users.csv': [
    { name: 'username', longest: 64, also: ['user', 'user name', 'login', 'id'] },
    { name: 'displayName', longest: 200, also: ['display name', 'name', 'full name'] },
    { name: 'email', longest: 254, optional: true, absent: true, also: ['e-mail', 'mail', 'address'] },
  ],
  'memberships.csv': [
    { name: 'user', ...reference, also: ['username'] },
    { name: 'organization', ...reference, also: ['organizationid', 'organization id'] },
  ],
  'managers.csv': [
    { name: 'user', ...reference, also: ['username'] },
    { name: 'organization', ...reference, also: ['organizationid', 'organization id'] },
    { name: 'role', ...reference, optional: true, absent: true },
    { name: 'mayPassOn', longest: 5, optional: true, absent: true, also: ['may pass on'] },
  ],
  'applications.csv': [
    { name: 'application', ...reference, also: ['app'] },
    { name: 'role', ...reference },
  ],
  'assignments.csv': [
    { name: 'organization', ...reference, also: ['organizationid', 'organization id'] },
    { name: 'application', ...reference, also: ['app'] },
    { name: 'role', ...reference },
  ],
} as const satisfies Record<FileName, readonly Column[]>;

/** Rows of one file at most (I59). */
export const mostRows = 500_000;

/** Text of each file, by its name. */
export type Files = Partial<Record<FileName, string>>;
/** Which heading holds which column, where it is called something else. */
export type ColumnNames = Partial<Record<FileName, Record<string, string>>>;
