import { Stack } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '../api/problem.ts';
import { useChange } from '../api/queries.ts';
import type { Input, OperationName, Output } from '../api/types.ts';
import { ChangePreview, mayGoOn, useChangePreview } from './ChangePreview.tsx';
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
  tone?: 'ending' | 'neutral';
};

/** Asks first, with who gains and loses what; then exactly that is done, or the new preview is shown. */
export function PreviewedDialog<Name extends OperationName>(props: Props<Name>): ReactNode {
  const { t } = useTranslation();
  const { opened, operation, input } = props;
  const preview = useChangePreview(operation, opened ? input : undefined);
  const change = useChange(operation, (output) => {
    props.onClose();
    props.onDone(output);
  });
  const stale = isProblem(change.error, 'preview.stale');
  const { refetch } = preview;
  useEffect(() => {
    if (stale) void refetch();
  }, [stale, refetch]);
  const token = preview.data?.token;
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
          <ChangePreview query={preview} refusal={change.error} />
        </Stack>
      }
      confirm={props.confirm}
      tone={props.tone ?? 'ending'}
      onConfirm={() => change.mutate({ ...input, ifVersion: props.ifVersion, ifPreview: token } as never)}
      busy={change.isPending}
      problem={stale ? null : change.error}
      blocked={mayGoOn(preview) ? false : (preview.error?.text ?? t('changePreview.wait'))}
    />
  );
}
