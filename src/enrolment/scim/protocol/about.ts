import { refuse } from '../../../platform/refusals.ts';
import type { Door } from '../connection/door.ts';
import { listSchema } from '../query/list.ts';
import { pageLimits } from '../query/paging.ts';
import { schemasOf, schemaView, typeView } from './discovery.ts';
import { groupType, userType } from './schema.ts';

/** What a bulk request may hold (RFC 7644, section 3.7.4). */
export const bulkLimits = { operations: 100, bytes: 1024 * 1024 };

const addressOf = (url: string, organizationId: string): string =>
  `${url}/scim/${encodeURIComponent(organizationId)}/v2`;

/** `/ServiceProviderConfig` (RFC 7643, section 5; RFC 9865, section 4). Says nothing of the organization. */
export function configView(url: string, organizationId: string) {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    documentationUri: `${url}/docs/api`,
    patch: { supported: true },
    bulk: {
      supported: true,
      maxOperations: bulkLimits.operations,
      maxPayloadSize: bulkLimits.bytes,
    },
    filter: { supported: true, maxResults: pageLimits.most },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    pagination: {
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: pageLimits.usual,
      maxPageSize: pageLimits.most,
      cursorTimeout: pageLimits.cursorSeconds,
    },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'A key of a client, made in the portal',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
    ],
    meta: {
      resourceType: 'ServiceProviderConfig',
      location: `${addressOf(url, organizationId)}/ServiceProviderConfig`,
    },
  };
}

export const typesAt = (url: string, organizationId: string) =>
  [userType([]), groupType].map((type) => typeView(type, addressOf(url, organizationId)));

export const schemasAt = ({ address, users }: Door) =>
  schemasOf([users, groupType]).map((schema) => schemaView(schema, address));

/** All of it, on one page (RFC 7644, section 4). */
export const listOf = (resources: readonly object[]) => ({
  schemas: [listSchema],
  totalResults: resources.length,
  startIndex: 1,
  itemsPerPage: resources.length,
  Resources: resources,
});

/** "If a "filter" is provided, the service provider SHOULD respond with HTTP status code 403" (RFC 7644, section 4). */
export function requireNoFilter(filter: string | undefined): void {
  if (filter !== undefined) throw refuse('scim.no-filter');
}
