import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { isProblem } from '../api/problem.ts';
import { queryClient } from '../api/queries.ts';
import { catalogue } from '../i18n/catalogue.ts';

/** As long as the server waits before anything leaves the building. */
const undoMs = 10_000;

/** Says that something was done and offers to take it back for ten seconds. */
export function offerUndo(message: string, undo: () => Promise<unknown>): void {
  const id = notifications.show({
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{message}</Text>
        <Button
          size="compact-sm"
          variant="default"
          style={{ flexShrink: 0 }}
          onClick={async () => {
            notifications.hide(id);
            try {
              await undo();
              sayDone(catalogue.t('undo.done'));
            } catch (error) {
              sayProblem(error);
            }
            await queryClient.invalidateQueries();
          }}
        >
          {catalogue.t('undo.action')}
        </Button>
      </Group>
    ),
    autoClose: undoMs,
    closeButtonProps: { 'aria-label': catalogue.t('action.dismiss') },
  });
}

export function sayDone(message: string): void {
  notifications.show({
    message,
    color: 'teal.9',
    autoClose: 5000,
    closeButtonProps: { 'aria-label': catalogue.t('action.dismiss') },
  });
}

/** For acts without a place of their own for the refusal; stays until dismissed. */
export function sayProblem(error: unknown): void {
  sayFailed(catalogue.t('state.failed'), isProblem(error) ? error.text : catalogue.t('problem.fault'));
}

/** The same in words of one's own, where something else was done all the same. */
export function sayFailed(title: string, message: string): void {
  notifications.show({
    title,
    // below a title it would be too faint to read
    message: (
      <Text size="sm" c="var(--mantine-color-text)">
        {message}
      </Text>
    ),
    color: 'red.8',
    autoClose: false,
    closeButtonProps: { 'aria-label': catalogue.t('action.dismiss') },
  });
}
