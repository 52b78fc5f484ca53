import type { AttributeValue } from '../../../directory/attributes.ts';
import { isObject, type Json, type JsonObject, type Resource } from '../protocol/json.ts';
import {
  type DefinedField,
  enterpriseSchema,
  enterpriseTexts,
  fieldOf,
  remitSchema,
} from '../protocol/schema.ts';

/** What a resource wishes of a person, part by part. Pure. */
export type Wish = {
  userName: string;
  externalId: string | null;
  displayName: string;
  givenName: string;
  familyName: string;
  language: string | undefined;
  title: string;
  active: boolean | undefined;
  emails: { value: string; type?: string; primary: boolean }[];
  managerId: string | null;
  organizationId: string | undefined;
  firstDay: string | null;
  lastDay: string | null;
};

const text = (value: Json | undefined): string => (typeof value === 'string' ? value.trim() : '');
const textOrNull = (value: Json | undefined): string | null => text(value) || null;
const part = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});

/** @param before how they stood, where they were there already: what was sent decides which of two names was meant */
export function wishOf(resource: Resource, before?: Resource): Wish {
  const name = part(resource.name);
  const remit = part(resource[remitSchema]);
  const enterprise = part(resource[enterpriseSchema]);
  return {
    userName: text(resource.userName),
    externalId: textOrNull(resource.externalId),
    displayName: shownName(resource, before),
    givenName: text(name.givenName),
    familyName: text(name.familyName),
    language: textOrNull(resource.preferredLanguage) ?? undefined,
    title: text(resource.title),
    active: typeof resource.active === 'boolean' ? resource.active : undefined,
    emails: emailsIn(resource),
    managerId: textOrNull(part(enterprise.manager).value),
    organizationId: textOrNull(part(remit.organization).value) ?? undefined,
    firstDay: textOrNull(remit.firstDay),
    lastDay: textOrNull(remit.lastDay),
  };
}

/**
 * One name is shown. A feed may send it as `displayName`, as `name.formatted`, or in parts: what differs from before was
 * meant, and the first of these that says something otherwise.
 */
function shownName(resource: Resource, before?: Resource): string {
  const whole = (of: Resource) => text(of.displayName);
  const formatted = (of: Resource) => text(part(of.name).formatted);
  const joined = (of: Resource) =>
    [part(of.name).givenName, part(of.name).familyName].map(text).filter(Boolean).join(' ');
  if (before) {
    if (whole(resource) && whole(resource) !== whole(before)) return whole(resource);
    if (formatted(resource) && formatted(resource) !== formatted(before)) return formatted(resource);
    // Only where the name was made of its parts does it follow them.
    if (joined(resource) && joined(resource) !== joined(before) && whole(before) === joined(before))
      return joined(resource);
    return whole(before);
  }
  return whole(resource) || formatted(resource) || joined(resource) || text(resource.userName);
}

function emailsIn({ emails }: Resource): Wish['emails'] {
  return (Array.isArray(emails) ? emails : []).filter(isObject).flatMap(({ value, type, primary }) => {
    const address = text(value);
    if (!address) return [];
    return [{ value: address, ...(text(type) ? { type: text(type) } : {}), primary: primary === true }];
  });
}

/** The one that is written to: the primary, else one for work, else the first. */
export const mainOf = (emails: Wish['emails']): string | null =>
  (emails.find(({ primary }) => primary) ?? emails.find(({ type }) => type === 'work') ?? emails[0])?.value ??
  null;

/**
 * Values of defined fields that differ, null for those taken away. One field may stand in two places, in the enterprise
 * extension and in ours: whichever was changed counts.
 */
export function fieldsChanged(
  fields: readonly DefinedField[],
  before: Resource,
  after: Resource,
): Record<string, AttributeValue> {
  const changed: Record<string, AttributeValue> = {};
  const note = (key: string, was: Json | undefined, is: Json | undefined): void => {
    if ((was ?? null) === (is ?? null)) return;
    changed[key] = typeof is === 'object' || is === undefined ? null : is;
  };
  const own = (of: Resource) => part(part(of[remitSchema]).attributes);
  const enterprise = (of: Resource) => part(of[enterpriseSchema]);
  for (const name of enterpriseTexts) {
    const field = fieldOf(name, fields);
    if (field) note(field.key, enterprise(before)[name], enterprise(after)[name]);
  }
  for (const { key } of fields) note(key, own(before)[key], own(after)[key]);
  return changed;
}

/**
 * What a PUT leaves of a person whom it says less of than there is (RFC 7644, section 3.5.1): a client that does not
 * know an extension does not mean to take away a last day, nor to let somebody in whom it says nothing of.
 */
export function replaced(before: Resource, sent: Resource, named: ReadonlySet<string>): Resource {
  const kept: Resource = {};
  for (const schema of [remitSchema, enterpriseSchema])
    if (!named.has(schema.toLowerCase()) && before[schema] !== undefined) kept[schema] = before[schema]!;
  for (const name of ['active', 'preferredLanguage'])
    if (sent[name] === undefined && before[name] !== undefined) kept[name] = before[name]!;
  const remit = part(sent[remitSchema]);
  const where = part(before[remitSchema]).organization;
  const stays: Resource =
    named.has(remitSchema.toLowerCase()) && remit.organization === undefined && where !== undefined
      ? { [remitSchema]: { ...remit, organization: where } }
      : {};
  return { ...sent, ...kept, ...stays };
}
