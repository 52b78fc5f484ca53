import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import type { Item } from '../../api/types.ts';
import { sayDone, sayProblem } from '../../parts/undo-toast.tsx';
import { BulkResult, type RowResult } from '../../table/BulkResult.tsx';
import type { Selection } from '../../table/selection.ts';

type InviteToSignIn = { start: () => void; busy: boolean; result: ReactNode };

/** People who came by import have no sign-in yet: this mails each of the chosen ones an invitation to set it up. */
export function useInviteToSignIn(selection: Selection<Item<'user.list'>>): InviteToSignIn {
  const { t } = useTranslation();
  const [results, setResults] = useState<RowResult[] | null>(null);
  const names = new Map(selection.rows.map((person) => [person.membershipId, person.displayName]));
  const invite = useChange('membership.invite', (output) => {
    const rows = output.results.map(({ membershipId: id, ok, refusal }): RowResult => {
      const name = names.get(id) ?? '';
      return ok ? { id, name, ok } : { id, name, ok, reason: refusal?.text ?? '' };
    });
    setResults(rows);
    const done = rows.filter((row) => row.ok).length;
    if (done > 0) sayDone(t('people.invited', { count: done }));
    if (done === rows.length) selection.clear();
  });
  const send = (membershipIds: string[]): void => invite.mutate({ membershipIds }, { onError: sayProblem });
  return {
    start: () =>
      send(
        selection.rows.filter((person) => person.state === 'no-sign-in').map((person) => person.membershipId),
      ),
    busy: invite.isPending,
    result: (
      <BulkResult
        results={results}
        title={t('people.inviteFailed')}
        onClose={() => setResults(null)}
        onRetryFailed={send}
        busy={invite.isPending}
      />
    ),
  };
}
