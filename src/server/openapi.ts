import { z } from 'zod';
import { permissions } from '../authority/permissions.ts';
import type { AnyOperation } from '../operation/operation.ts';
import { type Kind, refusalCodes } from '../platform/refusals.ts';
import { bodyless } from './input.ts';
import { problemType, statusOf } from './problem.ts';
import { isCreating, scimMedia } from './scim-answer.ts';

type Json = Record<string, unknown>;

/** What a client may meet at any operation; the rest depends on its declaration. */
const usual: Kind[] = ['invalid', 'too-large', 'unavailable', 'fault'];

const responseName: Record<Kind, string> = {
  unauthenticated: 'Unauthenticated',
  invalid: 'Invalid',
  absent: 'Absent',
  forbidden: 'Forbidden',
  stale: 'Stale',
  conflict: 'Conflict',
  unprocessable: 'Unprocessable',
  gone: 'Gone',
  'too-large': 'TooLarge',
  'too-many': 'TooMany',
  unavailable: 'Unavailable',
  fault: 'Fault',
};

export const kindMeans: Record<Kind, string> = {
  unauthenticated: 'Nobody is signed in, or the API key is not (any more) valid.',
  invalid: 'The request is malformed; `issues` names the fields.',
  absent: 'There is no such thing, or it lies outside what you can see. The two look the same.',
  forbidden: 'You can see it, but may not do this to it; `detail` names the smallest missing piece.',
  stale: 'It changed since the version in If-Match.',
  conflict: 'Its present state does not allow this.',
  unprocessable: 'The request is understood and cannot be carried out as it is.',
  gone: 'It worked once, or until a date, and that is past.',
  'too-large': 'The body is larger than this operation takes.',
  'too-many': 'Too many attempts from this address; come back after Retry-After.',
  unavailable: 'The database is away or overloaded; nothing was changed. Try again after Retry-After.',
  fault: 'Something broke on the server; nothing was changed.',
};

const problemSchema: Json = {
  type: 'object',
  description: 'Problem details (RFC 9457); a code may bring fields of its own.',
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri', description: 'Where the code is explained.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What is wrong and what to do, for people.' },
    code: { type: 'string', enum: refusalCodes, description: 'The word to program against.' },
    requestId: { type: 'string', description: 'Under which the operator finds this request.' },
  },
  additionalProperties: true,
};

/** The OpenAPI 3.1 document of a registry; pure, so the server keeps it and the tests compare it. */
export function openApi(operations: readonly AnyOperation[], url: string, version: string): Json {
  const schemas: Json = { Problem: problemSchema };
  const paths: Record<string, Json> = {};
  for (const declared of operations) {
    const [method, path] = declared.http.split(' ') as [string, string];
    // A standard's own address stands beside `/api`, not below it.
    const servers = declared.standardPath ? { servers: [{ url }] } : {};
    paths[path] = { ...paths[path], [method.toLowerCase()]: { ...entry(declared, schemas), ...servers } };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Remit',
      version,
      summary: 'Delegated user management.',
      description:
        'Every operation below is also a command of the CLI, under the same name. Errors are problem+json; `code` is the word to program against. Changes take an `Idempotency-Key`; things that carry a `version` answer with an `ETag` and take `If-Match`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: `${url}/api` }],
    tags: [...new Set(operations.map(tagOf))].sort().map((name) => ({
      name,
      description: `What can be done with ${name.replace('-', ' ')}.`,
    })),
    security: [{ apiKey: [] }, { session: [] }],
    paths,
    components: {
      schemas,
      responses: Object.fromEntries(
        (Object.keys(responseName) as Kind[]).map((kind) => [responseName[kind], response(kind)]),
      ),
      parameters: {
        IdempotencyKey: {
          name: 'Idempotency-Key',
          in: 'header',
          description: 'The same key and body have one effect, however often they are sent.',
          schema: { type: 'string', minLength: 1, maxLength: 200 },
        },
        IfMatch: {
          name: 'If-Match',
          in: 'header',
          description: 'The ETag seen last; with another version in the way the answer is 412.',
          schema: { type: 'string' },
        },
      },
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key of a client.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'remit_session',
          description: 'The portal’s session; `__Host-remit_session` under https.',
        },
      },
    },
  };
}

const tagOf = (declared: AnyOperation): string => declared.name.split('.')[0]!;

