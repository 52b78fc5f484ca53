import { Button, FileButton, Group, Stack, Text } from '@mantine/core';
import { IconDownload, IconPaperclip } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import { useChange } from '../../api/queries.ts';
import { number } from '../../i18n/dates.ts';
import { ActProblem } from '../../page/ProblemState.tsx';
import { saveFile } from '../../parts/save-file.ts';
import { sayDone, sayProblem } from '../../parts/undo-toast.tsx';
import type { OneRequest } from './RequestPage.tsx';

/** Files that stand beside a request: added by whoever asks, saved by those who decide, never opened here. */
export function Files({ request }: { request: OneRequest }): ReactNode {
  const { t } = useTranslation();
  const [reading, setReading] = useState(false);
  const attach = useChange('request.attach', () => sayDone(t('files.added')));
  const { requestId, attachments } = request;
  const add = async (file: File | null): Promise<void> => {
    if (!file) return;
    setReading(true);
    const content = await base64Of(file).finally(() => setReading(false));
    attach.mutate({ requestId, name: file.name, content });
  };
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
      {request.state === 'open' && !request.mayDecide ? (
        <Group gap="xs">
          <FileButton accept="application/pdf,image/png,image/jpeg" onChange={(file) => void add(file)}>
            {(props) => (
              <Button
                {...props}
                variant="default"
                leftSection={<IconPaperclip size={16} aria-hidden />}
                loading={reading || attach.isPending}
              >
                {t('files.add')}
              </Button>
            )}
          </FileButton>
          <Text size="sm" c="dimmed">
            {t('files.hint')}
          </Text>
        </Group>
      ) : null}
      <ActProblem problem={attach.error} />
    </Stack>
  );
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(',')[1] ?? '');
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
