import type { Json, JsonObject } from '../../../src/enrolment/scim/protocol/json.ts';

export type Asked = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body?: Json;
  headers?: Record<string, string>;
  /** by nobody, or with a key that is none */
  by?: 'nobody' | 'a stranger';
};

/**
 * One statement of an RFC that is asked of the server. What `given` names is there before: people and groups, whose ids,
 * versions and names stand in the rest as `{0}`, `{0.version}`, `{0.userName}`, `{g0}`; then what was done with them.
 * `{tag}` is a word that no other case has.
 */
export type HttpCase = {
  section: string;
  quote: string;
  given?: { users?: JsonObject[]; groups?: JsonObject[]; after?: Asked[] };
  request: Asked;
  expect: {
    status: number;
    scimType?: string;
    /** at least this stands in the answer */
    body?: Json;
    /** these do not */
    without?: string[];
    headers?: Record<string, string | RegExp>;
  };
};

export const core = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const groupCore = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const own = 'urn:remit:params:scim:schemas:extension:1.0:User';

export const user = (more: JsonObject = {}): JsonObject => ({ schemas: [core], userName: '{tag}', ...more });
export const get = (path: string, headers?: Record<string, string>): Asked => ({
  method: 'GET',
  path,
  headers,
});
export const post = (path: string, body: Json, headers?: Record<string, string>): Asked => ({
  method: 'POST',
  path,
  body,
  headers,
});
export const put = (path: string, body: Json, headers?: Record<string, string>): Asked => ({
  method: 'PUT',
  path,
  body,
  headers,
});
export const remove = (path: string, headers?: Record<string, string>): Asked => ({
  method: 'DELETE',
  path,
  headers,
});
export const patch = (path: string, operations: Json[], headers?: Record<string, string>): Asked => ({
  method: 'PATCH',
  path,
  headers,
  body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations },
});
export const search = (more: JsonObject): Asked =>
  post('/Users/.search', { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], ...more });
export const list = (query: Record<string, string>): Asked => get(`/Users?${new URLSearchParams(query)}`);

/** A statement of one section, asked in several ways. */
export const about =
  (section: string, quote: string) =>
  (request: HttpCase['request'], expect: HttpCase['expect'], given?: HttpCase['given']): HttpCase => ({
    section,
    quote,
    given,
    request,
    expect,
  });
