import { Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { isProblem } from '../../api/problem.ts';
import { ActButton, TakeButton } from '../../parts/ActButton.tsx';
import { ConsequenceDialog } from '../../parts/ConsequenceDialog.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { BulkBar } from '../../table/BulkBar.tsx';
import { BulkResult, type RowResult } from '../../table/BulkResult.tsx';
import type { Selection } from '../../table/selection.ts';
import type { Invitation } from './invitation.ts';

type Act = 'resend' | 'revoke';

/** The same act on all that are ticked: what failed is shown with its reason and can be tried again. */
export function InvitationBulk({ selection }: { selection: Selection<Invitation> }): ReactNode {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [busy, setBusy] = useState<Act>();
  const [asked, setAsked] = useState(false);
  const [outcome, setOutcome] = useState<{ act: Act; results: RowResult[]; rows: Invitation[] }>();
  const run = async (act: Act, rows: Invitation[]): Promise<void> => {
    setBusy(act);
    const results: RowResult[] = [];
    // one after another: the server locks each anyway, and an order is easier to follow
    for (const row of rows) {
      const name = row.displayName || row.email;
      try {
        if (act === 'resend') await call('invitation.resend', { invitationId: row.id });
        else await call('invitation.revoke', { invitationId: row.id });
        results.push({ id: row.id, name, ok: true });
      } catch (error) {
        if (!isProblem(error)) throw error;
        results.push({ id: row.id, name, ok: false, reason: error.text });
      }
    }
    setBusy(undefined);
    setAsked(false);
    const done = results.filter(({ ok }) => ok).length;
    if (done > 0)
      sayDone(
        act === 'resend'
          ? t('invitations.manyResent', { count: done })
          : t('invitations.manyRevoked', { count: done }),
      );
    if (done === rows.length) {
      setOutcome(undefined);
      selection.clear();
    } else setOutcome({ act, results, rows });
    await client.invalidateQueries();
  };
  const open = selection.rows.filter(({ state }) => state !== 'accepted' && state !== 'revoked');
  const blocked = open.length === 0 ? t('invitations.noneOpen') : false;
  return (
    <>
      <BulkBar selection={selection}>
        <ActButton
          variant="default"
          blocked={blocked}
          loading={busy === 'resend'}
          leftSection={<IconRefresh size={16} aria-hidden />}
          onClick={() => void run('resend', open)}
        >
          {t('invitations.resend')}
        </ActButton>
        <TakeButton blocked={blocked} onClick={() => setAsked(true)}>
          {t('invitations.revoke')}
        </TakeButton>
      </BulkBar>
      <ConsequenceDialog
        opened={asked}
        onClose={() => setAsked(false)}
        title={t('invitations.revokeMany', { count: open.length })}
        consequence={<Text size="sm">{t('invitations.revokeManyText')}</Text>}
        confirm={t('invitations.revoke')}
        onConfirm={() => void run('revoke', open)}
        busy={busy === 'revoke'}
        problem={null}
      />
      <BulkResult
        results={outcome?.results ?? null}
        title={t('invitations.someFailed')}
        onClose={() => setOutcome(undefined)}
        busy={busy !== undefined}
        onRetryFailed={(ids) =>
          outcome &&
          void run(
            outcome.act,
            outcome.rows.filter(({ id }) => ids.includes(id)),
          )
        }
      />
    </>
  );
}
