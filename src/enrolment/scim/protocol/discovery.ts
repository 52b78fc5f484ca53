import { type Attribute, enterpriseSchema, type ResourceType, type Schema } from './schema.ts';

/** What a schema or a kind of resource looks like to a client (RFC 7643, sections 6 and 7). */
export const schemaSchema = 'urn:ietf:params:scim:schemas:core:2.0:Schema';
export const typeSchema = 'urn:ietf:params:scim:schemas:core:2.0:ResourceType';

export function schemaView(schema: Schema, base: string) {
  return {
    schemas: [schemaSchema],
    id: schema.id,
    name: schema.name,
    description: schema.description,
    attributes: schema.attributes.map(attributeView),
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${schema.id}` },
  };
}

type View = Omit<Attribute, 'closed' | 'subAttributes'> & { subAttributes?: View[] };

function attributeView({ closed: _, subAttributes, ...shown }: Attribute): View {
  return { ...shown, ...(subAttributes ? { subAttributes: subAttributes.map(attributeView) } : {}) };
}

export function typeView(type: ResourceType, base: string) {
  return {
    schemas: [typeSchema],
    id: type.id,
    name: type.name,
    endpoint: type.endpoint,
    description: type.description,
    schema: type.core.id,
    schemaExtensions: type.extensions.map(({ id }) => ({ schema: id, required: false })),
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${type.id}` },
  };
}

/** Every schema of these kinds, once, the cores first. */
export const schemasOf = (types: readonly ResourceType[]): Schema[] => [
  ...types.map(({ core }) => core),
  ...types.flatMap(({ extensions }) => extensions).toSorted((one) => (one.id === enterpriseSchema ? -1 : 1)),
];
