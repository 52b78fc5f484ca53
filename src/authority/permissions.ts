/**
 * The names of administrative acts. `reading` ones survive for those whose scope starts above a closed or
 * suspended organization (design, section 2, point 4). `protectedAct` ones hand over control of an account and need the
 * person's whole power to be strictly less than the actor's (I12). Machines do no protected act (ruling 6).
 */
type Traits = { text: string; reading?: true; aboveOff?: true; protectedAct?: true };

export const permissions = {
  'organization.read': { text: 'see organizations', reading: true },
  'organization.create': { text: 'make organizations below' },
  'organization.update': { text: 'change names and details of organizations' },
  'organization.suspend': { text: 'suspend organizations and open them again', aboveOff: true },
  'organization.close': { text: 'close organizations', aboveOff: true },
  'organization.move': { text: 'move organizations', aboveOff: true },
  'user.read': { text: 'see people', reading: true },
  'user.invite': { text: 'invite people' },
  'user.enrol': { text: 'enrol people who have no e-mail' },
  'membership.update': { text: 'change titles, line managers, dates and details of people' },
  'membership.suspend': { text: 'suspend people and let them back in' },
  'membership.end': { text: 'record that somebody leaves' },
  'credential.recover': { text: 'start recovery of a person’s sign-in to their own address' },
  'credential.reset': { text: 'hand a person a new sign-in code', protectedAct: true },
  'access.read': { text: 'see who has which access', reading: true },
  'access.grant': { text: 'give access' },
  'access.end': { text: 'take access away' },
  'request.decide': { text: 'decide what people ask for' },
  'delegation.read': { text: 'see who may do what', reading: true },
  'delegation.create': { text: 'appoint managers and pass on what they may do' },
  'delegation.end': { text: 'narrow or end what was passed on', aboveOff: true },
  'admin-role.configure': { text: 'make and change admin roles' },
  'exception.set': { text: 'set exceptions for those below, and lift them' },
  'attribute.configure': { text: 'define fields for people' },
  'group.configure': { text: 'make groups and say who is in them' },
  'application.read': { text: 'see applications', reading: true },
  'application.configure': { text: 'register and change applications' },
  'access-role.configure': { text: 'make and change access roles' },
  'access-rule.configure': { text: 'make rules that give access by what is recorded of people' },
  'approval-policy.configure': { text: 'say who approves what people ask for' },
  'separation.configure': { text: 'say which roles one person may not hold together' },
  'client.configure': { text: 'make and end API keys' },
  'webhook.configure': { text: 'make webhooks, which tell other systems what happens' },
  'organization.import': { text: 'take over a whole organization from files' },
  'source.configure': { text: 'bring people in from directories' },
  'target.read': { text: 'see connected systems and the accounts there', reading: true },
  'target.configure': { text: 'connect systems and say what is sent to them' },
  'target.operate': { text: 'mend what connected systems refused or lost' },
  'audit.read': { text: 'see what was done', reading: true },
  'decision.ask': { text: 'ask, for an application, whether somebody may do something', reading: true },
  'decision.search': { text: 'search, for an application, who may do what', reading: true },
} as const satisfies Record<string, Traits>;

export type Permission = keyof typeof permissions;
export const permissionNames = Object.keys(permissions) as Permission[];
export const traitsOf = (permission: Permission): Traits => permissions[permission];
export const isPermission = (name: string): name is Permission => Object.hasOwn(permissions, name);

const manager: Permission[] = [
  'organization.read',
  'organization.create',
  'organization.update',
  'organization.suspend',
  'user.read',
  'user.invite',
  'user.enrol',
  'membership.update',
  'membership.suspend',
  'membership.end',
  'credential.recover',
  'credential.reset',
  'access.read',
  'access.grant',
  'access.end',
  'request.decide',
  'approval-policy.configure',
  'separation.configure',
  'delegation.read',
  'delegation.create',
  'delegation.end',
  'admin-role.configure',
  'exception.set',
  'attribute.configure',
  'group.configure',
  'access-rule.configure',
  'source.configure',
  'application.read',
  'client.configure',
  'webhook.configure',
  // what an auditor may see, a manager may see: who cannot see it could appoint none
  'target.read',
  'decision.ask',
  'audit.read',
];

/** Built-in admin roles, with fixed ids so that every instance speaks of the same ones. */
export const builtInAdminRoles: {
  id: string;
  key: string;
  name: string;
  description: string;
  permissions: Permission[];
}[] = [
  {
    id: '00000000-0000-7000-8000-000000000001',
    key: 'owner',
    name: 'Owner',
    description: 'Everything, everywhere.',
    permissions: permissionNames,
  },
  {
    id: '00000000-0000-7000-8000-000000000002',
    key: 'power-user',
    name: 'Power user',
    description: 'Onboards partners, registers applications, decides what each partner may hand out.',
    permissions: permissionNames.filter((name) => name !== 'organization.move'),
  },
  {
    id: '00000000-0000-7000-8000-000000000003',
    key: 'delegated-manager',
    name: 'Manager',
    description:
      'Looks after the people of an organization and those below: invites, gives access, approves, appoints.',
    permissions: manager,
  },
  {
    id: '00000000-0000-7000-8000-000000000004',
    key: 'help-desk',
    name: 'Help desk',
    description: 'Finds people and helps them back in.',
    permissions: ['organization.read', 'user.read', 'credential.recover', 'access.read'],
  },
  {
    id: '00000000-0000-7000-8000-000000000005',
    key: 'application-manager',
    name: 'Application manager',
    description: 'Decides who may use applications.',
    permissions: [
      'organization.read',
      'user.read',
      'access.read',
      'access.grant',
      'access.end',
      'request.decide',
      'application.read',
    ],
  },
  {
    id: '00000000-0000-7000-8000-000000000006',
    key: 'auditor',
    name: 'Auditor',
    description: 'Sees who may do what, why, and everything that was done; changes nothing.',
    permissions: [
      'organization.read',
      'user.read',
      'access.read',
      'delegation.read',
      'application.read',
      'target.read',
      'audit.read',
    ],
  },
  {
    id: '00000000-0000-7000-8000-000000000007',
    key: 'line-manager',
    name: 'Line manager',
    description: 'Looks after the access of the people who report to them, and decides what they ask for.',
    permissions: [
      'organization.read',
      'user.read',
      'access.read',
      'access.grant',
      'access.end',
      'request.decide',
      'application.read',
    ],
  },
  {
    id: '00000000-0000-7000-8000-000000000008',
    key: 'guardian',
    name: 'Guardian',
    description: 'Looks after the accounts of a household and what each member may use.',
    permissions: [
      'organization.read',
      'user.read',
      'user.enrol',
      'membership.update',
      'credential.recover',
      'access.read',
      'access.grant',
      'access.end',
      'request.decide',
      'application.read',
    ],
  },
];
export const adminRoleId = (key: string): string => builtInAdminRoles.find((role) => role.key === key)!.id;
