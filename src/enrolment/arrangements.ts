import type { Text } from './say.ts';

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
  label: Text;
  hint: Text | undefined;
  required: boolean;
  /** how many of a list at most */
  most?: number;
};

export type Arrangement = {
  key: ArrangementKey;
  name: Text;
  description: Text;
  /** what will be there afterwards, a sentence each */
  makes: Text[];
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

const ask = (field: ArrangementField, label: Text, hint?: Text, required = false): Question => ({
  field,
  label,
  hint,
  required,
});
const until = ask('until', 'arrangement.until', 'arrangement.until.hint');
const manager = (who: 'first' | 'overseer' | 'its'): Question[] => [
  ask('managerName', `arrangement.manager.${who}.name`, 'arrangement.manager.hint', true),
  ask('managerEmail', `arrangement.manager.${who}.email`, undefined, true),
];
const applications = ask('applicationIds', 'arrangement.applications');
const everyday = ask('everydayEntitlementIds', 'arrangement.everyday', 'arrangement.everyday.hint');

export const arrangements: Record<ArrangementKey, Arrangement> = {
  'partner-with-branches': {
    key: 'partner-with-branches',
    name: 'arrangement.partner.name',
    description: 'arrangement.partner.description',
    makes: ['arrangement.partner.makes.1', 'arrangement.partner.makes.2', 'arrangement.partner.makes.3'],
    questions: [
      ask('name', 'arrangement.partner.ask.name', undefined, true),
      ...manager('first'),
      ask('parts', 'arrangement.partner.ask.parts', 'arrangement.parts.hint'),
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
    name: 'arrangement.franchise.name',
    description: 'arrangement.franchise.description',
    makes: [
      'arrangement.franchise.makes.1',
      'arrangement.franchise.makes.2',
      'arrangement.franchise.makes.3',
    ],
    questions: [
      ask('name', 'arrangement.franchise.ask.name', undefined, true),
      ...manager('overseer'),
      ask('parts', 'arrangement.franchise.ask.parts', 'arrangement.franchise.ask.parts.hint', true),
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
    name: 'arrangement.agency.name',
    description: 'arrangement.agency.description',
    makes: ['arrangement.agency.makes.1', 'arrangement.agency.makes.2'],
    questions: [
      ask('name', 'arrangement.agency.ask.name', undefined, true),
      ...manager('its'),
      ask('parts', 'arrangement.agency.ask.parts', 'arrangement.agency.ask.parts.hint', true),
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
    name: 'arrangement.departments.name',
    description: 'arrangement.departments.description',
    makes: ['arrangement.departments.makes.1', 'arrangement.departments.makes.2'],
    questions: [ask('parts', 'arrangement.departments.ask.parts', 'arrangement.parts.hint', true), until],
    part: { standing: false, mayPassOn: 0 },
    newOrganization: false,
    lineManagers: true,
  },
  'supplier-application': {
    key: 'supplier-application',
    name: 'arrangement.supplier.name',
    description: 'arrangement.supplier.description',
    makes: ['arrangement.supplier.makes.1', 'arrangement.supplier.makes.2'],
    questions: [
      ask('name', 'arrangement.supplier.ask.name', undefined, true),
      ...manager('its'),
      { ...ask('applicationIds', 'arrangement.supplier.ask.application', undefined, true), most: 1 },
      ask('seats', 'arrangement.supplier.ask.seats', 'arrangement.supplier.ask.seats.hint'),
      ask('until', 'arrangement.until', 'arrangement.until.hint'),
    ],
    part: { standing: false, mayPassOn: 0 },
    newOrganization: true,
    lineManagers: false,
  },
};
