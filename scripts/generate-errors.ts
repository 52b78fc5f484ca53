import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kindOf, refusalCodes, textOf } from '../src/platform/refusals.ts';
import { kindMeans } from '../src/server/openapi.ts';
import { statusOf } from '../src/server/problem.ts';

/** docs/errors.md from the catalogue of refusals; a test holds the two together. */
export const errorsFile = fileURLToPath(new URL('../docs/errors.md', import.meta.url));

const kinds = Object.keys(statusOf) as (keyof typeof statusOf)[];

export function errorsDocument(): string {
  const inOrder = kinds.toSorted((one, other) => statusOf[one] - statusOf[other]);
  return [
    '# Errors',
    '',
    '<!-- Written by `npm run generate`. Change src/platform/refusals.ts and run it again. -->',
    '',
    'Every error of the API is `application/problem+json` ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)):',
    '',
    '```json',
    '{',
    '  "type": "http://localhost:4000/docs/api#invitation.used",',
    '  "title": "This invitation has been used.",',
    '  "status": 410,',
    `  "detail": ${JSON.stringify(textOf('invitation.used'))},`,
    '  "code": "invitation.used",',
    '  "requestId": "3f2b8c1e-…"',
    '}',
    '```',
    '',
    'Program against `code`; `detail` is for people. A code may bring fields of its own: bad input names its fields in',
    '`issues`, a missing permission stands in `permission`. `requestId` is what the operator finds the request by.',
    '',
    'Checks are made in this order, and the first that fails answers: 401, 400, 404, 403, 412, then the rest. What lies',
    'outside your reach answers exactly like what does not exist.',
    '',
    '## Statuses',
    '',
    '| status | means |',
    '|---|---|',
    ...inOrder.map((kind) => `| ${statusOf[kind]} | ${kindMeans[kind]} |`),
    '',
    '429 and 503 carry `Retry-After` in seconds, 401 carries `WWW-Authenticate`. The command line prints the same code',
    'and text, or the same object with `--json`.',
    '',
    '## Codes',
    '',
    '`{name}` is filled from the fields of the problem.',
    '',
    '| code | status | what it says |',
    '|---|---|---|',
    ...refusalCodes.toSorted().map((code) => `| \`${code}\` | ${statusOf[kindOf(code)]} | ${textOf(code)} |`),
    '',
  ].join('\n');
}

if (import.meta.main) writeFileSync(errorsFile, errorsDocument());
