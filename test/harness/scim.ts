import type { FastifyInstance } from 'fastify';
import type { Permission } from '../../src/authority/permissions.ts';
import { makeServer } from '../../src/server/http.ts';
import { makeWorld, type OrganizationName, type World } from './world.ts';

/** All that a feed of people and groups does. */
export const feedPermissions: Permission[] = [
  'organization.read',
  'user.read',
  'user.enrol',
  'membership.update',
  'membership.suspend',
  'membership.end',
  'group.configure',
];

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** `key` undefined: without one. `at`: whose door it goes to. */
export type ScimCall = {
  body?: unknown;
  headers?: Record<string, string>;
  key?: string | undefined;
  at?: OrganizationName;
};

export type ScimAnswer = {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at bodies of every shape
  body: any;
};

/** A world with its server, asked as a feed asks it. */
export type ScimStage = {
  world: World;
  app: FastifyInstance;
  /** a new feed of this organization, made by the owner */
  feed: (place: OrganizationName, given?: Permission[]) => Promise<{ id: string; key: string }>;
  ask: (method: Method, path: string, call: ScimCall) => Promise<ScimAnswer>;
  close: () => Promise<void>;
};

export async function scimStage(): Promise<ScimStage> {
  const world = await makeWorld();
  const app = await makeServer(world.services);
  return {
    world,
    app,
    feed: (place, permissions = feedPermissions) =>
      world.as('owner', 'client.create', {
        organizationId: world.organizations[place].id,
        name: `feed of ${place}`,
        permissions,
        feed: true,
      }),
    ask: async (method, path, { body, headers = {}, key, at = 'acme' }) => {
      const answer = await app.inject({
        method,
        url: `/scim/${world.organizations[at].id}/v2${path}`,
        headers: {
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      });
      return {
        status: answer.statusCode,
        headers: answer.headers,
        text: answer.payload,
        body: answer.payload === '' ? undefined : JSON.parse(answer.payload),
      };
    },
    close: async () => {
      await app.close();
      await world.close();
    },
  };
}

export const patchOp = (...operations: unknown[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: operations,
});

export const bulkOf = (...operations: unknown[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
  Operations: operations,
});
