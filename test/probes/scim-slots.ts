import {
  type Attribute,
  groupSchema,
  groupType,
  type ResourceType,
  remitSchema,
  type Schema,
  userSchema,
  userType,
} from '../../src/enrolment/scim/protocol/schema.ts';
import type { Things } from './landscape.ts';
import type { Slot } from './slots.ts';

/**
 * Every place where a body, a filter or a path of SCIM can name something. They are worked out of our schemas, so that a
 * new attribute is tried everywhere that an attribute may stand.
 */
type Place = {
  /** as a path of SCIM has it */
  name: string;
  /** where it stands in a resource */
  at: string[];
  of: keyof Things;
  several: boolean;
  /** it has an address beside its id */
  ref: string | undefined;
};

const kinds: Record<string, keyof Things> = { User: 'membershipId', Group: 'groupId' };

/** An id stands in a `value` that is compared letter for letter. @throws when we do not know what it names */
function placesOf(type: ResourceType): Place[] {
  const within = (schema: Schema, prefix: string[]): Place[] =>
    schema.attributes.flatMap((attribute: Attribute): Place[] => {
      const part = (name: string) => attribute.subAttributes?.find((sub) => sub.name === name);
      if (!part('value')?.caseExact) return [];
      const named = part('$ref')?.referenceTypes?.[0];
      const isOrganization = schema.id === remitSchema && attribute.name === 'organization';
      const of = named ? kinds[named] : isOrganization ? 'organizationId' : undefined;
      if (!of) throw new Error(`say in scim-slots.ts what ${schema.id}:${attribute.name} names`);
      const name = [...prefix, attribute.name].join(':');
      return [{ name, at: [...prefix, attribute.name], of, several: attribute.multiValued, ref: named }];
    });
  return [
    ...within(type.core, []),
    ...type.extensions.flatMap((extension) => within(extension, [extension.id])),
  ];
}

const users = placesOf(userType([]));
const groups = placesOf(groupType);

const address = (kind: string, id: string): string => `https://remit.example/scim/any/v2/${kind}s/${id}`;

/** The values by which one place names an id: by itself, or by its address. */
const valuesOf = ({ ref }: Place): [how: string, value: (id: string) => Record<string, string>][] => [
  ['value', (id) => ({ value: id })],
  ...(ref ? [['$ref', (id: string) => ({ $ref: address(ref, id) })] as [string, never]] : []),
];

/** A part of a resource that holds this value at this place. */
const holding = ({ at, several }: Place, value: unknown): Record<string, unknown> =>
  at.reduceRight<unknown>((inner, name) => ({ [name]: inner }), several ? [value] : value) as never;

const inResource = (places: Place[]): Slot[] =>
  places.flatMap((place) =>
    valuesOf(place).map(
      ([how, value]): Slot => ({
        path: ['body', place.at[0]!],
        of: place.of,
        name: `${place.name}.${how}`,
        as: (id) => holding(place, value(id))[place.at[0]!],
      }),
    ),
  );

type Operation = Record<string, unknown>;

/** Every operation of a PATCH that names an id at this place. */
function patchesOf(place: Place): [how: string, operation: (id: string) => Operation][] {
  const { name, several } = place;
  const one = (id: string) => (several ? [{ value: id }] : { value: id });
  const common: [string, (id: string) => Operation][] = [
    ['add', (id) => ({ op: 'add', path: name, value: one(id) })],
    ['replace', (id) => ({ op: 'replace', path: name, value: one(id) })],
    ['without path', (id) => ({ op: 'replace', value: holding(place, { value: id }) })],
  ];
  if (!several)
    return [
      ...common,
      ['plain', (id) => ({ op: 'add', path: name, value: id })],
      ['.value', (id) => ({ op: 'replace', path: `${name}.value`, value: id })],
    ];
  const that = (id: string) => `${name}[value eq "${id}"]`;
  return [
    ...common,
    ['remove by value', (id) => ({ op: 'remove', path: name, value: [{ value: id }] })],
    ['remove by filter', (id) => ({ op: 'remove', path: that(id) })],
    ['add by filter', (id) => ({ op: 'add', path: that(id), value: { value: id } })],
    ['replace by filter', (id) => ({ op: 'replace', path: `${that(id)}.value`, value: id })],
  ];
}

