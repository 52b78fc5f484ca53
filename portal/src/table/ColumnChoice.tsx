import { Button, Checkbox, Popover, Stack } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconColumns } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Column } from './column.ts';

type Choice<Row> = { shown: Column<Row>[]; keys: string[]; onChange: (keys: string[]) => void };

/** Which columns this reader wants in this list; kept in the browser. The first one always stays. */
export function useColumns<Row>(
  name: string,
  columns: readonly [Column<Row>, ...Column<Row>[]],
): Choice<Row> {
  const [keys, setKeys] = useLocalStorage<string[]>({
    key: `remit.columns.${name}`,
    defaultValue: columns.filter((column) => !column.hidden).map((column) => column.key),
    getInitialValueInEffect: false,
  });
  const shown = columns.filter((column, index) => index === 0 || keys.includes(column.key));
  return { shown, keys, onChange: setKeys };
}

export function ColumnChoice<Row>({
  columns,
  choice,
}: {
  columns: readonly [Column<Row>, ...Column<Row>[]];
  choice: Choice<Row>;
}): ReactNode {
  const { t } = useTranslation();
  return (
    <Popover position="bottom-end" trapFocus returnFocus withinPortal={false} shadow="md">
      <Popover.Target>
        <Button variant="default" size="xs" leftSection={<IconColumns size={16} aria-hidden />}>
          {t('table.columns')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="sm" aria-label={t('table.columns')}>
        <Stack gap="xs">
          {columns.slice(1).map((column) => (
            <Checkbox
              key={column.key}
              // as large as a finger hits
              size="md"
              label={column.header}
              checked={choice.keys.includes(column.key)}
              onChange={(event) =>
                choice.onChange(
                  event.currentTarget.checked
                    ? [...choice.keys, column.key]
                    : choice.keys.filter((key) => key !== column.key),
                )
              }
            />
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
