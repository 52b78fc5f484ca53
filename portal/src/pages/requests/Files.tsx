import { Button, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { number } from '../../i18n/dates.ts';
import { saveFile } from '../../parts/save-file.ts';
import { sayProblem } from '../../parts/undo-toast.tsx';
import { AddFile } from './AddFile.tsx';
import type { OneRequest } from './one-request.ts';

/** Files that stand beside a request: added by whoever asks, saved by those who decide, never opened here. */
export function Files({ request }: { request: OneRequest }): ReactNode {
  const { t } = useTranslation();
  const { requestId, attachments } = request;
  const save = async (attachmentId: string): Promise<void> => {
    try {
      const { name, mediaType, content } = await call('request.read-attachment', { requestId, attachmentId });
      const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
      saveFile(name, mediaType, bytes);
    } catch (error) {
      sayProblem(error);
    }
  };
  return (
    <Stack gap="xs">
      {request.wantsAttachment && attachments.length === 0 ? (
        <Text size="sm">{request.mine ? t('files.wantedFromYou') : t('files.wanted')}</Text>
      ) : null}
      {attachments.length > 0 ? (
        <Stack
          component="ul"
          gap="xs"
          m={0}
          p={0}
          style={{ listStyle: 'none' }}
          aria-label={t('files.title')}
        >
          {attachments.map(({ attachmentId, name, bytes }) => (
            <li key={attachmentId}>
              <Button
                variant="default"
                size="xs"
                leftSection={<IconDownload size={16} aria-hidden />}
                onClick={() => void save(attachmentId)}
              >
                {t('files.file', { name, size: number(Math.ceil(bytes / 1024)) })}
              </Button>
            </li>
          ))}
        </Stack>
      ) : null}
      {request.state === 'open' && !request.mayDecide ? <AddFile requestId={requestId} /> : null}
    </Stack>
  );
}
