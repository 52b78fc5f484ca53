/**
 * What our resources consist of (RFC 7643, sections 2, 4 and 7). Only what is kept is declared, so /Schemas tells a
 * client the truth; parser, PATCH and selection all read the same declaration.
 */
export type AttributeType =
  | 'string'
  | 'boolean'
  | 'integer'
  | 'decimal'
  | 'dateTime'
  | 'reference'
  | 'binary'
  | 'complex';

export type Attribute = {
  name: string;
  type: AttributeType;
  multiValued: boolean;
  description: string;
  required: boolean;
  caseExact: boolean;
  mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
  returned: 'always' | 'never' | 'default' | 'request';
  uniqueness: 'none' | 'server' | 'global';
  canonicalValues?: readonly string[];
  /** only the canonical values are taken; otherwise they are but suggestions */
  closed?: true;
  referenceTypes?: readonly string[];
  subAttributes?: readonly Attribute[];
};

export type Schema = { id: string; name: string; description: string; attributes: readonly Attribute[] };

/** A kind of resource: its core schema, and the extensions it may carry. */
export type ResourceType = {
  id: 'User' | 'Group';
  name: string;
  endpoint: string;
  description: string;
  core: Schema;
  extensions: readonly Schema[];
};

export const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const groupSchema = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const enterpriseSchema = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const remitSchema = 'urn:remit:params:scim:schemas:extension:1.0:User';

/** Characteristics by default (RFC 7643, section 2.2): text, one value, not required, any case, may be written. */
export function attribute(name: string, description: string, given: Partial<Attribute> = {}): Attribute {
  return {
    name,
    type: 'string',
    multiValued: false,
    description,
    required: false,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    ...given,
  };
}

export const complex = (
  name: string,
  description: string,
  subAttributes: readonly Attribute[],
  given: Partial<Attribute> = {},
): Attribute => attribute(name, description, { type: 'complex', subAttributes, ...given });

const readOnly = { mutability: 'readOnly' } as const;

/** Attributes of every resource (RFC 7643, section 3.1); they stand in no schema of /Schemas. */
export const common: readonly Attribute[] = [
  attribute('schemas', 'Schemas of this resource.', {
    type: 'reference',
    referenceTypes: ['uri'],
    multiValued: true,
    required: true,
    caseExact: true,
    returned: 'always',
  }),
  attribute('id', 'Set by the server; stays, and is never given to another resource.', {
    ...readOnly,
    caseExact: true,
    returned: 'always',
    uniqueness: 'global',
  }),
  attribute('externalId', 'What the client calls this resource.', { caseExact: true }),
  complex(
    'meta',
    'When it was made and changed, and its version.',
    [
      attribute('resourceType', 'User or Group.', { ...readOnly, caseExact: true }),
      attribute('created', 'When it was made.', { ...readOnly, type: 'dateTime', caseExact: true }),
      attribute('lastModified', 'When it last changed.', { ...readOnly, type: 'dateTime', caseExact: true }),
      attribute('location', 'Its address.', {
        ...readOnly,
        type: 'reference',
        referenceTypes: ['uri'],
        caseExact: true,
      }),
      attribute('version', 'Its ETag.', { ...readOnly, caseExact: true }),
    ],
    readOnly,
  ),
];

const text = (name: string, description: string, given: Partial<Attribute> = {}): Attribute =>
  attribute(name, description, given);

const userCore: Schema = {
  id: userSchema,
  name: 'User',
  description: 'A person of this organization',
  attributes: [
    text('userName', 'What the client signs this person in by; nobody else here has it.', {
      required: true,
      uniqueness: 'server',
    }),
    complex('name', 'Parts of the name.', [
      text('formatted', 'The whole name.'),
      text('familyName', 'Family name.'),
      text('givenName', 'Given name.'),
    ]),
    text('displayName', 'The name that is shown.'),
    text('title', 'What this person is here.'),
    text('preferredLanguage', 'Language of mails and pages, as in Accept-Language.'),
    attribute('active', 'False suspends the membership here, and nothing elsewhere.', { type: 'boolean' }),
    complex(
      'emails',
      'Addresses.',
      [
        text('value', 'The address.', { required: true }),
        text('display', 'The address, as it is shown.', { mutability: 'readOnly' }),
        text('type', 'What it is for.', { canonicalValues: ['work', 'home', 'other'] }),
        attribute('primary', 'The one that is written to.', { type: 'boolean' }),
      ],
      { multiValued: true },
    ),
    complex(
      'groups',
      'Groups this person is in; written at the group.',
      [
        text('value', 'Id of the group.', { ...readOnly, caseExact: true }),
        attribute('$ref', 'Address of the group.', {
          ...readOnly,
          type: 'reference',
          referenceTypes: ['Group'],
          caseExact: true,
        }),
        text('display', 'Name of the group.', readOnly),
        text('type', 'Always direct: groups hold people only.', { ...readOnly, canonicalValues: ['direct'] }),
      ],
      { ...readOnly, multiValued: true },
    ),
  ],
};

