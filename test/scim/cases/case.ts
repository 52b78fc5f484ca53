import type { PatchOperation } from '../../../src/enrolment/scim/patch/patch.ts';
import type { Json, JsonObject } from '../../../src/enrolment/scim/protocol/json.ts';

/**
 * One statement of an RFC: `section` is the RFC and where in it, `quote` its words, then what is there, what is asked, and
 * what has to come. Those that need no server are asked of the pure parts; the others go over HTTP.
 */
export type Case = { section: string; quote: string } & (
  | { given?: JsonObject; request: { filter: string }; expect: boolean | Wrong }
  | {
      given?: JsonObject;
      request: { patch: PatchOperation[] };
      expect: Partial<JsonObject> | 'unchanged' | Wrong;
    }
  | {
      given?: JsonObject;
      request: { attributes?: string; excludedAttributes?: string };
      expect: string[] | Wrong;
    }
  | { given: JsonObject[]; request: { sortBy: string; sortOrder?: string }; expect: string[] | Wrong }
  | { given?: undefined; request: { page: Record<string, string> }; expect: JsonObject | Wrong }
  | {
      given?: 'a cursor';
      request: { cursor: string; seconds?: number; question?: string; count?: number };
      expect: Json[] | Wrong;
    }
  | { given?: 'a user'; request: { body: Json }; expect: Partial<JsonObject> | Wrong }
  | { given?: 'a group'; request: { groupBody: Json }; expect: Partial<JsonObject> | Wrong }
  | { given?: undefined; request: { declared: string }; expect: JsonObject }
);

/** The detail word of an error. */
export type Wrong = { scimType: string };

/** The person whom most cases are about. */
export const barbara: JsonObject = {
  schemas: [
    'urn:ietf:params:scim:schemas:core:2.0:User',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  ],
  id: '2819c223-7f76-453a-919d-413861904646',
  externalId: '701984',
  userName: 'bjensen@example.com',
  name: { formatted: 'Barbara J Jensen', familyName: 'Jensen', givenName: 'Barbara' },
  displayName: 'Babs Jensen',
  title: 'Tour Guide',
  active: true,
  emails: [
    { value: 'bjensen@example.com', type: 'work', primary: true },
    { value: 'babs@jensen.org', type: 'home', primary: false },
  ],
  groups: [{ value: 'e9e30dba-f08f-4109-8486-d5c6a331660a', display: 'Tour Guides', type: 'direct' }],
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': {
    employeeNumber: '701984',
    department: 'Tour Operations',
    manager: { value: '26118915-6090-4610-87e4-49d8ca9f808d', displayName: 'John Smith' },
  },
  meta: {
    resourceType: 'User',
    created: '2010-01-23T04:56:22.000Z',
    lastModified: '2011-05-13T04:42:34.000Z',
    location: 'https://example.com/v2/Users/2819c223-7f76-453a-919d-413861904646',
    version: 'W/"3694e05e9dff591"',
  },
};

export const tourGuides: JsonObject = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
  id: 'e9e30dba-f08f-4109-8486-d5c6a331660a',
  displayName: 'Tour Guides',
  members: [
    { value: '2819c223-7f76-453a-919d-413861904646', type: 'User', display: 'Babs Jensen' },
    { value: '902c246b-6245-4190-8e05-00816be7344a', type: 'User', display: 'Mandy Pepperidge' },
  ],
};

export const wrong = (scimType: string): Wrong => ({ scimType });
