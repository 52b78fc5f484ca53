import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Input, OperationName, Output } from '../api/types.ts';
import { ChangePreview, usePreviewedChange } from './ChangePreview.tsx';
import { ConsequenceDialog } from './ConsequenceDialog.tsx';

type Props<Name extends OperationName> = {
  opened: boolean;
  onClose: () => void;
  operation: Name;
  input: Input<Name>;
  ifVersion?: number | undefined;
  /** verb and object */
  title: string;
  /** said above the preview */
  text?: ReactNode;
  confirm: string;
  onDone: (output: Output<Name>) => void;
  tone?: 'ending' | 'giving' | 'neutral';
  /** why it cannot be confirmed yet, besides that its preview has to be seen */
  blocked?: string | false;
};

/** Asks first, with who gains and loses what; then exactly that is done, or the new preview is shown. */
export function PreviewedDialog<Name extends OperationName>(props: Props<Name>): ReactNode {
  const { opened, operation, input } = props;
  const change = usePreviewedChange(operation, opened ? input : undefined, (output) => {
    props.onClose();
    props.onDone(output);
  });
  return (
    <ConsequenceDialog
      opened={opened}
      onClose={() => {
        change.reset();
        props.onClose();
      }}
      title={props.title}
      consequence={
        <Stack gap="sm">
          {props.text}
          <ChangePreview query={change.preview} refusal={change.refusal} tried={change.tried} />
        </Stack>
      }
      confirm={props.confirm}
      tone={props.tone ?? 'ending'}
      onConfirm={() => change.save(props.ifVersion)}
      busy={change.busy}
      problem={change.problem}
      tried={change.tried}
      blocked={props.blocked || change.blocked}
    />
  );
}
