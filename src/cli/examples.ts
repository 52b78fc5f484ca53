/** What each group is for, and commands to start from. A test runs the parser over every one of them. */
export const groups: Record<string, { about: string; examples: string[] }> = {
  organization: {
    about: 'the tree of organizations',
    examples: [
      'remit organization list --as anna@lumen.example',
      'remit organization create --parent-id <id> --name "North" --as anna@lumen.example',
      'remit organization suspend --organization-id <id> --as anna@lumen.example',
    ],
  },
  user: {
    about: 'people, as lists',
    examples: [
      'remit user list --as anna@lumen.example --search jansen --sort -lastDay',
      'remit user list --as anna@lumen.example --status no-sign-in --json',
      'remit user export --organization-id <id> --as anna@lumen.example > people.csv',
    ],
  },
  membership: {
    about: 'one person in one organization',
    examples: [
      'remit membership end-preview --membership-id <id> --as anna@lumen.example',
      'remit membership end --membership-id <id> --last-day 2026-12-31 --as anna@lumen.example',
      'remit membership update --membership-id <id> --title "Fitter" --attributes \'{"desk": 7}\' --as anna@lumen.example',
    ],
  },
  'last-day-notice': {
    about: 'how long before a last day people are told',
    examples: [
      'remit last-day-notice update --organization-id <id> --days 60 --days 14 --as anna@lumen.example',
    ],
  },
  delegation: {
    about: 'who may do what, where, and what may be passed on',
    examples: [
      'remit delegation list --organization-id <id> --as anna@lumen.example',
      'remit delegation mine --as anna@lumen.example',
      'remit delegation end --delegation-id <id> --as anna@lumen.example',
    ],
  },
  assignment: {
    about: 'access given to people and organizations',
    examples: [
      'remit assignment grant --membership-ids <id> --membership-ids <id> --entitlement-ids <id> --as anna@lumen.example',
      'remit assignment end --assignment-id <id> --as anna@lumen.example',
    ],
  },
  application: {
    about: 'applications and their roles',
    examples: ['remit application list --as anna@lumen.example'],
  },
  'access-role': {
    about: 'bundles of access across applications',
    examples: ['remit access-role list --as anna@lumen.example'],
  },
  invitation: {
    about: 'offers to join',
    examples: [
      'remit invitation create --organization-id <id> --people \'{"email": "jan@partner.example"}\' --as anna@lumen.example',
    ],
  },
  deputy: {
    about: 'who decides for you while you are away',
    examples: [
      'remit deputy create --membership-id <id> --until 2027-01-31T00:00:00Z --as anna@lumen.example',
    ],
  },
  'approval-policy': {
    about: 'who approves what people ask for',
    examples: ['remit approval-policy list --organization-id <id> --as anna@lumen.example'],
  },
  calendar: {
    about: 'when an organization works',
    examples: ['remit calendar read --organization-id <id> --as anna@lumen.example'],
  },
  account: {
    about: 'asking that somebody new may join, and accounts of people at connected systems',
    examples: [
      'remit account ask --organization-id <id> --email kim@acme.example --as anna@lumen.example',
      'remit account list --provisioning-target-id <id> --state dead --as anna@lumen.example',
      'remit account of --membership-id <id> --as anna@lumen.example',
      'remit account retry --account-id <id> --as anna@lumen.example',
    ],
  },
  task: {
    about: 'what waits for you to be done by hand in systems that no machine speaks to',
    examples: [
      'remit task list --as anna@lumen.example',
      'remit task done --task-id <id> --account-name k.jansen --as anna@lumen.example',
      'remit task refuse --task-id <id> --reason "No licence is left." --as anna@lumen.example',
    ],
  },
  extension: {
    about: 'asking that access lasts longer',
    examples: [
      'remit extension ask --assignment-id <id> --until 2027-12-31T00:00:00Z --as anna@lumen.example',
    ],
  },
  'last-day': {
    about: 'asking for a later last day',
    examples: ['remit last-day ask --last-day 2027-12-31 --as anna@lumen.example'],
  },
  registration: {
    about: 'the page where strangers ask to join an organization',
    examples: ['remit registration update --organization-id <id> --open --as anna@lumen.example'],
  },
  report: {
    about: 'the people who report to you',
    examples: ['remit report list --as anna@lumen.example'],
  },
  'access-rule': {
    about: 'access given by what is recorded of people',
    examples: [
      'remit access-rule list --as anna@lumen.example',
      'remit access-rule create --organization-id <id> --name Fitters --title Fitter --entitlement-id <id> --as anna@lumen.example',
    ],
  },
  group: {
    about: 'named sets of people, which rules can read',
    examples: [
      'remit group list --as anna@lumen.example',
      'remit group create --organization-id <id> --name "Night shift" --as anna@lumen.example',
    ],
  },
  separation: {
    about: 'roles that one person may not hold together',
    examples: [
      'remit separation list --as anna@lumen.example',
      'remit separation list-conflicts --as anna@lumen.example',
    ],
  },
  request: {
    about: 'what people ask for',
    examples: ['remit request list --box inbox --as anna@lumen.example'],
  },
  event: {
    about: 'everything that was done',
    examples: ['remit event list --organization-id <id> --json --as anna@lumen.example'],
  },
  access: {
    about: 'what somebody has, and why',
    examples: ['remit access of --membership-id <id> --as anna@lumen.example'],
  },
  'admin-role': {
    about: 'named sets of permissions',
    examples: ['remit admin-role list --as anna@lumen.example'],
  },
  attribute: {
    about: 'fields that an organization defines for its people',
    examples: [
      'remit attribute define --organization-id <id> --key desk --label Desk --kind number --as anna@lumen.example',
      'remit attribute define --organization-id <id> --key grade --label Grade --kind choice --choices A --choices B --as anna@lumen.example',
    ],
  },
  'people-import': {
    about: 'people from a CSV file',
    examples: [
      'remit people-import file people.csv --below "Acme Solar" --as mara@acme.example',
      'remit people-import read --import-id <id> --show problem --as mara@acme.example',
    ],
  },
  source: {
    about: 'directories from which people come in',
    examples: [
      'remit source list --as mara@acme.example',
      'remit source try --source-id <id> --as mara@acme.example',
      'remit source read-now --source-id <id> --as mara@acme.example',
      'remit source agree --source-id <id> --source-run-id <id> --as mara@acme.example',
    ],
  },
  'source-run': {
    about: 'what came of each reading of a directory',
    examples: ['remit source-run list --source-id <id> --as mara@acme.example'],
  },
  proposal: {
    about: 'people who are not in their directory any more',
    examples: [
      'remit proposal list --as mara@acme.example',
      'remit proposal settle --proposal-id <id> --how end --as mara@acme.example',
    ],
  },
  'import-mapping': {
    about: 'which column of a file of people holds what',
    examples: ['remit import-mapping list --organization-id <id> --as mara@acme.example'],
  },
  target: {
    about: 'connected systems in which accounts are kept',
    examples: [
      'remit target list --as anna@lumen.example',
      'remit target try --provisioning-target-id <id> --as anna@lumen.example',
      'remit target activate --provisioning-target-id <id> --as anna@lumen.example',
      'remit target reconcile --provisioning-target-id <id> --as anna@lumen.example',
      'remit target show-held --provisioning-target-id <id> --as anna@lumen.example',
      'remit target release --provisioning-target-id <id> --as anna@lumen.example',
    ],
  },
  'initial-password': {
    about: 'first passwords of accounts that were made for you',
    examples: [
      'remit initial-password list --as sam@acme-solar.example',
      'remit initial-password take --provisioning-target-id <id> --as sam@acme-solar.example',
    ],
  },
  difference: {
    about: 'how a connected system differs from what should be there',
    examples: [
      'remit difference list --provisioning-target-id <id> --as anna@lumen.example',
      'remit difference settle --difference-id <id> --how mend --as anna@lumen.example',
      'remit difference settle-all --provisioning-target-id <id> --kind drift --how mend --as anna@lumen.example',
    ],
  },
  mapping: {
    about: 'what of a person is sent to a connected system',
    examples: [
      'remit mapping try --membership-id <id> --connector ldap --mapping \'{"to": "cn", "pieces": [{"field": "displayName"}]}\' --as anna@lumen.example',
    ],
  },
  connector: {
    about: 'kinds of systems that can be connected',
    examples: ['remit connector list --as anna@lumen.example'],
  },
  webhook: {
    about: 'telling other systems what happens',
    examples: [
      'remit webhook create --organization-id <id> --name Board --url https://hooks.example.org/remit --types request.created --as mara@acme.example',
    ],
  },
  'webhook-delivery': {
    about: 'what a webhook sent, and what it could not',
    examples: ['remit webhook-delivery list --webhook-id <id> --state failed --as mara@acme.example'],
  },
  client: {
    about: 'API keys',
    examples: ['remit client list --organization-id <id> --as anna@lumen.example'],
  },
  code: { about: 'signing in with a printed code', examples: [] },
  credential: {
    about: 'helping somebody back in',
    examples: ['remit credential recover --membership-id <id> --as anna@lumen.example'],
  },
  entitlement: {
    about: 'roles in applications',
    examples: ['remit entitlement grantable --organization-id <id> --as anna@lumen.example'],
  },
  home: { about: 'what needs you', examples: [] },
  'notice-preferences': {
    about: 'how you hear of things by mail',
    examples: ['remit notice-preferences update --daily --daily-hour 8 --as anna@lumen.example'],
  },
  me: { about: 'your own account', examples: ['remit me read --as anna@lumen.example'] },
  partner: {
    about: 'onboarding partners',
    examples: [
      'remit partner onboard --name "Partner" --manager-name "Jan Jansen" --manager-email jan@partner.example --as anna@lumen.example',
    ],
  },
  password: { about: 'your own password', examples: [] },
  recovery: { about: 'getting back in', examples: [] },
  session: { about: 'your own sign-ins', examples: ['remit session list --as anna@lumen.example'] },
  setup: { about: 'the first owner of an empty instance', examples: [] },
  decision: {
    about: 'why somebody may, or may not',
    examples: [
      'remit decision explain --permission user.invite --organization-id <id> --as anna@lumen.example',
    ],
  },
  acting: { about: 'who may act on you', examples: ['remit acting on-me --as mara@acme.example'] },
  arrangement: {
    about: 'usual arrangements, loaded all at once or not at all',
    examples: ['remit arrangement list --as petra@lumen.example'],
  },
  attention: {
    about: 'what somebody who looks after partners should look at',
    examples: ['remit attention list --as petra@lumen.example'],
  },
  change: {
    about: 'who gains and loses what by a change, before it is made',
    examples: [
      'remit change preview --operation delegation.end --input \'{"input":{"delegationId":"<id>"}}\' --as anna@lumen.example',
    ],
  },
  ending: {
    about: 'what ends in the next days',
    examples: ['remit ending list --days 30 --as mara@acme.example'],
  },
  exception: {
    about: 'what nobody below may do, whatever was delegated',
    examples: ['remit exception list --organization-id <id> --as petra@lumen.example'],
  },
  'scim-group': {
    about: 'groups as a feed sees and writes them (SCIM 2.0)',
    examples: ['remit scim-group list --organization-id <id> --as mara@acme.example'],
  },
  'scim-connection': {
    about: 'how a feed of people (SCIM 2.0) is doing',
    examples: ['remit scim-connection read --client-id <id> --as mara@acme.example'],
  },
  'scim-config': {
    about: 'which parts of SCIM 2.0 are spoken',
    examples: ['remit scim-config read --organization-id <id> --as mara@acme.example'],
  },
  'scim-type': {
    about: 'kinds of resources of SCIM',
    examples: ['remit scim-type list --organization-id <id> --as mara@acme.example'],
  },
  'scim-schema': {
    about: 'schemas of SCIM, with the fields that an organization defined',
    examples: ['remit scim-schema list --organization-id <id> --as mara@acme.example'],
  },
  scim: {
    about: 'many operations of a feed at once (SCIM 2.0)',
    examples: [
      'remit scim bulk --organization-id <id> --body \'{"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": []}\' --as mara@acme.example',
    ],
  },
  'scim-user': {
    about: 'people as a feed sees and writes them (SCIM 2.0)',
    examples: [
      'remit scim-user list --organization-id <id> --filter \'userName eq "jan@partner.example"\' --as mara@acme.example',
    ],
  },
  map: {
    about: 'who may do what, where, one organization at a time',
    examples: ['remit map read --as mara@acme.example'],
  },
};

export const examplesText = (examples: readonly string[]): string =>
  examples.length === 0 ? '' : `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}\n`;
