/**
 * The people of the demo. One password for all: a demo runs on loopback only, in a database that was made as one
 * (ruling 17), so it protects nothing and is printed at the start.
 */
export const demoPassword = 'look-after-your-own';

export type DemoPerson = { name: string; email: string; organization: string; title: string; says: string };

export const demoPeople = {
  olga: {
    name: 'Olga Ortiz',
    email: 'olga@lumen.example',
    organization: 'Lumen Energy',
    title: 'Owner',
    says: 'owner: everything',
  },
  petra: {
    name: 'Petra Power',
    email: 'petra@lumen.example',
    organization: 'Lumen Energy',
    title: 'Partner programme',
    says: 'power user: onboards partners, decides what they may hand out',
  },
  aaron: {
    name: 'Aaron Audit',
    email: 'aaron@lumen.example',
    organization: 'Lumen Energy',
    title: 'Audit',
    says: 'auditor: sees everything, changes nothing',
  },
  mara: {
    name: 'Mara Moss',
    email: 'mara@acme-solar.example',
    organization: 'Acme Solar',
    title: 'Office manager',
    says: 'manager of the partner Acme Solar',
  },
  nils: {
    name: 'Nils North',
    email: 'nils@acme-solar.example',
    organization: 'Acme Solar North',
    title: 'Site lead',
    says: 'manager of Acme Solar North, below Mara',
  },
  sam: {
    name: 'Sam Sparks',
    email: 'sam@acme-solar.example',
    organization: 'Acme Solar North',
    title: 'Fitter',
    says: 'a person at Acme Solar North: signs on, asks for access',
  },
  tess: {
    name: 'Tess Two',
    email: 'tess@acme-solar.example',
    organization: 'Acme Solar',
    title: 'Planner',
    says: 'belongs to two organizations: one sign-in and a switcher',
  },
  bea: {
    name: 'Bea Bright',
    email: 'bea@bright.example',
    organization: 'Bright Installers',
    title: 'Owner',
    says: 'manager of another partner; sees nothing of Acme Solar',
  },
} as const satisfies Record<string, DemoPerson>;

export type DemoName = keyof typeof demoPeople;
