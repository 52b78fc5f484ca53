import type { CeilingAnswer, Holding } from '../authority/holds.ts';
import { say } from '../authority/say.ts';
import { stopWords } from '../authority/words.ts';

/** Where access comes from and what stops it, in one sentence each. Names are put in by who knows its reader. */
export type Named = {
  /** who gave it, when the reader may know them */
  giver: string | undefined;
  /** the organization whose limit stops it, when the reader may know it */
  limitedAt: string | undefined;
  /** the organization whose people all have it, when the reader may know it */
  through: string | undefined;
  /** the rule that gives it, when the reader may know it */
  rule: string | undefined;
};

export function sourceWords(holding: Holding, { giver, through, rule }: Named): string {
  const part = holding.accessRoleName
    ? say('source.part.role', { role: holding.accessRoleName })
    : say('source.part.itself');
  if (holding.throughOrganizationId)
    return through ? say('source.through', { part, name: through }) : say('source.throughAbove', { part });
  const { why } = holding;
  if ((why === 'request' || why === 'direct') && giver) return say(`source.${why}By`, { part, name: giver });
  if (why === 'rule' && rule) return say('source.ruleNamed', { part, name: rule });
  return say(`source.${why}`, { part });
}

export function stopSentence(holding: Holding, { limitedAt }: Pick<Named, 'limitedAt'>): string | undefined {
  if (!holding.stoppedBy) return undefined;
  if (holding.stoppedBy !== 'ceiling') return say(`held.${holding.stoppedBy}`);
  return ceilingSentence(holding.ceiling, limitedAt);
}

export function ceilingSentence(ceiling: CeilingAnswer, limitedAt: string | undefined): string {
  if (ceiling.allowed) return '';
  if (ceiling.reason === 'outside')
    return limitedAt ? say('limit.outside', { name: limitedAt }) : say('limit.outsideAbove');
  const stop = stopWords(ceiling.stop.reason);
  return limitedAt ? say('limit.stopped', { name: limitedAt, stop }) : say('limit.stoppedAbove', { stop });
}
