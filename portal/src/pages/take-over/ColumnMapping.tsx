import { Fieldset, Group, Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../api/types.ts';
import type { ChosenFile } from './chosen-files.ts';

/** By file and column: the heading that holds it. */
export type Mapping = Record<string, Record<string, string>>;

type Props = {
  errors: Output<'import.plan'>['errors'];
  files: readonly ChosenFile[];
  value: Mapping;
  onChange: (mapping: Mapping) => void;
};

/** For each column that was not found, which heading of the file holds it. */
export function ColumnMapping({ errors, files, value, onChange }: Props): ReactNode {
  const { t } = useTranslation();
  const asked = new Map<string, { file: string; column: string }>();
  for (const [file, columns] of Object.entries(value))
    for (const column of Object.keys(columns)) asked.set(`${file} ${column}`, { file, column });
  for (const { code, file, column } of errors)
    if (code === 'column-missing' && column) asked.set(`${file} ${column}`, { file, column });
  if (asked.size === 0) return null;
  return (
    <Fieldset legend={t('takeOver.columns')}>
      <Group align="flex-end">
        {[...asked.entries()].map(([key, { file, column }]) => (
          <Select
            key={key}
            label={t('takeOver.columnOf', { column, file })}
            data={[...new Set(files.find((one) => one.as === file)?.headings ?? [])]}
            value={value[file]?.[column] ?? null}
            placeholder={t('takeOver.pick')}
            onChange={(heading) => {
              const { [column]: _, ...others } = value[file] ?? {};
              onChange({ ...value, [file]: heading ? { ...others, [column]: heading } : others });
            }}
          />
        ))}
      </Group>
    </Fieldset>
  );
}
