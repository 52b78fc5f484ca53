import { Button, FileButton, Group, Stack, Text } from '@mantine/core';
import { IconPaperclip } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../../api/problem.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { sayDone } from '../../parts/undo-toast.tsx';
import { attach, takenTypes } from './attach.ts';

/** Adds a file to a request of one's own: on its page, and where it was just asked. */
export function AddFile({ requestId, onAdded }: { requestId: string; onAdded?: () => void }): ReactNode {
  const { t } = useTranslation();
  const client = useQueryClient();
  const add = useMutation<void, Problem, File>({
    mutationFn: (file) => attach(requestId, file),
    onSuccess: async () => {
      sayDone(t('files.added'));
      onAdded?.();
      await client.invalidateQueries();
    },
  });
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <FileButton accept={takenTypes} onChange={(file) => file && add.mutate(file)}>
          {(props) => (
            <Button
              {...props}
              variant="default"
              leftSection={<IconPaperclip size={16} aria-hidden />}
              loading={add.isPending}
            >
              {t('files.add')}
            </Button>
          )}
        </FileButton>
        <Text size="sm" c="dimmed">
          {t('files.hint')}
        </Text>
      </Group>
      <ActProblem problem={add.error} />
    </Stack>
  );
}
