import { Group, Stack, Text, Textarea } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { type ChangeEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ActProblem } from '../../page/ProblemState.tsx';
import { GiveButton, TakeButton } from '../../parts/ActButton.tsx';
import { Fold } from '../../parts/Fold.tsx';
import { useDecide } from './decide.ts';
import { type Request, whatOf } from './RequestFacts.tsx';

/**
 * Yes and no, each one press; a note for whoever wants to say why.
 * @param refusing by keyboard: the note is open, Enter refuses with it and Escape leaves it
 */
export function DecideButtons({
  request,
  onDecided,
  lacksFile = false,
  refusing = false,
  onLeave,
}: {
  request: Request;
  onDecided: () => void;
  lacksFile?: boolean;
  refusing?: boolean;
  onLeave?: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const [note, setNote] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (refusing) field.current?.focus();
  }, [refusing]);
  const { send, busy, problem } = useDecide(request, onDecided);
  const of = { name: request.subject.displayName, what: whatOf(request) };
  const blocked = request.mine ? t('requests.own') : false;
  const broken = request.beside?.separations.find(({ breaks }) => breaks);
  const notNow = broken
    ? t('requests.wouldBreak', { name: broken.name ?? t('beside.separation') })
    : lacksFile && t('files.wanted');
  const words = {
    label: t('requests.note'),
    description: t('requests.noteHint', { name: request.subject.displayName }),
    value: note,
    onChange: (event: ChangeEvent<HTMLTextAreaElement>) => setNote(event.currentTarget.value),
    autosize: true,
    maxLength: 1000,
  };
  return (
    <Stack gap="sm">
      <Group gap="xs" grow preventGrowOverflow={false} maw={360}>
        <GiveButton
          data-act="approve"
          leftSection={<IconCheck size={16} aria-hidden />}
          blocked={blocked || notNow || false}
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
      {notNow ? <Text size="sm">{notNow}</Text> : null}
      {refusing ? (
        <Textarea
          ref={field}
          {...words}
          description={`${words.description} ${t('requests.refuseKeys')}`}
          onKeyDown={(event) => {
            if (event.key === 'Escape') onLeave?.();
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            send(false, note);
          }}
        />
      ) : (
        <Fold label={t('requests.addNote')}>
          <Textarea {...words} />
        </Fold>
      )}
      <ActProblem problem={problem} />
    </Stack>
  );
}
