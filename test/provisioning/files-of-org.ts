import { readFileSync } from 'node:fs';

/**
 * A real organization by its files, told apart without any of Remit: maps and loops over rows. What a directory should
 * hold follows from it, after each change too. `npm test` takes a part of the tree; the long run takes all of it.
 */
const folder = new URL('../data/kubernetes-org/', import.meta.url);
const names = [
  'organizations.csv',
  'users.csv',
  'memberships.csv',
  'managers.csv',
  'applications.csv',
  'assignments.csv',
] as const;
export type Files = Record<(typeof names)[number], string>;

export const top = 'kubernetes-project';
/** Everybody has an account: a role that the whole project has. The files have none that all hold. */
export const accountRole = 'directory:account';

type Table = { heading: string; rows: { line: string; cells: string[] }[] };

function table(name: string): Table {
  const [heading = '', ...lines] = readFileSync(new URL(name, folder), 'utf8').trimEnd().split('\n');
  return { heading, rows: lines.map((line) => ({ line, cells: cellsOf(line) })) };
}

const cellsOf = (line: string): string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );

/** `waits`: suspended, or not begun */
export type Belonging = { stands: 'live' | 'waits' | 'ended'; title: string };

export type Organization = {
  files: Files;
  /** organization -> the one above; the top has '' */
  above: Map<string, string>;
  nameOf: Map<string, string>;
  people: Map<string, { name: string; mail: string }>;
  /** user -> organization -> their membership there, the home first */
  belongs: Map<string, Map<string, Belonging>>;
  /** organization -> roles that everybody there and below has, as `application:role` */
  given: Map<string, Set<string>>;
  managed: { user: string; organization: string }[];
  /** where their values come from */
  home: Map<string, string>;
  rules: { organization: string; title: string; role: string }[];
};

/** @param parts organizations right below the top that are taken, with all that is in them; all when absent */
export function readOrganization(parts?: readonly string[]): Organization {
  const tables = Object.fromEntries(names.map((name) => [name, table(name)])) as Record<keyof Files, Table>;
  const keep = (name: keyof Files, fits: (cells: string[]) => boolean): string[][] => {
    const kept = tables[name];
    kept.rows = kept.rows.filter(({ cells }) => fits(cells));
    return kept.rows.map(({ cells }) => cells);
  };
  const inPart = (id = ''): boolean =>
    !parts || id === top || parts.some((part) => id === part || id.startsWith(`${part}/`));

  const organizations = keep('organizations.csv', ([id]) => inPart(id));
  const memberships = keep('memberships.csv', ([, organization]) => inPart(organization));
  const users = new Set(memberships.map(([user]) => user));
  const people = keep('users.csv', ([user]) => users.has(user));
  const managers = keep('managers.csv', ([user, organization]) => users.has(user) && inPart(organization));
  const assignments = keep('assignments.csv', ([organization]) => inPart(organization));
  const used = new Set(assignments.map(([, application, role]) => `${application}:${role}`));
  keep('applications.csv', ([application, role]) => used.has(`${application}:${role}`));

  const belongs: Organization['belongs'] = new Map();
  for (const [user, organization] of memberships as [string, string][])
    belongs.set(user, (belongs.get(user) ?? new Map()).set(organization, { stands: 'live', title: '' }));
  const given: Organization['given'] = new Map([[top, new Set([accountRole])]]);
  for (const [organization, application, role] of assignments as [string, string, string][])
    given.set(organization, (given.get(organization) ?? new Set()).add(`${application}:${role}`));
  const files = Object.fromEntries(
    names.map((name) => {
      const { heading, rows } = tables[name];
      return [name, `${[heading, ...rows.map(({ line }) => line)].join('\n')}\n`];
    }),
  ) as Files;
  const [application, role] = accountRole.split(':');
  files['applications.csv'] += `${application},${role}\n`;
  files['assignments.csv'] += `${top},${application},${role}\n`;
  return {
    files,
    above: new Map(organizations.map(([id, parent]) => [id!, parent!])),
    nameOf: new Map(organizations.map(([id, , name]) => [id!, name!])),
    people: new Map(people.map(([user, name, mail]) => [user!, { name: name!, mail: mail! }])),
    belongs,
    given,
    managed: managers.map(([user, organization]) => ({ user: user!, organization: organization! })),
    home: new Map([...belongs].map(([user, places]) => [user, [...places.keys()][0]!])),
    rules: [],
  };
}

/** An organization and those above it, itself first. */
export function lineOf({ above }: Organization, organization: string): string[] {
  const line: string[] = [];
  for (let one = organization; one !== ''; one = above.get(one)!) line.push(one);
  return line;
}

/** Roles that somebody has by one live membership. */
export function rolesBy(org: Organization, organization: string, title: string): string[] {
  const line = lineOf(org, organization);
  return [
    ...line.flatMap((one) => [...(org.given.get(one) ?? [])]),
    ...org.rules
      .filter((rule) => rule.title === title && line.includes(rule.organization))
      .map(({ role }) => role),
  ];
}

/** Everything that somebody has, by all of their live memberships. */
export function rolesOf(org: Organization, user: string): Set<string> {
  return new Set(
    [...(org.belongs.get(user) ?? [])]
      .filter(([, { stands }]) => stands === 'live')
      .flatMap(([organization, { title }]) => rolesBy(org, organization, title)),
  );
}

/** What `ldapsearch` should find of somebody. */
export type Entry = {
  on: boolean;
  name: string;
  mail: string;
  /**
   * Title, and name of the organization, in the membership that the values come from: the home; where that is over any
   * other will do, as the take-over gave them all at once.
   */
  from: { title: string; unit: string }[];
  groups: string[];
};

/**
 * What the directory should hold now. Whoever has nothing is switched off and keeps their last values.
 * @param before what it held before
 * @param groups what each group stands for: a role, or an organization with all below it
 */
export function shouldHold(
  org: Organization,
  before: ReadonlyMap<string, Entry>,
  groups: ReadonlyMap<string, { role: string } | { organization: string }>,
): Map<string, Entry> {
  const now = new Map<string, Entry>();
  for (const [user, { name, mail }] of org.people) {
    const live = [...(org.belongs.get(user) ?? [])].filter(([, { stands }]) => stands === 'live');
    const roles = rolesOf(org, user);
    const known = before.get(user);
    if (!roles.has(accountRole)) {
      if (known) now.set(user, { ...known, on: false, groups: [] });
      continue;
    }
    const within = new Set(live.flatMap(([organization]) => lineOf(org, organization)));
    const home = live.filter(([organization]) => organization === org.home.get(user));
    const from = (home.length > 0 ? home : live).map(([organization, { title }]) => ({
      title,
      unit: org.nameOf.get(organization)!,
    }));
    now.set(user, {
      ...{ on: true, name, mail, from },
      groups: [...groups]
        .filter(([, one]) => ('role' in one ? roles.has(one.role) : within.has(one.organization)))
        .map(([group]) => group)
        .sort(),
    });
  }
  return now;
}
