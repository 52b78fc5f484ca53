import { Fieldset, Select, SimpleGrid, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Input, Output } from '../../api/types.ts';

export type Reading = Input<'people-import.differ'>['reading'];
type Heading = Output<'people-import.check'>;

const dates = ['iso', 'day-first', 'month-first'] as const;

type Props = { heading: Heading; value: Reading; onChange: (reading: Reading) => void };

/** Which column of the file holds what: guessed, and put right here. */
export function Columns({ heading, value, onChange }: Props): ReactNode {
  const { t } = useTranslation();
  const headings = [...new Set(heading.headings)].filter(Boolean);
  const labelOf = ({ field, label }: Heading['fields'][number]): string =>
    label || t(`peopleImport.field.${field as 'key'}`);
  const choose = (field: string, column: string | null): void => {
    const { [field]: _, ...others } = value.columns;
    onChange({ ...value, columns: column ? { ...others, [field]: column } : others });
  };
  return (
    <Fieldset legend={t('peopleImport.columns')}>
      <Stack>
        <Text size="sm">{t('peopleImport.columnsText')}</Text>
        <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }}>
          {heading.fields.map((one) => (
            <Select
              key={one.field}
              label={labelOf(one)}
              data={headings}
              value={value.columns[one.field] ?? null}
              placeholder={t('peopleImport.notInFile')}
              clearable
              clearButtonProps={{ 'aria-label': t('peopleImport.leaveOut', { field: labelOf(one) }) }}
              onChange={(column) => choose(one.field, column)}
            />
          ))}
          <Select
            label={t('peopleImport.dates')}
            data={dates.map((order) => ({ value: order, label: t(`peopleImport.order.${order}`) }))}
            value={value.dates}
            allowDeselect={false}
            onChange={(order) => onChange({ ...value, dates: order ?? 'iso' })}
          />
        </SimpleGrid>
      </Stack>
    </Fieldset>
  );
}
