import { deepest } from '../../directory/rules.ts';
import { type EmailAddress, readEmailAddress } from '../../platform/email-address.ts';
import { type ColumnNames, type FileName, type Files, fileNames, isFileName } from './files.ts';
import { Problems } from './problems.ts';
import { type Cells, readTable, type Table } from './table.ts';

/** A whole tree as the six files say it; every reference in it resolves. `line` is where it was read. */
export type Take = {
  given: ReadonlySet<FileName>;
  /** parents before children; the first one is the root */
  organizations: TakenOrganization[];
  users: TakenUser[];
  /** a user's first one is the home */
  memberships: { line: number; user: string; organization: string }[];
  managers: { line: number; user: string; organization: string; role: string; mayPassOn: boolean }[];
  applications: { line: number; application: string; role: string }[];
  assignments: { line: number; organization: string; application: string; role: string }[];
};
export type TakenOrganization = {
  line: number;
  id: string;
  parent: string | undefined;
  name: string;
  description: string;
  /** levels below the root */
  depth: number;
};
export type TakenUser = {
  line: number;
  username: string;
  displayName: string;
  email: EmailAddress | undefined;
  home: string;
};

/** Reads and checks all files; every bad row is named, and without any the tree is whole. */
export function readTake(
  files: Partial<Record<string, string>>,
  named: ColumnNames = {},
): { take: Take; problems: Problems } {
  const problems = new Problems();
  for (const name of Object.keys(files)) if (!isFileName(name)) problems.add('file-unknown', name);
  if (files['organizations.csv'] === undefined) problems.add('file-missing', 'organizations.csv');
  const table = (name: FileName): Table => {
    const text = (files as Files)[name];
    return text === undefined
      ? { rows: [], bad: [], readable: true }
      : readTable(name, text, problems, named[name]);
  };
  const given = new Set(fileNames.filter((name) => (files as Files)[name] !== undefined));
  const tables = Object.fromEntries(fileNames.map((name) => [name, table(name)])) as Record<FileName, Table>;
  const known: Known = {
    problems,
    organizations: namesIn(tables['organizations.csv'], ({ id }) => id),
    users: namesIn(tables['users.csv'], ({ username }) => username),
    members: namesIn(tables['memberships.csv'], ({ user }) => user),
    applications: namesIn(tables['applications.csv'], ({ application }) => application),
    roles: namesIn(tables['applications.csv'], ({ application, role }) => `${application}\n${role}`),
  };
  const memberships = readPairs('memberships.csv', tables['memberships.csv'].rows, known);
  return {
    problems,
    take: {
      given,
      organizations: readOrganizations(tables['organizations.csv'], known),
      users: readUsers(tables['users.csv'].rows, memberships, known),
      memberships,
      managers: readManagers(tables['managers.csv'].rows, known),
      applications: readApplications(tables['applications.csv'].rows, problems),
      assignments: readAssignments(tables['assignments.csv'].rows, known),
    },
  };
}

/** What a file names, in bad rows too; everything where the file could not be read at all. */
type Names = { has: (name: string) => boolean };
const everything: Names = { has: () => true };

function namesIn(table: Table, nameOf: (row: Cells) => string | undefined): Names {
  if (!table.readable) return everything;
  return new Set([...table.rows, ...table.bad].flatMap((row) => nameOf(row) ?? []));
}

type Known = {
  problems: Problems;
  organizations: Names;
  users: Names;
  members: Names;
  applications: Names;
  roles: Names;
};

function readOrganizations({ rows, bad }: Table, { problems, organizations }: Known): TakenOrganization[] {
  const file = 'organizations.csv';
  const byId = new Map<string, Cells>();
  const names = new Map<string, number>();
  let root: Cells | undefined;
  for (const row of rows) {
    const twin = byId.get(row.id!);
    if (twin) {
      problems.add('doubled', file, row.line, 'id', { value: row.id!, other: twin.line });
      continue;
    }
    byId.set(row.id!, row);
    const name = `${row.parent}\n${row.name!.toLowerCase()}`;
    const namesake = names.get(name);
    if (namesake !== undefined) problems.add('name-doubled', file, row.line, 'name', { other: namesake });
    names.set(name, row.line);
    if (row.parent) continue;
    if (root) problems.add('root-many', file, row.line, 'parent', { other: root.line });
    else root = row;
  }
  if (rows.length > 0 && !root && !bad.some(({ parent }) => !parent)) problems.add('root-none', file);
  const depths = depthsOf(byId, organizations, problems);
  return [...byId.values()]
    .filter(({ id }) => depths.has(id!))
    .map((row) => ({
      line: row.line,
      id: row.id!,
      parent: row.parent || undefined,
      name: row.name!,
      description: row.description ?? '',
      depth: depths.get(row.id!)!,
    }))
    .sort((one, other) => one.depth - other.depth || one.line - other.line);
}

