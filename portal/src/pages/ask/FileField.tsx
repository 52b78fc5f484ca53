import { FileInput } from '@mantine/core';
import { IconPaperclip } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { notTaken, takenTypes } from '../requests/attach.ts';

/** The file that a step will want: it may come with the asking, or later. */
export function FileField({
  file,
  onChange,
}: {
  file: File | null;
  onChange: (file: File | null) => void;
}): ReactNode {
  const { t } = useTranslation();
  return (
    <FileInput
      label={t('ask.file')}
      description={t('ask.fileHint')}
      placeholder={t('ask.chooseFile')}
      accept={takenTypes}
      leftSection={<IconPaperclip size={16} aria-hidden />}
      clearable
      clearButtonProps={{ 'aria-label': t('ask.noFile') }}
      value={file}
      onChange={onChange}
      error={file && notTaken(file)}
    />
  );
}
