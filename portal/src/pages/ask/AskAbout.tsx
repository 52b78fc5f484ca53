import { Modal, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChange } from '../../api/queries.ts';
import { isoDay } from '../../i18n/dates.ts';
import { sayDone } from '../../parts/undo-toast.tsx';
import { AskFrame } from './AskFrame.tsx';
import type { Sent } from './ask-form.ts';
import { FileWanted } from './FileWanted.tsx';

export type Asked = { kind: 'extension' | 'ending'; assignmentId: string; what: string; who: string };

type AboutProps = { asked: Asked; onSent: (said: string, sent: Sent) => void };

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
      {asked ? <About asked={asked} onClose={onClose} /> : null}
    </Modal>
  );
}

function About({ asked, onClose }: { asked: Asked; onClose: () => void }): ReactNode {
  const [wanting, setWanting] = useState<string>();
  if (wanting) return <FileWanted requestId={wanting} onDone={onClose} />;
  const Form = asked.kind === 'extension' ? Longer : End;
  return (
    <Form
      asked={asked}
      onSent={(said, { requestId, wantsAttachment }) => {
        if (wantsAttachment) return setWanting(requestId);
        onClose();
        sayDone(said);
      }}
    />
  );
}

function Longer({ asked, onSent }: AboutProps): ReactNode {
  const { t } = useTranslation();
  const [until, setUntil] = useState('');
  const ask = useChange('extension.ask', (sent) => onSent(t('askElse.sent'), sent));
  return (
    <AskFrame
      busy={ask.isPending}
      problem={ask.error}
      onSend={(reason) =>
        ask.mutate({ assignmentId: asked.assignmentId, lastDay: until || undefined, reason })
      }
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

function End({ asked, onSent }: AboutProps): ReactNode {
  const { t } = useTranslation();
  const ask = useChange('ending.ask', (sent) =>
    onSent(sent.state === 'approved' ? t('askAbout.ended') : t('askElse.sent'), sent),
  );
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
