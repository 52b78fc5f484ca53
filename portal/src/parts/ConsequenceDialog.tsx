import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../api/problem.ts';
import { ActProblem, type Tried } from '../page/ProblemState.tsx';
import { ActButton } from './ActButton.tsx';

type Props = {
  opened: boolean;
  onClose: () => void;
  /** verb and object: "End the membership of Ana Diaz" */
  title: string;
  /** what will be so afterwards: a sentence, or a PreviewList */
  consequence: ReactNode;
  /** the verb again, on the button */
  confirm: string;
  onConfirm: () => void;
  busy: boolean;
  problem: Problem | null;
  tried?: Tried | undefined;
  blocked?: string | false;
  /** red for what ends something (the usual case), green for what gives */
  tone?: 'ending' | 'giving' | 'neutral';
};

const colors = { ending: { color: 'red.9' }, giving: { color: 'teal.9' }, neutral: {} } as const;

/** Asks first, for what cannot be undone; names the object and the consequence. */
export function ConsequenceDialog(props: Props): ReactNode {
  const { t } = useTranslation();
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      size="lg"
      closeButtonProps={{ 'aria-label': t('action.close') }}
      styles={{
        content: { display: 'flex', flexDirection: 'column', overflow: 'hidden' },
        body: { display: 'flex', flexDirection: 'column', minHeight: 0, padding: 0 },
      }}
    >
      {/* The buttons stay in sight below it, however long it is; focusable, so that the keyboard scrolls it. */}
      <Stack p="md" pt={0} tabIndex={0} role="group" aria-label={props.title} style={{ overflowY: 'auto' }}>
        <div>{props.consequence}</div>
        <ActProblem problem={props.problem} tried={props.tried} />
      </Stack>
      <Group
        justify="flex-end"
        gap="sm"
        p="md"
        style={{ borderTop: '1px solid var(--mantine-color-default-border)' }}
      >
        <Button variant="default" onClick={props.onClose}>
          {t('action.cancel')}
        </Button>
        <ActButton
          {...colors[props.tone ?? 'ending']}
          blocked={props.blocked ?? false}
          loading={props.busy}
          onClick={props.onConfirm}
        >
          {props.confirm}
        </ActButton>
      </Group>
    </Modal>
  );
}