const groupCore: Schema = {
  id: groupSchema,
  name: 'Group',
  description: 'A group of people of this organization',
  attributes: [
    text('displayName', 'Its name; no other group here has it.', { required: true, uniqueness: 'server' }),
    complex(
      'members',
      'People in it.',
      [
        text('value', 'Id of the user.', { required: true, mutability: 'immutable', caseExact: true }),
        attribute('$ref', 'Address of the user.', {
          type: 'reference',
          referenceTypes: ['User'],
          mutability: 'immutable',
          caseExact: true,
        }),
        text('type', 'Always User: a group holds no groups.', {
          mutability: 'immutable',
          canonicalValues: ['User'],
          closed: true,
        }),
        text('display', 'Name of the person.', readOnly),
      ],
      { multiValued: true },
    ),
  ],
};

/** A field that the organization defined for its people (`attribute.define`). */
export type DefinedField = {
  key: string;
  label: string;
  kind: 'text' | 'number' | 'date' | 'boolean' | 'choice';
  choices: readonly string[];
  required: boolean;
};

/** Texts of the enterprise extension (RFC 7643, section 4.3) beside `manager`. */
export const enterpriseTexts = [
  'employeeNumber',
  'costCenter',
  'organization',
  'division',
  'department',
] as const;
export type EnterpriseText = (typeof enterpriseTexts)[number];

const plain = (name: string): string => name.replaceAll(/[-_. ]/g, '').toLowerCase();

/** The defined field in which a text of the enterprise extension is kept: `cost_center` or `CostCenter`. */
export const fieldOf = (name: EnterpriseText, fields: readonly DefinedField[]): DefinedField | undefined =>
  fields.find(
    (field) => field.kind !== 'number' && field.kind !== 'boolean' && plain(field.key) === plain(name),
  );

function enterprise(fields: readonly DefinedField[]): Schema {
  const kept = enterpriseTexts.flatMap((name) => {
    const field = fieldOf(name, fields);
    if (!field) return [];
    return [
      text(
        name,
        field.label,
        field.kind === 'choice' ? { canonicalValues: field.choices, closed: true as const } : {},
      ),
    ];
  });
  return {
    id: enterpriseSchema,
    name: 'EnterpriseUser',
    description: 'The line manager, and what the organization keeps of the enterprise extension',
    attributes: [
      ...kept,
      complex('manager', 'The line manager.', [
        text('value', 'Id of the user who is the line manager.', { caseExact: true }),
        attribute('$ref', 'Address of that user.', {
          type: 'reference',
          referenceTypes: ['User'],
          caseExact: true,
        }),
        text('displayName', 'Name of that user.', readOnly),
      ]),
    ],
  };
}

const typeOfKind = {
  text: 'string',
  date: 'string',
  choice: 'string',
  number: 'decimal',
  boolean: 'boolean',
} as const;

const own = (field: DefinedField): Attribute =>
  attribute(field.key, field.label, {
    type: typeOfKind[field.kind],
    caseExact: field.kind === 'choice' || field.kind === 'date',
    ...(field.kind === 'choice' ? { canonicalValues: field.choices, closed: true as const } : {}),
  });

function extension(fields: readonly DefinedField[]): Schema {
  return {
    id: remitSchema,
    name: 'Membership',
    description: 'Where a person belongs, from when until when, and the fields that the organization defined',
    attributes: [
      complex('organization', 'The organization: this one, or one below it.', [
        text('value', 'Id of the organization.', { caseExact: true }),
        text('display', 'Its name.', readOnly),
      ]),
      text('firstDay', 'First day, YYYY-MM-DD, in the time zone of the organization.', { caseExact: true }),
      text('lastDay', 'Last day, YYYY-MM-DD: access ends at the midnight after it.', { caseExact: true }),
      ...(fields.length > 0
        ? [complex('attributes', 'Fields that the organization defined.', fields.map(own))]
        : []),
    ],
  };
}

/** People, with the fields of the organization whose door this is. */
export const userType = (fields: readonly DefinedField[]): ResourceType => ({
  id: 'User',
  name: 'User',
  endpoint: '/Users',
  description: 'People',
  core: userCore,
  extensions: [enterprise(fields), extension(fields)],
});

export const groupType: ResourceType = {
  id: 'Group',
  name: 'Group',
  endpoint: '/Groups',
  description: 'Groups of people',
  core: groupCore,
  extensions: [],
};

/**
 * Attributes of RFC 7643, sections 4.1 and 4.3, that we do not keep. Sending them is right, so they are passed over; any
 * other unknown name is a mistake that somebody wants to hear of.
 */
export const passedOver: ReadonlySet<string> = new Set(
  [
    'nickName',
    'profileUrl',
    'userType',
    'locale',
    'timezone',
    'password',
    'phoneNumbers',
    'ims',
    'photos',
    'addresses',
    'entitlements',
    'roles',
    'x509Certificates',
    'name.middleName',
    'name.honorificPrefix',
    'name.honorificSuffix',
    'emails.$ref',
    ...enterpriseTexts.map((name) => `${enterpriseSchema}:${name}`),
  ].map((name) => name.toLowerCase()),
);
