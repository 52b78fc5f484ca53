import { Group, Stack, Textarea } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { Fold } from '../../parts/Fold.tsx';
import { useDecide } from './decide.ts';
import { type Request, whatOf } from './RequestFacts.tsx';

/** Yes and no, each one press; a note for whoever wants to say why. */
export function DecideButtons({
  request,
  onDecided,
}: {
  request: Request;
  onDecided: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const [note, setNote] = useState('');
  const { send, busy, problem } = useDecide(request, onDecided);
  const of = { name: request.subject.displayName, what: whatOf(request) };
  const blocked = request.mine ? t('requests.own') : false;
  return (
    <Stack gap="sm">
      <Group gap="xs" grow preventGrowOverflow={false} maw={360}>
        <GiveButton
          data-act="approve"
          leftSection={<IconCheck size={16} aria-hidden />}
          blocked={blocked}
          loading={busy === 'approve'}
          onClick={() => send(true, note)}
          aria-label={t('requests.approveOf', of)}
        >
          {t('requests.approve')}
        </GiveButton>
        <TakeButton
          data-act="refuse"
          leftSection={<IconX size={16} aria-hidden />}
          blocked={blocked}
          loading={busy === 'refuse'}
          onClick={() => send(false, note)}
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
      <ActProblem problem={problem} />
    </Stack>
  );
}
