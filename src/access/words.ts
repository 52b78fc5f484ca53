import type { CeilingAnswer, Holding } from '../authority/holds.ts';
import { stopWords } from '../authority/words.ts';

/** Where access comes from and what stops it, in one sentence each. Names are put in by who knows its reader. */
export type Named = {
  /** who gave it, when the reader may know them */
  giver: string | undefined;
  /** the organization whose limit stops it, when the reader may know it */
  limitedAt: string | undefined;
  /** the organization whose people all have it, when the reader may know it */
  through: string | undefined;
};

export function sourceWords(holding: Holding, { giver, through }: Named): string {
  const part = holding.accessRoleName ? `As part of ${holding.accessRoleName}` : 'By itself';
  const by = giver ? ` by ${giver}` : '';
  if (holding.throughOrganizationId)
    return `${part}, as everybody ${through ? `in ${through}` : 'at a level above'} has it.`;
  switch (holding.why) {
    case 'request':
      return `${part}, asked for and approved${by}.`;
    case 'invitation':
      return `${part}, with the invitation.`;
    case 'import':
      return `${part}, taken over from a file.`;
    case 'rule':
      return `${part}, by a rule.`;
    case 'direct':
      return `${part}, given${by}.`;
  }
}

const stopped: Record<Exclude<NonNullable<Holding['stoppedBy']>, 'ceiling'>, string> = {
  person: 'The account is suspended.',
  membership: 'The place in this organization is suspended, has not begun or has ended.',
  organization: 'The organization is suspended or closed.',
  application: 'The application or this role is retired.',
  'not-begun': 'It has not begun yet.',
  ended: 'Its last day has passed.',
  separation: 'It may not be held together with other access (separation of duties).',
};

export function stopSentence(holding: Holding, { limitedAt }: Pick<Named, 'limitedAt'>): string | undefined {
  if (!holding.stoppedBy) return undefined;
  if (holding.stoppedBy !== 'ceiling') return stopped[holding.stoppedBy];
  return ceilingSentence(holding.ceiling, limitedAt);
}

export function ceilingSentence(ceiling: CeilingAnswer, limitedAt: string | undefined): string {
  const whose = limitedAt
    ? `What ${limitedAt} may hand out`
    : 'What may be handed out, set at a level above,';
  if (ceiling.allowed) return '';
  return ceiling.reason === 'outside'
    ? `${whose} does not include this.`
    : `${whose} ${stopWords(ceiling.stop.reason)}.`;
}
