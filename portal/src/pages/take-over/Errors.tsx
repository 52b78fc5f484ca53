import { Alert, Button, Group, Stack, Table } from '@mantine/core';
import { IconAlertCircle, IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../api/types.ts';
import { csvOf, saveFile } from '../../parts/save-file.ts';

type Props = { errors: Output<'import.plan'>['errors']; count: number };

/** As many as a page should hold; the file has all that the server sent. */
const mostShown = 200;

/** What is wrong in the files, by file and line, and what to do about it. Nothing was taken over. */
export function Errors({ errors, count }: Props): ReactNode {
  const { t } = useTranslation();
  const headings = [
    t('takeOver.error.file'),
    t('takeOver.error.line'),
    t('takeOver.error.column'),
    t('takeOver.error.reason'),
    t('takeOver.error.advice'),
  ];
  const rows = errors.map((one) => [
    one.file,
    one.line === undefined ? '' : String(one.line),
    one.column ?? '',
    one.reason,
    one.advice,
  ]);
  return (
    <Stack component="section" aria-label={t('takeOver.errors')}>
      <Alert
        role="alert"
        color="red"
        variant="outline"
        c="inherit"
        icon={<IconAlertCircle aria-hidden />}
        title={t('takeOver.errorCount', { count })}
      >
        {t('takeOver.errorText')}
      </Alert>
      <Group>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
          onClick={() => saveFile('take-over-errors.csv', 'text/csv', csvOf([headings, ...rows]))}
        >
          {t('takeOver.saveErrors')}
        </Button>
      </Group>
      <Table.ScrollContainer minWidth={640} type="native" tabIndex={0}>
        <Table verticalSpacing="xs" aria-label={t('takeOver.errors')}>
          <Table.Thead>
            <Table.Tr>
              {headings.map((heading) => (
                <Table.Th key={heading}>{heading}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.slice(0, mostShown).map((cells, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the list is replaced as a whole
              <Table.Tr key={index}>
                {cells.map((cell, at) => (
                  <Table.Td key={headings[at]} style={{ overflowWrap: 'anywhere' }}>
                    {cell}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {count > mostShown ? <p>{t('takeOver.moreErrors', { shown: mostShown, count })}</p> : null}
    </Stack>
  );
}
