import { z } from 'zod';
import { requireSchema } from '../protocol/fitting.ts';
import type { JsonObject } from '../protocol/json.ts';
import { scimError } from '../protocol/problem.ts';
import type { Question } from '../query/list.ts';
import { questionInput } from './fields.ts';

export const searchSchema = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

const question = z.object(questionInput);

/**
 * The same question as in an address (RFC 7644, section 3.4.3).
 * @throws Refusal `scim.invalid-syntax`
 */
export function questionIn(body: Record<string, unknown>): Question {
  requireSchema(body as JsonObject, searchSchema);
  const read = question.safeParse(body);
  if (!read.success) throw scimError('scim.invalid-syntax', 'scim.body', { name: 'SearchRequest' });
  return read.data;
}
