import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { TakeButton } from '../../parts/ActButton.tsx';
import { sayDone, sayProblem } from '../../parts/undo-toast.tsx';
import { type Request, whatOf } from './RequestFacts.tsx';

/** Whoever asked may think better of it while nobody has decided. */
export function WithdrawButton({ request }: { request: Request }): ReactNode {
  const { t } = useTranslation();
  const withdraw = useChange('request.withdraw', () => sayDone(t('requests.withdrawn')));
  return (
    <TakeButton
      size="xs"
      blocked={false}
      loading={withdraw.isPending}
      aria-label={t('requests.withdrawOf', { what: whatOf(request) })}
      onClick={() =>
        withdraw.mutate({ requestId: request.requestId, ifVersion: request.version }, { onError: sayProblem })
      }
    >
      {t('requests.withdraw')}
    </TakeButton>
  );
}
