import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { useChange } from '../../api/queries.ts';
import { offerUndo } from '../../parts/undo-toast.tsx';
import { type Request, whatOf } from './RequestFacts.tsx';

export type Deciding = {
  send: (approve: boolean, note: string) => void;
  busy: 'approve' | 'refuse' | false;
  problem: ReturnType<typeof useChange<'request.decide'>>['error'];
};

/** One yes or no, with ten seconds to take it back. */
export function useDecide(request: Request, onDecided: () => void): Deciding {
  const { t } = useTranslation();
  const decide = useChange('request.decide', (after, { approve }) => {
    onDecided();
    const of = { name: request.subject.displayName, what: whatOf(request) };
    const said = approve ? t('requests.approvedNow', of) : t('requests.refusedNow', of);
    // others are asked, too: it is said, so that nobody takes their own yes for all of it
    const text = after.state === 'open' ? `${said} ${t('inbox.othersDecide')}` : said;
    offerUndo(text, () => call('request.undo', { requestId: request.requestId }));
  });
  return {
    send: (approve, note) =>
      decide.mutate({
        requestId: request.requestId,
        approve,
        note: note.trim(),
        ifVersion: request.version,
      }),
    busy: decide.isPending ? (decide.variables.approve ? 'approve' : 'refuse') : false,
    problem: decide.error,
  };
}
