import { Modal, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { isoDay } from '../../i18n/dates.ts';
import { sayDone } from '../../parts/undo-toast.tsx';
import { endOfDay } from '../../parts/until.ts';
import { AskFrame } from './AskFrame.tsx';

export type Asked = { kind: 'extension' | 'ending'; assignmentId: string; what: string; who: string };

/** Asks that an access lasts longer, or ends. */
export function AskAbout({ asked, onClose }: { asked: Asked | undefined; onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  return (
    <Modal
      opened={asked !== undefined}
      onClose={onClose}
      title={asked ? t(`askAbout.title.${asked.kind}`, { what: asked.what, who: asked.who }) : ''}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {asked?.kind === 'extension' ? <Longer asked={asked} onDone={onClose} /> : null}
      {asked?.kind === 'ending' ? <End asked={asked} onDone={onClose} /> : null}
    </Modal>
  );
}

function Longer({ asked, onDone }: { asked: Asked; onDone: () => void }): ReactNode {
  const { t } = useTranslation();
  const [until, setUntil] = useState('');
  const ask = useChange('extension.ask', () => {
    onDone();
    sayDone(t('askElse.sent'));
  });
  return (
    <AskFrame
      busy={ask.isPending}
      problem={ask.error}
      onSend={(reason) => ask.mutate({ assignmentId: asked.assignmentId, until: endOfDay(until), reason })}
    >
      <TextInput
        type="date"
        label={t('askAbout.until')}
        description={t('askAbout.untilHint')}
        min={isoDay()}
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
        data-autofocus
      />
    </AskFrame>
  );
}

function End({ asked, onDone }: { asked: Asked; onDone: () => void }): ReactNode {
  const { t } = useTranslation();
  const ask = useChange('ending.ask', ({ state }) => {
    onDone();
    sayDone(state === 'approved' ? t('askAbout.ended') : t('askElse.sent'));
  });
  return (
    <AskFrame
      busy={ask.isPending}
      problem={ask.error}
      onSend={(reason) => ask.mutate({ assignmentId: asked.assignmentId, reason })}
    >
      {null}
    </AskFrame>
  );
}
