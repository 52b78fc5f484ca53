import { bulkCases } from './http-bulk.ts';
import type { HttpCase } from './http-case.ts';
import { discoveryCases } from './http-discovery.ts';
import { groupCases } from './http-groups.ts';
import { userCases } from './http-users.ts';

/** The table's part that is asked of the server. */
export const httpCases: HttpCase[] = [...userCases, ...groupCases, ...discoveryCases, ...bulkCases];
