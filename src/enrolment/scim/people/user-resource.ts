import type { Door } from '../connection/door.ts';
import type { JsonObject, Resource } from '../protocol/json.ts';
import { enterpriseSchema, enterpriseTexts, fieldOf, remitSchema, userSchema } from '../protocol/schema.ts';
import { metaOf } from '../protocol/tag.ts';
import type { UserRow } from './user-rows.ts';

/** A person as SCIM writes one (RFC 7643, section 4.1); what is unassigned is left out. Pure. */
export function toUser(door: Door, row: UserRow): Resource {
  const enterprise = enterprisePart(door, row);
  const hasEnterprise = Object.keys(enterprise).length > 0;
  const resource: Resource = {
    schemas: [userSchema, ...(hasEnterprise ? [enterpriseSchema] : []), remitSchema],
    id: row.id,
    ...(row.externalId === null ? {} : { externalId: row.externalId }),
    userName: row.userName,
    name: {
      formatted: row.displayName,
      ...(row.familyName ? { familyName: row.familyName } : {}),
      ...(row.givenName ? { givenName: row.givenName } : {}),
    },
    displayName: row.displayName,
    ...(row.title ? { title: row.title } : {}),
    preferredLanguage: row.language,
    active: row.state === 'active',
    ...listed('emails', emailsOf(row)),
    ...listed(
      'groups',
      row.groups.map(({ id, name }) => ({
        value: id,
        $ref: `${door.address}/Groups/${id}`,
        display: name,
        type: 'direct',
      })),
    ),
    ...(hasEnterprise ? { [enterpriseSchema]: enterprise } : {}),
    [remitSchema]: remitPart(door, row),
  };
  return { ...resource, meta: metaOf('User', `${door.address}/Users/${row.id}`, row, resource) };
}

const listed = (name: string, values: JsonObject[]): JsonObject =>
  values.length > 0 ? { [name]: values } : {};

/** The account's own address is the one that is written to, whatever a feed calls primary. */
export function emailsOf({ email, emails }: Pick<UserRow, 'email' | 'emails'>): JsonObject[] {
  const own = email?.toLowerCase();
  const main = emails.find(({ value }) => value.toLowerCase() === own);
  return [
    ...(email === null ? [] : [{ value: email, display: email, type: main?.type ?? 'work', primary: true }]),
    ...emails
      .filter(({ value }) => value.toLowerCase() !== own)
      .map(({ value, type }) => ({ value, display: value, ...(type ? { type } : {}), primary: false })),
  ];
}

function enterprisePart(door: Door, row: UserRow): JsonObject {
  const part: JsonObject = {};
  for (const name of enterpriseTexts) {
    const field = fieldOf(name, door.fields);
    const value = field && row.attributes[field.key];
    if (typeof value === 'string' && value !== '') part[name] = value;
  }
  if (row.managerId !== null)
    part.manager = {
      value: row.managerId,
      $ref: `${door.address}/Users/${row.managerId}`,
      displayName: row.managerName ?? '',
    };
  return part;
}

function remitPart(door: Door, row: UserRow): JsonObject {
  const known = door.fields.flatMap(({ key }) => {
    const value = row.attributes[key];
    return value === undefined || value === null ? [] : [[key, value] as const];
  });
  return {
    organization: { value: row.organizationId, display: row.organizationName },
    ...(row.firstDay === null ? {} : { firstDay: row.firstDay }),
    ...(row.lastDay === null ? {} : { lastDay: row.lastDay }),
    ...(known.length > 0 ? { attributes: Object.fromEntries(known) } : {}),
  };
}
