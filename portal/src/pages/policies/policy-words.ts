import { catalogue } from '../../i18n/catalogue.ts';
import type { Say } from '../../i18n/say.ts';
import type { Approver, Conditions, Duration, Policy, Quorum, Step } from './draft.ts';

/** What a policy does, in sentences. */
export type Words = {
  t: Say;
  /** people, organizations, applications and roles by id */
  names: Readonly<Record<string, string>>;
  permissions: ReadonlyMap<string, string>;
};

export const listed = (parts: readonly string[]): string =>
  new Intl.ListFormat(catalogue.language, { type: 'conjunction' }).format(parts);

export function durationWords(t: Say, due: Duration): string {
  if ('hours' in due) return t('policy.time.hours', { count: due.hours });
  if ('workingHours' in due) return t('policy.time.workingHours', { count: due.workingHours });
  return t('policy.time.workingDays', { count: due.workingDays });
}

export function approverWords({ t, names, permissions }: Words, one: Approver): string {
  const nameOf = (id: string): string => names[id] ?? t('policy.unseen');
  switch (one.kind) {
    case 'people':
      return listed(one.membershipIds.map(nameOf));
    case 'members':
      return t('policy.who.members', { name: nameOf(one.organizationId) });
    case 'holders':
      return t('policy.who.holders', { what: permissions.get(one.permission) ?? one.permission });
    default:
      return t(`policy.who.${one.kind}`);
  }
}

export const approversWords = (words: Words, approvers: readonly Approver[]): string =>
  approvers.length === 0
    ? words.t('policy.nobodyYet')
    : listed(approvers.map((one) => approverWords(words, one)));

export function quorumWords(t: Say, quorum: Quorum): string {
  if (typeof quorum === 'object') return t('policy.quorum.atLeastOf', { count: quorum.atLeast });
  return t(`policy.quorum.${quorum}`);
}

/** One step: who says yes and when, who is reminded, who is asked then, how it ends. */
export function stepSentences(words: Words, step: Omit<Step, 'name'>): string[] {
  const { t } = words;
  const who = approversWords(words, step.approvers);
  const due = durationWords(t, step.due);
  const last = step.escalation.at(-1) ?? step;
  const asksOwners = last.approvers.some(({ kind }) => kind === 'owners');
  return [
    typeof step.quorum === 'object'
      ? t('policy.sentence.atLeast', { count: step.quorum.atLeast, who, due })
      : t(`policy.sentence.${step.quorum}`, { who, due }),
    ...(step.remind.length > 0
      ? [t('policy.sentence.remind', { times: listed(step.remind.map((time) => durationWords(t, time))) })]
      : []),
    ...step.escalation.map((level) =>
      t('policy.sentence.escalation', {
        who: approversWords(words, level.approvers),
        due: durationWords(t, level.due),
      }),
    ),
    ...(asksOwners ? [] : [t('policy.sentence.owners')]),
    ...(step.attachment ? [t('policy.sentence.attachment')] : []),
    t(`policy.sentence.${step.atEnd}`),
  ];
}

/** Which requests it is about: one part for each condition. */
export function conditionWords({ t, names }: Words, applies: Conditions): string[] {
  const namesOf = (ids: readonly string[]): string =>
    listed(ids.map((id) => names[id] ?? t('policy.unseen')));
  const parts: (string | undefined)[] = [
    applies.kinds && listed(applies.kinds.map((kind) => t(`policy.kind.${kind}`))),
    applies.organizationIds && t('policy.about.places', { names: namesOf(applies.organizationIds) }),
    applies.applications && t('policy.about.applications', { names: namesOf(applies.applications) }),
    applies.entitlements && t('policy.about.roles', { names: namesOf(applies.entitlements) }),
    applies.risk &&
      t('policy.about.risk', { names: listed(applies.risk.map((risk) => t(`policy.risk.${risk}`))) }),
    applies.membership && t(`policy.about.${applies.membership}`),
    applies.longerThanDays !== undefined
      ? t('policy.about.longer', { count: applies.longerThanDays })
      : undefined,
    applies.separation ? t('policy.about.separation') : undefined,
  ];
  return parts.filter((part) => part !== undefined);
}

export type Hang = NonNullable<Policy['hangs']>;

/** The state that would hang, in the reader's language: how far its step has escalated, and why. */
export function hangWords(t: Say, { why, escalation, needed }: Hang): string {
  const words = why === 'too-few' ? t('policy.hang.too-few', { count: needed }) : t(`policy.hang.${why}`);
  return escalation > 0 ? `${t('policy.hangAt', { number: escalation })}${words}` : words;
}
