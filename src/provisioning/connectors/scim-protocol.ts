import type { Settings } from './connector.ts';
import { type Caller, isObject, jsonOf } from './http-answers.ts';

/** What a SCIM client says and hears, beside users and groups. */
export type ScimHttp = { base: string; call: Caller; headers: Record<string, string> };

export const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const enterpriseSchema = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const groupSchema = 'urn:ietf:params:scim:schemas:core:2.0:Group';

/** Signs in by a bearer token (RFC 6750, section 2.1), or a name and password (RFC 7617). */
export const headersFor = (settings: Settings, secrets: Settings): Record<string, string> => ({
  accept: 'application/scim+json, application/json',
  'user-agent': 'Remit',
  authorization:
    settings.signIn === 'basic'
      ? `Basic ${Buffer.from(`${settings.user ?? ''}:${secrets.token ?? ''}`).toString('base64')}`
      : `Bearer ${secrets.token ?? ''}`,
});

export const jsonBody = (
  http: ScimHttp,
  body: unknown,
): { headers: Record<string, string>; body: string } => ({
  headers: { ...http.headers, 'content-type': 'application/scim+json' },
  body: JSON.stringify(body),
});

export type PatchOperation = { op: 'add' | 'replace' | 'remove'; path: string; value?: unknown };

export const patchOf = (operations: readonly PatchOperation[]): unknown => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: operations,
});

/** A text inside a filter: a JSON string (RFC 7644, section 3.4.2.2). */
export const quoted = (value: string): string => JSON.stringify(value);

/** The kind of error that a server names (RFC 7644, section 3.12); its `detail` may quote a value, and is left out. */
export function scimTold(body: string): string {
  try {
    const error: unknown = JSON.parse(body);
    return isObject(error) && typeof error.scimType === 'string' && /^[A-Za-z]{1,40}$/.test(error.scimType)
      ? error.scimType
      : '';
  } catch {
    return '';
  }
}

/** One page of a list (RFC 7644, section 3.4.2). */
export type ListPage = { resources: Record<string, unknown>[]; total: number | undefined };

export async function readPage(
  http: ScimHttp,
  kind: 'Users' | 'Groups',
  query: Record<string, string>,
): Promise<ListPage> {
  const { body } = await http.call({
    method: 'GET',
    url: `${http.base.replace(/\/+$/, '')}/${kind}?${new URLSearchParams(query)}`,
    headers: http.headers,
  });
  const page = jsonOf(body);
  if (!isObject(page)) return { resources: [], total: undefined };
  const resources = Array.isArray(page.Resources) ? page.Resources.filter(isObject) : [];
  return { resources, total: typeof page.totalResults === 'number' ? page.totalResults : undefined };
}

export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
