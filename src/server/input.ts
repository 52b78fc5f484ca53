import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { AnyOperation } from '../operation/operation.ts';
import { problem } from '../platform/problems.ts';
import { isScimBody } from './scim-answer.ts';

/**
 * What a request says, before the operation's own schema has judged it. A malformed request is no exception
 * here: 401 comes before 400 (ruling 11), so the pipeline looks at the caller first and refuses afterwards.
 */
export type RawInput = { input: unknown; malformed: string | undefined };

/** Nested deeper than any input of ours; deeper ones only cost time (I59). */
const deepest = 40;

/** Reading puts its fields into the query, everything else into the body. */
export const bodyless = (declared: AnyOperation): boolean => declared.http.startsWith('GET ');

export function rawInput(declared: AnyOperation, request: FastifyRequest): RawInput {
  const query = request.query as Record<string, unknown>;
  const params = request.params as Record<string, unknown>;
  const read =
    declared.media === 'scim'
      ? readScim(declared, request, query)
      : bodyless(declared)
        ? readQuery(declared, request, query)
        : readBody(request, query);
  if (read.malformed) return read;
  const fields = read.input;
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    return malformed(problem('body.object'));
  for (const [name, value] of Object.entries(params)) {
    // The thing that was decided about has to be the thing that is acted on: one name, one value.
    if (name in fields && (fields as Record<string, unknown>)[name] !== value)
      return malformed(problem('body.twice', { name }));
  }
  const input = { ...fields, ...coerced(declared.input, params) };
  const unfitting = unfit(input);
  return unfitting ? malformed(unfitting) : { input, malformed: undefined };
}

// Anything but an object fails every operation's schema.
const malformed = (text: string): RawInput => ({ input: null, malformed: text });

function readQuery(
  declared: AnyOperation,
  request: FastifyRequest,
  query: Record<string, unknown>,
): RawInput {
  if (Buffer.isBuffer(request.body) && request.body.length > 0) return malformed(problem('body.none'));
  return { input: coerced(declared.input, query), malformed: undefined };
}

function readBody(request: FastifyRequest, query: Record<string, unknown>): RawInput {
  const [stray] = Object.keys(query);
  if (stray !== undefined) return malformed(problem('body.stray', { name: stray }));
  const body = request.body;
  if (!Buffer.isBuffer(body) || body.length === 0) return { input: {}, malformed: undefined };
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
    return malformed(problem('body.json-type'));
  return parsed(body);
}

/**
 * RFC 7644: a query may come with a body (section 3.9), and what it holds that nobody knows is left out. The body goes
 * into one field, because its names are the standard's and may hold colons.
 */
function readScim(declared: AnyOperation, request: FastifyRequest, query: Record<string, unknown>): RawInput {
  const known = Object.fromEntries(
    Object.entries(query).filter(([name]) => name !== 'body' && Object.hasOwn(declared.input.shape, name)),
  );
  if (!Object.hasOwn(declared.input.shape, 'body')) return { input: known, malformed: undefined };
  const { body } = request;
  if (!Buffer.isBuffer(body) || body.length === 0) return malformed(problem('body.object'));
  if (!isScimBody(request.headers['content-type'])) return malformed(problem('body.json-type'));
  const read = parsed(body);
  return read.malformed ? read : { input: { ...known, body: read.input }, malformed: undefined };
}

function parsed(body: Buffer): RawInput {
  try {
    return {
      input: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)),
      malformed: undefined,
    };
  } catch (error) {
    return malformed(problem(error instanceof SyntaxError ? 'body.not-json' : 'body.not-utf8'));
  }
}

/** Texts that PostgreSQL cannot hold, a name that reaches into prototypes, nesting without end. */
function unfit(input: unknown): string | undefined {
  const open: { value: unknown; path: string[] }[] = [{ value: input, path: [] }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, path } = next;
    if (typeof value === 'string') {
      const at = noCharacter(value);
      if (at !== undefined)
        return problem('body.no-character', { where: whereIn(path.join('.'), value, at) });
    } else if (typeof value === 'object' && value !== null) {
      if (path.length > deepest) return problem('body.too-deep');
      for (const [key, inner] of Object.entries(value)) {
        if (key === '__proto__' || noCharacter(key) !== undefined) return problem('body.field-name');
        open.push({ value: inner, path: [...path, key] });
      }
    }
  }
  return undefined;
}

/** Where a text holds a NUL or half a character. */
function noCharacter(text: string): number | undefined {
  const nul = text.indexOf('\0');
  if (nul >= 0) return nul;
  return text.isWellFormed() ? undefined : text.search(/\p{Surrogate}/u);
}

/** The field; with the line, for a text that has several, such as a file. */
const whereIn = (field: string, text: string, at: number): string =>
  text.includes('\n') ? problem('body.line', { field, line: text.slice(0, at).split('\n').length }) : field;

/** Addresses hold only text: numbers, yes or no and lists are read as the schema means them. */
function coerced(schema: z.ZodObject, fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      Object.hasOwn(schema.shape, name) ? asMeant(schema.shape[name] as z.ZodType, value) : value,
    ]),
  );
}

function asMeant(schema: z.ZodType, value: unknown): unknown {
  const def = unwrapped(schema);
  if (def.type === 'array') {
    const values = Array.isArray(value) ? value : [value];
    return values.map((one) => asMeant(def.element!, one));
  }
  if (typeof value !== 'string') return value;
  if (def.type === 'number' && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  if (def.type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

type Definition = { type: string; innerType?: z.ZodType; in?: z.ZodType; element?: z.ZodType };

/** The type inside `optional`, `default` and the like. */
function unwrapped(schema: z.ZodType): Definition {
  const def = schema.def as unknown as Definition;
  const inner = def.innerType ?? (def.type === 'pipe' ? def.in : undefined);
  return inner ? unwrapped(inner) : def;
}
