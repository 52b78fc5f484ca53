import { Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ActProblem } from '../page/ProblemState.tsx';
import { ActButton } from './ActButton.tsx';

type Says = { text: string; atOnce: string; atOnceHint: string; confirm: string };

/** A new key or secret without a gap: for a day the one of now works, too, unless somebody else knows it. */
export function RenewForm({
  says,
  busy,
  problem,
  onRenew,
  onClose,
}: {
  says: Says;
  busy: boolean;
  problem: Parameters<typeof ActProblem>[0]['problem'];
  onRenew: (atOnce: boolean) => void;
  onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const [atOnce, setAtOnce] = useState(false);
  return (
    <Stack>
      <Text size="sm">{says.text}</Text>
      <Checkbox
        label={says.atOnce}
        description={says.atOnceHint}
        checked={atOnce}
        onChange={(event) => setAtOnce(event.currentTarget.checked)}
      />
      <ActProblem problem={problem} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <ActButton blocked={false} loading={busy} onClick={() => onRenew(atOnce)}>
          {says.confirm}
        </ActButton>
      </Group>
    </Stack>
  );
}