/** Levels below the root, walking each row's parents once; what hangs from nothing or from itself has none. */
function depthsOf(
  byId: ReadonlyMap<string, Cells>,
  mentioned: Names,
  problems: Problems,
): Map<string, number> {
  const file = 'organizations.csv';
  const depths = new Map<string, number>();
  const dangling = new Set<string>();
  for (const start of byId.values()) {
    const trail: Cells[] = [];
    const onTrail = new Set<string>();
    let row: Cells | undefined = start;
    while (row && !depths.has(row.id!) && !dangling.has(row.id!) && !onTrail.has(row.id!)) {
      trail.push(row);
      onTrail.add(row.id!);
      if (!row.parent) break;
      const parent = byId.get(row.parent);
      if (!parent && !mentioned.has(row.parent))
        problems.add('parent-unknown', file, row.line, 'parent', { value: row.parent });
      row = parent;
    }
    const last = trail.at(-1);
    const whole = last !== undefined && (!last.parent || depths.has(last.parent));
    if (!whole) {
      if (row && onTrail.has(row.id!)) {
        const loop = trail.slice(trail.findIndex(({ id }) => id === row!.id));
        for (const member of loop)
          problems.add('cycle', file, member.line, 'parent', {
            value: [...loop.map(({ id }) => id!), loop[0]!.id!].slice(0, 6).join(' → '),
          });
      }
      for (const { id } of trail) dangling.add(id!);
      continue;
    }
    for (const one of trail.reverse()) {
      const depth = one.parent ? depths.get(one.parent)! + 1 : 0;
      depths.set(one.id!, depth);
      if (depth >= deepest) problems.add('too-deep', file, one.line, 'parent', { limit: deepest });
    }
  }
  return depths;
}

function readUsers(rows: Cells[], memberships: Take['memberships'], known: Known): TakenUser[] {
  const file = 'users.csv';
  const homes = new Map<string, string>();
  for (const { user, organization } of memberships) if (!homes.has(user)) homes.set(user, organization);
  const seen = new Map<string, number>();
  return rows.flatMap((row) => {
    const username = row.username!;
    const other = seen.get(username.toLowerCase());
    if (other !== undefined) {
      known.problems.add('doubled', file, row.line, 'username', { value: username, other });
      return [];
    }
    seen.set(username.toLowerCase(), row.line);
    const email = row.email ? readEmailAddress(row.email) : undefined;
    if (row.email && !email) known.problems.add('address', file, row.line, 'email', { value: row.email });
    const home = homes.get(username);
    if (home === undefined) {
      if (!known.members.has(username)) known.problems.add('user-nowhere', file, row.line, 'username');
      return [];
    }
    return [{ line: row.line, username, displayName: row.displayName!, email, home }];
  });
}

/** Rows that name a user and an organization, each pair once. */
function readPairs(
  file: FileName,
  rows: Cells[],
  known: Known,
): { line: number; user: string; organization: string }[] {
  const seen = new Map<string, number>();
  return rows.flatMap((row) => {
    const user = row.user!;
    const organization = row.organization!;
    const before = known.problems.count;
    checkUser(file, row.line, user, known);
    checkOrganization(file, row.line, organization, known);
    const pair = `${user}\n${organization}`;
    const other = seen.get(pair);
    if (other !== undefined)
      known.problems.add('doubled', file, row.line, undefined, { value: `${user}, ${organization}`, other });
    seen.set(pair, row.line);
    return known.problems.count > before ? [] : [{ line: row.line, user, organization }];
  });
}

function readManagers(rows: Cells[], known: Known): Take['managers'] {
  const file = 'managers.csv';
  const more = new Map(rows.map((row) => [row.line, row]));
  return readPairs(file, rows, known).map((pair) => {
    const row = more.get(pair.line)!;
    const word = (row.mayPassOn ?? '').toLowerCase();
    if (!['', 'true', 'false', 'yes', 'no', '1', '0'].includes(word))
      known.problems.add('not-yes-no', file, pair.line, 'mayPassOn', { value: row.mayPassOn! });
    return { ...pair, role: row.role || 'delegated-manager', mayPassOn: ['true', 'yes', '1'].includes(word) };
  });
}

function readApplications(rows: Cells[], problems: Problems): Take['applications'] {
  const seen = new Map<string, number>();
  return rows.flatMap(({ line, application, role }) => {
    const other = seen.get(`${application}\n${role}`);
    if (other !== undefined) {
      problems.add('doubled', 'applications.csv', line, 'role', { value: `${application}, ${role}`, other });
      return [];
    }
    seen.set(`${application}\n${role}`, line);
    return [{ line, application: application!, role: role! }];
  });
}

function readAssignments(rows: Cells[], known: Known): Take['assignments'] {
  const file = 'assignments.csv';
  const seen = new Map<string, number>();
  return rows.flatMap((row) => {
    const { line } = row;
    const organization = row.organization!;
    const application = row.application!;
    const role = row.role!;
    const before = known.problems.count;
    checkOrganization(file, line, organization, known);
    if (!known.applications.has(application))
      known.problems.add('application-unknown', file, line, 'application', { value: application });
    else if (!known.roles.has(`${application}\n${role}`))
      known.problems.add('role-unknown', file, line, 'role', { value: role, application });
    const triple = `${organization}\n${application}\n${role}`;
    const other = seen.get(triple);
    if (other !== undefined)
      known.problems.add('doubled', file, line, undefined, {
        value: `${organization}, ${application}, ${role}`,
        other,
      });
    seen.set(triple, line);
    return known.problems.count > before ? [] : [{ line, organization, application, role }];
  });
}

function checkUser(file: FileName, line: number, user: string, known: Known): void {
  if (!known.users.has(user)) known.problems.add('user-unknown', file, line, 'user', { value: user });
}

function checkOrganization(file: FileName, line: number, organization: string, known: Known): void {
  if (!known.organizations.has(organization))
    known.problems.add('organization-unknown', file, line, 'organization', { value: organization });
}
