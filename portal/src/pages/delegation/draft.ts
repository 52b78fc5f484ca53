import type { Input } from '../../api/types.ts';

export type DelegationInput = Input<'delegation.create'>;
export type Relation = 'managers' | 'line-managers' | 'members' | 'guardians';
export type Place = { organizationId: string; name: string; below: boolean; out: boolean };
type Named = { id: string; name: string };

export type Draft = {
  who: 'person' | 'relation' | 'standing' | 'organization';
  person: { membershipId: string; displayName: string } | undefined;
  relation: Relation;
  /** of the relation; or the other organization */
  group: Named | undefined;
  adminRoleId: string;
  /** instead of a role; undefined: the role */
  permissions: DelegationInput['permissions'] | undefined;
  places: Place[];
  people: 'all' | 'some' | 'reports' | 'relation';
  some: Named[];
  reportsOf: Named | undefined;
  depth: 'direct' | 'all';
  handOut: 'same' | { applicationIds: string[]; entitlementIds: string[] };
  fromDay: string;
  untilDay: string;
  mayPassOn: number | 'same';
  seats: number | '';
  reason: string;
};

/** Built in; the same ids on every instance. */
export const managerRole = '00000000-0000-7000-8000-000000000003';
export const lineManagerRole = '00000000-0000-7000-8000-000000000007';

export const firstDraft: Draft = {
  who: 'person',
  person: undefined,
  relation: 'line-managers',
  group: undefined,
  adminRoleId: managerRole,
  permissions: undefined,
  places: [],
  people: 'all',
  some: [],
  reportsOf: undefined,
  depth: 'direct',
  handOut: 'same',
  fromDay: '',
  untilDay: '',
  mayPassOn: 0,
  seats: '',
  reason: '',
};

/**
 * The draft with this change. Who becomes line manager by their position looks after their own reports, as long as
 * nothing narrower was chosen. What was chosen about people stays through a change of who: it never widens unseen.
 */
export function changed(was: Draft, change: Partial<Draft>): Draft {
  const next = { ...was, ...change };
  if (isOfLineManagers(was) || !isOfLineManagers(next) || next.people !== 'all') return next;
  return { ...next, people: 'reports', reportsOf: undefined, depth: 'direct' };
}

const isOfLineManagers = ({ who, relation, adminRoleId, permissions }: Draft): boolean =>
  who === 'relation' && relation === 'line-managers' && adminRoleId === lineManagerRole && !permissions;

/** What is still to be chosen, as the key of a text; or what is sent. */
export function inputOf(draft: Draft): { missingKey: string } | { input: DelegationInput } {
  const places = draft.places.filter(({ out }) => !out);
  const holes = draft.places.filter(({ out }) => out);
  const [first, ...more] = places;
  const standing = draft.who === 'standing';
  if (draft.who === 'person' && !draft.person) return { missingKey: 'delegate.choosePerson' };
  if ((draft.who === 'relation' || draft.who === 'organization') && !draft.group)
    return { missingKey: 'delegate.chooseGroup' };
  if (!first) return { missingKey: 'delegate.choosePlace' };
  if (draft.permissions?.length === 0) return { missingKey: 'delegate.choosePermission' };
  if (!standing && draft.people === 'some' && draft.some.length === 0)
    return { missingKey: 'delegate.chooseSome' };
  // Chosen for a position, and whoever is chosen now has none.
  if (!standing && draft.people === 'relation' && draft.who !== 'relation')
    return { missingKey: 'delegate.choosePeople' };
  const at = ({ organizationId, below }: Place): { organizationId: string; below: boolean } => ({
    organizationId,
    below,
  });
  return {
    input: {
      organizationId: first.organizationId,
      below: first.below,
      delegate: delegateOf(draft),
      ...(draft.permissions ? { permissions: draft.permissions } : { adminRoleId: draft.adminRoleId }),
      ...(standing ? {} : boundaryOf(draft)),
      ...(more.length > 0 && !standing ? { places: more.map(at) } : {}),
      ...(holes.length > 0 && !standing ? { holes: holes.map(at) } : {}),
      entitlements: draft.handOut,
      firstDay: draft.fromDay || undefined,
      lastDay: draft.untilDay || undefined,
      mayPassOn: draft.mayPassOn,
      ...(standing && draft.seats !== '' ? { seats: draft.seats } : {}),
      ...(draft.reason.trim() ? { reason: draft.reason.trim() } : {}),
    },
  };
}

function delegateOf({ who, person, relation, group }: Draft): DelegationInput['delegate'] {
  if (who === 'standing') return 'organization';
  if (who === 'person') return { membershipId: person?.membershipId ?? '' };
  const organizationId = group?.id ?? '';
  return who === 'relation' ? { relation, organizationId } : { organizationId };
}

function boundaryOf(draft: Draft): Partial<DelegationInput> {
  if (draft.people === 'some') return { membershipIds: draft.some.map(({ id }) => id) };
  if (draft.people === 'relation') return { whereRelation: true };
  if (draft.people === 'reports')
    return {
      reports: { ...(draft.reportsOf ? { of: draft.reportsOf.id } : {}), depth: draft.depth },
    };
  return {};
}
