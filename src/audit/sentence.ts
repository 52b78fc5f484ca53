import type { TrailRow } from './store.ts';
import type { Words } from './words.ts';

/** Names as this reader may see them; undefined where they lie outside. */
export type Seen = {
  actor: string;
  /** whom the actor decides for, as a deputy */
  forWhom?: string | undefined;
  person: string | undefined;
  organization: string | undefined;
  thing:
    | { kind: 'entitlement' | 'access-role' | 'application'; name: string; application?: string }
    | undefined;
  email: string | undefined;
};

/** One event as a sentence. Pure; a type without words of its own is told by its name rather than left out. */
export function sentenceOf(event: TrailRow, seen: Seen, t: Words, known: (key: string) => boolean): string {
  const key = keyOf(event);
  // What somebody does for themselves names them once.
  const own = event.actorKind === 'user' && event.actorId === event.subjectId;
  // By a link, a code or a new password: whoever did it had not signed in, and is told by what they came with.
  const told = (one: string): boolean =>
    known(one) &&
    (event.actorKind === 'anonymous' || !one.endsWith('-stranger')) &&
    (own || !one.endsWith('-own'));
  // What the instance does in somebody's right, it does because they said so before.
  const standIn = event.actorKind === 'system' ? 'who.as-said' : 'who.deputy';
  const values = {
    actor: seen.forWhom ? t(standIn, { actor: seen.actor, forWhom: seen.forWhom }) : seen.actor,
    person: seen.person ?? t('who.hidden'),
    organization: seen.organization ?? t('who.organization'),
    thing: askedFor(event, seen, t),
    email: seen.email ?? t('who.hidden'),
    group: groupOf(event, seen, t),
    type: event.type,
  };
  const text = t([`${key}-stranger`, `${key}-own`, key, event.type].find(told) ?? 'other', values);
  return `${text.charAt(0).toLocaleUpperCase()}${text.slice(1)}.`;
}

/** What was given; or asked for, where that is more than the access itself. */
function askedFor({ targetKind, after, before }: TrailRow, seen: Seen, t: Words): string {
  const thing = seen.thing ? t(`thing.${seen.thing.kind}`, { ...seen.thing }) : t('thing.unknown');
  const kind = targetKind === 'request' ? (after ?? before)?.kind : undefined;
  return typeof kind === 'string' && kind !== 'access' ? t(`asked.${kind}`, { thing }) : thing;
}

/** The same type reads differently for one person, for everybody, for a group, for an organization and for an API key. */
function keyOf({ type, targetKind, subjectId, after, before }: TrailRow): string {
  if (targetKind === 'assignment' && !subjectId) return `${type}-all`;
  if (targetKind === 'trail' && subjectId) return `${type}-person`;
  if (targetKind === 'delegation' && !subjectId) {
    const kind = (after ?? before)?.delegate_kind ?? (after ?? before)?.delegateKind;
    return kind === 'client' || kind === 'relation' ? `${type}-${kind}` : `${type}-standing`;
  }
  return type;
}

/** Everybody in a relation; where that is another organization than the one looked after, it stays unnamed. */
function groupOf({ after, before, organizationId }: TrailRow, seen: Seen, t: Words): string {
  const state = after ?? before;
  const relation = state?.relation;
  if (typeof relation !== 'string') return '';
  const here = state?.delegate_organization_id === organizationId;
  return t(`group.${relation}`, {
    where: here ? (seen.organization ?? t('who.organization')) : t('group.elsewhere'),
  });
}
