import { List, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useRead } from '../../api/queries.ts';
import type { Output } from '../../api/types.ts';
import { Loaded } from '../../page/Loaded.tsx';
import { useFieldNames } from './field-names.ts';

type Row = Output<'source-run.read'>['rows'][number];

/** Who is new, changes or stays out by a reading, and why. */
export function RunPeople({ sourceRunId }: { sourceRunId: string }): ReactNode {
  const { t } = useTranslation();
  const query = useRead('source-run.read', { sourceRunId });
  const nameOf = useFieldNames();
  const said = ({ problem, verdict, changes }: Row): string =>
    problem
      ? t('sources.staysOut', { why: problem.text })
      : verdict === 'new'
        ? t('sources.isNew')
        : t('sources.changes', { fields: changes.map(nameOf).join(', ') });
  return (
    <Loaded query={query} notAllowed={t('sources.notAllowed')} empty="never">
      {({ rows, refused }) =>
        rows.length + refused.length === 0 ? (
          <Text size="sm">{t('sources.nobody')}</Text>
        ) : (
          <Stack gap="xs">
            <List size="sm" aria-label={t('sources.who')}>
              {rows.map((row) => (
                <List.Item key={row.key} style={{ overflowWrap: 'anywhere' }}>
                  {[row.name || row.key, row.organizationName, said(row)].filter(Boolean).join(' · ')}
                </List.Item>
              ))}
              {refused.map((one) => (
                <List.Item key={`${one.membershipId} ${one.text}`}>
                  {[one.displayName, one.text].join(' · ')}
                </List.Item>
              ))}
            </List>
          </Stack>
        )
      }
    </Loaded>
  );
}
