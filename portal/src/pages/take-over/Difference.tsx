import { List, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../api/types.ts';
import { number } from '../../i18n/dates.ts';

type Change = Output<'import.plan'>['changes'][number];
type Counts = Omit<Change, 'examples'> & { examples?: string[] };

/** What would be made and changed, or was, by kind. */
export function Difference({ changes }: { changes: readonly Counts[] }): ReactNode {
  const { t } = useTranslation();
  const some = (field: 'endedHere' | 'missing'): boolean => changes.some((change) => change[field] > 0);
  const columns = (['create', 'change', 'same', 'endedHere', 'missing'] as const).filter(
    (column) => (column !== 'endedHere' && column !== 'missing') || some(column),
  );
  return (
    <>
      <Table.ScrollContainer minWidth={420} type="native" tabIndex={0}>
        <Table verticalSpacing="xs" aria-label={t('takeOver.difference')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('takeOver.kindHeading')}</Table.Th>
              {columns.map((column) => (
                <Table.Th key={column} style={{ whiteSpace: 'nowrap' }}>
                  {t(`takeOver.counts.${column}`)}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {changes.map((change) => (
              <Table.Tr key={change.kind}>
                <Table.Td>
                  {t(`takeOver.kind.${change.kind}`)}
                  {change.examples && change.examples.length > 0 ? (
                    <details>
                      <Text component="summary" size="sm" c="dimmed" py={4} style={{ cursor: 'pointer' }}>
                        {t('takeOver.examples', { count: change.examples.length })}
                      </Text>
                      <List size="sm">
                        {change.examples.map((example) => (
                          <List.Item key={example} style={{ overflowWrap: 'anywhere' }}>
                            {example}
                          </List.Item>
                        ))}
                      </List>
                    </details>
                  ) : null}
                </Table.Td>
                {columns.map((column) => (
                  <Table.Td key={column} style={{ verticalAlign: 'top' }}>
                    {number(change[column])}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {some('missing') ? <Text size="sm">{t('takeOver.missingText')}</Text> : null}
      {some('endedHere') ? <Text size="sm">{t('takeOver.endedText')}</Text> : null}
    </>
  );
}
