import { randomUUID } from 'node:crypto';
import { signed } from '../../platform/webhook-signature.ts';
import { closing } from './closing.ts';
import { type Connector, ConnectorError, type Description } from './connector.ts';
import { callerOver } from './http-answers.ts';
import { personValues } from './person-values.ts';
import { wrongByForm } from './settings-check.ts';

/**
 * Tells an address of each change to an account, by a signed message (Standard Webhooks 1.0.0). What stands there cannot
 * be read, so each message says all that it is about, and may come twice: whoever takes it keys accounts by `account.id`.
 */
const description: Description = {
  name: 'webhook',
  label: 'Signed webhook',
  settings: [{ key: 'url', label: 'Address', kind: 'address', required: true }],
  secrets: [
    {
      key: 'secret',
      label: 'Secret that signs',
      kind: 'text',
      required: true,
      help: 'whsec_ and 24 to 64 bytes in base64',
    },
  ],
  values: personValues,
  can: {
    find: false,
    createIsIdempotent: true,
    disable: true,
    delete: true,
    roles: true,
    list: 'none',
    passwords: [],
  },
};

export const webhookConnector: Connector = {
  description,
  check: (settings) => wrongByForm(description.settings, settings),
  async open(settings, secrets, { egress, deadline }) {
    const secret = secrets.secret ?? '';
    if (!/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/.test(secret))
      throw new ConnectorError('bad-settings', 'The secret is whsec_ and 24 to 64 bytes in base64.');
    const call = callerOver(egress, deadline);
    const tell = async (type: string, data: Record<string, unknown>): Promise<void> => {
      const at = new Date();
      const body = JSON.stringify({ type, timestamp: at.toISOString(), data });
      await call({
        method: 'POST',
        url: settings.url ?? '',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'user-agent': 'Remit',
          ...signed([secret], `msg_${randomUUID()}`, at, body),
        },
        body,
      });
    };
    const cannotRead = (): never => {
      throw new ConnectorError('bad-settings', 'A webhook tells, and cannot be asked what is there.');
    };
    return closing(
      {
        async test() {
          await tell('account.test', {});
          return [{ level: 'good', text: 'It took a test message.' }];
        },
        list: async () => cannotRead(),
        read: async () => cannotRead(),
        find: async () => cannotRead(),
        async create({ correlation, enabled, values, roles }) {
          await tell('account.created', { account: { id: correlation, enabled, values, roles } });
          return { id: correlation, correlation, enabled, values, roles };
        },
        update: (id, { values, rolesAdded, rolesRemoved }) =>
          tell('account.changed', { account: { id, values, rolesAdded, rolesRemoved } }),
        enable: (id) => tell('account.enabled', { account: { id, enabled: true } }),
        disable: (id) => tell('account.disabled', { account: { id, enabled: false } }),
        delete: (id) => tell('account.deleted', { account: { id } }),
        ensureRole: async (name) => name,
        setPassword: async () => cannotRead(),
        async close() {},
      },
      deadline,
    );
  },
};
