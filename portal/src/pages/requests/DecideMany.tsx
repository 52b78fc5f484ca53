import { IconCheck, IconX } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { useChange } from '../../api/queries.ts';
import { GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { offerUndo, sayProblem } from '../../parts/undo-toast.tsx';
import { BulkBar } from '../../table/BulkBar.tsx';
import { BulkResult, type RowResult } from '../../table/BulkResult.tsx';
import type { Selection } from '../../table/selection.ts';
import { type Request, titleOf } from './RequestFacts.tsx';

/** What was chosen, on any page, decided at once: each by itself on the server, and what failed can be tried again. */
export function DecideMany({ selection }: { selection: Selection<Request> }): ReactNode {
  const { t } = useTranslation();
  const [sent, setSent] = useState<{ approve: boolean; rows: RowResult[] } | null>(null);
  const titles = new Map(selection.rows.map((request) => [request.requestId, titleOf(request)]));
  const decide = useChange('request.decide-many', ({ results }, { approve }) => {
    const rows = results.map(({ requestId: id, ok, refusal }): RowResult => {
      const name = titles.get(id) ?? '';
      return ok ? { id, name, ok } : { id, name, ok: false, reason: refusal?.text ?? '' };
    });
    setSent({ approve: approve === true, rows });
    const done = rows.filter((row) => row.ok).map(({ id }) => id);
    selection.set(
      selection.rows.filter(({ requestId }) => done.includes(requestId)),
      false,
    );
    if (done.length === 0) return;
    const count = done.length;
    offerUndo(approve ? t('inbox.approvedMany', { count }) : t('inbox.refusedMany', { count }), () =>
      Promise.all(done.map((requestId) => call('request.undo', { requestId }))),
    );
  });
  const send = (approve: boolean, requestIds = selection.rows.map(({ requestId }) => requestId)): void =>
    decide.mutate({ requestIds, approve }, { onError: sayProblem });
  const busy = decide.isPending ? decide.variables.approve : undefined;
  const count = selection.rows.length;
  return (
    <>
      <BulkBar selection={selection}>
        <GiveButton
          blocked={false}
          loading={busy === true}
          leftSection={<IconCheck size={16} aria-hidden />}
          onClick={() => send(true)}
        >
          {t('inbox.approveMany', { count })}
        </GiveButton>
        <TakeButton
          blocked={false}
          loading={busy === false}
          leftSection={<IconX size={16} aria-hidden />}
          onClick={() => send(false)}
        >
          {t('inbox.refuseMany', { count })}
        </TakeButton>
      </BulkBar>
      <BulkResult
        results={sent?.rows ?? null}
        title={t('inbox.someFailed')}
        onClose={() => setSent(null)}
        onRetryFailed={(ids) => send(sent?.approve === true, ids)}
        busy={decide.isPending}
      />
    </>
  );
}
