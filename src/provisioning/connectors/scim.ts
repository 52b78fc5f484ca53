import { closing, refuseUnknown } from './closing.ts';
import {
  type AccountValues,
  type Connector,
  ConnectorError,
  type Description,
  type Settings,
} from './connector.ts';
import { callerOver, isObject } from './http-answers.ts';
import { groupsOver } from './scim-groups.ts';
import { headersFor, scimTold } from './scim-protocol.ts';
import { usersOver } from './scim-users.ts';
import { wrongByForm } from './settings-check.ts';

/**
 * Looks after accounts in whatever speaks SCIM 2.0 (RFC 7643, RFC 7644): users, groups as roles, passwords where they
 * are taken. An account is known again by `externalId`, or by `userName` where a server does not look for the other.
 */
const description: Description = {
  name: 'scim',
  label: 'SCIM 2.0',
  settings: [
    {
      key: 'url',
      label: 'Address',
      kind: 'address',
      required: true,
      help: 'Up to the version, such as https://app.example.com/scim/v2',
    },
    {
      key: 'signIn',
      label: 'Signs in by',
      kind: 'one-of',
      choices: ['bearer', 'basic'],
      choiceLabels: {
        bearer: 'Bearer token',
        basic: 'User name and password (Basic)',
      },
      usual: 'bearer',
    },
    {
      key: 'user',
      label: 'User name',
      kind: 'text',
      help: 'Only where it signs in by user name and password',
    },
    {
      key: 'knownBy',
      label: 'Accounts are known again by',
      kind: 'one-of',
      choices: ['externalId', 'userName'],
      usual: 'externalId',
    },
    {
      key: 'changes',
      label: 'Changes are sent as',
      kind: 'one-of',
      choices: ['patch', 'put'],
      choiceLabels: { patch: 'PATCH', put: 'PUT' },
      usual: 'patch',
      help: 'PUT where the system does not understand PATCH',
    },
    { key: 'pageSize', label: 'Accounts on a page', kind: 'number', usual: '100' },
  ],
  secrets: [{ key: 'token', label: 'Token or password', kind: 'text', required: true }],
  values: [
    { key: 'userName', label: 'User name', kind: 'text', required: true },
    { key: 'givenName', label: 'Given name', kind: 'text' },
    { key: 'familyName', label: 'Family name', kind: 'text' },
    { key: 'displayName', label: 'Name shown', kind: 'text' },
    { key: 'email', label: 'E-mail', kind: 'text' },
    { key: 'phone', label: 'Phone', kind: 'text' },
    { key: 'title', label: 'Title', kind: 'text' },
    { key: 'language', label: 'Language', kind: 'text' },
    { key: 'timezone', label: 'Time zone', kind: 'text' },
    { key: 'employeeNumber', label: 'Employee number', kind: 'text' },
    { key: 'organization', label: 'Organization', kind: 'text' },
    { key: 'department', label: 'Department', kind: 'text' },
    { key: 'costCenter', label: 'Cost center', kind: 'text' },
  ],
  can: {
    find: true,
    createIsIdempotent: false,
    disable: true,
    delete: true,
    roles: true,
    list: 'whole',
    passwords: ['clear'],
  },
};

export const scimConnector: Connector = {
  description,
  check: (settings) => [
    ...wrongByForm(description.settings, settings),
    ...(settings.signIn === 'basic' && !settings.user
      ? [{ field: 'user', text: 'Signing in by basic needs a user name.' }]
      : []),
    ...(pageSizeOf(settings) === undefined
      ? [{ field: 'pageSize', text: 'A page has between 1 and 1,000 accounts.' }]
      : []),
  ],
  async open(settings, secrets, reaching) {
    const base = settings.url ?? '';
    const call = callerOver(reaching.egress, reaching.deadline, scimTold);
    const http = { base, call, headers: headersFor(settings, secrets) };
    const groups = groupsOver(http, reaching.roles);
    const users = usersOver(
      http,
      {
        knownBy: settings.knownBy === 'userName' ? 'userName' : 'externalId',
        put: settings.changes === 'put',
        pageSize: pageSizeOf(settings) ?? 100,
      },
      groups,
    );
    return closing(
      {
        ...users,
        async create(wanted) {
          refuseUnknown(description.values, wanted.values);
          refuseSpaces(wanted.values);
          return await users.create(wanted);
        },
        async update(id, change) {
          refuseUnknown(description.values, change.values);
          refuseSpaces(change.values);
          await users.update(id, change);
        },
        ensureRole: (name) => groups.ensure(name),
        async test() {
          const answer = await http.call({
            method: 'GET',
            url: `${base.replace(/\/+$/, '')}/ServiceProviderConfig`,
            headers: http.headers,
          });
          const first = await users.list();
          const config: unknown = JSON.parse(answer.body || '{}');
          const patch = isObject(config) && isObject(config.patch) && config.patch.supported !== false;
          return [
            {
              level: 'good' as const,
              text:
                first.total === undefined
                  ? 'It answers, and lets us read its people.'
                  : `It answers, and lets us read its people (${first.total}).`,
            },
            ...(!patch && settings.changes !== 'put'
              ? [
                  {
                    level: 'doubt' as const,
                    text: 'It says that it does not understand PATCH: have changes sent as put.',
                  },
                ]
              : []),
          ];
        },
        async close() {},
      },
      reaching.deadline,
    );
  },
};

/** Servers cut spaces around a value: it would come back as another, and be sent again for ever. */
function refuseSpaces(values: AccountValues): void {
  const around = Object.entries(values).find(
    ([, value]) => typeof value === 'string' && value !== value.trim(),
  );
  if (around) throw new ConnectorError('refused', `A value for ${around[0]} begins or ends with a space.`);
}

function pageSizeOf({ pageSize = '100' }: Settings): number | undefined {
  const size = Number(pageSize);
  return Number.isInteger(size) && size >= 1 && size <= 1000 ? size : undefined;
}