function response(kind: Kind): Json {
  const status = statusOf[kind];
  const header = (description: string, type: string) => ({ description, schema: { type } });
  return {
    description: kindMeans[kind],
    ...(status === 429 || status === 503
      ? { headers: { 'Retry-After': header('Seconds to wait.', 'integer') } }
      : {}),
    ...(status === 401 ? { headers: { 'WWW-Authenticate': header('How to sign in.', 'string') } } : {}),
    content: { [problemType]: { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

function entry(declared: AnyOperation, schemas: Json): Json {
  const input = hoisted(declared, jsonSchema(declared.input, 'input'), schemas) as ObjectSchema;
  const inPath = [...declared.http.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const required = new Set(input.required ?? []);
  const rest = Object.entries(input.properties ?? {}).filter(([name]) => !inPath.includes(name));
  const parameter = (name: string, place: 'path' | 'query', schema: Json): Json => {
    const { description, ...type } = schema;
    return {
      name,
      in: place,
      required: place === 'path' || required.has(name),
      ...(description ? { description } : {}),
      schema: type,
    };
  };
  const changes = declared.effect !== 'reading';
  const scim = declared.media === 'scim';
  const inQuery = scim ? rest.filter(([name]) => name !== 'body') : bodyless(declared) ? rest : [];
  return {
    operationId: declared.name,
    tags: [tagOf(declared)],
    summary: declared.summary,
    description: describe(declared),
    ...(declared.needs === 'public' ? { security: [] } : {}),
    ...(typeof declared.needs === 'object' ? { 'x-permission': declared.needs.permission } : {}),
    parameters: [
      ...inPath.map((name) => parameter(name, 'path', input.properties?.[name] ?? { type: 'string' })),
      ...inQuery.map(([name, schema]) => parameter(name, 'query', schema)),
      ...(changes ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []),
      ...(changes ? [{ $ref: '#/components/parameters/IfMatch' }] : []),
    ],
    ...(scim || bodyless(declared) || rest.length === 0
      ? scimBody(declared, input)
      : {
          requestBody: {
            required: rest.some(([name]) => required.has(name)),
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  properties: Object.fromEntries(rest),
                  required: rest.map(([name]) => name).filter((name) => required.has(name)),
                  additionalProperties: false,
                },
              },
            },
          },
        }),
    responses: {
      ...(scim ? scimDone(declared) : { 200: { description: 'Done.', content: content(declared, schemas) } }),
      ...Object.fromEntries(
        kindsOf(declared)
          .filter((kind) => !scim || (kind !== 'unprocessable' && kind !== 'gone'))
          .sort((one, other) => statusOf[one] - statusOf[other])
          .map((kind) => [
            statusOf[kind],
            scim ? scimNo(kind) : { $ref: `#/components/responses/${responseName[kind]}` },
          ]),
      ),
    },
  };
}

/** The whole body is one field of the input, where the operation speaks SCIM. */
const scimBody = ({ media }: AnyOperation, { properties }: ObjectSchema): Json =>
  media === 'scim' && properties?.body
    ? { requestBody: { required: true, content: { [scimMedia]: { schema: properties.body } } } }
    : {};

/** Errors of SCIM have a form of their own (RFC 7644, section 3.12). */
const scimNo = (kind: Kind): Json => ({
  description: kindMeans[kind],
  content: { [scimMedia]: { schema: { type: 'object' } } },
});

function scimDone(declared: AnyOperation): Json {
  const body = { content: { [scimMedia]: { schema: { type: 'object' } } } };
  if (declared.http.startsWith('DELETE ')) return { 204: { description: 'Done.' } };
  return isCreating(declared)
    ? { 201: { description: 'Made.', ...body } }
    : { 200: { description: 'Done.', ...body } };
}

function content(declared: AnyOperation, schemas: Json): Json {
  if (declared.file) return { [declared.file.type]: { schema: { type: 'string' } } };
  return {
    'application/json': { schema: hoisted(declared, jsonSchema(declared.output, 'output'), schemas) },
  };
}

function kindsOf(declared: AnyOperation): Kind[] {
  const kinds = [...usual];
  if (declared.needs !== 'public') kinds.push('unauthenticated');
  if (typeof declared.needs === 'object' || declared.http.includes('{')) kinds.push('absent', 'forbidden');
  if (declared.effect !== 'reading') kinds.push('stale', 'conflict', 'unprocessable');
  if (declared.needs === 'public') kinds.push('gone');
  if (declared.effect !== 'reading' && !kinds.includes('forbidden')) kinds.push('forbidden');
  if (declared.strangersPerMinute !== undefined) kinds.push('too-many');
  return kinds;
}

/** Who may, in words, and what it leaves in the trail. */
function describe(declared: AnyOperation): string {
  const { needs } = declared;
  const who =
    needs === 'public'
      ? 'Open to everybody.'
      : needs === 'self'
        ? 'For a signed-in person, on what is their own.'
        : `Needs the permission \`${needs.permission}\` (${permissions[needs.permission].text})${'within' in needs ? '; shows and changes only what lies within your reach' : ''}.`;
  const trail = declared.events?.length
    ? ` Recorded as ${declared.events.map((type) => `\`${type}\``).join(', ')}.`
    : '';
  const secret = declared.secretOutput ? ' The answer holds a secret that is shown this once.' : '';
  return `${declared.summary} ${who}${trail}${secret}`;
}

type ObjectSchema = { properties?: Record<string, Json>; required?: string[] };

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...made } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: written }) => {
      // Instants are Dates inside and RFC 3339 texts on the wire.
      if (zodSchema._zod.def.type === 'date') Object.assign(written, { type: 'string', format: 'date-time' });
    },
  });
  return made as Json;
}

/** Named and recursive parts move to the components, where their references lead. */
function hoisted(declared: AnyOperation, schema: Json, schemas: Json): Json {
  const { $defs, ...rest } = schema as { $defs?: Record<string, Json> };
  if (!$defs) return rest;
  const nameOf = (name: string) => (name.startsWith('__') ? `${declared.name}${name}` : name);
  const moved = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(moved);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        key === '$ref' && typeof inner === 'string'
          ? inner.replace(/^#\/\$defs\/(.+)$/, (_, name: string) => `#/components/schemas/${nameOf(name)}`)
          : moved(inner),
      ]),
    );
  };
  for (const [name, part] of Object.entries($defs)) schemas[nameOf(name)] = moved(part);
  return moved(rest) as Json;
}
