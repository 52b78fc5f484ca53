import { Group, Paper, Stack, Textarea } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconCheck, IconX } from '@tabler/icons-react';
import { type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { useChange } from '../../api/queries.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { Fold } from '../../parts/Fold.tsx';
import { offerUndo } from '../../parts/undo-toast.tsx';
import { type Request, RequestFacts, whatOf } from './RequestFacts.tsx';

/** Each request with its two buttons. j and k go to the next and the one before, a approves, r refuses. */
export function Inbox({
  requests,
  first,
}: {
  requests: readonly Request[];
  /** the one that a mail led to comes first */
  first: string | undefined;
}): ReactNode {
  const { t } = useTranslation();
  const list = useRef<HTMLDivElement>(null);
  const ordered = first
    ? [
        ...requests.filter(({ requestId }) => requestId === first),
        ...requests.filter(({ requestId }) => requestId !== first),
      ]
    : requests;
  const cards = (): HTMLElement[] => [...(list.current?.querySelectorAll<HTMLElement>(':scope > li') ?? [])];
  const here = (): number => cards().findIndex((card) => card.contains(document.activeElement));
  const move = (by: number): void => {
    const all = cards();
    const from = here();
    all[from < 0 ? 0 : Math.min(Math.max(from + by, 0), all.length - 1)]?.focus();
  };
  const press = (act: 'approve' | 'refuse'): void =>
    cards()[here()]?.querySelector<HTMLButtonElement>(`[data-act="${act}"]`)?.click();
  useHotkeys([
    ['j', () => move(1)],
    ['k', () => move(-1)],
    ['a', () => press('approve')],
    ['r', () => press('refuse')],
  ]);
  // the next card takes the focus when one leaves, so that the keyboard goes on where it was
  const keepPlace = (): void => {
    const at = here();
    if (at < 0) return;
    const next = cards()[at + 1] ?? cards()[at - 1];
    next?.focus();
  };
  return (
    <Stack
      component="ul"
      ref={list}
      p={0}
      m={0}
      style={{ listStyle: 'none' }}
      aria-label={t('requests.box.inbox')}
    >
      {ordered.map((request) => (
        <Waiting key={request.requestId} request={request} onDecided={keepPlace} />
      ))}
    </Stack>
  );
}

function Waiting({ request, onDecided }: { request: Request; onDecided: () => void }): ReactNode {
  const { t } = useTranslation();
  const [note, setNote] = useState('');
  const decide = useChange('request.decide', (_, { approve }) => {
    onDecided();
    const of = { name: request.subject.displayName, what: whatOf(request) };
    const text = approve ? t('requests.approvedNow', of) : t('requests.refusedNow', of);
    offerUndo(text, () => call('request.undo', { requestId: request.requestId }));
  });
  const send = (approve: boolean): void =>
    decide.mutate({ requestId: request.requestId, approve, note: note.trim(), ifVersion: request.version });
  const of = { name: request.subject.displayName, what: whatOf(request) };
  const blocked = request.mine ? t('requests.own') : false;
  return (
    <Paper component="li" withBorder p="md" tabIndex={-1} aria-label={t('requests.asks', of)}>
      <Stack gap="sm">
        <RequestFacts request={request} />
        <Group gap="xs">
          <GiveButton
            data-act="approve"
            leftSection={<IconCheck size={16} aria-hidden />}
            blocked={blocked}
            loading={decide.isPending && decide.variables.approve}
            onClick={() => send(true)}
            aria-label={t('requests.approveOf', of)}
          >
            {t('requests.approve')}
          </GiveButton>
          <TakeButton
            data-act="refuse"
            leftSection={<IconX size={16} aria-hidden />}
            blocked={blocked}
            loading={decide.isPending && !decide.variables.approve}
            onClick={() => send(false)}
            aria-label={t('requests.refuseOf', of)}
          >
            {t('requests.refuse')}
          </TakeButton>
        </Group>
        <Fold label={t('requests.addNote')}>
          <Textarea
            label={t('requests.note')}
            description={t('requests.noteHint', { name: request.subject.displayName })}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            autosize
            maxLength={1000}
          />
        </Fold>
        <ActProblem problem={decide.error} />
      </Stack>
    </Paper>
  );
}
