import { Button, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { TextLink } from '../../parts/links.tsx';
import { AddFile } from '../requests/AddFile.tsx';

/** What was just sent is not approved without a file: it can be added here, or later on the request's page. */
export function FileWanted({ requestId, onDone }: { requestId: string; onDone: () => void }): ReactNode {
  const { t } = useTranslation();
  const said = useRef<HTMLParagraphElement>(null);
  // the button that was pressed is gone: whoever listens hears what stands here instead
  useEffect(() => said.current?.focus(), []);
  return (
    <Stack>
      <Text ref={said} tabIndex={-1} style={{ outline: 'none' }}>
        {t('ask.sentFileWanted')}
      </Text>
      <AddFile requestId={requestId} onAdded={onDone} />
      <Group justify="space-between">
        <TextLink to="/requests/$requestId" params={{ requestId }} size="sm">
          {t('ask.seeRequest')}
        </TextLink>
        <Button variant="default" onClick={onDone}>
          {t('ask.fileLater')}
        </Button>
      </Group>
    </Stack>
  );
}
