import { Code, List, Modal, Stack, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { moment } from '../../i18n/dates.ts';
import { Facts } from '../../parts/Facts.tsx';
import type { TrailEvent } from './trail-event.ts';

type Props = { event: TrailEvent | undefined; onClose: () => void };

/** One event in full: under which delegations, and what was before and after. */
export function EventDetails({ event, onClose }: Props): ReactNode {
  const { t } = useTranslation();
  return (
    <Modal
      opened={event !== undefined}
      onClose={onClose}
      size="xl"
      title={event?.sentence ?? ''}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {event ? <Details event={event} /> : null}
    </Modal>
  );
}

function Details({ event }: { event: TrailEvent }): ReactNode {
  const { t } = useTranslation();
  const rows = changesOf(event);
  return (
    <Stack>
      <Facts
        label={t('trail.details')}
        facts={[
          [t('trail.when'), moment(event.at)],
          [t('trail.who'), event.actor.kind === 'anonymous' ? t('trail.atSignIn') : event.actor.name],
          ...(event.onBehalfOf ? [[t('trail.onBehalfOf'), event.onBehalfOf.name] as const] : []),
          ...(event.subject ? [[t('trail.forWhom'), event.subject.name] as const] : []),
          ...(event.organization ? [[t('field.organization'), event.organization.name] as const] : []),
          [t('trail.type'), event.type],
        ]}
      />
      <div>
        <Text fw={600} size="sm">
          {t('trail.underWhich')}
        </Text>
        {event.delegations.length > 0 ? (
          <List size="sm">
            {event.delegations.map((words) => (
              <List.Item key={words}>{words}</List.Item>
            ))}
          </List>
        ) : (
          <Text size="sm">{t('trail.ownAct')}</Text>
        )}
      </div>
      {rows.length > 0 ? (
        <Table.ScrollContainer minWidth={420} type="native" tabIndex={0}>
          <Table verticalSpacing={4} aria-label={t('trail.changes')}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('trail.field')}</Table.Th>
                <Table.Th>{t('trail.before')}</Table.Th>
                <Table.Th>{t('trail.after')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map(([field, before, after]) => (
                <Table.Tr key={field}>
                  <Table.Td>{field}</Table.Td>
                  <Table.Td>{before === undefined ? '' : <Code>{before}</Code>}</Table.Td>
                  <Table.Td>{after === undefined ? '' : <Code>{after}</Code>}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      ) : null}
    </Stack>
  );
}

type Row = [field: string, before: string | undefined, after: string | undefined];

/** Fields that differ; of something new or gone, all that it has. Names as they were then come last. */
function changesOf({ before, after, personal }: TrailEvent): Row[] {
  const differ = (a: Record<string, unknown>, b: Record<string, unknown>): Row[] =>
    [...new Set([...Object.keys(a), ...Object.keys(b)])]
      .map((field): Row => [field, show(a[field]), show(b[field])])
      .filter(([, was, is]) => was !== is);
  const people = personal ?? {};
  const nested = isRecord(people.before) || isRecord(people.after);
  return [
    ...differ(before ?? {}, after ?? {}),
    ...(nested
      ? differ(isRecord(people.before) ? people.before : {}, isRecord(people.after) ? people.after : {})
      : differ({}, people)),
  ];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const show = (value: unknown): string | undefined =>
  value === undefined || value === null || value === ''
    ? undefined
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
