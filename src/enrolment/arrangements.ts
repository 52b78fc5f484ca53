/** The usual arrangements between organizations. Loading one asks only what differs from case to case. */
export type ArrangementField =
  | 'name'
  | 'managerName'
  | 'managerEmail'
  | 'parts'
  | 'applicationIds'
  | 'everydayEntitlementIds'
  | 'seats'
  | 'until';

export type Question = {
  field: ArrangementField;
  label: string;
  hint: string;
  required: boolean;
  /** how many of a list at most */
  most?: number;
};

export type Arrangement = {
  key: ArrangementKey;
  name: string;
  description: string;
  /** what will be there afterwards, a sentence each */
  makes: string[];
  questions: Question[];
  /** what each part is made with, besides its organization */
  part: {
    /** its own ceiling, below that of the organization it stands in */
    standing: boolean;
    /** levels of managers that may follow below the part's own */
    mayPassOn: number;
  };
  /** everything stands in a new organization; else in the chosen one */
  newOrganization: boolean;
  /** line managers look after those who report to them */
  lineManagers: boolean;
};

export const arrangementKeys = [
  'partner-with-branches',
  'franchise',
  'agency-with-brokers',
  'departments',
  'supplier-application',
] as const;
export type ArrangementKey = (typeof arrangementKeys)[number];

const ask = (field: ArrangementField, label: string, hint = '', required = false): Question => ({
  field,
  label,
  hint,
  required,
});
const until = ask('until', 'Last day', 'Empty: as long as what you have yourself.');
const manager = (who: string): Question[] => [
  ask('managerName', `Name of ${who}`, 'Gets an invitation.', true),
  ask('managerEmail', `E-mail of ${who}`, '', true),
];
const applications = ask('applicationIds', 'Applications they may hand out');
const everyday = ask(
  'everydayEntitlementIds',
  'Access that most people there need',
  'Becomes one access role of theirs, given in one click.',
);

export const arrangements: Record<ArrangementKey, Arrangement> = {
  'partner-with-branches': {
    key: 'partner-with-branches',
    name: 'Partner with branches',
    description: 'A company that looks after its own people, with a branch for each of its sites.',
    makes: [
      'The partner, with a manager who may appoint managers of the branches.',
      'A branch for each name, with a manager where you give one.',
      'What the partner may hand out, in all branches alike.',
    ],
    questions: [
      ask('name', 'Name of the partner', '', true),
      ...manager('its first manager'),
      ask('parts', 'Branches', 'One a line: a name; with a manager: name, manager, e-mail.'),
      applications,
      everyday,
      until,
    ],
    part: { standing: false, mayPassOn: 0 },
    newOrganization: true,
    lineManagers: false,
  },
  franchise: {
    key: 'franchise',
    name: 'Franchise',
    description: 'Independent businesses under one name: each has its own limit and its own manager.',
    makes: [
      'The franchise, with a manager who oversees all businesses.',
      'A business for each name, with a limit of its own that can be narrowed or ended alone.',
      'A manager of each business, who may appoint further ones there.',
    ],
    questions: [
      ask('name', 'Name of the franchise', '', true),
      ...manager('who oversees it'),
      ask('parts', 'Businesses', 'One a line: name, manager, e-mail.', true),
      applications,
      everyday,
      until,
    ],
    part: { standing: true, mayPassOn: 1 },
    newOrganization: true,
    lineManagers: false,
  },
  'agency-with-brokers': {
    key: 'agency-with-brokers',
    name: 'Agency with brokers',
    description: 'An agency whose brokers each look after their own people, and appoint nobody.',
    makes: [
      'The agency, with a manager who looks after all brokers.',
      'A place for each broker, who looks after the people in it and may not pass that on.',
    ],
    questions: [
      ask('name', 'Name of the agency', '', true),
      ...manager('its manager'),
      ask('parts', 'Brokers', 'One a line: name of the office, broker, e-mail.', true),
      applications,
      everyday,
      until,
    ],
    part: { standing: false, mayPassOn: 0 },
    newOrganization: true,
    lineManagers: false,
  },
  departments: {
    key: 'departments',
    name: 'Departments with line managers',
    description: 'Your own departments; whoever is somebody’s line manager looks after that person.',
    makes: [
      'A department for each name, below the organization you choose.',
      'Line managers there look after all who report to them, whoever they are at the time.',
    ],
    questions: [
      ask('parts', 'Departments', 'One a line: a name; with a manager: name, manager, e-mail.', true),
      until,
    ],
    part: { standing: false, mayPassOn: 0 },
    newOrganization: false,
    lineManagers: true,
  },
  'supplier-application': {
    key: 'supplier-application',
    name: 'One application for a supplier',
    description: 'A supplier whose people use one application of yours, and nothing else, until a date.',
    makes: [
      'The supplier, which may hand out one application and no more.',
      'A manager who invites the supplier’s people, up to the number you set.',
    ],
    questions: [
      ask('name', 'Name of the supplier', '', true),
      ...manager('its manager'),
      { ...ask('applicationIds', 'The application', '', true), most: 1 },
      ask('seats', 'Most people and open invitations', 'Empty: as many as they like.'),
      ask('until', 'Last day', 'Empty: as long as what you have yourself.'),
    ],
    part: { standing: false, mayPassOn: 0 },
    newOrganization: true,
    lineManagers: false,
  },
};
