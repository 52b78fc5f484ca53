import { z } from 'zod';
import { saying } from '../../platform/problems.ts';
import { namesIn } from './http-template.ts';

/** How a REST API is declared: what is sent for each thing that has to be done, and where things stand in its answers. */
const pointer = z.string().regex(/^(\/([^/~]|~0|~1)*)*$/, saying('declared-pointer'));
const request = z
  .string()
  .regex(/^(GET|POST|PUT|PATCH|DELETE) \/(?!\/)[^\s#\\]*$/, saying('declared-request'));
const sent = z.strictObject({ request, body: z.unknown().optional() });
const items = z.strictObject({ ...sent.shape, items: pointer });

/** Settings are shown to whoever sees the system; what signs in is given as its secret, and shown to nobody. */
const signsIn = /^(proxy-)?authorization$|^(set-)?cookie2?$|api-?key|token|secret|password|^x-auth/i;

const paging = z.discriminatedUnion('by', [
  z.strictObject({
    by: z.enum(['page', 'offset']),
    parameter: z.string().min(1),
    from: z.int().min(0).default(1),
    sizeParameter: z.string().min(1).optional(),
    size: z.int().min(1).max(1000).default(100),
  }),
  z.strictObject({ by: z.literal('cursor'), parameter: z.string().min(1), at: pointer }),
  z.strictObject({ by: z.literal('link'), at: pointer }),
]);

export const declaredApi = z.strictObject({
  account: z.strictObject({
    id: pointer,
    correlation: pointer,
    /** absent: accounts there are always on */
    enabled: z.strictObject({ at: pointer, when: z.union([z.string(), z.boolean(), z.number()]) }).optional(),
    values: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/), pointer),
    /** a list; `id` within each where they are no plain texts */
    roles: z.strictObject({ at: pointer, id: pointer.optional() }).optional(),
  }),
  headers: z
    .record(
      z.string().regex(/^[A-Za-z0-9-]{1,60}$/),
      z.string().regex(/^[\t\x20-\x7e]{0,500}$/, saying('declared-header')),
    )
    .refine((headers) => !Object.keys(headers).some((name) => signsIn.test(name)), saying('declared-secret'))
    .default({}),
  /** where the API takes a key by which the same request sent twice is one, such as Idempotency-Key */
  idempotencyHeader: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,60}$/)
    .optional(),
  create: z.strictObject({ ...sent.shape, answer: pointer.default('') }),
  read: z.strictObject({ ...sent.shape, answer: pointer.default('') }),
  find: items.optional(),
  /** `all`: every value is sent each time; `changed`: only what differs */
  update: z.strictObject({ ...sent.shape, send: z.enum(['all', 'changed']) }),
  enable: sent.optional(),
  disable: sent.optional(),
  delete: sent.optional(),
  list: z.strictObject({ ...items.shape, paging: paging.optional(), total: pointer.optional() }).optional(),
  role: z
    .strictObject({
      add: sent,
      remove: sent,
      find: z.strictObject({ ...items.shape, id: pointer, name: pointer }).optional(),
      create: z.strictObject({ ...sent.shape, id: pointer }).optional(),
    })
    .optional(),
  setPassword: sent.optional(),
});

export type DeclaredApi = z.infer<typeof declaredApi>;

/** Reads a declaration; answers what is wrong with it in sentences that name the place. */
export function readDeclared(text: string): { api: DeclaredApi } | { wrong: string[] } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { wrong: [`The requests are not JSON: ${(error as Error).message}.`] };
  }
  const read = declaredApi.safeParse(json);
  if (!read.success)
    return {
      wrong: read.error.issues.map(({ path, message }) => `${path.join('.') || 'requests'}: ${message}`),
    };
  const wrong = unknownNames(read.data);
  return wrong.length > 0 ? { wrong } : { api: read.data };
}

/** Names in braces that stand for nothing where they are used. */
function unknownNames(api: DeclaredApi): string[] {
  const values = Object.keys(api.account.values);
  const account = ['correlation', 'enabled', ...values];
  const allowed: [string, unknown, string[]][] = [
    ['create', api.create, account],
    ['read', api.read, ['id']],
    ['find', api.find, ['correlation']],
    ['update', api.update, ['id', ...account]],
    ['enable', api.enable, ['id']],
    ['disable', api.disable, ['id']],
    ['delete', api.delete, ['id']],
    ['list', api.list && { request: api.list.request, body: api.list.body }, []],
    ['role.add', api.role?.add, ['id', 'role']],
    ['role.remove', api.role?.remove, ['id', 'role']],
    ['role.find', api.role?.find, ['name']],
    ['role.create', api.role?.create, ['name']],
    ['setPassword', api.setPassword, ['id', 'password']],
  ];
  return allowed.flatMap(([where, declared, names]) =>
    namesIn(declared)
      .filter((name) => !names.includes(name))
      .map(
        (name) =>
          `${where}: {${name}} stands for nothing there; ${names.length > 0 ? `use ${names.map((one) => `{${one}}`).join(', ')}` : 'nothing can be put in there'}.`,
      ),
  );
}
