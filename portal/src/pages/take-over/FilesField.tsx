import { Button, CloseButton, FileButton, Group, List, Paper, Select, Stack, Text } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { type DragEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ChosenFile, fileNames, readFiles } from './chosen-files.ts';

type Props = { files: readonly ChosenFile[]; onChange: (files: ChosenFile[]) => void };

/** The six files, chosen or dropped, in any order and under any name. */
export function FilesField({ files, onChange }: Props): ReactNode {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  const add = async (more: readonly File[]): Promise<void> => {
    const read = await readFiles(more);
    // the same file chosen again is a mended one
    const names = new Set(read.map(({ ownName }) => ownName));
    onChange([...files.filter(({ ownName }) => !names.has(ownName)), ...read]);
  };
  const drop = (event: DragEvent<HTMLDivElement>): void => {
    event.preventDefault();
    setOver(false);
    void add([...event.dataTransfer.files]);
  };
  return (
    <Paper
      withBorder
      p="md"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      role="group"
      aria-label={t('takeOver.files')}
      style={{
        borderStyle: 'dashed',
        borderColor: over ? 'var(--mantine-primary-color-filled)' : undefined,
      }}
    >
      <Stack>
        <Group>
          <FileButton onChange={(chosen) => void add(chosen)} multiple accept=".csv,.txt,text/csv">
            {(props) => (
              <Button {...props} variant="default" leftSection={<IconFileUpload size={16} aria-hidden />}>
                {t('takeOver.choose')}
              </Button>
            )}
          </FileButton>
          <Text size="sm" c="dimmed">
            {t('takeOver.drop')}
          </Text>
        </Group>
        {files.length === 0 ? (
          <List size="sm">
            {fileNames.map((name) => (
              <List.Item key={name}>
                <b>{name}</b>: {t(`takeOver.file.${name.slice(0, -4) as 'users'}`)}
              </List.Item>
            ))}
          </List>
        ) : (
          files.map((file) => (
            <Group key={file.ownName} align="flex-end" gap="xs">
              <Select
                label={t('takeOver.isWhich', { file: file.ownName })}
                data={[...fileNames]}
                value={file.as ?? null}
                placeholder={t('takeOver.pick')}
                allowDeselect={false}
                onChange={(as) =>
                  onChange(files.map((one) => (one === file ? { ...one, as: as ?? undefined } : one)))
                }
              />
              <CloseButton
                size="lg"
                aria-label={t('takeOver.without', { file: file.ownName })}
                onClick={() => onChange(files.filter((one) => one !== file))}
              />
            </Group>
          ))
        )}
      </Stack>
    </Paper>
  );
}
