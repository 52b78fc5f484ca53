import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../api/problem.ts';
import { ActProblem } from '../page/ProblemState.tsx';
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
  blocked?: string | false;
  /** red for what ends something (the usual case), green for what gives */
  tone?: 'ending' | 'giving' | 'neutral';
};

const colors = { ending: { color: 'red.8' }, giving: { color: 'teal.9' }, neutral: {} } as const;

/** Asks first, for what cannot be undone; names the object and the consequence. */
export function ConsequenceDialog(props: Props): ReactNode {
  const { t } = useTranslation();
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Stack>
        <div>{props.consequence}</div>
        <ActProblem problem={props.problem} />
        <Group justify="flex-end">
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
      </Stack>
    </Modal>
  );
}
