import { Button, Group, Stack, Table, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { addressOf } from '../../api/client.ts';
import { useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { number } from '../../i18n/dates.ts';

type Read = Output<'people-import.read'>;
const kinds = ['new', 'changed', 'same', 'problem', 'missing'] as const;

/** The difference in numbers, and the rows that stay out with their reasons. */
export function Outcome({ run }: { run: Read }): ReactNode {
  const { t } = useTranslation();
  const { counts } = run;
  const problems = useRead(
    'people-import.read',
    { importId: run.importId, show: 'problem', after: 0, afterKey: '', limit: 20 },
    { enabled: (counts?.problem ?? 0) > 0 },
  );
  if (!counts) return null;
  return (
    <Stack>
      <Table withTableBorder maw={560} aria-label={t('peopleImport.difference')}>
        <Table.Tbody>
          {kinds.map((kind) => (
            <Table.Tr key={kind}>
              <Table.Th scope="row" fw={400}>
                {t(`peopleImport.kind.${kind}`)}
              </Table.Th>
              <Table.Td ta="right">{number(counts[kind])}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {counts.missing > 0 ? <Text size="sm">{t('peopleImport.missingText')}</Text> : null}
      {counts.problem > 0 ? (
        <Stack gap="xs">
          <Text fw={600}>{t('peopleImport.problems')}</Text>
          <ul>
            {(problems.data?.rows ?? []).map(({ line, problem }) => (
              <li key={line}>
                {t('peopleImport.line', { line: number(line) })} {problem?.text}
              </li>
            ))}
          </ul>
          {counts.problem > 20 ? <Text size="sm">{t('peopleImport.moreInFile')}</Text> : null}
          <Group>
            <Button
              component="a"
              variant="default"
              href={addressOf('people-import.errors', { importId: run.importId })}
              download
              leftSection={<IconDownload size={16} aria-hidden />}
            >
              {t('peopleImport.file')}
            </Button>
          </Group>
        </Stack>
      ) : null}
    </Stack>
  );
}