const inPatch = (places: Place[]): Slot[] =>
  places.flatMap((place) =>
    patchesOf(place).map(
      ([how, operation]): Slot => ({
        path: ['body', 'Operations', 0],
        of: place.of,
        name: `${place.name} ${how}`,
        as: operation,
      }),
    ),
  );

/** Every question that names an id. */
const inFilter = (own: string, places: Place[], path: string[]): Slot[] =>
  [
    { of: kinds[own]!, asks: (id: string) => `id eq "${id}"` },
    { of: kinds[own]!, asks: (id: string) => `meta.location ew "/${id}"` },
    ...places.flatMap(({ name, of, several, ref }) => [
      { of, asks: (id: string) => (several ? `${name}[value eq "${id}"]` : `${name}.value eq "${id}"`) },
      { of, asks: (id: string) => `not (${name}.value ne "${id}")` },
      ...(ref ? [{ of, asks: (id: string) => `${name}.$ref co "${id}"` }] : []),
    ]),
  ].map(({ of, asks }): Slot => ({ path, of, name: `filter ${asks('')}`, as: asks }));

const patch = (operation: Operation) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [operation],
});

/** The ids that an act of bulk is about, so that what is changed is there. */
const ownPath = (base: unknown, kind: 'Users' | 'Groups'): string => {
  const { Operations } = (base as { body: { Operations: { path: string }[] } }).body;
  return Operations.map(({ path }) => path).find((path) => path.startsWith(`/${kind}/`))!;
};

const newUser = { schemas: [userSchema], userName: 'made.in.a.slot', displayName: 'made in a slot' };
const newGroup = { schemas: [groupSchema], displayName: 'made in a slot' };

/** Paths, data, and what an operation of the same call made, named by its `bulkId`. */
function inBulk(): Slot[] {
  const slot = (name: string, of: keyof Things, as: Slot['as']): Slot => ({
    path: ['body', 'Operations'],
    of,
    name: `bulk ${name}`,
    as,
  });
  const paths = (['Users', 'Groups'] as const).flatMap((kind) => {
    const [of, fresh] =
      kind === 'Users' ? (['membershipId', newUser] as const) : (['groupId', newGroup] as const);
    const title = { op: 'add', path: kind === 'Users' ? 'title' : 'displayName', value: 'x' };
    return [
      slot(`DELETE /${kind}`, of, (id) => [{ method: 'DELETE', path: `/${kind}/${id}` }]),
      slot(`PUT /${kind}`, of, (id) => [{ method: 'PUT', path: `/${kind}/${id}`, data: fresh }]),
      slot(`PATCH /${kind}`, of, (id) => [{ method: 'PATCH', path: `/${kind}/${id}`, data: patch(title) }]),
    ];
  });
  const data = (kind: 'Users' | 'Groups', places: Place[], fresh: object) =>
    places.flatMap((place) => [
      slot(`POST /${kind} ${place.name}`, place.of, (id) => [
        {
          method: 'POST',
          path: `/${kind}`,
          bulkId: 'a',
          data: { ...fresh, ...holding(place, { value: id }) },
        },
      ]),
      ...patchesOf(place)
        .filter(([how]) => how === 'add' || how === 'remove by filter')
        .flatMap(([how, operation]) => [
          slot(`PATCH /${kind} ${place.name} ${how}`, place.of, (id, base) => [
            { method: 'PATCH', path: ownPath(base, kind), data: patch(operation(id)) },
          ]),
          slot(`PATCH /${kind}/bulkId ${place.name} ${how}`, place.of, (id) => [
            { method: 'PATCH', path: `/${kind}/bulkId:a`, data: patch(operation(id)) },
            { method: 'POST', path: `/${kind}`, bulkId: 'a', data: fresh },
          ]),
        ]),
    ]);
  return [...paths, ...data('Users', users, newUser), ...data('Groups', groups, newGroup)];
}

/** By operation, beside the ids in addresses. */
export const scimSlots: Record<string, Slot[]> = {
  'scim-user.create': inResource(users),
  'scim-user.replace': inResource(users),
  'scim-user.update': inPatch(users),
  'scim-user.list': inFilter('User', users, ['filter']),
  'scim-user.search': inFilter('User', users, ['body', 'filter']),
  'scim-group.create': inResource(groups),
  'scim-group.replace': inResource(groups),
  'scim-group.update': inPatch(groups),
  'scim-group.list': inFilter('Group', groups, ['filter']),
  'scim-group.search': inFilter('Group', groups, ['body', 'filter']),
  'scim.bulk': inBulk(),
};
