// biome-ignore-all lint/a11y/noRedundantRoles: on a phone the rows are blocks, and without a table display the roles are lost
// biome-ignore-all lint/a11y/useSemanticElements: as above
import { Box, Button, Checkbox, Group, Text, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../api/problem.ts';
import { EmptyState, type EmptyText } from '../page/EmptyState.tsx';
import { LoadingLines } from '../page/Loaded.tsx';
import { ProblemState } from '../page/ProblemState.tsx';
import { ColumnChoice, useColumns } from './ColumnChoice.tsx';
import type { Column } from './column.ts';
import classes from './DataTable.module.css';
import { SavedViews } from './SavedViews.tsx';
import type { Selection } from './selection.ts';

type Paging = {
  /** from the address */
  cursor: string | undefined;
  onCursor: (cursor: string | undefined) => void;
};

type Props<Row> = {
  /** what the table is, for screen readers */
  label: string;
  /** where the choice of columns is kept */
  name: string;
  query: UseQueryResult<{ items: Row[]; next?: string | undefined }, Problem>;
  columns: readonly [Column<Row>, ...Column<Row>[]];
  rowId: (row: Row) => string;
  /** how the row is called, for its check box */
  rowLabel: (row: Row) => string;
  notAllowed: string;
  /** nothing there at all, or nothing that the filters let through */
  empty: EmptyText;
  paging: Paging;
  sort?: { current: string | undefined; onSort: (sort: string) => void };
  selection?: Selection<Row>;
  /** filters and search, left of the choice of columns */
  filters?: ReactNode;
  /** "1,509 people" */
  count?: string | undefined;
};

/** A list from the server: pages, sort and filters stand in the address; on a phone each row is a card. */
export function DataTable<Row>(props: Props<Row>): ReactNode {
  const { t } = useTranslation();
  const { query, selection, paging } = props;
  const columns = useColumns(props.name, props.columns);
  // the way back through a cursor list is only known to who walked it
  const [visited, setVisited] = useState<(string | undefined)[]>([]);
  const rows = query.data?.items ?? [];
  const allHere = rows.length > 0 && rows.every((row) => selection?.has(props.rowId(row)));
  const someHere = rows.some((row) => selection?.has(props.rowId(row)));
  return (
    <Box>
      <Group justify="space-between" align="flex-end" gap="sm" mb="sm">
        <Group gap="sm" align="flex-end" style={{ flex: '1 1 14rem' }}>
          {props.filters}
        </Group>
        <Group gap="xs">
          <SavedViews name={props.name} />
          <ColumnChoice columns={props.columns} choice={columns} />
        </Group>
      </Group>
      {props.count ? (
        <Text size="sm" c="dimmed" mb={4} aria-live="polite">
          {props.count}
        </Text>
      ) : null}
      {query.data === undefined ? (
        query.error ? (
          <ProblemState problem={query.error} notAllowed={props.notAllowed} onRetry={() => query.refetch()} />
        ) : (
          <LoadingLines />
        )
      ) : rows.length === 0 ? (
        <EmptyState {...props.empty} />
      ) : (
        <table
          role="table"
          aria-label={props.label}
          aria-busy={query.isPlaceholderData}
          className={classes.table}
        >
          <thead role="rowgroup">
            <tr role="row">
              {selection ? (
                <th role="columnheader" className={classes.check}>
                  <Checkbox
                    aria-label={t('table.selectPage')}
                    checked={allHere}
                    indeterminate={someHere && !allHere}
                    onChange={(event) => selection.set(rows, event.currentTarget.checked)}
                  />
                </th>
              ) : null}
              {columns.shown.map((column) => (
                <Heading key={column.key} column={column} sort={props.sort} />
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {rows.map((row) => {
              const id = props.rowId(row);
              return (
                <tr role="row" key={id} data-selected={selection?.has(id) || undefined}>
                  {selection ? (
                    <td role="cell" className={classes.check}>
                      <Checkbox
                        aria-label={t('table.selectRow', { name: props.rowLabel(row) })}
                        checked={selection.has(id)}
                        onChange={(event) => selection.set([row], event.currentTarget.checked)}
                      />
                    </td>
                  ) : null}
                  {columns.shown.map((column, index) => (
                    <td role="cell" key={column.key} data-first={index === 0 || undefined}>
                      <span className={classes.label} aria-hidden>
                        {column.header}
                      </span>
                      <span>{column.cell(row)}</span>
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      {paging.cursor || query.data?.next ? (
        <Group component="nav" aria-label={t('table.pages')} mt="md" gap="xs">
          {paging.cursor ? (
            <>
              <Button
                variant="default"
                size="xs"
                onClick={() => {
                  setVisited([]);
                  paging.onCursor(undefined);
                }}
              >
                {t('table.first')}
              </Button>
              {visited.length > 0 ? (
                <Button
                  variant="default"
                  size="xs"
                  onClick={() => {
                    paging.onCursor(visited.at(-1));
                    setVisited(visited.slice(0, -1));
                  }}
                >
                  {t('table.previous')}
                </Button>
              ) : null}
            </>
          ) : null}
          {query.data?.next ? (
            <Button
              variant="default"
              size="xs"
              onClick={() => {
                setVisited([...visited, paging.cursor]);
                paging.onCursor(query.data?.next);
              }}
            >
              {t('table.next')}
            </Button>
          ) : null}
        </Group>
      ) : null}
    </Box>
  );
}

function Heading<Row>({ column, sort }: { column: Column<Row>; sort: Props<Row>['sort'] }): ReactNode {
  if (!column.sort || !sort) return <th role="columnheader">{column.header}</th>;
  const up = sort.current === column.sort;
  const down = sort.current === `-${column.sort}`;
  return (
    <th role="columnheader" aria-sort={up ? 'ascending' : down ? 'descending' : 'none'}>
      <UnstyledButton
        className={classes.sort}
        onClick={() => sort.onSort(up ? `-${column.sort}` : (column.sort as string))}
      >
        {column.header}
        {up ? <IconArrowUp size={14} aria-hidden /> : down ? <IconArrowDown size={14} aria-hidden /> : null}
      </UnstyledButton>
    </th>
  );
}
