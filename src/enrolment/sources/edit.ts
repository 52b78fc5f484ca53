import { isDeepStrictEqual } from 'node:util';
import { isAtOrBelow } from '../../authority/place.ts';
import { groupTarget } from '../../directory/groups.ts';
import type { Context } from '../../operation/operation.ts';
import { organizationTarget } from '../../operation/targets.ts';
import { nameKey } from '../../platform/ldap-names.ts';
import { invalid } from '../../platform/problems.ts';
import { refuse } from '../../platform/refusals.ts';
import { type ImportActor, importActor } from '../import/run.ts';
import { decideOffer } from '../offer.ts';
import { attributePrefix, requireReading } from '../people-import/reading.ts';
import { readingOf } from './as-file.ts';
import type { Gives, SourceSettings } from './fields.ts';
import type { DirectorySource } from './reading.ts';
import { gavePassword, type SourceRow } from './store.ts';

/** What attributes of a directory may fill in: where somebody belongs and what they get is said by places and groups. */
const fromAttributes = [
  'key',
  'name',
  'givenName',
  'familyName',
  'email',
  'title',
  'lineManager',
  'firstDay',
  'lastDay',
];

/** @throws Refusal with the field that nobody could be read by */
export function requireColumns(source: DirectorySource): void {
  for (const field of Object.keys(source.columns))
    if (!fromAttributes.includes(field) && !field.startsWith(attributePrefix))
      throw invalid('columns', 'source-field', { field, fields: fromAttributes.join(', ') });
  requireReading(readingOf(source));
}

/**
 * Nothing that is said of a source reaches outside its organization, and nothing that whoever saves it could not do by
 * hand today. It is decided again at every reading.
 * @throws Refusal `source.outside`, or of what may not be given
 */
export async function requireInside(
  context: Context,
  places: DirectorySource['places'],
  gives: Gives,
): Promise<void> {
  const { db, target } = context;
  if (places.from === 'map')
    for (const { organizationId } of places.map) {
      const place = await organizationTarget(db, organizationId);
      context.require('organization.read', place, 'organization.read');
      if (!isAtOrBelow(place!.path, target.path)) throw refuse('source.outside');
    }
  const here = (await organizationTarget(db, target.organizationId))!;
  for (const { accessRoleId, groupId } of gives) {
    if (accessRoleId) await decideOffer(context, here, { entitlementIds: [], accessRoleIds: [accessRoleId] });
    if (groupId) {
      const group = await groupTarget(db, groupId);
      context.require('group.configure', group, 'user.read');
      if (!isAtOrBelow(group!.path, target.path)) throw refuse('source.outside');
    }
  }
}

/** Whoever saves what a source reads answers for it. The instance itself answers for nobody. */
export function whoAnswers({ actor }: Context): ImportActor {
  const one = importActor(actor);
  if (one.kind === 'operator' || one.kind === 'system') throw refuse('auth.required');
  return one;
}

/** A password goes to no other place, and signs in nobody else, than it was given for. */
export const leadsElsewhere = (before: SourceSettings, after: SourceSettings): boolean =>
  before.host !== after.host ||
  before.port !== after.port ||
  before.security !== after.security ||
  before.trust !== after.trust ||
  nameKey(before.account) !== nameKey(after.account);

/** What is said of a source anew; what is not said stays. */
export type Said = {
  settings?: SourceSettings | undefined;
  password?: string | undefined;
  base?: string | undefined;
  objectClass?: string | undefined;
  columns?: Record<string, string> | undefined;
  places?: DirectorySource['places'] | undefined;
  gives?: Gives | undefined;
};

/**
 * The source as it would be. The password that is kept goes nowhere else than it was given for, and reads nothing more
 * for anybody but whoever gave it: they may see more of the directory than others here are to.
 * @throws Refusal `target.secrets-again`, `source.password-again`
 */
export function asSaid({ actor }: Pick<Context, 'actor'>, row: SourceRow, said: Said): SourceRow {
  const after = {
    ...row,
    settings: said.settings ?? row.settings,
    reading: {
      base: said.base ?? row.reading.base,
      objectClass: said.objectClass ?? row.reading.objectClass,
      columns: said.columns ?? row.reading.columns,
      places: said.places ?? row.reading.places,
    },
    gives: said.gives ?? row.gives,
  };
  if (row.sealed === '' || said.password !== undefined) return after;
  if (leadsElsewhere(row.settings, after.settings)) throw refuse('target.secrets-again');
  const same = isDeepStrictEqual([row.reading, row.gives], [after.reading, after.gives]);
  if (!same && !gavePassword(actor, row)) throw refuse('source.password-again');
  return after;
}

/**
 * Whoever lets a source work, or lets it go on past its brake, could do by hand what comes of it: bring people in,
 * change them, and give what its groups give. In whose name it is done is another matter, decided as it is done.
 * @throws Refusal
 */
export async function requireByHand(context: Context, row: SourceRow): Promise<void> {
  const here = await organizationTarget(context.db, row.organizationId);
  context.require('user.enrol', here, 'organization.read');
  context.require('membership.update', here, 'organization.read');
  await requireInside(context, row.reading.places, row.gives);
}
