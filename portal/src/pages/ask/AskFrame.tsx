import { Button, Group, Stack, Textarea } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../../api/problem.ts';
import { ActProblem } from '../../page/ProblemState.tsx';

/** What every short form of asking ends with: why, and the way to send it. */
export function AskFrame({
  onSend,
  busy,
  problem,
  children,
}: {
  onSend: (reason: string) => void;
  busy: boolean;
  problem: Problem | null;
  children: ReactNode;
}): ReactNode {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSend(reason.trim());
      }}
    >
      <Stack>
        {children}
        <Textarea
          label={t('askElse.reason')}
          description={t('ask.reasonHint')}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          maxLength={1000}
          autosize
          minRows={2}
        />
        <ActProblem problem={problem} />
        <Group justify="flex-end">
          <Button type="submit" loading={busy}>
            {t('ask.send')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
