import { useRead } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import type { Item } from '../../api/types.ts';
import { day, number } from '../../i18n/dates.ts';
import type { Say } from '../../i18n/say.ts';
import { valueWords } from '../rules/rule-words.ts';

export type OwnField = Pick<Item<'attribute.list'>, 'key' | 'label' | 'kind' | 'choices'>;

/**
 * The fields of an organization that this reader sees in people there, in the order in which they were defined. Of
 * others the lists show nothing and find nothing, so they are not offered. Undefined until they are known.
 */
export function useOwnFields(organizationId: string): readonly OwnField[] | undefined {
  const enabled = useMay()('organization.read');
  const organization = useRead('organization.read', { organizationId }, { enabled });
  const fields = useRead('attribute.list', { organizationId }, { enabled, keepPrevious: true });
  if (organization.isLoading || fields.isLoading) return undefined;
  const seesAll = organization.data?.may.includes('membership.update') ?? false;
  return (fields.data?.items ?? []).filter(({ seenBy }) => seesAll || seenBy === 'everybody');
}

/** What stands in a field, in the reader's way. */
export function valueIn(
  t: Say,
  kind: OwnField['kind'],
  value: string | number | boolean | null | undefined,
): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return number(value);
  return kind === 'date' && typeof value === 'string' ? day(value) : valueWords(t, value);
}

/** What somebody looks for in a field, as it stands in the address. */
export type FieldSearch = {
  field?: string | undefined;
  is?: string | undefined;
  has?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
};

export const noField: FieldSearch = {
  field: undefined,
  is: undefined,
  has: undefined,
  from: undefined,
  to: undefined,
};

/** A number as people write it, with a point or a comma; undefined while it is none. */
export const plainNumber = (text: string | undefined): string | undefined => {
  const plain = text?.trim().replace(',', '.');
  return plain && /^-?\d+(\.\d+)?$/.test(plain) && plain.length <= 40 ? plain : undefined;
};

const plainDay = (text: string | undefined): string | undefined =>
  text && /^\d{4}-\d\d-\d\d$/.test(text) ? text : undefined;

type Asked = { field: string; value?: string; contains?: string; atLeast?: string; atMost?: string };

/** The same for the server. A part that says nothing yet, such as half a number, is left out. */
export function askedOf(search: FieldSearch, field: OwnField | undefined): Asked | undefined {
  if (!search.field || !field) return undefined;
  const asked: Asked = { field: field.key };
  const plain = field.kind === 'number' ? plainNumber : plainDay;
  const [atLeast, atMost] = [plain(search.from), plain(search.to)];
  if ((field.kind === 'choice' || field.kind === 'boolean') && search.is) asked.value = search.is;
  if (field.kind === 'text' && search.has) asked.contains = search.has;
  if (field.kind === 'number' || field.kind === 'date') {
    if (atLeast) asked.atLeast = atLeast;
    if (atMost) asked.atMost = atMost;
  }
  return asked;
}
